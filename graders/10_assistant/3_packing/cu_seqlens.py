"""10.cu_seqlens: where documents begin when all stand in one line."""

import torch

from graders.authoring import exercise

from .part import table, tables

ex = exercise("cu_seqlens", title="cumulative lengths", stretch=True)


@ex.cases
def _(rng):
    for documents in tables(rng):
        yield dict(documents=documents)
    yield dict(documents=torch.full((2, 3), -1))
    yield dict(documents=torch.zeros(1, 33_000, dtype=torch.int64))  # more than two bytes hold
    yield dict(documents=torch.tensor([[0, 0, 0], [0, 0, 0], [0, 0, -1]]))
    yield dict(documents=torch.tensor([[0, 1, 1], [2, -1, -1], [3, 3, 4]]))
    yield dict(documents=table(rng, [[], [2, 4], [], [5, 1]], 7))
    for many in (5, 6, 9):  # rows of many documents, before a row that begins with 0
        rows = [[*range(many), *[many - 1] * (9 - many)], [0] * 4 + [1] * 5]
        yield dict(documents=torch.tensor(rows))


@ex.oracle
def _(documents):
    cu, lengths = [0], []
    for row in documents.tolist():
        before = None
        for d in row:
            if d >= 0 and d == before:
                lengths[-1] += 1
            elif d >= 0:
                lengths.append(1)
            before = d
    for n in lengths:
        cu.append(cu[-1] + n)
    return torch.tensor(cu, dtype=torch.int32), max([0, *lengths])


def kinds(rng):
    yield dict(documents=torch.tensor([[3, 3, 1], [1, -1, -1]]))


@ex.check("kinds", cases=kinds)
def _(m, documents):
    cu, longest = m.cu_seqlens(documents)
    return [str(getattr(cu, "dtype", None)), type(longest).__name__]


ex.hint("First the lengths of all documents, row by row. What turns lengths into places?")
ex.hint("row[row != -1].unique_consecutive(return_counts=True) gives a row's lengths in order.")
ex.hint("torch.tensor([0, *lengths]).cumsum(0).to(torch.int32), and max(lengths, default=0).")

ex.misconception(
    """The 0 at the beginning is missing: document i goes from cu[i] to cu[i + 1], so there are n + 1
    numbers.""",
    name="no_zero",
    replace="torch.tensor([0, *lengths])",
    by="torch.tensor(lengths, dtype=torch.int64)",
)
ex.misconception(
    """The end is missing: the last number is the length of the whole line.""",
    name="no_end",
    replace="[0, *lengths]",
    by="[0, *lengths[:-1]]",
)
ex.misconception(
    """Those are the lengths. Asked is where documents begin: add them up.""",
    name="lengths",
    replace=".cumsum(0)",
    by="",
)
ex.misconception(
    """A document that ends a row was joined with the first of the next, because both have the same number.
    Rows count for themselves.""",
    name="joined_rows",
    edits=[
        ("    for row in documents:\n", "    for row in [documents.flatten()]:\n"),
    ],
)
ex.misconception(
    """Padding was counted as a document. The line holds real tokens only.""",
    name="padding_counts",
    replace="row[row != -1]",
    by="row",
)
ex.misconception(
    """The lengths are in the order of the documents' numbers. They stand as the documents do in the row:
    unique_consecutive, not unique.""",
    name="sorted",
    replace=".unique_consecutive(",
    by=".unique(",
)
ex.misconception(
    """cu is of dtype int64. The kernels want int32.""",
    name="int64",
    replace=".to(torch.int32)",
    by="",
)
ex.misconception(
    """The longest document is asked beside cu, not the number of columns, and not the length of the
    line.""",
    name="columns",
    replace="max(lengths, default=0)",
    by="documents.shape[1]",
)
ex.misconception(
    """Where there is padding only, max() of nothing fails. There is no document then: the longest has 0
    tokens.""",
    name="empty_max",
    replace="max(lengths, default=0)",
    by="max(lengths)",
)
ex.misconception(
    """The longest is a tensor. A Python int is asked.""",
    name="tensor",
    replace="max(lengths, default=0)",
    by="torch.tensor(max(lengths, default=0))",
)
ex.misconception(
    """Those are places in the padded rectangle. In the line only real tokens stand, one behind the other:
    add up the lengths.""",
    name="rectangle",
    source="""def cu_seqlens(documents):
    starts, lengths, T = [], [], documents.shape[1]
    for r, row in enumerate(documents.tolist()):
        for t, d in enumerate(row):
            if d != -1 and (t == 0 or row[t - 1] != d):
                starts.append(r * T + t)
                lengths.append(row.count(d))
    cu = torch.tensor([*starts, int((documents != -1).sum())], dtype=torch.int32)
    return cu, max(lengths, default=0)
""",
)
ex.misconception(
    """Each row counts from 0 again. All rows stand in one line: what came before goes on counting.""",
    name="rows_anew",
    source="""def cu_seqlens(documents):
    cu, lengths = [0], []
    for row in documents:
        _, counts = row[row != -1].unique_consecutive(return_counts=True)
        cu += counts.cumsum(0).tolist()
        lengths += counts.tolist()
    return torch.tensor(cu, dtype=torch.int32), max(lengths, default=0)
""",
)

ex.variant(
    "from the positions: a document begins where they are 0",
    name="positions",
    source="""def cu_seqlens(documents):
    real = documents != -1
    positions = restart_positions(documents)[real]
    starts = (positions == 0).nonzero()[:, 0].tolist()
    cu = torch.tensor([*starts, int(real.sum())], dtype=torch.int32)
    if not starts:
        return torch.zeros(1, dtype=torch.int32), 0
    return cu, int(positions.max()) + 1
""",
)

ex.equivalent("0  ->  -1", "there is one dimension")
