"""Two moons: a margin loss, a price on weights, accuracy, and the training of it all."""

from graders.authoring import Tol

# sums of products that may cancel, in any order
SUMS = Tol(rtol=1e-9, atol=1e-10)


def labels_for(rng, n):
    return [rng.choice([-1, 1]) for _ in range(n)]
