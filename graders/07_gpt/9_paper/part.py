"""Features from papers: rotations as complex numbers, and leaves to differentiate."""

import torch

from graders.authoring import Tol

# angles below 64 radians: computed in float32 they are off by some 1e-5, the mistakes by 1e-2 and more
ANGLES = Tol(rtol=3e-5)


def turned(x, positions, theta):
    """Neighbors as one complex number each, times exp(i * angle)."""
    hs = x.shape[-1]
    slower = torch.tensor([theta ** (-i / hs) for i in range(0, hs, 2)], dtype=torch.float64)
    angle = torch.outer(positions.double(), slower)
    z = torch.view_as_complex(x.double().contiguous().unflatten(-1, (-1, 2)))
    z = z * torch.polar(torch.ones_like(angle), angle)
    return torch.view_as_real(z).flatten(-2).to(x.dtype)


def upstream(out):
    """What is multiplied with the output before backward: neither ones nor symmetric."""
    return torch.linspace(-1, 2, out.numel(), dtype=out.dtype).view(out.shape)
