"""05.bnmeani_backward: dbnmeani: the mean."""

import torch

from graders.authoring import exercise

from .part import SIZES, columns_first, gradient, leaf

bnmeani = exercise("bnmeani_backward", title="dbnmeani: the mean")


@bnmeani.cases
def _(rng):
    for n, hidden in SIZES:
        yield dict(dbndiff=rng.normal(n, hidden, mean=0.3))
    yield dict(dbndiff=columns_first(rng.normal(4, 3, std=1e3)))
    yield dict(dbndiff=rng.normal(4, 3, dtype=torch.float32))


@bnmeani.oracle
def _(dbndiff):
    x = leaf(torch.zeros(1, dbndiff.shape[1]))
    return gradient(x, torch.zeros_like(dbndiff) - x, dbndiff, dbndiff)


bnmeani.hint("bnmeani is (1, n_hidden), subtracted from each row: have you seen that in part 1?")
bnmeani.hint("Local derivative -1; copied into n rows, so sum over the rows.")
bnmeani.hint("-dbndiff.sum(0, keepdim=True)")


@bnmeani.misconception("The minus sign is missing: the mean is *subtracted* from hprebn.")
def sign(dbndiff):
    return dbndiff.sum(0, keepdim=True)


@bnmeani.misconception(
    "A mean instead of a sum. The 1 / n belongs to the next step, from bnmeani back to hprebn; "
    "here n copies add up."
)
def mean(dbndiff):
    return -dbndiff.mean(0, keepdim=True)


@bnmeani.misconception(
    "The sum over the batch is missing: one mean was subtracted from all n rows."
)
def unsummed(dbndiff):
    return -dbndiff


@bnmeani.misconception(
    "Right numbers in the wrong shape: bnmeani is (1, n_hidden), so sum with keepdim=True."
)
def no_keepdim(dbndiff):
    return -dbndiff.sum(0)


@bnmeani.misconception(
    "You summed over the neurons (dimension 1). The mean was copied down the batch, dimension 0."
)
def wrong_dimension(dbndiff):
    return -dbndiff.sum(1, keepdim=True)


@bnmeani.misconception(
    "Zero is not it: dbndiff does not sum to zero over the batch, only bndiff does."
)
def zero(dbndiff):
    return torch.zeros_like(dbndiff[:1])


@bnmeani.variant("a product with ones")
def ones(dbndiff):
    return -torch.ones(1, len(dbndiff), dtype=dbndiff.dtype).matmul(dbndiff)


@bnmeani.variant("einsum")
def einsum(dbndiff):
    return torch.einsum("nh->h", -dbndiff).reshape(1, -1)
