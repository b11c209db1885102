"""The pipeline: its ids, and small policies whose every logit is known."""

import torch
from torch import nn

USER, ASSISTANT, END, PAD, VOCAB = 15, 16, 17, 18, 19  # as the part has them


class Table(nn.Module):
    """logits at t: the mean of the rows of a table that belong to ids[: t + 1]; all that was read counts."""

    def __init__(self, table):
        super().__init__()
        self.table = nn.Parameter(table.clone())

    def forward(self, ids):
        n = torch.arange(1, ids.shape[1] + 1, dtype=self.table.dtype)[:, None]
        return self.table[ids].cumsum(1) / n


def logp_by_hand(table, row, t, temperature):
    """log p(row[t + 1] | row[: t + 1]) of the Table policy, one number."""
    logits = torch.stack([table[i] for i in row[: t + 1]]).sum(0) / (t + 1) / temperature
    return logits[row[t + 1]] - logits.logsumexp(0)


def digits(n):
    """The digits of n backwards, as ids."""
    return [int(c) for c in str(n)[::-1]]
