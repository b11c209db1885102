"""A small model that watches how it is used, batches with unequal counts, AdamW written out."""

import torch
import torch.nn.functional as F
from torch import nn

from graders.authoring import instead, number

# what each micro-batch is: (B, T, how many targets count); all differ, 1 and 0 are among them
SHAPES = (
    [(2, 5, 7), (3, 4, 1), (1, 6, 4)],
    [(1, 3, 0), (4, 2, 5), (2, 6, 12), (2, 1, 2)],
    [(3, 5, 9)],
)


def micro_batches(rng, shapes, vocab_size):
    """Pairs (x, y); y is not contiguous, and -100 in all places but as many as count."""
    pairs = []
    for B, T, counted in shapes:
        y = torch.full((B * T,), -100)
        places = torch.tensor(rng.shuffled(range(B * T))[:counted], dtype=torch.int64)
        y[places] = rng.integers(0, vocab_size, counted)
        pairs.append((rng.integers(0, vocab_size, B, T), y.view(T, B).T))
    return pairs


class Watched(torch.autograd.Function):
    """Nothing, but it notes whether autocast is on while the gradient passes."""

    @staticmethod
    def forward(ctx, x, seen):
        ctx.seen = seen
        return x.clone()

    @staticmethod
    def backward(ctx, grad):
        ctx.seen["autocast in backward"].append(torch.is_autocast_enabled(grad.device.type))
        return grad, None


class Model(nn.Module):
    """Embedding, the mean so far, two layers; far from small at the start. One layer is frozen.

    A parameter that nothing uses is there too: its gradient stays None.
    """

    def __init__(self, weights, dtype):
        super().__init__()
        table, fixed, out, bias = (w.to(dtype, copy=True) for w in weights)  # no memory is shared
        self.table = nn.Parameter(table)
        self.fixed = nn.Parameter(fixed, requires_grad=False)
        self.out = nn.Parameter(out)
        self.bias = nn.Parameter(bias)
        self.unused = nn.Parameter(bias.clone())
        self.seen = {name: [] for name in ("shapes", "autocast in forward", "autocast in backward")}

    def forward(self, x):
        on = torch.is_autocast_enabled(x.device.type)
        self.seen["shapes"].append(list(x.shape))
        kind = str(torch.get_autocast_dtype(x.device.type)) if on else "off"
        self.seen["autocast in forward"].append(kind)
        h = self.table[x]
        steps = torch.arange(1, x.shape[1] + 1, device=x.device, dtype=h.dtype)
        h = torch.tanh((h.cumsum(1) / steps[:, None]) @ self.fixed)
        return F.linear(Watched.apply(h, self.seen), self.out, self.bias)


def weights(rng, vocab_size, width, hidden):
    return [
        rng.normal(vocab_size, width),
        rng.normal(width, hidden),
        rng.normal(vocab_size, hidden),
        rng.normal(vocab_size),
    ]


def state(model):
    """The parameters, and their gradients, as they are."""
    return [p.detach().clone() for p in model.parameters()]


def grads(model):
    return [None if p.grad is None else p.grad.clone() for p in model.parameters()]


def one_big_batch(model, pairs):
    """The mean loss of all counted tokens at once: gathered, then one cross-entropy."""
    logits = [model(x)[y != -100] for x, y in pairs]
    return F.cross_entropy(torch.cat(logits), torch.cat([y[y != -100] for _, y in pairs]))


def adamw(params, moments, t, lr, decays, betas, eps):
    """One step of AdamW (Loshchilov and Hutter, algorithm 2), parameter by parameter."""
    for i, (p, decay) in enumerate(zip(params, decays, strict=True)):
        if p.grad is None:
            continue
        m, v = moments.setdefault(i, (torch.zeros_like(p), torch.zeros_like(p)))
        m = betas[0] * m + (1 - betas[0]) * p.grad
        v = betas[1] * v + (1 - betas[1]) * p.grad**2
        moments[i] = (m, v)
        up = (m / (1 - betas[0] ** t)) / ((v / (1 - betas[1] ** t)).sqrt() + eps)
        p.data = p.data - lr * (up + decay * p.data)


def said(out):
    """What a step returned, as plain data."""
    if not isinstance(out, dict):
        return instead(out, 'a dict {"loss": ..., "norm": ...}')
    return {key: number(value) for key, value in out.items()}


def small(m, seed, device):
    torch.manual_seed(seed)
    model = m.GPT(96, 32, 2, 2, 64).to(device)
    groups = [
        {"params": [p for p in model.parameters() if p.dim() >= 2], "weight_decay": 0.1},
        {"params": [p for p in model.parameters() if p.dim() < 2], "weight_decay": 0.0},
    ]
    fused = device == "cuda"
    return model, torch.optim.AdamW(groups, lr=5.0, betas=(0.9, 0.95), eps=1e-3, fused=fused)


def compiled_or_not(model, wanted):
    """torch.compile where it works: inside a confined process its compiler may not be allowed."""
    if not wanted:
        return model
    try:
        import torch._inductor.config as inductor

        inductor.compile_threads = 1
        torch.compile(torch.sin)(torch.ones(3, device="cuda"))
        return torch.compile(model)
    except Exception:
        return model


def steps_on(m, seed, pairs, device, compiled, dtype):
    """Three steps of a small GPT: losses, norms, and how far the parameters came."""
    model, optimizer = small(m, seed, device)
    before = torch.cat([p.detach().flatten().cpu() for p in model.parameters()])
    ready = compiled_or_not(model, compiled)
    told = []
    for lr in (0.01, 0.02, 0.01):
        told.append(
            said(m.train_step(ready, optimizer, pairs, lr, 0.5, device=device, dtype=dtype))
        )
    after = torch.cat([p.detach().flatten().cpu() for p in model.parameters()])
    return {"told": told, "moved": (after - before).norm(), "moved in float32": str(after.dtype)}
