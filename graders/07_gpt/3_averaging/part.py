"""Averaging the past: the sequences that the exercises share, and their gradients."""

import torch

from graders.authoring import differentiate


def sequences(rng):
    """x (B, T, C): every size different, each once 1, a square, large, float32, not contiguous."""
    for shape in [(2, 5, 3), (1, 4, 6), (3, 1, 2), (4, 7, 1), (3, 3, 3), (2, 9, 4)]:
        yield rng.normal(*shape, mean=1, std=2)
    yield rng.normal(2, 6, 5, mean=1e3)
    yield rng.normal(5, 3, 4, dtype=torch.float32)
    yield rng.normal(4, 2, 6).transpose(0, 1)  # (2, 4, 6)
    zero = rng.normal(3, 4, 2)
    zero[:, 1:3] = 0  # zeros are numbers like others, and count
    yield zero


def gradients(output, inputs):
    """Gradients by name, with an upstream gradient that differs everywhere."""
    upstream = torch.linspace(-1, 2, output.numel(), dtype=output.dtype).view(output.shape)
    return dict(differentiate(output, inputs, upstream))


def running_mean(x):
    """The averages of the past, by another road: a running sum, divided by how many."""
    counts = torch.arange(1, x.shape[1] + 1, dtype=torch.float64)[:, None]
    return (x.double().cumsum(1) / counts).to(x.dtype)
