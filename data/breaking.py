"""Mistakes made on purpose: what lesson 09's programs show with `--means` and `--keep`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F


def mean_of_means(
    model: torch.nn.Module, tokens: torch.Tensor, T: int, g: torch.Generator, device: str
) -> None:
    """Prints what a mean of the micro-batches' means does, with equal and with unequal counts.

    Args:
        model: gives logits (B, T, V) for ids (B, T).
        tokens: a text, (N,) int64.
        T: the length of a row.
        g: draws where rows begin.
        device: where the model lies.
    """
    parameters = [*model.parameters()]
    for rows in ((8, 8, 8), (8, 8, 1)):
        at = [
            torch.randint(len(tokens) - T, (n, 1), generator=g) + torch.arange(T + 1) for n in rows
        ]
        found = []
        for shares in ([n / sum(rows) for n in rows], [1 / len(rows)] * len(rows)):
            logits = [model(tokens[i[:, :-1]].to(device)).flatten(0, 1) for i in at]
            means = [
                F.cross_entropy(z, tokens[i[:, 1:]].to(device).flatten())
                for z, i in zip(logits, at, strict=True)
            ]
            loss = torch.stack([s * m for s, m in zip(shares, means, strict=True)]).sum()
            gradient = [d.flatten() for d in torch.autograd.grad(loss, parameters)]
            found.append((loss.item(), torch.cat(gradient)))
        (right, mine), (mean, other) = found
        off = 100 * ((other - mine).norm() / mine.norm()).item()
        print(f"micro-batches of {rows} rows: loss {right:.4f}, mean of means {mean:.4f}; ", end="")
        print(f"the gradient is off by {off:.1f} %")


@torch.no_grad()
def kept_cache(model: Any, new_cache: Callable[[], Any]) -> None:
    """Prints how a text goes on with a new cache, and with the cache of another text.

    Args:
        model: gives logits for ids and a list of caches, one for each block in `model.h`.
        new_cache: makes an empty one.
    """
    for weight in model.parameters():  # larger than at birth, where every text goes on alike
        weight.data *= 8

    def greedy(ids: torch.Tensor, caches: list[Any]) -> list[int]:
        new = ids
        for _ in range(16):
            new = model(new, caches)[:, -1].argmax(dim=-1, keepdim=True)
            ids = torch.cat([ids, new], dim=1)
        return ids[0].tolist()

    caches = [new_cache() for _ in model.h]
    greedy(torch.tensor([[7, 1, 3, 9, 2]]), caches)
    second = torch.tensor([[5, 8, 4]])
    kept, alone = greedy(second, caches), greedy(second, [new_cache() for _ in model.h])
    same = sum(a == b for a, b in zip(kept[3:], alone[3:], strict=True))
    print(f"the second text, with a new cache:       {alone}")
    print(f"the same, with the first text's cache:   {kept}")
    print(f"{same} of its 16 tokens are the same")
