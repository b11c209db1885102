"""09.pad_vocab: up to the next multiple."""

from graders.authoring import exercise

pad = exercise("pad_vocab", title="a vocabulary that a GPU likes")


@pad.cases
def _(rng):
    for n, multiple in [(50_257, 128), (65, 128), (128, 128), (129, 128), (1, 64), (7, 5), (9, 1)]:
        yield dict(n=n, multiple=multiple)
    multiple = rng.integer(3, 90)
    yield dict(n=multiple * rng.integer(2, 900), multiple=multiple)
    yield dict(n=multiple * rng.integer(2, 900) - 1, multiple=multiple)
    yield dict(n=2**62 + 1, multiple=2**10)


@pad.oracle
def _(n, multiple):
    left = n % multiple
    return n if left == 0 else n + multiple - left


def no_case(rng):
    yield {}


@pad.check("the default", cases=no_case)
def _(m):
    return [m.pad_vocab(n) for n in (50_257, 256, 300)]


@pad.oracle("the default")
def _():
    return [50_304, 256, 384]


pad.hint("How many whole multiples does it take to hold n? Round up, not to the nearest.")
pad.hint("(n + multiple - 1) // multiple rounds up, with whole numbers only.")

pad.misconception(
    """It is rounded down: the last tokens have no row in the table.""",
    name="down",
    replace="(n + multiple - 1) // multiple",
    by="n // multiple",
)
pad.misconception(
    """One multiple too many where n is a multiple already: it fits, and needs no padding.""",
    name="one_more",
    replace="(n + multiple - 1) // multiple",
    by="(n // multiple + 1)",
)
pad.misconception(
    """It is rounded to the nearest multiple, which may be smaller than n: round up.""",
    name="nearest",
    replace="(n + multiple - 1) // multiple",
    by="round(n / multiple)",
)
pad.misconception(
    """This is how many multiples it takes; multiply by `multiple` again to have the size.""",
    name="how_many",
    replace="(n + multiple - 1) // multiple * multiple",
    by="(n + multiple - 1) // multiple",
)
pad.misconception(
    """This is how much padding is missing. The padded size is asked for: n plus that.""",
    name="the_rest",
    replace="(n + multiple - 1) // multiple * multiple",
    by="-n % multiple",
)
pad.misconception(
    """128 is only what `multiple` is when left out: use the argument.""",
    name="always_128",
    replace="(n + multiple - 1) // multiple * multiple",
    by="(n + 127) // 128 * 128",
)
pad.misconception(
    """The result is a float, or went through one: above 2**53 it is no longer exact. Stay with whole
    numbers, //.""",
    name="through_float",
    replace="(n + multiple - 1) // multiple * multiple",
    by="int(-(-n / multiple // 1)) * multiple",
)
pad.variant(
    "the remainder of -n",
    name="minus",
    replace="(n + multiple - 1) // multiple * multiple",
    by="n + -n % multiple",
)
