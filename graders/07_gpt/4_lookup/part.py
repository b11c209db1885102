"""Attention as a lookup: vectors to compare, and gradients, which several exercises share."""

import torch

from graders.authoring import differentiate


def gradients(output, inputs):
    """Gradients by name, with an upstream gradient that differs everywhere."""
    upstream = torch.linspace(-1, 2, output.numel(), dtype=output.dtype).view(output.shape)
    return dict(differentiate(output, inputs, upstream))


def leaf(tensor):
    """A copy that collects its gradient."""
    return tensor.clone().requires_grad_()


# the dimensions in front, T_q, T_k, d, d_v: all different, each 1 once
SIZES = [
    ((2,), 4, 6, 3, 5),
    ((1,), 5, 3, 7, 2),
    ((3,), 1, 5, 4, 6),
    ((2,), 3, 1, 5, 4),
    ((4,), 2, 5, 1, 3),
    ((3,), 6, 4, 5, 1),
    ((), 3, 5, 2, 4),
    ((2, 3), 4, 5, 6, 7),
    ((3,), 4, 4, 5, 5),  # nothing fails for its shape
]
