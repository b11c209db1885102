"""09.next_batch: each rank its own piece, all ranks the same step."""

from graders.authoring import exercise

from .part import SETTINGS, batch, folder, lists, played, written

following = exercise(
    "next_batch",
    target=("ShardLoader.next_batch", "ShardLoader.reset"),
    title="batches for several processes",
    points=3,
    pure=False,
)


@following.cases
def _(rng):
    for B, T, world, lengths, count in SETTINGS:
        for rank in sorted({0, world - 1}):
            sizes = dict(B=B, T=T, rank=rank, world=world)
            yield dict(shards=lists(rng, lengths), **sizes, count=count)


def where_now(loader):
    return {"shard": loader.shard, "position": loader.position}


@following.scenario
def _(m, shards, B, T, rank, world, count):
    """Some batches, a reset, and two more; after each, where the loader is."""
    with folder() as where:
        loader = m.ShardLoader(written(shards, where), B, T, rank, world)
        told = []
        for k in range(count + 2):
            if k == count:
                loader.reset()
            told.append({"batch": batch(loader.next_batch()), "state": where_now(loader)})
        return told


@following.oracle
def _(shards, B, T, rank, world, count):
    once = played(shards, B, T, rank, world, count)
    return once + played(shards, B, T, rank, world, 2)


def together_cases(rng):
    yield dict(shards=lists(rng, [31, 50]), B=2, T=3, world=4)


@following.check("together", cases=together_cases)
def _(m, shards, B, T, world):
    """Three steps of all ranks beside each other."""
    with folder() as where:
        paths = written(shards, where)
        loaders = [m.ShardLoader(paths, B, T, rank, world) for rank in range(world)]
        return [[batch(loader.next_batch()) for loader in loaders] for _ in range(3)]


@following.oracle("together")
def _(shards, B, T, world):
    rows = [played(shards, B, T, rank, world, 3) for rank in range(world)]
    return [[row[k]["batch"] for row in rows] for k in range(3)]


following.hint(
    "How many tokens does a step of all ranks take? And how many must be there, for the last y?"
)
following.hint(
    """Read one slice of B * T + 1 tokens, from position + rank * B * T on: x is all of it but the last, y
    all but the first."""
)
following.hint(
    "Before that: while position + world * B * T + 1 > len(tokens), self.open((shard + 1) % len(paths))."
)

following.misconception(
    """y is x: each token would have to predict itself. y is one place further.""",
    name="not_shifted",
    replace="piece[1:].view",
    by="piece[:-1].view",
)
following.misconception(
    """All ranks read the same tokens: eight GPUs do the work of one. Begin at position + rank * B * T.""",
    name="same_for_all",
    replace="self.position + self.rank * one",
    by="self.position",
)
following.misconception(
    """position moves on by B * T only, so the next step reads again what other ranks have read. A step is
    world * B * T long.""",
    name="stride_of_one",
    replace="self.position += step",
    by="self.position += one",
)
following.misconception(
    """The one token more is forgotten: where a step fits to the token, the last y is missing. A step needs
    world * B * T + 1.""",
    name="one_short",
    replace="step + 1 > len",
    by="step > len",
)
following.misconception(
    """The last step of a shard is skipped where it fits exactly: go on only if position + world * B * T +
    1 is *more* than there are tokens.""",
    name="one_early",
    replace="step + 1 > len",
    by="step + 1 >= len",
)
following.misconception(
    """Each rank asks whether its own piece still fits, so they change shards at different times. It is
    asked for the whole step.""",
    name="asks_for_itself",
    replace="while self.position + step + 1 >",
    by="while self.position + (self.rank + 1) * one + 1 >",
)
following.misconception(
    """After the last shard there is no other: go back to the first, with % len(self.paths).""",
    name="runs_out",
    replace="(self.shard + 1) % len(self.paths)",
    by="self.shard + 1",
)
following.misconception(
    """At the end of a shard the loader begins the same one again and never sees the others.""",
    name="same_shard",
    replace="self.open((self.shard + 1) % len(self.paths))",
    by="self.open(self.shard if len(self.tokens) > step else (self.shard + 1) % len(self.paths))",
)
following.misconception(
    """One shard further may not be enough: it can be too short for a step, too. A `while`, not an `if`.""",
    name="if_for_while",
    replace="while self.position",
    by="if self.position",
)
following.misconception(
    """The piece is laid out column after column: neighbors in a row are no neighbors in the text.""",
    name="columns",
    replace="piece[:-1].view(self.B, self.T), piece[1:].view(self.B, self.T)",
    by="piece[:-1].view(self.T, self.B).T, piece[1:].view(self.T, self.B).T",
)
following.misconception(
    """reset does not lead to the first shard's beginning.""",
    name="reset_in_shard",
    replace="        self.open(0)",
    by="        self.position = 0",
)
following.variant(
    "rows stacked, positions in a list",
    name="rows",
    source="""
    def next_batch(self):
        need = self.world * self.B * self.T
        while len(self.tokens) - self.position <= need:
            self.shard = (self.shard + 1) % len(self.paths)
            self.tokens, self.position = load_tokens(self.paths[self.shard]), 0
        start = self.position + self.rank * self.B * self.T
        self.position = self.position + need
        starts = [start + b * self.T for b in range(self.B)]
        x = torch.stack([self.tokens[s : s + self.T] for s in starts])
        y = torch.stack([self.tokens[s + 1 : s + self.T + 1] for s in starts])
        return x, y

    def reset(self):
        self.shard, self.position = 0, 0
        self.tokens = load_tokens(self.paths[0])
    """,
)
