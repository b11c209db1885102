"""Reward models: padded texts, a small scorer in double precision, and what became of it, as plain data."""

import torch
from torch import nn

from graders.authoring import instead, number


def pair(out):
    """Two numbers as plain data; of a share six digits, which a mean in float32 has as well."""
    if not isinstance(out, (tuple, list)) or len(out) != 2:
        return instead(out, "a pair (loss, accuracy)")
    loss, share = map(number, out)
    rounded = isinstance(share, float) and share > 1e-6  # 0 is exact in any arithmetic
    return [loss, round(share, 6) if rounded else share]


def padded(rng, texts, T, pad, left=False, before=()):
    """int64 (B, T): texts of the given lengths, without `pad` in them, filled up on one side or both."""
    rows = []
    for i, n in enumerate(texts):
        text = [t + (t >= pad) for t in rng.integers(0, 9, n).tolist()]
        front = before[i] if before else (T - n if left else 0)
        rows.append([pad] * front + text + [pad] * (T - n - front))
    return torch.tensor(rows)


class Scorer(nn.Module):
    """ids -> rewards (B,): a sum over all tokens, weighted by their places, through a bend and a head."""

    def __init__(self, seed, vocab_size=6, width=3, frozen=False):
        super().__init__()
        g = torch.Generator().manual_seed(seed)
        draw = lambda *shape: torch.randn(shape, generator=g, dtype=torch.float64)
        self.table = nn.Parameter(draw(vocab_size, width))
        self.head = nn.Linear(width, 1).double()
        with torch.no_grad():
            self.head.weight.copy_(draw(1, width))
            self.head.bias.copy_(draw(1) + 3)
        self.head.bias.requires_grad_(not frozen)
        self.seen = []

    def forward(self, ids):
        self.seen.append([list(ids.shape), self.training])
        places = 1 / (1 + torch.arange(ids.shape[1], dtype=torch.float64))
        return self.head(torch.tanh((self.table[ids] * places[:, None]).sum(1))).squeeze(1)


def weights(model):
    return {name: p.detach().clone() for name, p in model.named_parameters()}


def gradients(model):
    return {
        name: None if p.grad is None else p.grad.clone() for name, p in model.named_parameters()
    }
