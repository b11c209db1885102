"""05.b2_backward: db2: back into the bias."""

import torch

from graders.authoring import exercise

from .part import SIZES, columns_first, gradient, leaf

b2 = exercise("b2_backward", title="db2: back into the bias")


@b2.cases
def _(rng):
    for n, _, v in SIZES:
        yield dict(dlogits=rng.normal(n, v, mean=0.5))
    yield dict(dlogits=columns_first(rng.normal(4, 2, std=1e3)))
    yield dict(dlogits=rng.normal(2, 4, dtype=torch.float32))


@b2.oracle
def _(dlogits):
    x = leaf(torch.zeros(dlogits.shape[1]))
    return gradient(x, torch.zeros_like(dlogits) + x, dlogits, dlogits)


b2.hint("b2 is (vocab_size,). How did it get into every row of logits?")
b2.hint("It was copied into n rows; the n gradients of the copies add up.")
b2.hint("dlogits.sum(0), without keepdim")


@b2.misconception(
    "A mean instead of a sum: the loss's 1 / n is inside dlogits already, and the copies of the "
    "bias add up."
)
def mean(dlogits):
    return dlogits.mean(0)


@b2.misconception(
    "You summed over the characters (dimension 1). The bias was copied down the batch, so sum over "
    "dimension 0 and keep one number for each character."
)
def wrong_dimension(dlogits):
    return dlogits.sum(1)


@b2.misconception(
    "Right numbers, but shape (1, vocab_size): b2 is (vocab_size,), so here keepdim is too much."
)
def keepdim(dlogits):
    return dlogits.sum(0, keepdim=True)


@b2.misconception(
    "The sum over the batch is missing: b2 has one number for each character, used in all n rows."
)
def unsummed(dlogits):
    return dlogits.clone()


@b2.misconception("You summed everything to one number: b2 has one for each character.")
def one_number(dlogits):
    return dlogits.sum()


@b2.misconception("You counted the copies (n ones) and left out the upstream gradient dlogits.")
def upstream_ignored(dlogits):
    return torch.ones_like(dlogits).sum(0)


@b2.variant("einsum")
def einsum(dlogits):
    return torch.einsum("nv->v", dlogits)


@b2.variant("a product with ones")
def ones(dlogits):
    return torch.ones(len(dlogits), dtype=dlogits.dtype) @ dlogits
