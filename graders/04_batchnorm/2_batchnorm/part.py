"""What the exercises of this part share.

Batch normalization: the formula, its two variances, running statistics, eval mode, the network.
"""

from types import SimpleNamespace

import torch


# Batches of 2 to 5, eps = 0.5 and momentum = 0.3 in float64: a variance that divides by the wrong
# number is off by 20 % and more, an eps in the wrong place by as much, a swapped momentum by a factor
# of two. The tolerance is 1e-9.
def upstream(like):
    """A gradient that arrives: of the shape of `like`, never 1, of both signs, no two alike."""
    return torch.cos(torch.arange(like.numel(), dtype=like.dtype) * 1.7 + 0.3).view(like.shape) * 2


def columns_first(x):
    """The same matrix, stored column by column: not contiguous."""
    return x.t().contiguous().t()


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
