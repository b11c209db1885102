"""GRPO: a small causal policy that watches how it is used, and batches of answers as plain data."""

import torch
from torch import nn


class Policy(nn.Module):
    """Embedding, the mean so far, two layers, all far from small; one parameter that nothing uses."""

    def __init__(self, weights):
        super().__init__()
        table, hidden, out = (w.clone() for w in weights)
        self.table, self.hidden, self.out = map(nn.Parameter, (table, hidden, out))
        self.unused = nn.Parameter(out[0].clone())

    def forward(self, ids):
        h = self.table[ids]
        steps = torch.arange(1, ids.shape[1] + 1, dtype=h.dtype)
        return torch.tanh((h.cumsum(1) / steps[:, None]) @ self.hidden) @ self.out.T


def weights(rng, V, width, hidden):
    return [rng.normal(V, width), rng.normal(width, hidden), rng.normal(V, hidden)]


def values(model):
    return {name: p.detach().clone() for name, p in model.named_parameters()}


def gradients(model):
    """What lies in p.grad; zeros are as good as nothing, since zero_grad() may leave either."""
    return {
        n: None if p.grad is None or not p.grad.any() else p.grad.clone()
        for n, p in model.named_parameters()
    }


def mark(model):
    """Every parameter gets a gradient of ones, so that one sees what becomes of it."""
    for p in model.parameters():
        p.grad = torch.ones_like(p)
    return model


def frozen(model, before):
    """What must not have happened to a reference."""
    return {
        "values as before": all(torch.equal(p, before[n]) for n, p in model.named_parameters()),
        "gradients as before": all(bool((p.grad == 1).all()) for p in model.parameters()),
        "requires_grad": [p.requires_grad for p in model.parameters()],
        "in training mode": model.training,
    }


def lengths_mask(lengths, T, starts=None):
    """bool (B, T): row i has lengths[i] tokens, from starts[i] on (0 unless given)."""
    at = torch.arange(T)[None]
    first = torch.tensor(starts if starts is not None else [0] * len(lengths))[:, None]
    return (at >= first) & (at < first + torch.tensor(lengths)[:, None])


def columns_first(x):
    """The same numbers, not contiguous."""
    return x.T.contiguous().T


def by_hand(logps, old_logps, ref_logps, advantages, mask, clip, beta):
    """Token by token: the loss, and its gradient with respect to logps."""
    B, grad = len(mask), torch.zeros_like(logps)
    total = torch.zeros((), dtype=torch.float64)
    for i in range(B):
        n, A = int(mask[i].sum()), advantages[i].double()
        for t in mask[i].nonzero()[:, 0].tolist():
            ratio = (logps[i, t].double() - old_logps[i, t].double()).exp()
            d = ref_logps[i, t].double() - logps[i, t].double()
            stopped = ratio > 1 + clip if A > 0 else ratio < 1 - clip
            bound = 1 + clip if A > 0 else 1 - clip
            gain = bound * A if stopped else ratio * A
            slope = 0.0 if stopped else ratio * A
            total += (beta * (d.exp() - d - 1) - gain) / (n * B)
            grad[i, t] = (beta * (1 - d.exp()) - slope) / (n * B)
    return total.to(logps.dtype), grad
