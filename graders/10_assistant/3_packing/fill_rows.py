"""10.fill_rows: packed ids, and who is who."""

import torch

from graders.authoring import exercise

from .part import documents, first_fit

ex = exercise("fill_rows", title="fill the rows", points=2)


def case(rng, lengths, capacity, pad, shuffle=True):
    docs = documents(rng, lengths)
    docs[0][-1] = docs[-1][0] = pad  # a token like any other
    rows = first_fit(lengths, capacity)
    if shuffle:
        rows = [rng.shuffled(row) for row in rng.shuffled(rows)]
    return dict(docs=docs, rows=rows, capacity=capacity, pad=pad)


@ex.cases
def _(rng):
    yield case(rng, [3, 5, 2, 6, 4], 8, 0, shuffle=False)
    yield case(rng, [3, 5, 2, 6, 4], 8, 261)
    yield case(rng, [4, 1, 3], 10, 7)
    yield case(rng, [2, 3, 1], 15, 8)  # much room: no gaps, not shifted
    yield case(rng, [1], 1, 5)
    yield case(rng, [2, 2, 2], 2, 3)
    yield case(rng, rng.integers(1, 9, 14).tolist(), 12, 4)
    yield dict(docs=[[1, 2], [3], [4, 5, 6]], rows=[[2, 0], [1]], capacity=6, pad=-7)
    # ids that neither two bytes nor a float32 hold; more than 127 documents in a row
    yield dict(docs=[[70_000, 2**24 + 1], [40_000]], rows=[[0, 1]], capacity=4, pad=100_000)
    yield dict(docs=[[i] for i in range(200)], rows=[rng.shuffled(range(200))], capacity=201, pad=9)


@ex.oracle
def _(docs, rows, capacity, pad):
    ids, numbers = [], []
    for row in rows:
        rest = capacity - sum(len(docs[d]) for d in row)
        ids.append([i for d in row for i in docs[d]] + [pad] * rest)
        numbers.append([n for n, d in enumerate(row) for _ in docs[d]] + [-1] * rest)
    return torch.tensor(ids), torch.tensor(numbers)


@ex.effort
def _(rng):
    for n in (6, 48):
        docs = documents(rng, [2] * n)
        yield dict(docs=docs, rows=[rng.shuffled(range(n))], capacity=2 * n + 3, pad=4)


ex.hint(
    "Two tables full of pad and of -1, and then each document is written into its places in both."
)
ex.hint("In each row, remember where the next document starts: behind the one before.")
ex.hint(
    "stop = start + len(docs[d]); ids[r, start:stop] = torch.tensor(docs[d]); documents[r, start:stop] = "
    "n; start = stop"
)

ex.misconception(
    """The document ids are places in docs. Here they count within the row: 0 for its first document, 1 for
    its second.""",
    name="places_in_docs",
    replace="documents[r, start:stop] = n",
    by="documents[r, start:stop] = d",
)
ex.misconception(
    """The document ids go on from row to row. Each row begins with 0 again.""",
    name="running_number",
    replace="documents[r, start:stop] = n",
    by="documents[r, start:stop] = n + sum(map(len, rows[:r]))",
)
ex.misconception(
    """The document ids begin with 1. The first document of a row is 0, and padding is -1.""",
    name="from_one",
    replace="documents[r, start:stop] = n",
    by="documents[r, start:stop] = n + 1",
)
ex.misconception(
    """Padding has a document's number. It is nobody's: -1.""",
    name="padding_zero",
    replace="torch.full((len(rows), capacity), -1)",
    by="torch.full((len(rows), capacity), 0)",
)
ex.misconception(
    """The documents of a row all begin at its start, and overwrite each other. Each begins where the one
    before ended.""",
    name="all_at_start",
    replace="            start = stop\n",
    by="",
)
ex.misconception(
    """The start was not set back: the second row begins where the first one ended.""",
    name="start_not_reset",
    edits=[
        ("    for r, row", "    start = 0\n    for r, row"),
        ("        start = 0\n        for n", "        for n"),
        (
            "            stop = start + len(docs[d])",
            "            stop = min(capacity, start + len(docs[d]))",
        ),
        ("torch.tensor(docs[d])", "torch.tensor(docs[d])[: stop - start]"),
    ],
)
ex.misconception(
    """A row's documents stand in the order of docs. They stand in the order that the row gives.""",
    name="sorted",
    replace="in enumerate(row):",
    by="in enumerate(sorted(row)):",
)
ex.misconception(
    """The rest of the rows is filled with 0, or with something else than `pad`.""",
    name="zeros",
    replace="torch.full((len(rows), capacity), pad)",
    by="torch.zeros(len(rows), capacity).long()",
)
ex.misconception(
    """What equals `pad` was taken for padding. A document may hold that id: its length says where it
    ends.""",
    name="from_ids",
    replace="    return ids, documents",
    by="    return ids, documents.masked_fill(ids == pad, -1)",
)
ex.misconception(
    """The padding stands on the left. Rows are filled from the left, and the rest on the right is
    padding.""",
    name="left",
    replace="        start = 0\n",
    by="        start = capacity - sum(len(docs[d]) for d in row)\n",
)
ex.misconception(
    """The rows are only as long as the fullest one. They have `capacity` places.""",
    name="too_short",
    replace="    return ids, documents",
    by="    T = int((documents >= 0).sum(1).max())\n    return ids[:, :T], documents[:, :T]",
)

ex.misconception(
    """Padding is numbered as one more document of its row. It is nobody's: -1.""",
    name="padding_next",
    replace="    return ids, documents",
    by="    for r, row in enumerate(rows):\n"
    "        documents[r, documents[r] == -1] = len(row)\n"
    "    return ids, documents",
)

ex.misconception(
    """The work grows with the square of the documents in a row: where one begins is added up from
    all before it. Keep the place where the last one ended: there the next one begins.""",
    name="added_up_for_each",
    source="""
def fill_rows(docs, rows, capacity, pad):
    ids = torch.full((len(rows), capacity), pad)
    documents = torch.full((len(rows), capacity), -1)
    for r, row in enumerate(rows):
        for n, d in enumerate(row):
            start = sum(len(docs[before]) for before in row[:n])
            ids[r, start : start + len(docs[d])] = torch.tensor(docs[d])
            documents[r, start : start + len(docs[d])] = n
    return ids, documents
""",
)

ex.variant(
    "lists first",
    name="lists",
    source="""def fill_rows(docs, rows, capacity, pad):
    ids, numbers = [], []
    for row in rows:
        line = sum((docs[d] for d in row), [])
        who = sum(([n] * len(docs[d]) for n, d in enumerate(row)), [])
        ids.append(line + [pad] * (capacity - len(line)))
        numbers.append(who + [-1] * (capacity - len(who)))
    return torch.tensor(ids), torch.tensor(numbers)
""",
)
