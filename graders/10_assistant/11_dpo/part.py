"""DPO: a small causal policy, pairs of answers, and log-probabilities of pairs as plain data."""

import torch
from torch import nn

NAMES = ("pi_chosen", "pi_rejected", "ref_chosen", "ref_rejected")


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


def near(rng, V=6):
    """Weights of a policy and of its reference, which are not the same, but no worlds apart."""
    policy = [rng.normal(V, 3), rng.normal(3, 4), rng.normal(V, 4)]
    return [policy, [w + 0.3 * rng.normal(*w.shape) for w in policy]]


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


def lengths_mask(lengths, T, starts):
    """bool (B, T): row i has lengths[i] tokens, from starts[i] on."""
    at, first = torch.arange(T)[None], torch.tensor(starts)[:, None]
    return (at >= first) & (at < first + torch.tensor(lengths)[:, None])


def pairs(rng, n, std=2.0, dtype=torch.float64, **more):
    """Log-probabilities of n pairs, all around -9."""
    return {name: rng.normal(n, mean=-9.0, std=std, dtype=dtype) for name in NAMES} | more


def pair_cases(rng):
    """For every function of (pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta)."""
    yield pairs(rng, 5)
    yield pairs(rng, 3, beta=0.7)
    yield pairs(rng, 1, beta=2.5)
    yield pairs(rng, 4, beta=0.02, std=30.0)
    yield pairs(rng, 2, beta=0.3, dtype=torch.float32)
    yield {k: rng.normal(6, 2)[:, 1] for k in NAMES} | dict(beta=0.4)
    # whole answers are improbable: it is their small differences that count
    far = pairs(rng, 4)
    yield {name: values - 400.0 for name, values in far.items()} | dict(beta=0.2)
    same = pairs(rng, 3)  # the start: policy and reference are one
    yield dict(same, ref_chosen=same["pi_chosen"].clone(), ref_rejected=same["pi_rejected"].clone())


def far_apart(rng):
    """Differences up to 1e4 in both directions."""
    for dtype in (torch.float64, torch.float32):
        pi = torch.tensor([-1e4, -3.5, -500.0, -2.0, -40.25], dtype=dtype)
        ref = torch.tensor([-6.0, -1e4, -7.0, -900.0, -41.5], dtype=dtype)
        yield dict(
            pi_chosen=pi,
            pi_rejected=torch.tensor([-9.0, -8.0, -9.5, -10.0, -8.5], dtype=dtype),
            ref_chosen=ref,
            ref_rejected=torch.tensor([-8.25, -8.5, -7.0, -9.25, -8.0], dtype=dtype),
            beta=rng.number(0.8, 1.0),
        )
