"""03.read_element: one element, from the storage."""

import torch

from graders.authoring import exercise

read = exercise("read_element", title="one element, from the storage")


@read.cases
def _(rng):
    storage = rng.shuffled(range(100, 160))
    yield dict(storage=storage, offset=0, strides=(10, 1), index=(rng.integer(1, 6), 7))
    yield dict(storage=storage, offset=0, strides=(1, 10), index=(7, rng.integer(1, 6)))
    yield dict(storage=storage, offset=5, strides=(10, 1), index=(2, rng.integer(1, 4)))
    yield dict(storage=storage, offset=7, strides=(3,), index=(rng.integer(1, 9),))
    yield dict(storage=storage, offset=1, strides=(20, 5, 1), index=(2, 1, rng.integer(1, 4)))
    yield dict(storage=storage, offset=3, strides=(0, 2), index=(6, 4))  # expanded: stride 0
    yield dict(storage=storage, offset=4, strides=(2, 12, 6), index=(1, 3, 1))
    yield dict(storage=storage, offset=2, strides=(9, 4), index=(0, 0))
    # numbers that float32 would round: they lie in a list, and nothing is computed from them
    large = [5, 2**24 + 1, 2**40 + 3, -(2**53) - 1]
    yield dict(storage=large, offset=1, strides=(2, 1), index=(1, 0))
    yield dict(storage=large, offset=0, strides=(1,), index=(1,))
    for i in range(3):  # and of any kind
        yield dict(storage=[0.5, 1.25, -2.5], offset=0, strides=(1,), index=(i,))


@read.oracle
def _(storage, offset, strides, index):
    sizes = [i + 1 for i in index]
    places = torch.arange(len(storage))
    return storage[int(places.as_strided(sizes, strides, offset)[index])]


read.hint("Where does [0, 0] lie? How much further is [1, 0], and [0, 1]?")
read.hint("Each index jumps index * stride; all jumps add up, starting from the offset.")
read.hint("storage[offset + sum(i * s for i, s in zip(index, strides))]")


@read.misconception("The offset is missing: a slice begins somewhere inside its storage.")
def no_offset(storage, offset, strides, index):
    return storage[sum(i * s for i, s in zip(index, strides, strict=True))]


@read.misconception(
    "You paired the last index with the first stride: index and strides go in the same order."
)
def crossed(storage, offset, strides, index):
    return storage[offset + sum(i * s for i, s in zip(index, strides[::-1], strict=True))]


@read.misconception("You added the indices alone; each step along a dimension jumps its stride.")
def strides_ignored(storage, offset, strides, index):
    return storage[offset + sum(index)]


@read.misconception("You returned the place; what is asked is the number that lies there.")
def the_place(storage, offset, strides, index):
    return offset + sum(i * s for i, s in zip(index, strides, strict=True))


@read.misconception(
    "You assumed the last stride to be 1. A transposed tensor has another one: use the strides given."
)
def last_is_one(storage, offset, strides, index):
    return storage[offset + sum(i * s for i, s in zip(index, (*strides[:-1], 1), strict=True))]


@read.misconception(
    "Your sum has two terms. A tensor may have any number of dimensions: add one jump for each."
)
def two_terms(storage, offset, strides, index):
    return storage[offset + index[0] * strides[0] + index[1] * strides[1]]


@read.misconception("The offset counts once, not once for each dimension.")
def offset_again(storage, offset, strides, index):
    return storage[sum(offset + i * s for i, s in zip(index, strides, strict=True)) % len(storage)]


@read.variant("a loop")
def loop(storage, offset, strides, index):
    for d in range(len(index)):
        offset = offset + strides[d] * index[d]
    return storage[offset]


@read.variant("as_strided")
def as_strided(storage, offset, strides, index):
    return torch.tensor(storage).as_strided([i + 1 for i in index], strides, offset)[index].item()


read.equivalent(
    "zip(index, strides, strict=True)  ->  zip(strides, index, strict=True)",
    "a product has no order",
)
