"""09.accumulation_steps: the batch belongs to the recipe, not to the number of GPUs."""

from graders.authoring import Raises, exercise

ex = exercise("accumulation_steps", title="how many micro-batches per rank")


@ex.cases
def _(rng):
    for total, B, T, world_size in [
        (524288, 16, 1024, 8),
        (524288, 16, 1024, 1),
        (120, 2, 5, 3),
        (120, 2, 5, 4),
        (30, 2, 5, 3),  # exactly one
        (7, 1, 1, 7),
        (121, 2, 5, 3),
        (100, 2, 5, 4),  # one rank alone could
        (90, 2, 5, 2),
        (29, 2, 5, 3),
        (0, 2, 5, 3),
        (-60, 2, 5, 3),
        (20, 2, 5, 4),
    ]:
        yield dict(total_batch=total, B=B, T=T, world_size=world_size)
    B, T, W, k = rng.integer(2, 9), rng.integer(2, 9), rng.integer(2, 9), rng.integer(2, 9)
    yield dict(total_batch=B * T * W * k, B=B, T=T, world_size=W)


@ex.oracle
def _(total_batch, B, T, world_size):
    steps = 0
    while total_batch > 0:
        total_batch -= B * T * world_size
        steps += 1
    return steps if steps and total_batch == 0 else Raises("ValueError")


ex.hint("How many tokens do all ranks read at once?")
ex.hint("Divide total_batch by B * T * world_size, with //. If something is left over: ValueError.")
ex.hint("Zero is a multiple of everything: it needs a look of its own.")

ex.misconception(
    "The number of ranks is not in it: eight GPUs would take eight times the batch, another recipe. "
    "Divide by "
    "B * T * world_size.",
    name="no_world",
    replace="B * T * world_size",
    by="B * T",
)
ex.misconception(
    "More ranks must do *fewer* micro-batches each, not more: the batch stays the same.",
    name="times_world",
    replace="return total_batch // at_once",
    by="return total_batch // (B * T) * world_size",
)
ex.misconception(
    "A remainder was dropped in silence: the batch is then another than was asked for. Raise ValueError.",
    name="dropped",
    replace="total_batch < at_once or total_batch % at_once",
    by="total_batch < at_once",
)
ex.misconception(
    "A batch too small (or of nothing) gives no micro-batch at all: raise ValueError.",
    name="zero",
    replace="total_batch < at_once or total_batch % at_once",
    by="total_batch % at_once",
)
ex.misconception(
    "Rounded up: the batch is then larger than was asked for. Raise ValueError where it does not fit.",
    name="rounded_up",
    replace="    at_once = B * T * world_size\n",
    by="    at_once = B * T * world_size\n    total_batch = max(1, -(-total_batch // at_once)) * at_once\n",
)
ex.misconception(
    "T is missing: total_batch counts tokens, and a micro-batch has B * T of them.",
    name="rows_only",
    replace="B * T * world_size",
    by="B * world_size",
)

ex.variant(
    "divmod",
    name="divmod",
    source="""
    def accumulation_steps(total_batch, B, T, world_size):
        steps, rest = divmod(total_batch, B * T * world_size)
        if steps < 1 or rest != 0:
            raise ValueError("does not fit")
        return steps
""",
)
