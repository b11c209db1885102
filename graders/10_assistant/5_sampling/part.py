"""Sampling: rows of logits for every edge, and the knobs once more, by hand."""

import math

import torch

INF = float("inf")


def rows(rng):
    """Logits of many shapes: far apart, negative, with -inf, not contiguous; the last are float32."""
    yield rng.normal(3, 7) * 2
    yield rng.normal(5, 4).T - 9.0
    yield rng.normal(1, 6) * 3
    yield rng.normal(2, 3, 5) * 2
    yield rng.normal(6) + 4.0
    yield rng.normal(3, 1)
    yield torch.tensor([[1e4, -1e4, 9999.0, 0.0], [-2.0, -INF, -3.5, -INF]], dtype=torch.float64)
    yield rng.normal(2, 8, dtype=torch.float32) * 2


def by_hand(logits, seen, temperature=1.0, top_k=None, top_p=None, penalty=1.0):
    """The probabilities of one row, a list of floats; seen is a set of ids."""
    z = list(logits)
    for i in seen:
        z[i] = z[i] / penalty if z[i] > 0 else z[i] * penalty
    if temperature == 0:
        best = z.index(max(z))
        return [float(i == best) for i in range(len(z))]
    z = [value / temperature for value in z]
    if top_k is not None:
        edge = sorted(z, reverse=True)[min(top_k, len(z)) - 1]
        z = [value if value >= edge else -INF for value in z]
    probs = shares(z)
    if top_p is not None and top_p < 1:
        order, total, kept = sorted(range(len(z)), key=lambda i: -probs[i]), 0.0, set()
        for i in order:
            if total < top_p:
                kept.add(i)
            total += probs[i]
        z = [value if i in kept else -INF for i, value in enumerate(z)]
    return shares(z)


def shares(z):
    top = max(z)
    weights = [math.exp(value - top) for value in z]
    return [w / math.fsum(weights) for w in weights]


def hit(probs, u):
    """The first id at which the sum so far is greater than u times all."""
    total, so_far = math.fsum(probs), 0.0
    for i, p in enumerate(probs):
        so_far += p
        if so_far > u * total:
            return i
    return max(i for i, p in enumerate(probs) if p > 0)


def begun(seed):
    """A generator that something was drawn from: its initial seed does not lead to what comes next."""
    g = torch.Generator().manual_seed(seed)
    torch.rand(3, generator=g)
    return g
