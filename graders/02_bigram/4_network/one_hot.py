"""02.one_hot: one-hot vectors."""

import torch

from graders.authoring import exercise

hot = exercise("one_hot", title="one-hot vectors")


@hot.cases
def _(rng):
    for n, width in [(1, 1), (4, 3), (3, 9), (5, 5), (1, 6)]:
        yield dict(xs=rng.integers(0, width, n), num_classes=width)
    yield dict(
        xs=torch.tensor([1, 0, 1, 1]), num_classes=4
    )  # never the last: the width must be told
    yield dict(xs=torch.zeros(3, dtype=torch.int64), num_classes=2)
    yield dict(xs=torch.zeros(0, dtype=torch.int64), num_classes=3)
    yield dict(xs=torch.tensor([299, 43, 128]), num_classes=300)  # no byte holds them


hot.hint("torch.nn.functional has a function of that name. Read what its num_classes is for.")
hot.hint("F.one_hot gives int64. What do weights want?")
hot.hint("return F.one_hot(xs, num_classes=num_classes).float()")


@hot.misconception(
    "The vectors are int64, as F.one_hot makes them. They are to be multiplied by float32 weights: "
    "add .float()."
)
def integers(xs, num_classes):
    return torch.nn.functional.one_hot(xs, num_classes)


@hot.misconception(
    "The width came from the largest index that happens to be in xs. Pass num_classes, or a batch "
    "without 'z' "
    "gets narrower vectors than one with it."
)
def width_from_data(xs, num_classes):
    return torch.eye(int(xs.max()) + 1 if len(xs) else 0)[xs]


@hot.misconception("The width is 27, whatever num_classes says: use the argument.")
def always_27(xs, num_classes):
    return torch.nn.functional.one_hot(xs, 27).float()


@hot.misconception("Rows and columns are swapped: one *row* for each index.")
def transposed(xs, num_classes):
    return torch.nn.functional.one_hot(xs, num_classes).float().T


@hot.misconception(
    "Each row has its index in place of the 1. The size of an index means nothing: write a 1."
)
def index_for_one(xs, num_classes):
    return torch.nn.functional.one_hot(xs, num_classes).float() * xs.view(-1, 1)


@hot.misconception(
    "This is one row with a 1 at every index that occurs. Each index gets a row of its own."
)
def many_hot(xs, num_classes):
    row = torch.zeros(num_classes)
    row[xs] = 1
    return row


@hot.misconception(
    "`out[:, xs] = 1` sets these columns in every row. Pair row numbers with indices: "
    "out[torch.arange(n), xs] = 1."
)
def all_columns(xs, num_classes):
    out = torch.zeros(len(xs), num_classes)
    out[:, xs] = 1
    return out


@hot.misconception("Counted from 1: index 0 belongs to the first column.")
def off_by_one(xs, num_classes):
    return torch.roll(torch.nn.functional.one_hot(xs, num_classes).float(), 1, dims=1)


@hot.misconception(
    "The result is float64. Weights are float32, and the two do not multiply: .float(), not .double()."
)
def doubles(xs, num_classes):
    return torch.nn.functional.one_hot(xs, num_classes).double()


@hot.misconception(
    "The vectors are of type bool. Comparing is a fine way to make them; then add .float()."
)
def booleans(xs, num_classes):
    return xs.view(-1, 1) == torch.arange(num_classes)


@hot.variant("rows of the identity matrix")
def identity(xs, num_classes):
    return torch.eye(num_classes)[xs]


@hot.variant("compared with all indices")
def compared(xs, num_classes):
    return (xs[:, None] == torch.arange(num_classes)[None, :]).to(torch.float32)


@hot.variant("scatter")
def scattered(xs, num_classes):
    return torch.zeros(xs.shape[0], num_classes).scatter_(1, xs.view(-1, 1), 1.0)


@hot.variant("a loop")
def loop(xs, num_classes):
    out = torch.zeros((len(xs), num_classes))
    for i, x in enumerate(xs.tolist()):
        out[i, x] = 1.0
    return out
