"""05.bndiff2_backward: dbndiff2: the variance's sum."""

import torch

from graders.authoring import exercise

from .part import SIZES, columns_first, gradient, leaf

bndiff2 = exercise("bndiff2_backward", title="dbndiff2: the variance's sum")

TWO_OR_MORE = SIZES[1:]  # the variance divides by n - 1


@bndiff2.cases
def _(rng):
    for n, hidden in TWO_OR_MORE:
        yield dict(dbnvar=rng.normal(1, hidden), bndiff2=rng.normal(n, hidden) ** 2)
    yield dict(dbnvar=rng.normal(1, 3), bndiff2=columns_first(rng.normal(4, 3) ** 2))
    f32 = dict(dtype=torch.float32)
    yield dict(dbnvar=rng.normal(1, 3, **f32), bndiff2=rng.normal(5, 3, **f32) ** 2)


@bndiff2.oracle
def _(dbnvar, bndiff2):
    x = leaf(bndiff2)
    return gradient(x, x.sum(0, keepdim=True) / (len(x) - 1), dbnvar, bndiff2)


bndiff2.hint("bnvar is (1, n_hidden), bndiff2 is (n, n_hidden). What is the opposite of a sum?")
bndiff2.hint("Each row gets a copy of dbnvar, times the factor that stands before the sum.")
bndiff2.hint("dbnvar / (n - 1) * torch.ones_like(bndiff2), where n = bndiff2.shape[0]")


@bndiff2.misconception(
    "You divided by n. This variance divides by n - 1 (Bessel's correction), so its gradient does, "
    "too."
)
def no_bessel(dbnvar, bndiff2):
    return dbnvar / len(bndiff2) * torch.ones_like(bndiff2)


@bndiff2.misconception(
    "The shape is (1, n_hidden): a sum forward is a copy backward. Every row of bndiff2 needs its "
    "own copy."
)
def not_copied(dbnvar, bndiff2):
    return dbnvar / (len(bndiff2) - 1)


@bndiff2.misconception("The factor is missing: the sum is multiplied by 1 / (n - 1).")
def no_factor(dbnvar, bndiff2):
    return dbnvar * torch.ones_like(bndiff2)


@bndiff2.misconception(
    "You multiplied by bndiff2. In a sum the local derivative is 1 for each term, whatever its "
    "value."
)
def times_value(dbnvar, bndiff2):
    return dbnvar * bndiff2 / (len(bndiff2) - 1)


@bndiff2.misconception(
    "The upstream gradient dbnvar is missing: 1 / (n - 1) is only the local one."
)
def upstream_ignored(dbnvar, bndiff2):
    return torch.ones_like(bndiff2) / (len(bndiff2) - 1)


@bndiff2.misconception(
    "You took n from the wrong dimension: n is the number of examples, bndiff2.shape[0]."
)
def wrong_n(dbnvar, bndiff2):
    return dbnvar / max(bndiff2.shape[1] - 1, 1) * torch.ones_like(bndiff2)


@bndiff2.variant("expanded, without memory of its own")
def expanded(dbnvar, bndiff2):
    return (dbnvar / (bndiff2.size(0) - 1)).expand_as(bndiff2)


@bndiff2.variant("repeated")
def repeated(dbnvar, bndiff2):
    n = len(bndiff2)
    return (1.0 / (n - 1) * dbnvar).repeat(n, 1)


bndiff2.equivalent(
    "dbnvar / (n - 1) * torch.ones_like(bndiff2)  ->  dbnvar / (n - 1) / torch.ones_like(bndiff2)",
    "times 1 is divided by 1",
)
