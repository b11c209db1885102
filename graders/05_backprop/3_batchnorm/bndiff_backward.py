"""05.bndiff_backward: dbndiff: two branches meet again."""

import torch

from graders.authoring import exercise

from .part import SIZES, columns_first, gradient, leaf

bndiff = exercise("bndiff_backward", title="dbndiff: two branches meet again")


@bndiff.cases
def _(rng):
    def case(n, hidden, **dtype):
        return dict(
            dbnraw=rng.normal(n, hidden, **dtype),
            bnvar_inv=rng.uniform(0.3, 3, 1, hidden, **dtype),
            dbndiff2=rng.normal(n, hidden, **dtype),
            bndiff=rng.normal(n, hidden, **dtype),
        )

    for n, hidden in SIZES:
        yield case(n, hidden)
    yield {name: x if len(x) == 1 else columns_first(x) for name, x in case(4, 6).items()}
    yield case(3, 4, dtype=torch.float32)


@bndiff.oracle
def _(dbnraw, bnvar_inv, dbndiff2, bndiff):
    x = leaf(bndiff)
    output = (x * bnvar_inv.double() * dbnraw).sum() + (x**2 * dbndiff2).sum()
    return gradient(x, output, 1.0, bndiff)


bndiff.hint("In which two lines of the forward pass does bndiff stand on the right-hand side?")
bndiff.hint(
    "Through bnraw: dbnraw * bnvar_inv. Through the square: d x**2 / dx = 2 x, times dbndiff2."
)
bndiff.hint("dbnraw * bnvar_inv + 2 * bndiff * dbndiff2")


@bndiff.misconception(
    "The second branch is missing: bndiff is squared on the way to the variance, and that path "
    "sends 2 * bndiff * dbndiff2."
)
def first_only(dbnraw, bnvar_inv, dbndiff2, bndiff):
    return dbnraw * bnvar_inv


@bndiff.misconception(
    "The second branch replaced the first. bndiff is used twice, so what both uses send back adds "
    "up: dbnraw * bnvar_inv is still needed."
)
def second_only(dbnraw, bnvar_inv, dbndiff2, bndiff):
    return 2 * bndiff * dbndiff2


@bndiff.misconception("The 2 is missing: the derivative of bndiff**2 is 2 * bndiff.")
def no_two(dbnraw, bnvar_inv, dbndiff2, bndiff):
    return dbnraw * bnvar_inv + bndiff * dbndiff2


@bndiff.misconception(
    "In the second branch bndiff itself is missing: the derivative of x**2 is 2 x, not 2."
)
def two_alone(dbnraw, bnvar_inv, dbndiff2, bndiff):
    return dbnraw * bnvar_inv + 2 * dbndiff2


@bndiff.misconception(
    "You multiplied by bndiff**2, the function; the chain rule needs its derivative, 2 * bndiff."
)
def squared(dbnraw, bnvar_inv, dbndiff2, bndiff):
    return dbnraw * bnvar_inv + bndiff**2 * dbndiff2


@bndiff.misconception(
    "The second branch lacks its upstream gradient dbndiff2: 2 * bndiff is only the local one."
)
def second_upstream_ignored(dbnraw, bnvar_inv, dbndiff2, bndiff):
    return dbnraw * bnvar_inv + 2 * bndiff


@bndiff.misconception("The first branch lacks bnvar_inv: bnraw = bndiff * bnvar_inv, a product.")
def no_scale(dbnraw, bnvar_inv, dbndiff2, bndiff):
    return dbnraw + 2 * bndiff * dbndiff2


@bndiff.misconception("You subtracted the second branch: gradients of two uses add up.")
def subtracted(dbnraw, bnvar_inv, dbndiff2, bndiff):
    return dbnraw * bnvar_inv - 2 * bndiff * dbndiff2


@bndiff.variant("addcmul")
def addcmul(dbnraw, bnvar_inv, dbndiff2, bndiff):
    return torch.addcmul(dbnraw * bnvar_inv, bndiff, dbndiff2, value=2)


@bndiff.variant("in two steps")
def two_steps(dbnraw, bnvar_inv, dbndiff2, bndiff):
    dbndiff = bnvar_inv * dbnraw
    dbndiff += bndiff * dbndiff2 + dbndiff2 * bndiff
    return dbndiff
