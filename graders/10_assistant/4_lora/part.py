"""LoRA: layers and models with known numbers, and what became of them as plain data."""

import torch
from torch import nn

ALPHA = (16.0, 0.5, 3, 7.0)  # never r, so that alpha / r is never 1


def adapted(m, W, bias, A, B, alpha):
    """The part's LoRALinear with these numbers, in their dtype."""
    base = nn.Linear(W.shape[1], W.shape[0], bias=bias is not None).to(W.dtype)
    layer = m.LoRALinear(base, A.shape[0], alpha, torch.Generator())
    with torch.no_grad():
        layer.base.weight.copy_(W)
        if bias is not None:
            layer.base.bias.copy_(bias)
        layer.A.copy_(A)
        layer.B.copy_(B)
    return layer


def layers(rng):
    """Weight, bias, A, B and alpha of layers of all shapes; alpha is never r."""
    for i, (d_in, d_out, r) in enumerate([(5, 3, 2), (3, 6, 1), (1, 4, 3), (4, 1, 2)]):
        dtype = torch.float32 if i == 1 else torch.float64
        yield dict(
            W=rng.normal(d_out, d_in, dtype=dtype),
            bias=None if i == 2 else rng.normal(d_out, dtype=dtype),
            A=rng.normal(r, d_in, dtype=dtype),
            B=rng.normal(d_out, r, dtype=dtype),
            alpha=ALPHA[i],
            x=rng.normal(4, d_in, dtype=dtype),
        )


def parameters(model):
    return {name: p.detach().clone() for name, p in model.named_parameters()}


def gradients(model):
    return {
        name: None if p.grad is None else p.grad.clone() for name, p in model.named_parameters()
    }
