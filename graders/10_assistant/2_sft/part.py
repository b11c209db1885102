"""Finetuning: a small model with random numbers, batches that count unequally, and what became of both."""

import torch
from torch import nn


class Model(nn.Module):
    """ids -> logits; each position sees the mean of what stands before it. Remembers how it was called."""

    def __init__(self, ws):
        super().__init__()
        for name, w in ws.items():
            setattr(self, name, nn.Parameter(w.clone()))
        self.drop = nn.Dropout(0.5)
        self.calls = []

    def forward(self, ids):
        self.calls.append((list(ids.shape), self.training, torch.is_grad_enabled()))
        x = self.table[ids]
        x = x.cumsum(1) / torch.arange(1, ids.shape[1] + 1)[:, None]
        if self.training and hasattr(self, "noisy"):
            x = self.drop(x)
        return (x.tanh() + self.shift) @ self.out


def weights(rng, V, C, scale=1.0):
    return {
        "table": rng.normal(V, C),
        "shift": rng.normal(C, std=0.3),
        "out": rng.normal(C, V, std=scale),
    }


def micro(rng, B, T, V, counts):
    """(inputs, targets) of which exactly `counts` targets count, in places drawn at random."""
    targets = torch.full((B * T,), -100)
    places = torch.tensor(rng.shuffled(range(B * T))[:counts], dtype=torch.long)
    targets[places] = rng.integers(0, V, counts)
    return rng.integers(0, V, B, T), targets.view(B, T)


def named(model):
    return {name: p.detach().clone() for name, p in model.named_parameters()}


def grads(model, none_is_zero=False):
    """p.grad by name; where none is there, None (or zeros)."""
    none = torch.zeros_like if none_is_zero else lambda p: None
    return {n: none(p) if p.grad is None else p.grad.clone() for n, p in model.named_parameters()}


def logprobs(ws, inputs):
    """The model without modules: log-probabilities (B, T, V), differentiable in ws."""
    rows = []
    for row in inputs.tolist():
        outs = []
        for t in range(len(row)):
            x = torch.stack([ws["table"][i] for i in row[: t + 1]]).mean(0).tanh()
            z = (x + ws["shift"]) @ ws["out"]
            outs.append(z - z.logsumexp(0))
        rows.append(torch.stack(outs))
    return torch.stack(rows)


def mean_loss(ws, pairs):
    """The mean over everything that counts, token by token; None if nothing does."""
    costs = []
    for inputs, targets in pairs:
        logp = logprobs(ws, inputs)
        for b, t in (targets != -100).nonzero().tolist():
            costs.append(-logp[b, t, targets[b, t]])
    return torch.stack(costs).mean() if costs else None
