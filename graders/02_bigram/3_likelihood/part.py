"""What the exercises of this part share.

One number for a model: step probabilities, likelihood, its logarithm, the average, smoothing.
"""

import torch

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def alphabet(n):
    """'.' and n letters, to indices."""
    return {ch: i for i, ch in enumerate("." + LETTERS[:n])}


def word(rng, letters, length):
    """A random word from the first letters of the alphabet."""
    return "".join(rng.choice(LETTERS[:letters]) for _ in range(length))


def table(rng, size, dtype=torch.float64):
    """Random rows that sum to 1; no two elements alike."""
    return rng.normal(size, size).softmax(1).to(dtype)
