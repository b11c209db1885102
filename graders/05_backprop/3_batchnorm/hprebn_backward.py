"""05.hprebn_backward: dhprebn: out of batchnorm."""

import torch

from graders.authoring import exercise

from .part import SIZES, columns_first, gradient, leaf

hprebn = exercise("hprebn_backward", title="dhprebn: out of batchnorm")


@hprebn.cases
def _(rng):
    def case(n, hidden, **dtype):
        dbndiff = rng.normal(n, hidden, **dtype)
        return dict(dbndiff=dbndiff, dbnmeani=rng.normal(1, hidden, std=2, **dtype))

    for n, hidden in SIZES:
        yield case(n, hidden)
    yield {**case(4, 3), "dbndiff": columns_first(rng.normal(4, 3))}
    yield case(5, 3, dtype=torch.float32)


@hprebn.oracle
def _(dbndiff, dbnmeani):
    x = leaf(torch.zeros_like(dbndiff))
    output = (x * dbndiff).sum() + (x.sum(0, keepdim=True) / len(x) * dbnmeani).sum()
    return gradient(x, output, 1.0, dbndiff)


hprebn.hint("In which two lines of the forward pass does hprebn stand on the right-hand side?")
hprebn.hint(
    "Through bndiff the gradient passes unchanged. Through the mean, every example has a share of "
    "1 / n in it, and gets dbnmeani / n."
)
hprebn.hint("dbndiff + dbnmeani / n, where n = dbndiff.shape[0]; the (1, H) broadcasts by itself.")


@hprebn.misconception(
    "The path through the mean is missing: hprebn also makes bnmeani, and dbnmeani / n comes back "
    "to every example."
)
def first_only(dbndiff, dbnmeani):
    return dbndiff.clone()


@hprebn.misconception(
    "The path through the mean replaced the direct one: hprebn is used twice, so the two add up."
)
def second_only(dbndiff, dbnmeani):
    return dbnmeani.expand_as(dbndiff) / len(dbndiff)


@hprebn.misconception(
    "The 1 / n is missing: a single example moves the mean by only 1 / n of its own change."
)
def no_share(dbndiff, dbnmeani):
    return dbndiff + dbnmeani


@hprebn.misconception(
    "You divided by n - 1. Bessel's correction belongs to the variance; the mean divides by n."
)
def bessel(dbndiff, dbnmeani):
    return dbndiff + dbnmeani / (len(dbndiff) - 1)


@hprebn.misconception(
    "You subtracted the mean's path. The minus of hprebn - bnmeani is inside dbnmeani already."
)
def subtracted(dbndiff, dbnmeani):
    return dbndiff - dbnmeani / len(dbndiff)


@hprebn.misconception(
    "You took n from the wrong dimension: n is the number of examples, dbndiff.shape[0]."
)
def wrong_n(dbndiff, dbnmeani):
    return dbndiff + dbnmeani / dbndiff.shape[1]


@hprebn.misconception(
    "The upstream gradient dbnmeani is missing: 1 / n is only the local derivative of the mean."
)
def upstream_ignored(dbndiff, dbnmeani):
    return dbndiff + torch.ones_like(dbndiff) / len(dbndiff)


@hprebn.misconception(
    "The result is right, but dbndiff was changed on the way: `+=` works in place, on the caller's "
    "tensor."
)
def in_place(dbndiff, dbnmeani):
    dbndiff += dbnmeani / len(dbndiff)
    return dbndiff


@hprebn.variant("ones")
def ones(dbndiff, dbnmeani):
    return dbndiff + 1.0 / dbndiff.size(0) * (torch.ones_like(dbndiff) * dbnmeani)


@hprebn.variant("row by row")
def rows(dbndiff, dbnmeani):
    share = dbnmeani[0] / len(dbndiff)
    return torch.stack([row + share for row in dbndiff])
