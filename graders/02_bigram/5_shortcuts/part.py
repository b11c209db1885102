"""Shortcuts: rows of W instead of one-hot, a stable log-softmax, cross-entropy: what the exercises share."""

import torch


# The tolerance goes with the largest expected number of a case, so each size of logits has cases of its
# own: what is lost near zero must not hide behind -20,000.
def logit_cases(rng):
    yield rng.normal(4, 3, std=2)
    yield rng.normal(1, 5)
    yield rng.normal(3, 1)  # one character only: its probability is 1
    yield rng.normal(5, 4, std=2, dtype=torch.float32)
    yield rng.normal(3, 4, std=8).t()  # not contiguous
    yield rng.normal(3, 5) + torch.tensor([[900.0], [0.0], [-900.0]], dtype=torch.float64)
    yield rng.normal(3, 6, dtype=torch.float32) + torch.tensor([[95.0], [0.0], [-120.0]])
    yield rng.normal(2, 4) * torch.tensor([40.0], dtype=torch.float64)  # log(p + 1e-9) is flat here
    yield torch.tensor([[1e4, -1e4, 0.0], [-1e4, -1e4, -1e4]], dtype=torch.float64)
    yield torch.tensor([[-1e4, 1e4, 1e4, 3.0], [2.0, 2.0, 2.0, 2.0]])  # ties, float32
    yield torch.tensor([[0.0, -800.0], [-30.0, 0.0]], dtype=torch.float64)
    yield torch.tensor([[0.5, 0.5, -1.0], [2.0, 2.0, 2.0]], dtype=torch.float64)  # ties, not large


def widened(logits):
    """The same, but thousands in float64: near 1e4 two float32 numbers are 0.001 apart.

    A right solution that computes `logits - logsumexp` rounds that much, which a small loss and
    a gradient would show.
    """
    return logits.double() if logits.abs().max() > 1000 else logits
