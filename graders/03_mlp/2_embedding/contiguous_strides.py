"""03.contiguous_strides: strides of a fresh tensor."""

import torch

from graders.authoring import exercise

strides = exercise("contiguous_strides", title="strides of a fresh tensor")


@strides.cases
def _(rng):
    yield dict(shape=(2, 3, 2))
    yield dict(shape=(rng.integer(2, 9),))
    yield dict(shape=(5, 3))
    yield dict(shape=(2, 3, 5, 7))
    yield dict(shape=tuple(rng.integer(1, 6) for _ in range(5)))
    yield dict(shape=(1, 4, 6))


@strides.oracle
def _(shape):
    return torch.empty(shape).stride()


strides.hint("How far to the neighbor in the last dimension? How many cells has one row?")
strides.hint(
    "Go from the last dimension to the first; each stride is the product of the sizes behind."
)
strides.hint("jump = 1; for size in reversed(shape): put jump in front; jump *= size.")


@strides.misconception(
    "You went column by column: the first dimension got stride 1. In torch the last one runs fastest."
)
def columns_first(shape):
    found, jump = [], 1
    for size in shape:
        found.append(jump)
        jump *= size
    return tuple(found)


@strides.misconception(
    "Your strides are shifted: the dimension's own size is in its stride. One step along the last "
    "dimension is 1; multiply by a size only for the dimensions before it."
)
def own_size(shape):
    found, jump = [], 1
    for size in reversed(shape):
        jump *= size
        found.insert(0, jump)
    return tuple(found)


@strides.misconception(
    "Each stride is the size of the next dimension only. A step jumps over *all* that lies behind: "
    "the product of all sizes to the right."
)
def next_only(shape):
    return (*shape[1:], 1)


@strides.misconception(
    "You counted bytes. torch counts strides in elements (numpy counts bytes): the last one is 1."
)
def in_bytes(shape):
    found, jump = [], 4
    for size in reversed(shape):
        found.insert(0, jump)
        jump *= size
    return tuple(found)


@strides.misconception(
    "Right strides, wrong order: the stride of the first dimension stands first."
)
def reversed_order(shape):
    found, jump = [], 1
    for size in reversed(shape):
        found.append(jump)
        jump *= size
    return tuple(found)


@strides.misconception(
    "You returned the shape. A stride is how far to jump in the storage for one step."
)
def the_shape(shape):
    return tuple(shape)


@strides.misconception(
    "You added the sizes to the right. A step over a matrix of 3 rows of 2 jumps 6 elements: multiply."
)
def sums(shape):
    return tuple(sum(shape[i + 1 :]) or 1 for i in range(len(shape)))


@strides.variant("ask torch")
def ask(shape):
    return torch.empty(shape).stride()


@strides.variant("a product for each")
def products(shape):
    return tuple(int(torch.tensor(shape[i + 1 :]).prod()) for i in range(len(shape)))
