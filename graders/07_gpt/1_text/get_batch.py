"""07.get_batch: random windows, and what follows."""

import torch

from graders.authoring import exercise

batch = exercise("get_batch", title="random windows, and what follows", points=2, pure=False)


@batch.cases
def _(rng):
    """N, T, B. Each number of data is there once, so that a place can be told by what stands in it."""
    for n, t, b in [(60, 5, 3), (9, 8, 6), (10, 8, 25), (30, 1, 4), (23, 6, 1), (300, 4, 9)]:
        data = torch.tensor(rng.shuffled(range(n)))
        yield dict(data=data, block_size=t, batch_size=b, seed=rng.seed())
    yield dict(data=rng.integers(0, 4, 40), block_size=7, batch_size=5, seed=rng.seed())
    # numbers that need all 64 bits
    yield dict(data=rng.integers(0, 2**40, 25), block_size=6, batch_size=4, seed=rng.seed())


@batch.scenario
def _(m, data, block_size, batch_size, seed):
    g = torch.Generator().manual_seed(seed)
    batches = [m.get_batch(data, block_size, batch_size, g)]
    column = torch.stack([data.flip(0), data], 1)[:, 1]  # the same numbers, not beside each other
    batches.append(m.get_batch(column, block_size, batch_size, g))
    return {
        "batches": batches,
        "data": data,
        "what the generator draws next": torch.randint(10**9, (3,), generator=g),
    }


@batch.oracle
def _(data, block_size, batch_size, seed):
    g = torch.Generator().manual_seed(seed)
    batches, T = [], torch.arange(block_size)
    for _ in range(2):
        ix = torch.randint(len(data) - block_size, (batch_size,), generator=g)
        batches.append((data[ix[:, None] + T], data[ix[:, None] + T + 1]))
    after = torch.randint(10**9, (3,), generator=g)
    return {"batches": batches, "data": data, "what the generator draws next": after}


batch.hint(
    "First the starts, one for each window. Then cut x at each start, and y one place further on."
)
batch.hint(
    "starts = torch.randint(len(data) - block_size, (batch_size,), generator=g); torch.stack puts B rows "
    "together to (B, T)."
)
batch.hint(
    "x = torch.stack([data[i : i + block_size] for i in starts]); y the same, with both ends one larger."
)

STARTS = "torch.randint(len(data) - block_size, (batch_size,), generator=g)"

batch.misconception(
    """y is x: below each character stands the character itself. The model would learn to copy. Shift y by
    one.""",
    name="not_shifted",
    replace="data[i + 1 : i + block_size + 1]",
    by="data[i : i + block_size]",
)
batch.misconception(
    """y is shifted by one in the wrong direction: below each character stands the one before it. That is the
    past, and it is in the context already.""",
    name="shifted_back",
    edits=[
        ("data[i : i + block_size]", "data[i + 1 : i + block_size + 1]"),
        (
            "y = torch.stack([data[i + 1 : i + block_size + 1]",
            "y = torch.stack([data[i : i + block_size]",
        ),
    ],
)
batch.misconception(
    """The windows are one character too long: x is data[i : i + block_size], which has block_size
    characters, and y is as long.""",
    name="too_long",
    edits=[
        ("data[i : i + block_size]", "data[i : i + block_size + 1]"),
        ("data[i + 1 : i + block_size + 1]", "data[i + 1 : i + block_size + 2]"),
    ],
)
batch.misconception(
    """y has one character less than x: its slice ends at i + block_size + 1, since the end of a slice is not
    in it.""",
    name="y_too_short",
    replace="data[i + 1 : i + block_size + 1]",
    by="data[i + 1 : i + block_size]",
)
batch.misconception(
    """A window may start one place too late, so y runs past the end of the text and is too short. The last
    start is len(data) - block_size - 1, and randint leaves its upper end out by itself.""",
    name="past_the_end",
    replace="starts = torch.randint(len(data) - block_size,",
    by="starts = torch.randint(len(data) - block_size + 1,",
)
batch.misconception(
    """The last window is never drawn: torch.randint leaves its upper end out by itself, so it is
    len(data) - block_size, without a further - 1.""",
    name="last_window",
    replace="starts = torch.randint(len(data) - block_size,",
    by="starts = torch.randint(len(data) - block_size - 1,",
)
batch.misconception(
    """The upper end of the starts is len(data): windows begin where there is no room for them, and come out
    too short.""",
    name="anywhere",
    replace="starts = torch.randint(len(data) - block_size,",
    by="starts = torch.randint(len(data),",
)
batch.misconception(
    """All rows are the same window: one start was drawn for the whole batch. Draw batch_size of them.""",
    name="one_start",
    replace="(batch_size,), generator=g)\n",
    by="(1,), generator=g).expand(batch_size)\n",
)
batch.misconception(
    """y was cut at starts of its own: its rows belong to other windows. Draw once, and use the same starts
    for x and y.""",
    name="drawn_apart",
    replace="    y = ",
    by=f"    starts = {STARTS}\n    y = ",
)
batch.misconception(
    """The generator that was handed in is not used, so no run can be repeated: generator=g.""",
    name="global_generator",
    replace="(batch_size,), generator=g)\n",
    by="(batch_size,))\n",
)
batch.misconception(
    """The generator is made or seeded anew inside: each batch is the first one again. Draw from g as it
    is.""",
    name="seeded_inside",
    replace="    starts = ",
    by="    g = torch.Generator().manual_seed(g.initial_seed())\n    starts = ",
)
batch.misconception(
    """y holds one answer for each window, the character after it. Each position has an answer: y is (B, T),
    like x.""",
    name="one_answer",
    replace="data[i + 1 : i + block_size + 1] for",
    by="data[i + block_size] for",
)
batch.misconception(
    """y was made from x by rolling it: the last answer of each row is then the row's own first character. It
    has to come from data.""",
    name="rolled",
    replace="torch.stack([data[i + 1 : i + block_size + 1] for i in starts])",
    by="x.roll(-1, dims=1)",
)
batch.misconception(
    """The windows stand in the columns: (T, B). Rows are windows, (B, T), which is dim=0 of torch.stack.""",
    name="columns",
    edits=[
        (
            "data[i : i + block_size] for i in starts]",
            "data[i : i + block_size] for i in starts], dim=1",
        ),
        (
            "data[i + 1 : i + block_size + 1] for i in starts]",
            "data[i + 1 : i + block_size + 1] for i in starts], dim=1",
        ),
    ],
)
batch.misconception(
    """The windows are put end to end in one long row. torch.stack gives each a row of its own; torch.cat does
    not.""",
    name="cat",
    replace="return x, y",
    by="return x.flatten(), y.flatten()",
)
batch.misconception(
    """The characters of a row were drawn one by one, from everywhere. A window is one stretch of
    neighbors: only its start is random.""",
    name="no_windows",
    replace="    x = ",
    by="    ix = torch.randint(len(data) - 1, (batch_size, block_size), generator=g)\n"
    "    return data[ix], data[ix + 1]\n    x = ",
)

batch.variant(
    "a table of places",
    name="table",
    source="""
    def get_batch(data, block_size, batch_size, g):
        starts = torch.randint(0, data.shape[0] - block_size, (batch_size,), generator=g)
        places = starts[:, None] + torch.arange(block_size + 1)
        both = data[places]
        return both[:, :-1], both[:, 1:]
    """,
)
batch.variant(
    "all windows at once, some picked",
    name="unfold",
    source="""
    def get_batch(data, block_size, batch_size, g):
        windows = data.unfold(0, block_size + 1, 1)
        rows = windows[torch.randint(len(data) - block_size, (batch_size,), generator=g)]
        return rows[:, :block_size].contiguous(), rows[:, 1:].contiguous()
    """,
)
