"""Prompts: a model that knows its past by heart, as plain data."""

import math

import torch


class Model(torch.nn.Module):
    """Logits (1, T, V) that depend on all tokens up to each place; it notes what it was shown."""

    def __init__(self, table):
        super().__init__()
        self.table = torch.nn.Parameter(table.clone())
        self.recorded = False

    def forward(self, ids):
        self.recorded = self.recorded or torch.is_grad_enabled()
        steps = 2 * torch.arange(ids.shape[1]) + 1
        return self.table[((ids + 1) * steps).cumsum(1) % len(self.table)]


def by_hand(table, prompt, answer):
    """The log-probability of the answer, token by token."""
    rows, total = table.tolist(), 0.0
    at = sum((i + 1) * (2 * t + 1) for t, i in enumerate(prompt))
    for t, token in enumerate(answer, len(prompt)):
        row = rows[at % len(rows)]
        top = max(row)
        total += row[token] - top - math.log(math.fsum([math.exp(z - top) for z in row]))
        at += (token + 1) * (2 * t + 1)
    return total
