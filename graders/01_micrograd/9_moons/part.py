"""Two moons: a margin loss, a price on weights, accuracy, and the training of it all."""

import numbers

from graders.authoring import Tol
from graders.instead import instead

# sums of products that may cancel, in any order
SUMS = Tol(rtol=1e-9, atol=1e-10)


def data(m, value):
    """A Value's number; for anything else, what it is."""
    if not isinstance(value, m.Value):
        return instead(value, "a Value")
    if not isinstance(value.data, numbers.Real):
        return instead(value.data, "a number as the Value's data", returned=False)
    return float(value.data)


def labels_for(rng, n):
    return [rng.choice([-1, 1]) for _ in range(n)]
