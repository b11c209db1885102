"""What the exercises of this part share.

Losses, a gradient descent step, a training loop; softmax and its negative log-likelihood.
"""

import numbers

import torch

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


def leaf(x):
    """A float64 tensor that wants gradients (for the oracles)."""
    return torch.tensor(x, dtype=torch.float64, requires_grad=True)
