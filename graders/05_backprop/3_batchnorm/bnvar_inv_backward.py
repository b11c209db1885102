"""05.bnvar_inv_backward: dbnvar_inv: the scale."""

import torch

from graders.authoring import exercise

from .part import SIZES, columns_first, gradient, leaf

bnvar_inv = exercise("bnvar_inv_backward", title="dbnvar_inv: the scale")


@bnvar_inv.cases
def _(rng):
    for n, hidden in SIZES:
        yield dict(dbnraw=rng.normal(n, hidden), bndiff=rng.normal(n, hidden, mean=0.2))
    yield dict(dbnraw=columns_first(rng.normal(4, 3)), bndiff=columns_first(rng.normal(4, 3)))
    f32 = dict(dtype=torch.float32)
    yield dict(dbnraw=rng.normal(4, 3, **f32), bndiff=rng.normal(4, 3, **f32))


@bnvar_inv.oracle
def _(dbnraw, bndiff):
    x = leaf(torch.ones(1, bndiff.shape[1]))
    return gradient(x, bndiff.double() * x, dbnraw, dbnraw)


bnvar_inv.hint("bnraw = bndiff * bnvar_inv: the same kind of product as bngain * bnraw.")
bnvar_inv.hint("bnvar_inv is (1, n_hidden), copied into each row: sum over the rows.")
bnvar_inv.hint("(dbnraw * bndiff).sum(0, keepdim=True)")


@bnvar_inv.misconception(
    "The sum over the batch is missing: one scale serves all n examples, and bnvar_inv is "
    "(1, n_hidden)."
)
def unsummed(dbnraw, bndiff):
    return dbnraw * bndiff


@bnvar_inv.misconception(
    "Right numbers in the wrong shape: bnvar_inv is (1, n_hidden), so sum with keepdim=True."
)
def no_keepdim(dbnraw, bndiff):
    return (dbnraw * bndiff).sum(0)


@bnvar_inv.misconception(
    "You summed over the neurons (dimension 1). The scale was copied down the batch, dimension 0."
)
def wrong_dimension(dbnraw, bndiff):
    return (dbnraw * bndiff).sum(1, keepdim=True)


@bnvar_inv.misconception("A mean instead of a sum: the copies of the scale each count in full.")
def mean(dbnraw, bndiff):
    return (dbnraw * bndiff).mean(0, keepdim=True)


@bnvar_inv.misconception(
    "The local derivative is missing: bnraw = bndiff * bnvar_inv, so nudging bnvar_inv moves bnraw "
    "by bndiff."
)
def bndiff_ignored(dbnraw, bndiff):
    return dbnraw.sum(0, keepdim=True)


@bnvar_inv.misconception("The upstream gradient dbnraw is missing: you only summed bndiff.")
def upstream_ignored(dbnraw, bndiff):
    return bndiff.sum(0, keepdim=True)


@bnvar_inv.variant("einsum")
def einsum(dbnraw, bndiff):
    return torch.einsum("nh,nh->h", dbnraw, bndiff)[None, :]


@bnvar_inv.variant("row by row")
def rows(dbnraw, bndiff):
    return sum(dbnraw[i : i + 1] * bndiff[i : i + 1] for i in range(len(bndiff)))
