"""10.pad_batch: rows of unequal length as one rectangle."""

import torch

from graders.authoring import Raises, exercise

ex = exercise("pad_batch", title="padding, and who is real", points=2)


def ragged(rng, lengths, pad, high=9):
    rows = [rng.integers(0, high, n).tolist() for n in lengths]
    rows[0][0] = rows[-1][-1] = pad  # real nevertheless
    return rows


@ex.cases
def _(rng):
    for side in ("right", "left"):
        yield dict(rows=ragged(rng, [3, 5, 1, 4], 0), pad=0, side=side)
        yield dict(rows=ragged(rng, [2, 2], 261, 300), pad=261, side=side)
        yield dict(rows=ragged(rng, [1], 7), pad=7, side=side)
        yield dict(rows=ragged(rng, [4], 3), pad=9, side=side)
        yield dict(rows=ragged(rng, [1, 6, 2, 6, 3], 5), pad=-1, side=side)
        yield dict(rows=[[2, 0, 0], [0, 0, 0, 0], [0]], pad=0, side=side)
        # ids that neither two bytes nor a float32 hold, and more than 255 of them
        yield dict(rows=[[70_000, 2**24 + 1, 40_000], [200]], pad=100_000, side=side)
        yield dict(rows=[rng.integers(0, 9, 300).tolist(), [1, 2]], pad=3, side=side)
    yield dict(rows=ragged(rng, [1, 3], 1), pad=1, side="middle")
    yield dict(rows=[[1, 2], [3]], pad=0, side="r")
    yield dict(rows=[[1, 2], [3]], pad=0, side="")
    yield dict(rows=[[1, 2]], pad=0, side="Left")


@ex.oracle
def _(rows, pad, side):
    if side not in ("right", "left"):
        return Raises("ValueError")
    T = max(len(row) for row in rows)
    tables = [], [], []
    for row in rows:
        n, rest = len(row), T - len(row)
        for table, real, fill in zip(
            tables, (row, [True] * n, list(range(n))), (pad, False, 0), strict=True
        ):
            table.append(real + [fill] * rest if side == "right" else [fill] * rest + real)
    return tuple(torch.tensor(table) for table in tables)


@ex.check(
    "on the right by default", cases=lambda rng: [dict(rows=ragged(rng, [2, 4, 1], 8), pad=8)]
)
def _(m, rows, pad):
    return m.pad_batch(rows, pad)


ex.hint(
    "T is the longest row's length. Where does a row of n tokens begin if the padding is on the left?"
)
ex.hint(
    "What is real is known from the lengths, not from the ids: a row may hold the id `pad` itself."
)
ex.hint("positions = (real.cumsum(1) - 1).masked_fill(~real, 0) is right on both sides.")

ex.misconception(
    """Positions count the padding on the left: a row's first token is then told that it stands further on.
    Each row's positions begin with 0 at its first real token.""",
    name="positions_of_columns",
    replace="(real.cumsum(1) - 1).masked_fill(~real, 0)",
    by="torch.arange(T).expand(B, T) * real",
)
ex.misconception(
    """Positions are those of the columns, padding included, at the padding, too. They are counted by real
    tokens: 0, 1, 2, ..., and 0 at padding.""",
    name="arange",
    replace="(real.cumsum(1) - 1).masked_fill(~real, 0)",
    by="torch.arange(T).repeat(B, 1)",
)
ex.misconception(
    """Positions begin with 1. The first real token is at 0.""",
    name="from_one",
    replace="(real.cumsum(1) - 1).masked_fill(~real, 0)",
    by="real.cumsum(1) * real",
)
ex.misconception(
    """The positions at padding are not 0: they went on counting, or are -1, which no table of positions
    has. Asked is 0.""",
    name="positions_of_padding",
    replace="(real.cumsum(1) - 1).masked_fill(~real, 0)",
    by="real.cumsum(1) - 1",
)
ex.misconception(
    """`real` was read from the ids: an entry that happens to equal `pad` is taken for padding. Know it
    from the lengths.""",
    name="real_from_ids",
    replace="    positions = ",
    by="    real = ids != pad\n    positions = ",
)
ex.misconception(
    """`real` is the other way round: True where a token is real, False at padding.""",
    name="real_inverted",
    replace="return ids, real, positions",
    by="return ids, ~real, positions",
)
ex.misconception(
    """`side` is not looked at: the padding is always on the right.""",
    name="always_right",
    replace='if side == "right" else',
    by="if True else",
)
ex.misconception(
    """Left and right are exchanged: side says where the *padding* stands.""",
    name="exchanged",
    replace='if side == "right" else',
    by='if side == "left" else',
)
ex.misconception(
    """Rows were filled with 0 instead of `pad`.""",
    name="zeros",
    replace="torch.full((B, T), pad)",
    by="torch.zeros(B, T).long()",
)
ex.misconception(
    """Rows were cut to the shortest. None may lose a token: T is the length of the longest.""",
    name="shortest",
    edits=[
        ("max(map(len, rows))", "min(map(len, rows))"),
        ("    for b, row", "    rows = [row[:T] for row in rows]\n    for b, row"),
    ],
)
ex.misconception(
    """Any word for `side` goes through. Raise ValueError for one that is neither "right" nor "left".""",
    name="any_side",
    replace='if side not in ("right", "left"):',
    by="if False:",
)
ex.misconception(
    """The lists that were given were filled up themselves. They are the caller's: make copies.""",
    name="rows_extended",
    replace="    positions = ",
    by="    for row in rows:\n        row += [pad] * (T - len(row))\n    positions = ",
)
ex.misconception(
    """`real` holds numbers. A mask is bool: with numbers, ~real and indexing mean something else.""",
    name="numbers",
    replace="return ids, real, positions",
    by="return ids, real.long(), positions",
)
ex.misconception(
    """On the left the rows stand reversed, last token first. The padding changes sides, the tokens keep
    their order.""",
    name="flipped",
    replace="    positions = ",
    by='    for b, row in enumerate(rows):\n        if side == "left":\n'
    "            ids[b, T - len(row) :] = torch.tensor(row[::-1])\n    positions = ",
)

ex.variant(
    "lists first",
    name="lists",
    source="""def pad_batch(rows, pad, side="right"):
    if side != "right" and side != "left":
        raise ValueError(side)
    T = max(len(row) for row in rows)
    right = side == "right"
    join = lambda a, b: a + b if right else b + a
    ids = [join(row[:], [pad] * (T - len(row))) for row in rows]
    real = [join([True] * len(row), [False] * (T - len(row))) for row in rows]
    positions = [join(list(range(len(row))), [0] * (T - len(row))) for row in rows]
    return tuple(torch.tensor(x) for x in (ids, real, positions))
""",
)
ex.variant(
    "pad_sequence and lengths",
    name="lengths",
    source="""def pad_batch(rows, pad, side="right"):
    if side not in ("left", "right"):
        raise ValueError("side")
    n = torch.tensor([len(row) for row in rows])[:, None]
    t = torch.arange(int(n.max())).repeat(len(rows), 1)
    where = t if side == "right" else t - (n.max() - n)
    real = (where >= 0) & (where < n)
    ids = torch.full(t.shape, pad)
    ids[real] = torch.tensor([i for row in rows for i in row])
    return ids, real, where * real
""",
)
