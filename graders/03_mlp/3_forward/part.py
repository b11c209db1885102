"""Parameters, hidden layer, logits, and a loss that stays finite: what the exercises share."""

import torch

from graders.authoring import differentiate

SIZES = [(5, 7, 3, 2, 4), (1, 4, 2, 5, 3), (6, 3, 1, 4, 8), (3, 31, 4, 3, 6)]  # N, v, t, d, hidden


def leaves(params):
    return {name: p.detach().clone().requires_grad_() for name, p in params.items()}


def gradients(output, inputs):
    """Gradients by name, with an upstream gradient that differs everywhere."""
    upstream = torch.linspace(-1, 2, output.numel(), dtype=output.dtype).view(output.shape)
    return dict(differentiate(output, inputs, upstream))


def logit_cases(rng):
    """Small, huge, far apart, tied, one row, square, float32."""
    yield rng.normal(4, 7, std=2)
    yield rng.normal(1, 5, std=3)
    yield rng.normal(3, 4, std=1e4)
    yield rng.normal(3, 6, mean=-1e4)
    yield rng.normal(2, 3) + torch.tensor([[9000.0], [-9000.0]], dtype=torch.float64)
    yield rng.normal(5, 5, std=12)
    yield torch.full((2, 3), rng.number(), dtype=torch.float64)
    yield rng.normal(4, 6, std=40)
    yield rng.normal(3, 40, std=4)  # more than 27 characters
    yield rng.normal(3, 8, std=200, dtype=torch.float32)
