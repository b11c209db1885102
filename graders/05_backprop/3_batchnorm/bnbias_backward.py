"""05.bnbias_backward: dbnbias: the bias."""

import torch

from graders.authoring import exercise

from .part import SIZES, columns_first, gradient, leaf

bnbias = exercise("bnbias_backward", title="dbnbias: the bias")


@bnbias.cases
def _(rng):
    for n, hidden in SIZES:
        yield dict(dhpreact=rng.normal(n, hidden, mean=0.3))
    yield dict(dhpreact=columns_first(rng.normal(4, 3, std=1e3)))
    yield dict(dhpreact=rng.normal(4, 3, dtype=torch.float32))


@bnbias.oracle
def _(dhpreact):
    x = leaf(torch.zeros(1, dhpreact.shape[1]))
    return gradient(x, torch.zeros_like(dhpreact) + x, dhpreact, dhpreact)


bnbias.hint("The same as b2 in part 2, up to one detail: look at the shape.")
bnbias.hint("A bias is copied into each row: sum over the rows.")
bnbias.hint("dhpreact.sum(0, keepdim=True)")


@bnbias.misconception(
    "Right numbers in the wrong shape: unlike b2, bnbias is (1, n_hidden). Sum with keepdim=True."
)
def no_keepdim(dhpreact):
    return dhpreact.sum(0)


@bnbias.misconception("A mean instead of a sum: the loss's 1 / n is inside dhpreact already.")
def mean(dhpreact):
    return dhpreact.mean(0, keepdim=True)


@bnbias.misconception(
    "You summed over the neurons (dimension 1). The bias was copied down the batch, dimension 0."
)
def wrong_dimension(dhpreact):
    return dhpreact.sum(1, keepdim=True)


@bnbias.misconception(
    "The sum over the batch is missing: one bias serves all n examples, and bnbias is (1, "
    "n_hidden)."
)
def unsummed(dhpreact):
    return dhpreact.clone()


@bnbias.misconception(
    "You counted the copies (n ones) and left out the upstream gradient dhpreact."
)
def upstream_ignored(dhpreact):
    return torch.ones_like(dhpreact).sum(0, keepdim=True)


@bnbias.variant("a product with ones")
def ones(dhpreact):
    return torch.ones(1, len(dhpreact), dtype=dhpreact.dtype) @ dhpreact


@bnbias.variant("einsum")
def einsum(dhpreact):
    return torch.einsum("nh->h", dhpreact)[None]
