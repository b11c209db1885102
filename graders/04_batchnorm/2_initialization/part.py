"""Initialization: the tanh layer, the gain, and a deep stack: what the exercises share."""

import torch

from graders.authoring import Tol

# A mean of a few float32 terms, or a float32 share like 1/3, is right to about 1e-7; 1e-5 leaves room
# for another order of summation. Every misconception below is off by more than 1e-2.
SINGLE = Tol(rtol=1e-5)

TIES = torch.tensor([[0.5, -0.5, 0.75], [-0.75, 0.25, -1.0]], dtype=torch.float64)


def with_columns(rng, n, threshold, columns):
    """h (n, columns): up to five special columns, then random ones; beyond threshold is saturated.

    Dead on one side, dead on both sides, dead but for one example, one saturated example only,
    all of them just inside.
    """
    inside = rng.uniform(-threshold, threshold, n, columns) * 0.999
    beyond = rng.uniform(threshold, 1, n, columns) * 0.999 + 0.001
    sign = torch.where(rng.uniform(0, 1, n, columns) < 0.5, -1.0, 1.0).double()
    sign[0, 1], sign[-1, 1] = 1.0, -1.0
    h = torch.where(rng.uniform(0, 1, n, columns) < 0.5, inside, beyond * sign)
    h[:, 0] = -beyond[:, 0]
    h[:, 1] = beyond[:, 1] * sign[:, 1]
    h[:, 2] = beyond[:, 2] * sign[:, 2]
    h[rng.integer(0, n), 2] = 0.9 * threshold
    h[:, 3] = inside[:, 3]
    h[rng.integer(0, n), 3] = -beyond[0, 3]
    h[:, 4] = 0.999 * threshold
    return h
