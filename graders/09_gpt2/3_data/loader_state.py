"""09.loader_state: saved with a checkpoint, and gone on from."""

from graders.authoring import exercise

from .part import batch, folder, lists, played, written

saved = exercise(
    "loader_state",
    target=("ShardLoader.state_dict", "ShardLoader.load_state_dict"),
    title="where a run was interrupted",
    points=1,
    pure=False,
)


@saved.cases
def _(rng):
    for before, lengths in [
        (4, [40, 25, 30]),
        (0, [33, 18]),
        (3, [26, 26]),
        (6, [40, 25, 30]),
        (4, [27]),
    ]:
        yield dict(shards=lists(rng, lengths), B=2, T=3, rank=1, world=2, before=before)


@saved.scenario
def _(m, shards, B, T, rank, world, before):
    """A state, two batches more; then a new loader, another rank, that goes on from the state."""
    with folder() as where:
        paths = written(shards, where)
        loader = m.ShardLoader(paths, B, T, rank, world)
        for _ in range(before):
            loader.next_batch()
        state = loader.state_dict()
        first = [batch(loader.next_batch()) for _ in range(2)]
        kept = dict(state) if isinstance(state, dict) else state
        told = {"state": kept, "batches after it": first}
        others = []
        for other in (rank, 0):
            again = m.ShardLoader(paths, B, T, other, world)
            again.next_batch()
            again.load_state_dict(state)
            others.append([batch(again.next_batch()) for _ in range(2)])
        told["gone on from it"] = others
        told["state as before"] = state == kept
        told["its state after two batches"] = loader.state_dict()
        return told


@saved.oracle
def _(shards, B, T, rank, world, before):
    start = {"shard": 0, "position": 0}
    if before:
        start = played(shards, B, T, rank, world, before)[-1]["state"]
    runs = [played(shards, B, T, r, world, 2, **start) for r in (rank, 0)]
    rows = [[row["batch"] for row in run] for run in runs]
    return {
        "state": start,
        "batches after it": rows[0],
        "gone on from it": rows,
        "state as before": True,
        "its state after two batches": runs[0][-1]["state"],
    }


def other_sizes(rng):
    """Saved with B = 2, T = 3, world = 2; gone on from with others, whose steps do not divide the place."""
    for before, B, T, world in [(1, 1, 5, 2), (4, 2, 2, 4), (5, 1, 7, 1)]:
        shards = lists(rng, [40, 25, 30])
        yield dict(shards=shards, before=before, B=B, T=T, rank=world - 1, world=world)


@saved.check("other sizes", cases=other_sizes)
def _(m, shards, before, B, T, rank, world):
    with folder() as where:
        paths = written(shards, where)
        first = m.ShardLoader(paths, 2, 3, 0, 2)
        for _ in range(before):
            first.next_batch()
        second = m.ShardLoader(paths, B, T, rank, world)
        second.load_state_dict(first.state_dict())
        return [batch(second.next_batch()) for _ in range(2)]


@saved.oracle("other sizes")
def _(shards, before, B, T, rank, world):
    start = played(shards, 2, 3, 0, 2, before)[-1]["state"]
    return [row["batch"] for row in played(shards, B, T, rank, world, 2, **start)]


saved.hint("Two numbers say it all. The tokens themselves are on disk.")
saved.hint("To go there, the shard must be opened as well: self.open(shard, position).")

saved.misconception(
    """Only the position is restored: it is used in whatever shard is open.""",
    name="shard_not_opened",
    replace='self.open(state["shard"], state["position"])',
    by='self.position = state["position"]',
)
saved.misconception(
    """The numbers are restored, but the tokens are still those of the shard that was open: self.open loads
    them.""",
    name="tokens_not_loaded",
    replace='self.open(state["shard"], state["position"])',
    by='self.shard, self.position = state["shard"], state["position"]',
)
saved.misconception(
    """The run goes on at the beginning of the shard: the model sees its tokens twice. The position belongs
    to the state.""",
    name="begins_the_shard_again",
    replace='self.open(state["shard"], state["position"])',
    by='self.open(state["shard"])',
)
saved.misconception(
    """There is more in the state than the two numbers: a rank, say, would make another rank read its
    tokens.""",
    name="more_than_two",
    replace='return {"shard": self.shard, "position": self.position}',
    by='return {k: v for k, v in vars(self).items() if k in ("shard", "position", "rank")}',
)
saved.misconception(
    """The rank's own offset is in the saved position: another rank would add its own to it. position is
    that of the step, the same for all.""",
    name="with_offset",
    replace='"position": self.position',
    by='"position": self.position + self.rank * self.B * self.T',
)

saved.misconception(
    """The rank's own offset is in the saved position, and taken off again on loading. For one rank that goes
    well, but the state is not the same in all ranks, and another one reads at other places.""",
    name="offset_both_ways",
    edits=[
        ('"position": self.position', '"position": self.position + self.rank * self.B * self.T'),
        ('state["position"])', 'state["position"] - self.rank * self.B * self.T)'),
    ],
)

saved.variant(
    "through the attributes",
    name="attributes",
    source="""
    def state_dict(self):
        return dict(position=int(self.position), shard=int(self.shard))

    def load_state_dict(self, state):
        self.shard, self.position = state["shard"], state["position"]
        self.tokens = load_tokens(self.paths[self.shard])
    """,
)
