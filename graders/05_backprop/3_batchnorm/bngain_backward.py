"""05.bngain_backward: dbngain: the gain."""

import torch

from graders.authoring import exercise

from .part import SIZES, columns_first, gradient, leaf

bngain = exercise("bngain_backward", title="dbngain: the gain")


@bngain.cases
def _(rng):
    for n, hidden in SIZES:
        yield dict(dhpreact=rng.normal(n, hidden), bnraw=rng.normal(n, hidden, mean=0.3))
    yield dict(dhpreact=columns_first(rng.normal(4, 3)), bnraw=columns_first(rng.normal(4, 3)))
    f32 = dict(dtype=torch.float32)
    yield dict(dhpreact=rng.normal(4, 3, **f32), bnraw=rng.normal(4, 3, **f32))


@bngain.oracle
def _(dhpreact, bnraw):
    x = leaf(torch.zeros(1, bnraw.shape[1]))
    return gradient(x, x * bnraw.double(), dhpreact, dhpreact)


bngain.hint("bngain is (1, n_hidden). How often is each of its numbers used?")
bngain.hint("Local derivative bnraw, times the upstream gradient; then sum over the copies.")
bngain.hint("(dhpreact * bnraw).sum(0, keepdim=True)")


@bngain.misconception(
    "The sum over the batch is missing: one gain serves all n examples, and bngain is (1, "
    "n_hidden)."
)
def unsummed(dhpreact, bnraw):
    return dhpreact * bnraw


@bngain.misconception(
    "Right numbers in the wrong shape: bngain is (1, n_hidden), so sum with keepdim=True."
)
def no_keepdim(dhpreact, bnraw):
    return (dhpreact * bnraw).sum(0)


@bngain.misconception(
    "You summed over the neurons (dimension 1). The gain was copied down the batch, dimension 0, "
    "and each neuron keeps its own."
)
def wrong_dimension(dhpreact, bnraw):
    return (dhpreact * bnraw).sum(1, keepdim=True)


@bngain.misconception("A mean instead of a sum: the copies of the gain each count in full.")
def mean(dhpreact, bnraw):
    return (dhpreact * bnraw).mean(0, keepdim=True)


@bngain.misconception(
    "That is the gradient of the bias. The gain is multiplied by bnraw, so its local derivative is "
    "bnraw, not 1."
)
def bias_for_gain(dhpreact, bnraw):
    return dhpreact.sum(0, keepdim=True)


@bngain.misconception("The upstream gradient dhpreact is missing: you only summed bnraw.")
def upstream_ignored(dhpreact, bnraw):
    return bnraw.sum(0, keepdim=True)


@bngain.misconception(
    "You summed both factors and then multiplied. Each example's bnraw belongs to its own "
    "gradient: multiply first, then sum."
)
def sum_first(dhpreact, bnraw):
    return dhpreact.sum(0, keepdim=True) * bnraw.sum(0, keepdim=True)


@bngain.variant("einsum")
def einsum(dhpreact, bnraw):
    return torch.einsum("nh,nh->h", dhpreact, bnraw).unsqueeze(0)


@bngain.variant("the diagonal of a matrix product")
def diagonal(dhpreact, bnraw):
    return torch.diagonal(dhpreact.T @ bnraw).view(1, -1)
