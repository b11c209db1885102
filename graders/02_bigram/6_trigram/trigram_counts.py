"""02.trigram_counts: the cube of counts."""

import torch

from graders.authoring import exercise

counts = exercise("trigram_counts", title="the cube of counts")


@counts.cases
def _(rng):
    yield dict(xs=torch.tensor([[0, 1], [0, 1], [2, 0]]), ys=torch.tensor([1, 1, 2]), vocab_size=3)
    yield dict(xs=torch.tensor([[0, 1]]), ys=torch.tensor([2]), vocab_size=4)
    for n, used, vocab in [(30, 4, 4), (25, 3, 5), (300, 6, 7)]:
        yield dict(xs=rng.integers(0, used, n, 2), ys=rng.integers(0, used, n), vocab_size=vocab)
    # more than a byte can count
    yield dict(xs=torch.full((300, 2), 1), ys=torch.full((300,), 1), vocab_size=2)
    yield dict(xs=torch.tensor([[39, 3]]), ys=torch.tensor([5]), vocab_size=40)  # 64,000 cells
    # contexts as columns of a larger table need not lie in memory row by row
    yield dict(xs=rng.integers(0, 3, 2, 9).t(), ys=rng.integers(0, 3, 9), vocab_size=3)


@counts.oracle
def _(xs, ys, vocab_size):
    N = [[[0] * vocab_size for _ in range(vocab_size)] for _ in range(vocab_size)]
    for (a, b), c in zip(xs.tolist(), ys.tolist(), strict=True):
        N[a][b][c] += 1
    return torch.tensor(N, dtype=torch.int32)


counts.hint("What happens to N[i] += 1 if the tensor i names the same place twice?")
counts.hint(
    "A loop over the examples is right, and slow. N.index_put_((a, b, c), ones, accumulate=True) "
    "does the same at once."
)
counts.hint(
    "N = torch.zeros((vocab_size,) * 3, dtype=torch.int32); the indices are (xs[:, 0], xs[:, 1], "
    "ys), the ones int32 too, one for each example."
)


@counts.misconception(
    "A byte counts to 127, or to 255, and begins again below. Count in int32 from the start."
)
def in_bytes(xs, ys, vocab_size):
    N = torch.zeros((vocab_size,) * 3, dtype=torch.int8)
    ones = torch.ones(len(ys), dtype=torch.int8)
    return N.index_put_((xs[:, 0], xs[:, 1], ys), ones, accumulate=True).int()


@counts.misconception(
    "N[a, b, c] += 1 with tensors of indices raises each address only once, however often it is "
    "named: everything is 0 or 1. Use index_put_ with accumulate=True, bincount, or a loop."
)
def counted_once(xs, ys, vocab_size):
    N = torch.zeros((vocab_size,) * 3, dtype=torch.int32)
    N[xs[:, 0], xs[:, 1], ys] += 1
    return N


counts.misconception(
    "The two characters of the context are swapped. Element [a, b, c] counts c after a, b: the "
    "older character, xs[:, 0], is the first index.",
    name="swapped",
    replace="(xs[:, 0], xs[:, 1], ys)",
    by="(xs[:, 1], xs[:, 0], ys)",
)
counts.misconception(
    "The cube is reversed: [c, b, a]. What followed is the last index.",
    name="reversed",
    replace="(xs[:, 0], xs[:, 1], ys)",
    by="(ys, xs[:, 1], xs[:, 0])",
)
counts.misconception(
    "What followed became the first index. It is the last one: N[a, b] is then the list of counts "
    "of everything that came after a, b.",
    name="target_first",
    replace="(xs[:, 0], xs[:, 1], ys)",
    by="(ys, xs[:, 0], xs[:, 1])",
)
counts.misconception(
    "What followed stands between the two characters of the context. The order of the indices is "
    "that of reading: older, younger, next.",
    name="target_between",
    replace="(xs[:, 0], xs[:, 1], ys)",
    by="(xs[:, 0], ys, xs[:, 1])",
)
counts.misconception(
    "The size was worked out from the data. A character that does not occur here still has its "
    "place: the cube has vocab_size in each dimension.",
    name="size_from_data",
    replace="    N = torch.zeros(",
    by="    vocab_size = int(max(xs.max(), ys.max())) + 1\n    N = torch.zeros(",
)
counts.misconception(
    "The cube starts with ones, so it is smoothed already. Counts start at 0; smoothing is the "
    "next step's.",
    name="starts_at_one",
    replace="N = torch.zeros(",
    by="N = torch.ones(",
)
counts.misconception(
    "The counts are floats. Counts are whole numbers: int32.",
    name="floats",
    replace="return N.index_put_((xs[:, 0], xs[:, 1], ys), ones, accumulate=True)",
    by="return N.index_put_((xs[:, 0], xs[:, 1], ys), ones, accumulate=True).float()",
)
counts.misconception(
    "The counts are int64, as bincount (or zeros with long) makes them. int32 is asked for: .int().",
    name="int64",
    replace="return N.index_put_((xs[:, 0], xs[:, 1], ys), ones, accumulate=True)",
    by="return N.index_put_((xs[:, 0], xs[:, 1], ys), ones, accumulate=True).long()",
)
counts.misconception(
    "The result is a table with one row for each pair of characters. Give it its three dimensions: "
    ".view(vocab_size, vocab_size, vocab_size).",
    name="table",
    replace="return N.index_put_((xs[:, 0], xs[:, 1], ys), ones, accumulate=True)",
    by="N.index_put_((xs[:, 0], xs[:, 1], ys), ones, accumulate=True)\n"
    "    return N.view(-1, vocab_size)",
)


@counts.misconception(
    "xs[:, 0] is no copy but a part of xs, and `*=` changed it: the caller's contexts are spoiled. "
    "Write xs[:, 0] * vocab_size, which makes a new tensor."
)
def in_place(xs, ys, vocab_size):
    flat = xs[:, 0]
    flat *= vocab_size
    flat = (flat + xs[:, 1]) * vocab_size + ys
    return torch.bincount(flat, minlength=vocab_size**3).view((vocab_size,) * 3).int()


@counts.misconception(
    "Different trigrams land in the same cell: the address is (a * V + b) * V + c, like the digits of "
    "a number, and not a sum in which a and b weigh the same."
)
def colliding(xs, ys, vocab_size):
    flat = (xs[:, 0] + xs[:, 1]) * vocab_size + ys
    return torch.bincount(flat, minlength=vocab_size**3).view((vocab_size,) * 3).int()


@counts.variant("a loop")
def loop(xs, ys, vocab_size):
    N = torch.zeros((vocab_size, vocab_size, vocab_size), dtype=torch.int32)
    for i in range(len(ys)):
        N[xs[i, 0], xs[i, 1], ys[i]] += 1
    return N


@counts.variant("bincount")
def bincount(xs, ys, vocab_size):
    flat = (xs[:, 0] * vocab_size + xs[:, 1]) * vocab_size + ys
    return torch.bincount(flat, minlength=vocab_size**3).view((vocab_size,) * 3).int()


@counts.variant("one-hot vectors, multiplied")
def one_hots(xs, ys, vocab_size):
    a, b, c = (
        torch.nn.functional.one_hot(ids, vocab_size).double() for ids in (xs[:, 0], xs[:, 1], ys)
    )
    return torch.einsum("na,nb,nc->abc", a, b, c).to(torch.int32)
