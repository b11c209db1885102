"""Causal dilated convolutions: the tree at every position, with the work done once."""

import itertools

import torch


def some_levels(rng, widths):
    """A pair (W, b) for each level, biases far from zero."""
    return [
        (rng.normal(2 * i, j, std=(2 * i) ** -0.5), rng.normal(j))
        for i, j in itertools.pairwise(widths)
    ]


def stacks(rng):
    """Sequences and levels: one to four levels, and seven, widths that fit in one way only."""
    for widths, B, T in [
        ((2, 3), 2, 5),
        ((3, 2, 4), 1, 9),
        ((2, 3, 5, 4), 3, 11),
        ((4, 4, 4, 4), 2, 8),
        ((1, 2, 1, 3, 2), 2, 19),
        ((3, 3, 3), 4, 4),
        ((1, 2, 1, 1, 2, 1, 1, 2), 1, 130),
    ]:
        yield dict(x=rng.normal(B, T, widths[0]), levels=some_levels(rng, widths))


def one_window(x, levels):
    """The tree by recursion: independent of the part's own loop. x is (B, 2**L, C)."""
    if not levels:
        return x[:, 0]
    half = x.shape[1] // 2
    left, right = one_window(x[:, :half], levels[:-1]), one_window(x[:, half:], levels[:-1])
    W, b = levels[-1]
    return torch.tanh(torch.cat([left, right], dim=-1) @ W + b)
