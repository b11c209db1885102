"""05.counts_sum_backward: dcounts_sum: one over the sum."""

import torch

from graders.authoring import exercise

from .part import gradient, leaf

counts_sum = exercise("counts_sum_backward", title="dcounts_sum: one over the sum")


@counts_sum.cases
def _(rng):
    for n in (1, 2, 5, 9):
        yield dict(dcounts_sum_inv=rng.normal(n, 1), counts_sum=rng.uniform(1, 9, n, 1))
    yield dict(dcounts_sum_inv=rng.normal(3, 1, std=100), counts_sum=rng.uniform(0.1, 1, 3, 1))
    f32 = dict(dtype=torch.float32)
    yield dict(dcounts_sum_inv=rng.normal(4, 1, **f32), counts_sum=rng.uniform(1, 9, 4, 1, **f32))


@counts_sum.oracle
def _(dcounts_sum_inv, counts_sum):
    x = leaf(counts_sum)
    return gradient(x, x**-1, dcounts_sum_inv, counts_sum)


counts_sum.hint("The power rule with p = -1: which factor, which new exponent?")
counts_sum.hint("d x**-1 / dx = -x**-2, and the upstream gradient multiplies it.")
counts_sum.hint("-dcounts_sum_inv * counts_sum**-2")


@counts_sum.misconception(
    "The sign is missing: the power rule multiplies by the exponent, here -1. A larger sum makes "
    "its inverse smaller."
)
def sign(dcounts_sum_inv, counts_sum):
    return dcounts_sum_inv * counts_sum**-2


@counts_sum.misconception(
    "The exponent did not change: the power rule takes x**-1 to -1 * x**-2, one lower."
)
def same_exponent(dcounts_sum_inv, counts_sum):
    return -dcounts_sum_inv * counts_sum**-1


@counts_sum.misconception(
    "1 / x is the derivative of log(x). Here the forward pass *is* x**-1, and its derivative is "
    "-x**-2."
)
def logarithm(dcounts_sum_inv, counts_sum):
    return dcounts_sum_inv / counts_sum


@counts_sum.misconception(
    "That is the local derivative alone; multiply by the upstream gradient dcounts_sum_inv."
)
def upstream_ignored(dcounts_sum_inv, counts_sum):
    return -(counts_sum**-2)


@counts_sum.misconception(
    "The exponent moved the wrong way, to +2 (or you multiplied where dividing was due): from -1 "
    "one lower is -2."
)
def plus_two(dcounts_sum_inv, counts_sum):
    return -dcounts_sum_inv * counts_sum**2


@counts_sum.misconception(
    "The bracket binds the wrong way: you squared the upstream gradient too. Only counts_sum is "
    "raised to a power."
)
def upstream_squared(dcounts_sum_inv, counts_sum):
    return -((dcounts_sum_inv / counts_sum) ** 2)


@counts_sum.variant("the inverse, squared")
def squared_inverse(dcounts_sum_inv, counts_sum):
    inverse = counts_sum.reciprocal()
    return -(inverse * inverse) * dcounts_sum_inv


@counts_sum.variant("a division")
def division(dcounts_sum_inv, counts_sum):
    return torch.neg(dcounts_sum_inv).div(counts_sum.square())
