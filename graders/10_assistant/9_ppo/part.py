"""PPO: rollouts with prompts of unequal length, a policy in double precision, what became of it."""

import torch
from torch import nn

from graders.authoring import instead


def spans(T, rows):
    """bool (B, T): in row i the tokens of rows[i], pairs (from, to); none for an empty row."""
    mask = torch.zeros(len(rows), T, dtype=torch.bool)
    for i, pieces in enumerate(rows):
        for start, end in pieces:
            mask[i, start:end] = True
    return mask


def masks():
    """Masks of all kinds: prompts of unequal length, tools in between, empty answers, the first token."""
    return [
        spans(6, [[(2, 5)], [(1, 6)], [(4, 5)]]),
        spans(7, [[(2, 3), (5, 7)], [(3, 6)]]),  # a tool spoke in between
        spans(
            5, [[(1, 3)], [], [(3, 5)], [(0, 4)]]
        ),  # no answer; an answer from the first token on
        spans(4, [[(2, 4)]]),
        spans(2, [[(1, 2)], [], [(0, 1)]]),
    ]


def calls(out, upstream, **leaves):
    """What came out, and the gradients of sum(out * upstream), as plain data."""
    if not isinstance(out, torch.Tensor):
        return instead(out, "a tensor")
    if out.requires_grad:
        (out * upstream).sum().backward()
    grads = {name: None if x.grad is None else x.grad.clone() for name, x in leaves.items()}
    return {"value": out, "gradients": grads}


class Policy(nn.Module):
    """ids -> logits (B, T, V): each position sees all before it, in their order."""

    def __init__(self, seed, vocab_size=5, width=4):
        super().__init__()
        g = torch.Generator().manual_seed(seed)
        draw = lambda *shape: nn.Parameter(torch.randn(shape, generator=g, dtype=torch.float64))
        self.table, self.out, self.bias = (
            draw(vocab_size, width),
            draw(width, vocab_size),
            draw(1, 1),
        )
        self.seen = []

    def forward(self, ids):
        self.seen.append([list(ids.shape), self.training])
        places = 1 / (1 + torch.arange(ids.shape[1], dtype=torch.float64))
        return torch.tanh((self.table[ids] * places[:, None]).cumsum(1) + self.bias) @ self.out


def weights(model):
    return {name: p.detach().clone() for name, p in model.named_parameters()}


def gradients(model):
    return {
        name: None if p.grad is None else p.grad.clone() for name, p in model.named_parameters()
    }


def ratio_rows(rng, mask, clip, dtype=torch.float64):
    """logps, old_logps, advantages for a mask: ratios well inside, above and below, advantages of both signs.

    No ratio is near the clip's ends; one is 1. Outside the response stand inf and nan.
    """
    B, T = mask.shape
    logps = rng.normal(B, T - 1, mean=-2.0, dtype=torch.float64)
    kinds = [(1 + 0.5 * clip, 1.0), (1 - 0.5 * clip, 1.0), (1 + 2.5 * clip, 1.0), (1.0, -1.0)]
    kinds += [(1 - 0.9 * clip, -1.0), (1 + 2 * clip, -1.0)]
    kinds += [(1 / (1 + 3 * clip), 1.0), (1 / (1 + 2.5 * clip), -1.0)]
    order = rng.shuffled(range(8))
    ratio, sign = torch.ones(B, T - 1).double(), torch.ones(B, T - 1).double()
    for i, (b, t) in enumerate(mask[:, 1:].nonzero().tolist()):
        ratio[b, t], sign[b, t] = kinds[order[i % 8]]
    advantages = sign * rng.uniform(0.5, 2.0, B, T - 1)
    old = logps - ratio.log()
    outside = ~mask[:, 1:]
    if outside.any():
        b, t = outside.nonzero()[0].tolist()
        old[b, t], advantages[b, t] = -torch.inf, torch.nan
        b, t = outside.nonzero()[-1].tolist()
        logps[b, t] = -torch.inf
    return logps.to(dtype), old.to(dtype), advantages.to(dtype)


def response(mask):
    """The response's places in a (B, T - 1): pairs (b, t)."""
    return [(b, t - 1) for b, t in mask.nonzero().tolist() if t > 0]


def begun(seed):
    """A generator that something was drawn from: its initial seed does not lead to what comes next."""
    g = torch.Generator().manual_seed(seed)
    torch.rand(3, generator=g)
    return g
