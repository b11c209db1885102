"""What the exercises of this part share.

The network with batch normalization, in training and in eval mode.
"""

from types import SimpleNamespace

import torch


def upstream(like):
    """A gradient that arrives: of the shape of `like`, never 1, of both signs, no two alike."""
    return torch.cos(torch.arange(like.numel(), dtype=like.dtype) * 1.7 + 0.3).view(like.shape) * 2


LEARNED = ("C", "W1", "bngain", "bnbias", "W2", "b2")


def namespace(tensors):
    """A fresh SimpleNamespace with copies of the tensors; those that learn require gradients."""
    copies = {name: t.clone() for name, t in tensors.items()}
    for name in LEARNED:
        copies[name].requires_grad_()
    return SimpleNamespace(**copies)


def a_network(rng, vocab_size, block_size, n_embd, n_hidden):
    return dict(
        C=rng.normal(vocab_size, n_embd),
        W1=rng.normal(block_size * n_embd, n_hidden),
        bngain=rng.normal(n_hidden, mean=1.0, std=0.5),
        bnbias=rng.normal(n_hidden, mean=-0.5),
        W2=rng.normal(n_hidden, vocab_size),
        b2=rng.normal(vocab_size, mean=1.0),
        running_mean=rng.normal(n_hidden),
        running_var=rng.uniform(0.5, 3.0, n_hidden),
    )
