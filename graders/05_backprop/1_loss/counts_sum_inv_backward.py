"""05.counts_sum_inv_backward: dcounts_sum_inv: a broadcast product."""

import torch

from graders.authoring import exercise

from .part import SHAPES, columns_first, gradient, leaf

counts_sum_inv = exercise("counts_sum_inv_backward", title="dcounts_sum_inv: a broadcast product")


@counts_sum_inv.cases
def _(rng):
    for n, v in SHAPES:
        yield dict(dprobs=rng.normal(n, v), counts=rng.uniform(0.01, 3, n, v))
    yield dict(
        dprobs=columns_first(rng.normal(3, 5)), counts=columns_first(rng.uniform(0, 1, 3, 5))
    )
    yield dict(dprobs=rng.normal(4, 4), counts=rng.uniform(0, 2, 4, 4))
    f32 = dict(dtype=torch.float32)
    yield dict(dprobs=rng.normal(3, 6, **f32), counts=rng.uniform(0, 1, 3, 6, **f32))


@counts_sum_inv.oracle
def _(dprobs, counts):
    x = leaf(torch.ones(len(counts), 1))
    return gradient(x, counts.double() * x, dprobs, counts)


counts_sum_inv.hint("counts_sum_inv is (n, 1). Which shape does your result have?")
counts_sum_inv.hint(
    "Each number was copied along its row and multiplied by counts. A copy forward is a sum "
    "backward, along the same dimension."
)
counts_sum_inv.hint("Multiply dprobs by counts first, then .sum(1, keepdim=True).")


@counts_sum_inv.misconception(
    "The sum is missing: counts_sum_inv is (n, 1), and each of its numbers was used in a whole "
    "row. Add up what the row sends back."
)
def no_sum(dprobs, counts):
    return dprobs * counts


@counts_sum_inv.misconception(
    "You summed over the batch (dimension 0). The (n, 1) tensor was copied along each row, "
    "dimension 1, and that is where the gradient is summed."
)
def wrong_dimension(dprobs, counts):
    return (dprobs * counts).sum(0, keepdim=True)


@counts_sum_inv.misconception(
    "The numbers are right, the shape is not: without keepdim=True the sum is (n,), and the next "
    "product would silently broadcast it the wrong way."
)
def no_keepdim(dprobs, counts):
    return (dprobs * counts).sum(1)


@counts_sum_inv.misconception(
    "A mean instead of a sum: the copies were not averaged, each of them changes the loss in full."
)
def mean(dprobs, counts):
    return (dprobs * counts).mean(1, keepdim=True)


@counts_sum_inv.misconception(
    "The local derivative is missing: probs = counts * counts_sum_inv, so nudging counts_sum_inv "
    "moves probs by counts, not by 1."
)
def counts_ignored(dprobs, counts):
    return dprobs.sum(1, keepdim=True)


@counts_sum_inv.misconception(
    "The upstream gradient dprobs is missing: you only summed the local derivatives."
)
def upstream_ignored(dprobs, counts):
    return counts.sum(1, keepdim=True)


@counts_sum_inv.misconception(
    "You summed both factors and then multiplied. The products belong together place by place: "
    "multiply first, sum afterward."
)
def sum_first(dprobs, counts):
    return dprobs.sum(1, keepdim=True) * counts.sum(1, keepdim=True)


@counts_sum_inv.variant("einsum")
def einsum(dprobs, counts):
    return torch.einsum("nv,nv->n", dprobs, counts).unsqueeze(1)


@counts_sum_inv.variant("the diagonal of a matrix product")
def diagonal(dprobs, counts):
    return torch.diagonal(dprobs @ counts.T)[:, None]


@counts_sum_inv.variant("batched row times column")
def batched(dprobs, counts):
    return torch.bmm(dprobs[:, None, :], counts[:, :, None]).view(-1, 1)
