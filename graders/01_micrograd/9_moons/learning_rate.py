"""01.learning_rate: a rate that falls on a line."""

from graders.authoring import exercise

rate = exercise("learning_rate", title="a rate that falls on a line")


@rate.cases
def _(rng):
    yield dict(step=0, steps=100)
    yield dict(step=50, steps=100)
    yield dict(step=rng.integer(1, 30), steps=31)
    yield dict(step=0, steps=1)
    yield dict(step=6, steps=7, start=rng.number(0.5, 2.0), end=rng.number(0.01, 0.2))
    yield dict(step=3, steps=9, start=0.3, end=0.3)
    yield dict(step=2, steps=5, start=0.1, end=1.1)


rate.hint("At step 0 it is start. How far has the run come at a step? step / steps of the way.")
rate.hint("A straight line between two numbers: start, plus that fraction of the way to end.")
rate.hint("return start + (end - start) * step / steps")


@rate.misconception(
    """You divide by steps - 1, so the rate reaches `end` at the last step (and a run of one step
    divides by zero). By the docstring it would be reached one step later: divide by steps."""
)
def reaches_end(step, steps, start=1.0, end=0.1):
    return start + (end - start) * step / (steps - 1)


@rate.misconception(
    """The arguments start and end are ignored: 1.0 and 0.1 are only their defaults."""
)
def defaults_only(step, steps, start=1.0, end=0.1):
    return 1.0 - 0.9 * step / steps


@rate.misconception(
    """The line runs the other way: from end up to start. Step 0 is the fast one."""
)
def rising(step, steps, start=1.0, end=0.1):
    return end + (start - end) * step / steps


@rate.misconception(
    """The line falls to 0, or below. It should lead from start to end: its slope is end - start."""
)
def falls_to_zero(step, steps, start=1.0, end=0.1):
    return start - start * step / steps


@rate.misconception(
    """This falls by a *factor* per step. That is a good schedule, too, but asked for is a straight
    line."""
)
def exponential(step, steps, start=1.0, end=0.1):
    return start * (end / start) ** (step / steps)


@rate.misconception(
    """The rate is the same in every step; it should fall. (Did you divide with `//`? step // steps
    is 0 all along.)"""
)
def constant(step, steps, start=1.0, end=0.1):
    return start


@rate.misconception(
    """Steps count from 0: step number 0 has the rate `start` itself. You are one step ahead."""
)
def one_ahead(step, steps, start=1.0, end=0.1):
    return start + (end - start) * (step + 1) / steps


@rate.variant("a mixture of both ends")
def mixture(step, steps, start=1.0, end=0.1):
    t = step / steps
    return (1 - t) * start + t * end
