"""05.b1_backward: db1: back into the bias."""

import torch

from graders.authoring import exercise

from .part import SIZES, columns_first, gradient, leaf

b1 = exercise("b1_backward", title="db1: back into the bias")


@b1.cases
def _(rng):
    for n, _, hidden in SIZES:
        yield dict(dhprebn=rng.normal(n, hidden, mean=0.5))
    yield dict(dhprebn=columns_first(rng.normal(4, 2, std=1e3)))
    yield dict(dhprebn=rng.normal(2, 4, dtype=torch.float32))


@b1.oracle
def _(dhprebn):
    x = leaf(torch.zeros(dhprebn.shape[1]))
    return gradient(x, torch.zeros_like(dhprebn) + x, dhprebn, dhprebn)


b1.hint("Which exercise of part 2 is this, under other names?")
b1.hint("Copied into n rows forward, summed over n rows backward; b1 is (n_hidden,).")
b1.hint("dhprebn.sum(0)")


@b1.misconception(
    "A mean instead of a sum: the loss's 1 / n is inside dhprebn already, and the copies of the "
    "bias add up."
)
def mean(dhprebn):
    return dhprebn.mean(0)


@b1.misconception(
    "You summed over the neurons (dimension 1). The bias was copied down the batch, so sum over "
    "dimension 0."
)
def wrong_dimension(dhprebn):
    return dhprebn.sum(1)


@b1.misconception(
    "Right numbers, but shape (1, n_hidden): b1 is (n_hidden,), unlike bnbias. No keepdim here."
)
def keepdim(dhprebn):
    return dhprebn.sum(0, keepdim=True)


@b1.misconception(
    "The sum over the batch is missing: b1 has one number for each neuron, used in all n rows."
)
def unsummed(dhprebn):
    return dhprebn.clone()


@b1.misconception(
    "It is close to zero only when dhprebn comes out of a batchnorm. Here any upstream gradient "
    "may arrive, so compute it."
)
def zero(dhprebn):
    return torch.zeros_like(dhprebn[0])


@b1.variant("einsum")
def einsum(dhprebn):
    return torch.einsum("nh->h", dhprebn)


@b1.variant("row by row")
def rows(dhprebn):
    total = torch.zeros_like(dhprebn[0])
    for row in dhprebn:
        total += row
    return total
