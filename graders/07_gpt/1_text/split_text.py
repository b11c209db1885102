"""07.split_text: the first 90 %, and the rest."""

import torch

from graders.authoring import exercise

split = exercise("split_text", title="the first 90 %, and the rest")


@split.cases
def _(rng):
    for n in (19, 10, 7, 1, 0, 2, 95, 1000, 1234):
        yield dict(data=torch.tensor(rng.shuffled(range(n)), dtype=torch.int64))
    yield dict(data=rng.integers(0, 5, 58))
    yield dict(data=torch.tensor(rng.shuffled(range(46)))[::2])  # not contiguous
    yield dict(data=rng.integers(0, 2**40, 21))  # numbers of a large vocabulary, and larger


@split.oracle
def _(data):
    numbers = data.tolist()
    n = len(numbers) * 9 // 10
    as_ids = [torch.tensor(half, dtype=torch.int64) for half in (numbers[:n], numbers[n:])]
    return tuple(as_ids)


split.hint("One cut. Where is it? What comes before, what comes after?")
split.hint("n = int(0.9 * len(data)); slices data[:n] and data[n:] share the border.")
split.hint("return data[:n], data[n:]")


@split.misconception(
    "The text was shuffled before the cut. Then nothing follows from anything any more: what is to be "
    "learned is the order."
)
def shuffled(data):
    n = int(0.9 * len(data))
    data = data[torch.randperm(len(data), generator=torch.Generator().manual_seed(0))]
    return data[:n], data[n:]


@split.misconception(
    "Train and val have changed places: the first 90 % are for training, and come first."
)
def swapped(data):
    n = int(0.9 * len(data))
    return data[n:], data[:n]


@split.misconception(
    "The val set was cut from the beginning. Train is the first 90 %, val what comes after it."
)
def val_first(data):
    n = len(data) - int(0.9 * len(data))
    return data[n:], data[:n]


@split.misconception("The cut is not at 90 %: n = int(0.9 * len(data)).")
def eighty(data):
    n = int(0.8 * len(data))
    return data[:n], data[n:]


@split.misconception(
    "Where 90 % is no whole number, the cut is one off: int(...) rounds down, `round` and `ceil` don't."
)
def rounded_up(data):
    n = -(-len(data) * 9 // 10)
    return data[:n], data[n:]


@split.misconception(
    "A character at the cut is lost: the slices data[:n] and data[n:] fit together without a gap."
)
def gap(data):
    n = int(0.9 * len(data))
    return data[:n], data[n + 1 :]


@split.misconception(
    "A character stands on both sides of the cut: val begins at n, the first that train leaves out."
)
def overlap(data):
    n = int(0.9 * len(data))
    return data[:n], data[max(n - 1, 0) :]


@split.misconception(
    "The last character is missing: a slice data[n:-1] stops before it. data[n:] goes to the end."
)
def last_missing(data):
    n = int(0.9 * len(data))
    return data[:n], data[n:-1]


@split.misconception(
    "Train is the whole text, val's part included: then val measures what was learned by heart."
)
def leaks(data):
    n = int(0.9 * len(data))
    return data, data[n:]


@split.misconception(
    "Every tenth character went to val. Both parts are then full of holes, and no character follows its "
    "neighbor: cut once."
)
def every_tenth(data):
    held = torch.arange(len(data)) % 10 == 9
    return data[~held], data[held]


@split.variant("torch.split")
def by_sizes(data):
    n = len(data) * 9 // 10
    return torch.split(data, [n, len(data) - n])


@split.variant("copies")
def copies(data):
    n = int(0.9 * data.shape[0])
    return data[:n].clone(), data[n:].clone()
