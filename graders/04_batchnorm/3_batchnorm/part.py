"""What the exercises of this part share.

Batch normalization: the formula, its two variances, running statistics, eval mode.
"""

import torch


# Batches of 2 to 5, eps = 0.5 and momentum = 0.3 in float64: a variance that divides by the wrong
# number is off by 20 % and more, an eps in the wrong place by as much, a swapped momentum by a factor
# of two. The tolerance is 1e-9.
def upstream(like):
    """A gradient that arrives: of the shape of `like`, never 1, of both signs, no two alike."""
    return torch.cos(torch.arange(like.numel(), dtype=like.dtype) * 1.7 + 0.3).view(like.shape) * 2


def columns_first(x):
    """The same matrix, stored column by column: not contiguous."""
    return x.t().contiguous().t()
