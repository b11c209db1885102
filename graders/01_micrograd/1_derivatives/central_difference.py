"""01.central_difference: the slope from a nudge to each side."""

from graders.authoring import exercise

from .part import FUNCTIONS, function

central = exercise("central_difference", title="the slope from a nudge to each side")


@central.cases
def _(rng):
    for name in FUNCTIONS:
        yield dict(f=name, x=rng.number(0.3, 1.7), h=rng.number(0.05, 0.4))
        yield dict(f=name, x=rng.number(-1.7, -0.3), h=rng.number(0.001, 0.01))
    yield dict(f="exp", x=2, h=1)
    yield dict(f="x**3 - 2x", x=rng.number(0.3, 1.7), h=-0.25)
    yield dict(f="exp", x=rng.number(1.5, 2.5))  # h as it is by default


@central.scenario
def _(m, f, x, h=None):
    return m.central_difference(function(f)[0], x, *[] if h is None else [h])


central.hint("Again two evaluations of f, but neither of them at x.")
central.hint("From x - h to x + h: how far apart are these two points?")
central.hint("(f(x + h) - f(x - h)) / (2 * h), with the parentheses around 2 * h.")


@central.misconception(
    """The two points are 2h apart, and you divided by h: every slope comes out twice as large."""
)
def over_h(f, x, h=1e-4):
    return (f(x + h) - f(x - h)) / h


@central.misconception(
    """`a / 2 * h` is `(a / 2) * h` in Python: you multiplied by h where you meant to divide.
    Write `/ (2 * h)`."""
)
def times_h(f, x, h=1e-4):
    return (f(x + h) - f(x - h)) / 2 * h


@central.misconception(
    """You stepped h / 2 to each side. That is a right formula too, but here h is the step to *each*
    side: the points are x - h and x + h."""
)
def half_steps(f, x, h=1e-4):
    return (f(x + h / 2) - f(x - h / 2)) / h


@central.misconception(
    """This is the one-sided difference again: it looks only to the right, so the curvature of f
    stays in the result. Replace f(x) by f(x - h), and mind the run."""
)
def one_sided(f, x, h=1e-4):
    return (f(x + h) - f(x)) / h


@central.misconception(
    "The sign is turned around: subtract the value on the left from the value on the right."
)
def turned(f, x, h=1e-4):
    return (f(x - h) - f(x + h)) / (2 * h)


@central.misconception(
    """One of the two points is still x, and the run is 2h: this is half of a one-sided slope. Step
    to the left, too."""
)
def half_of_one_side(f, x, h=1e-4):
    return (f(x + h) - f(x)) / (2 * h)


@central.misconception(
    """The step size is an argument, but you used a fixed one of your own. Use h."""
)
def own_step_2(f, x, h=1e-4):
    h = 1e-4
    return (f(x + h) - f(x - h)) / (2 * h)


@central.misconception("""You multiplied by 2h. The rise is *divided* by the run: / (2 * h).""")
def times_run(f, x, h=1e-4):
    return (f(x + h) - f(x - h)) * (2 * h)


@central.variant("the mean of the two one-sided slopes")
def mean_of_both(f, x, h=1e-4):
    right = (f(x + h) - f(x)) / h
    left = (f(x) - f(x - h)) / h
    return (left + right) / 2
