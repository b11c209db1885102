"""01.forward_difference: the slope from one nudge."""

from graders.authoring import exercise

from .part import FUNCTIONS, function

forward = exercise("forward_difference", title="the slope from one nudge")


@forward.cases
def _(rng):
    for name in FUNCTIONS:
        yield dict(f=name, x=rng.number(0.3, 1.7), h=rng.number(0.05, 0.4))
        yield dict(f=name, x=rng.number(-1.7, -0.3), h=rng.number(0.001, 0.01))
    yield dict(f="exp", x=2, h=1)  # ints are numbers too
    yield dict(f="exp", x=rng.number(0.3, 1.7), h=-0.25)  # to the left


@forward.scenario
def _(m, f, x, h):
    return m.forward_difference(function(f)[0], x, h)


def without_h(rng):
    return [dict(f=name, x=rng.number(0.5, 1.5)) for name in FUNCTIONS]


@forward.check("default h", cases=without_h)
def _(m, f, x):
    return m.forward_difference(function(f)[0], x)


forward.hint("Two evaluations of f: where are they, and how far apart?")
forward.hint("Rise over run: how much did f change, divided by how much x changed.")
forward.hint("(f(x + h) - f(x)) / h, with both parentheses.")


@forward.misconception(
    """That is the rise alone. A slope is rise over run: divide by h, or a smaller nudge will always
    look like a flatter function."""
)
def no_division(f, x, h=1e-4):
    return f(x + h) - f(x)


@forward.misconception(
    """You looked to the left, from x - h to x. That is a one-sided difference too, but the one
    asked for goes to the right, from x to x + h."""
)
def backward_difference(f, x, h=1e-4):
    return (f(x) - f(x - h)) / h


@forward.misconception(
    """The sign is turned around: a function that rises from x to x + h must get a positive slope,
    so subtract the value at x from the one at x + h."""
)
def sign(f, x, h=1e-4):
    return (f(x) - f(x + h)) / h


@forward.misconception(
    """Without parentheses around the difference only f(x) is divided by h: in Python `/` binds
    tighter than `-`."""
)
def precedence(f, x, h=1e-4):
    return f(x + h) - f(x) / h


@forward.misconception(
    """This is the symmetric difference, which is the better method and the next exercise. Here
    take one step to the right only."""
)
def symmetric(f, x, h=1e-4):
    return (f(x + h) - f(x - h)) / (2 * h)


@forward.misconception(
    """The step size is an argument, but you used a fixed one of your own. The whole point of
    this part is to see what h does."""
)
def own_step(f, x, h=1e-4):
    h = 1e-4
    return (f(x + h) - f(x)) / h


@forward.misconception(
    "You divided by x. The run is not where you stand but how far you moved: divide by h."
)
def over_x(f, x, h=1e-4):
    return (f(x + h) - f(x)) / x


@forward.misconception(
    """You multiplied by h. The slope is rise over run: the small difference is divided by the
    small step."""
)
def times_h(f, x, h=1e-4):
    return (f(x + h) - f(x)) * h


@forward.variant("the run, as it really was after rounding")
def real_run(f, x, h=1e-4):
    right = x + h
    rise = -(f(x) - f(right))
    return rise / h
