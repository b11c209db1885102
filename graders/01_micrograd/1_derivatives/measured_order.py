"""01.measured_order: how fast the error shrinks."""

import math

from graders.authoring import Tol, exercise

from .part import FUNCTIONS, function

order = exercise("measured_order", title="how fast the error shrinks")


# The errors are differences of nearly equal numbers (about 1e-4 of 1e0): 12 digits are left, of
# which an honest rearrangement may lose a few.
order_tol = Tol(rtol=1e-7)


@order.cases
def _(rng):
    for name in FUNCTIONS:
        for method in ("forward_difference", "central_difference"):
            yield dict(difference=method, f=name, x=rng.number(0.3, 0.6), h=rng.number(0.1, 0.3))
    # one error is above, the other below: a distance has no sign
    yield dict(
        difference="from both sides", f="sin", x=rng.number(0.4, 1.2), h=rng.number(0.1, 0.3)
    )
    yield dict(difference="x plus h", f="sin", x=rng.number(1.2, 1.5), h=rng.number(0.1, 0.3))


@order.scenario
def _(m, difference, f, x, h):
    f, df = function(f)
    if difference == "x plus h":  # no method at all: it even gets worse
        return m.measured_order(lambda f, x, h: x + 1 / h, f, df, x, h)
    if difference == "from both sides":
        large = h * 0.9
        return m.measured_order(lambda f, x, h: df(x) + (h if h > large else -h), f, df, x, h)
    return m.measured_order(getattr(m, difference), f, df, x, h)


order.tolerance(order_tol)

order.hint("Compute two errors first: one at h, one at h / 10. An error is a distance, so no sign.")
order.hint("A hundred times smaller is two powers of ten: log10 of what is 2?")
order.hint(
    """error = abs(difference(f, x, h) - df(x)); the same at h / 10; then math.log10 of the first
    divided by the second."""
)


@order.misconception(
    """The ratio is upside down: the order is positive when the error *shrinks* with h, so the error
    at h goes on top."""
)
def upside_down(difference, f, df, x, h):
    error = abs(difference(f, x, h) - df(x))
    smaller_error = abs(difference(f, x, h / 10) - df(x))
    return math.log10(smaller_error / error)


@order.misconception(
    """`math.log` is the natural logarithm. Counting powers of ten takes `math.log10`."""
)
def natural(difference, f, df, x, h):
    error = abs(difference(f, x, h) - df(x))
    smaller_error = abs(difference(f, x, h / 10) - df(x))
    return math.log(error / smaller_error)


@order.misconception(
    """This is the factor by which the error shrinks (10, 100). The order is its logarithm (1,
    2)."""
)
def the_factor(difference, f, df, x, h):
    error = abs(difference(f, x, h) - df(x))
    return error / abs(difference(f, x, h / 10) - df(x))


@order.misconception(
    """You compared with `f(x)`, the function's value. The estimate is of its slope, so the truth
    to measure it against is df(x)."""
)
def against_f(difference, f, df, x, h):
    error = abs(difference(f, x, h) - f(x))
    smaller_error = abs(difference(f, x, h / 10) - f(x))
    return math.log10(error / smaller_error)


@order.misconception(
    """You halved h. Two errors at h and h / 2 say something too, but then log2 counts the order;
    here the second step is h / 10."""
)
def halved(difference, f, df, x, h):
    error = abs(difference(f, x, h) - df(x))
    smaller_error = abs(difference(f, x, h / 2) - df(x))
    return math.log10(error / smaller_error)


order.misconception(
    """An error is a distance, so it has no sign: take the absolute value of both. Where one estimate lies
    above the derivative and the other below, their ratio is negative and has no logarithm.""",
    edits=[
        ("abs(difference(f, x, h) - df(x))", "difference(f, x, h) - df(x)"),
        ("abs(difference(f, x, h / 10) - df(x))", "difference(f, x, h / 10) - df(x)"),
    ],
    name="with_a_sign",
)

order.misconception(
    """You always measure the same method. Which one is the argument `difference`: call it for both
    steps.""",
    edits=[
        ("abs(difference(f, x, h) -", "abs(forward_difference(f, x, h) -"),
        ("difference(f, x, h / 10)", "forward_difference(f, x, h / 10)"),
    ],
    name="always_forward",
)


@order.misconception(
    """The logarithm of the error at h alone says how large that error is, not how it
    changes with h. Measure at two steps and compare."""
)
def one_error(difference, f, df, x, h):
    return math.log10(abs(difference(f, x, h) - df(x)))


@order.variant("logarithms first")
def logarithms_first(difference, f, df, x, h):
    truth = df(x)

    def digits(h):
        return math.log10(abs(truth - difference(f, x, h)))

    return digits(h) - digits(h / 10)
