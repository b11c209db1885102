"""10.pack: first fit decreasing."""

from graders.authoring import Raises, exercise

from .part import first_fit

ex = exercise("pack", title="which documents share a row", points=2)


@ex.cases
def _(rng):
    yield dict(lengths=[3, 5, 2, 6, 4], capacity=8)
    yield dict(lengths=[], capacity=4)
    yield dict(lengths=[1], capacity=1)
    yield dict(lengths=[4, 4, 4], capacity=4)
    yield dict(lengths=[2, 3, 2, 3, 2, 3, 2], capacity=5)
    yield dict(lengths=[1, 9, 10, 12], capacity=20)  # the 1: first fit and best fit differ
    yield dict(lengths=[3, 7, 3, 4, 4, 3], capacity=10)
    for n, capacity in [(12, 9), (25, 31), (40, 12)]:
        yield dict(lengths=rng.integers(1, capacity + 1, n).tolist(), capacity=capacity)
        yield dict(lengths=rng.integers(1, capacity // 2, n).tolist(), capacity=capacity)
    yield dict(lengths=[2, 5, 3], capacity=4)
    yield dict(lengths=[7], capacity=6)


@ex.oracle
def _(lengths, capacity):
    return (
        Raises("ValueError") if any(n > capacity for n in lengths) else first_fit(lengths, capacity)
    )


ex.hint(
    "Which order are the documents taken in? Then go through the open rows from the first, and stop at "
    "one with room."
)
ex.hint(
    "sorted(range(len(lengths)), key=lambda d: -lengths[d]) is stable: equally long ones stay in their "
    "order."
)
ex.hint(
    "Keep how much room each row has; a document that finds none opens a row: rows.append([d]), "
    "room.append(capacity - lengths[d])."
)

ex.misconception(
    """The documents are taken as they come. Take the longest first: they need most room, and short ones
    fill the gaps.""",
    name="not_sorted",
    replace="sorted(range(len(lengths)), key=lambda d: -lengths[d])",
    by="range(len(lengths))",
)
ex.misconception(
    """The shortest come first: they fill the rows evenly, and the long ones find no room. Begin with the
    longest.""",
    name="increasing",
    replace="-lengths[d])",
    by="lengths[d])",
)
ex.misconception(
    """Of equally long documents the last one is taken first, as reverse does with a sorted list. Asked is
    the one that stands first.""",
    name="ties_reversed",
    replace="sorted(range(len(lengths)), key=lambda d: -lengths[d])",
    by="sorted(range(len(lengths)), key=lambda d: lengths[d])[::-1]",
)
ex.misconception(
    """Only the row that was opened last is tried (next fit): gaps in earlier rows stay empty. Go through
    all rows, from the first.""",
    name="next_fit",
    replace="for r in range(len(rows)) if",
    by="for r in range(max(0, len(rows) - 1), len(rows)) if",
)
ex.misconception(
    """That is best fit: the fullest row that has room. Asked is first fit: the first row that has.""",
    name="best_fit",
    replace="next((r for r in range(len(rows)) if room[r] >= lengths[d]), len(rows))",
    by="min((r for r in range(len(rows)) if room[r] >= lengths[d]), key=lambda r: room[r], "
    "default=len(rows))",
)
ex.misconception(
    """That is worst fit: the emptiest row. Asked is the first row that has room.""",
    name="worst_fit",
    replace="next((r for r in range(len(rows)) if room[r] >= lengths[d]), len(rows))",
    by="max((r for r in range(len(rows)) if room[r] >= lengths[d]), key=lambda r: room[r], "
    "default=len(rows))",
)
ex.misconception(
    """The rows are searched from the last one. Begin with the first.""",
    name="last_fit",
    replace="for r in range(len(rows)) if",
    by="for r in reversed(range(len(rows))) if",
)
ex.misconception(
    """A row that a document would fill exactly is not used. Exactly full is fine: room >= length.""",
    name="strictly",
    replace="room[r] >= lengths[d]",
    by="room[r] > lengths[d]",
)
ex.misconception(
    """The rows hold lengths. Asked are the documents, as places in the list: lengths do not say which one
    it was.""",
    name="lengths",
    replace="rows[r].append(d)",
    by="rows[r].append(lengths[d])",
)
ex.misconception(
    """A document that is too long for any row goes through, and its row overflows. Raise ValueError.""",
    name="too_long",
    replace="if lengths and max(lengths) > capacity:",
    by="if False:",
)
ex.misconception(
    """A document that is exactly as long as a row is refused. It fits.""",
    name="full_refused",
    replace="max(lengths) > capacity",
    by="max(lengths) >= capacity",
)
ex.misconception(
    """No documents raise an error, for instance max() of an empty list. They need no rows: [].""",
    name="empty",
    replace="if lengths and max(lengths) > capacity:",
    by="if max(lengths) > capacity:",
)
ex.misconception(
    """Rows or their documents were sorted afterwards. They stand in the order in which they were opened,
    and put there.""",
    name="sorted_rows",
    replace="    return rows",
    by="    return [sorted(row) for row in rows]",
)
ex.misconception(
    """One document stands in each row: nothing is packed. Put a document into the first row that has
    room.""",
    name="alone",
    replace="for r in range(len(rows)) if room",
    by="for r in [] if room",
)
ex.misconception(
    """Equally long documents were taken for one: index finds the first of them each time. Sort places, not
    lengths.""",
    name="index",
    replace="sorted(range(len(lengths)), key=lambda d: -lengths[d])",
    by="map(lengths.index, sorted(lengths, reverse=True))",
)
ex.misconception(
    """A document that is too long was left out without a word. Raise ValueError: nobody would miss it
    otherwise.""",
    name="skipped",
    edits=[
        ("if lengths and max(lengths) > capacity:", "if False:"),
        (
            "sorted(range(len(lengths))",
            "sorted([d for d in range(len(lengths)) if lengths[d] <= capacity]",
        ),
    ],
)

ex.variant(
    "pairs sorted, for ... else",
    name="for_else",
    source="""def pack(lengths, capacity):
    if any(n > capacity for n in lengths):
        raise ValueError("too long")
    rows = []
    for n, d in sorted(((n, d) for d, n in enumerate(lengths)), key=lambda p: (-p[0], p[1])):
        for row in rows:
            if sum(lengths[i] for i in row) + n <= capacity:
                row.append(d)
                break
        else:
            rows.append([d])
    return rows
""",
)
ex.variant(
    "sorted with reverse, which keeps ties in order",
    name="reverse",
    source="""def pack(lengths, capacity):
    rows, used = [], []
    for d in sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True):
        if lengths[d] > capacity:
            raise ValueError(d)
        for r, n in enumerate(used):
            if n + lengths[d] <= capacity:
                break
        else:
            r = len(rows)
            rows.append([])
            used.append(0)
        rows[r] += [d]
        used[r] += lengths[d]
    return rows
""",
)
