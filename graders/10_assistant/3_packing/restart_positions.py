"""10.restart_positions: count from each document's beginning."""

import torch

from graders.authoring import exercise

from .part import table, tables

ex = exercise("restart_positions", title="positions that restart", points=2)


@ex.cases
def _(rng):
    for documents in tables(rng):
        yield dict(documents=documents)
    yield dict(documents=table(rng, [[140, 3]], 150))  # places above 127


@ex.oracle
def _(documents):
    out = []
    for row in documents.tolist():
        out.append([row[:t].count(d) if d >= 0 else 0 for t, d in enumerate(row)])
    return torch.tensor(out)


ex.hint("A position is the column, minus the column where its document began.")
ex.hint(
    "A document begins in column 0, and wherever documents[:, t] differs from documents[:, t - 1]."
)
ex.hint(
    "torch.where(begins, column, 0).cummax(dim=1).values is, everywhere, the column of the latest "
    "beginning."
)

ex.misconception(
    """Positions run on through the row: the second document is told that it begins in the midst. They
    restart with each document.""",
    name="no_restart",
    replace="(column - start)",
    by="column",
)
ex.misconception(
    """Positions begin with 1. A document's first token is at 0, as it would be alone.""",
    name="from_one",
    replace="(column - start)",
    by="(column - start + 1)",
)
ex.misconception(
    """Padding was counted as a document. Its positions are all 0.""",
    name="padding_counts",
    replace=".masked_fill(documents == -1, 0)",
    by="",
)
ex.misconception(
    """A row begins where the one before ended: counting went on from row to row. Each row begins a
    document.""",
    name="over_rows",
    replace="    return (column",
    by="    flat = documents.flatten()\n    t = torch.arange(len(flat))\n"
    "    new = torch.ones_like(flat, dtype=torch.bool)\n    new[1:] = flat[1:] != flat[:-1]\n"
    "    start = torch.where(new, t, 0).cummax(0).values.view(documents.shape)\n"
    "    column = t.view(documents.shape)\n    return (column",
)
ex.misconception(
    """The first row's documents were used for all rows. Each row has its own.""",
    name="first_row",
    replace="    return (column - start)",
    by="    return (column - start[:1])",
)
ex.misconception(
    """The restart is one place late: a document's first token still counts on from the one before.""",
    name="one_late",
    replace="    start = ",
    by="    begins = torch.cat([begins[:, :1], torch.zeros_like(begins[:, :1]), begins[:, 1:-1]], 1)"
    "[:, : begins.shape[1]]\n    start = ",
)
ex.misconception(
    """Beginnings were added up instead of taking the latest: from the third document on positions are
    wrong, even negative.""",
    name="cumsum",
    replace=".cummax(dim=1).values",
    by=".cumsum(dim=1)",
)
ex.misconception(
    """A new document was seen only where the number grows by one. Numbers need not be in order: a change
    is a beginning.""",
    name="plus_one",
    replace="documents[:, 1:] != documents[:, :-1]",
    by="documents[:, 1:] == documents[:, :-1] + 1",
)
ex.misconception(
    """Position and column are mixed up: that is where each document began. Subtract it from the column.""",
    name="starts",
    replace="(column - start)",
    by="start",
)
ex.misconception(
    """A new document was seen only where the number grows. Numbers need not be in order: a change is a
    beginning.""",
    name="only_growing",
    replace="documents[:, 1:] != documents[:, :-1]",
    by="documents[:, 1:] > documents[:, :-1]",
)
ex.misconception(
    """Positions at padding are -1, which no table of positions has. They are 0 there.""",
    name="padding_minus_one",
    replace=".masked_fill(documents == -1, 0)",
    by=".masked_fill(documents == -1, -1)",
)

ex.variant(
    "a loop",
    name="loop",
    source="""def restart_positions(documents):
    out = torch.zeros_like(documents)
    for r in range(documents.shape[0]):
        for t in range(1, documents.shape[1]):
            if documents[r, t] == documents[r, t - 1] and documents[r, t] != -1:
                out[r, t] = out[r, t - 1] + 1
    return out
""",
)
ex.variant(
    "how many earlier tokens are in the same document",
    name="counted",
    source="""def restart_positions(documents):
    same = documents[:, :, None] == documents[:, None, :]
    return same.long().tril(-1).sum(-1) * (documents >= 0)
""",
)

ex.equivalent(
    "torch.ones_like(documents, dtype=torch.bool)  ->  torch.zeros_like(documents, dtype=torch.bool)",
    "before the first beginning stands 0, where a row begins",
)
ex.equivalent("0  ->  -1", "a row begins at 0: nothing lies before that")
