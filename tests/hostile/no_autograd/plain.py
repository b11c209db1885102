"""The honest mistake: nothing is hidden."""

import torch


def h_backward(dlogits, W2):
    h = torch.zeros(len(dlogits), len(W2), dtype=W2.dtype, requires_grad=True)
    ((h @ W2) * dlogits).sum().backward()
    return h.grad
