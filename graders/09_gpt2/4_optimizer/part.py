"""AdamW written out number by number, and what the exercises on the optimizer share."""

import math

import torch

from graders.authoring import instead


def by_hand(p, grad, m, v, t, lr, betas, eps, weight_decay):
    """One step of AdamW in Python's own numbers: (p, m, v), flat lists."""
    out = ([], [], [])
    rows = zip(*(x.flatten().tolist() for x in (p, grad, m, v)), strict=True)
    for p1, g1, m1, v1 in rows:
        m1 = betas[0] * m1 + (1 - betas[0]) * g1
        v1 = betas[1] * v1 + (1 - betas[1]) * g1 * g1
        root = math.sqrt(v1 / (1 - betas[1] ** t))
        up = m1 / (1 - betas[0] ** t) / (root + eps)
        for column, number in zip(
            out, (p1 - lr * up - lr * weight_decay * p1, m1, v1), strict=True
        ):
            column.append(number)
    return tuple(torch.tensor(column, dtype=p.dtype).view(p.shape) for column in out)


def tensor(x, wanted="a tensor"):
    """A tensor without its graph, or what stands there instead."""
    return x.detach().clone() if isinstance(x, torch.Tensor) else instead(x, wanted)
