"""Tasks: a small GPT with random numbers, and what became of it, as plain data."""

import torch


def small_gpt(m, seed, vocab_size=5, block_size=4):
    """The part's own GPT, one block, in double precision, every parameter random."""
    model = m.GPT(vocab_size, block_size, n_embd=4, n_head=2, n_layer=1).double()
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(torch.randn(p.shape, generator=g, dtype=torch.float64) * 0.5)
    return model


def weights(model):
    return {name: p.detach().clone() for name, p in model.named_parameters()}


def gradients(model):
    return {
        name: None if p.grad is None else p.grad.clone() for name, p in model.named_parameters()
    }
