"""Derivatives by nudging, and by hand."""

import math

import torch

from graders.authoring import Tol, exercise


def function(name):
    """A function of one float, and its derivative, by name."""
    return {
        "x**3 - 2x": (lambda x: x**3 - 2 * x, lambda x: 3 * x**2 - 2),
        "sin": (math.sin, math.cos),
        "exp": (math.exp, math.exp),
        "1 / (2 + x*x)": (lambda x: 1 / (2 + x * x), lambda x: -2 * x / (2 + x * x) ** 2),
    }[name]


FUNCTIONS = ["x**3 - 2x", "sin", "exp", "1 / (2 + x*x)"]


# ---------------------------------------------------------------------------------------------

forward = exercise("forward_difference", title="the slope from one nudge")
forward.hint("Two evaluations of f: where are they, and how far apart?")
forward.hint("Rise over run: how much did f change, divided by how much x changed.")
forward.hint("(f(x + h) - f(x)) / h, with both parentheses.")


@forward.cases
def _(rng):
    for name in FUNCTIONS:
        yield dict(f=name, x=rng.number(0.3, 1.7), h=rng.number(0.05, 0.4))
        yield dict(f=name, x=rng.number(-1.7, -0.3), h=rng.number(0.001, 0.01))
    yield dict(f="exp", x=2, h=1)  # ints are numbers too


@forward.scenario
def _(m, f, x, h):
    return m.forward_difference(function(f)[0], x, h)


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


@forward.variant("the run, as it really was after rounding")
def real_run(f, x, h=1e-4):
    right = x + h
    rise = -(f(x) - f(right))
    return rise / h


def without_h(rng):
    return [dict(f=name, x=rng.number(0.5, 1.5)) for name in FUNCTIONS]


@forward.check("default h", cases=without_h)
def _(m, f, x):
    return m.forward_difference(function(f)[0], x)


# ---------------------------------------------------------------------------------------------

central = exercise("central_difference", title="the slope from a nudge to each side")
central.hint("Again two evaluations of f, but neither of them at x.")
central.hint("From x - h to x + h: how far apart are these two points?")
central.hint("(f(x + h) - f(x - h)) / (2 * h), with the parentheses around 2 * h.")


@central.cases
def _(rng):
    for name in FUNCTIONS:
        yield dict(f=name, x=rng.number(0.3, 1.7), h=rng.number(0.05, 0.4))
        yield dict(f=name, x=rng.number(-1.7, -0.3), h=rng.number(0.001, 0.01))
    yield dict(f="exp", x=2, h=1)


@central.scenario
def _(m, f, x, h):
    return m.central_difference(function(f)[0], x, h)


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


@central.variant("the mean of the two one-sided slopes")
def mean_of_both(f, x, h=1e-4):
    right = (f(x + h) - f(x)) / h
    left = (f(x) - f(x - h)) / h
    return (left + right) / 2


# ---------------------------------------------------------------------------------------------

order = exercise("measured_order", title="how fast the error shrinks")
order.hint("Compute two errors first: one at h, one at h / 10. An error is a distance, so no sign.")
order.hint("A hundred times smaller is two powers of ten: log10 of what is 2?")
order.hint(
    """error = abs(difference(f, x, h) - df(x)); the same at h / 10; then math.log10 of the first
    divided by the second."""
)
# The errors are differences of nearly equal numbers (about 1e-4 of 1e0): 12 digits are left, of
# which an honest rearrangement may lose a few.
order_tol = Tol(rtol=1e-7)


@order.cases
def _(rng):
    for name in FUNCTIONS:
        for method in ("forward_difference", "central_difference"):
            yield dict(difference=method, f=name, x=rng.number(0.3, 0.6), h=rng.number(0.1, 0.3))
    yield dict(difference="x plus h", f="sin", x=rng.number(1.2, 1.5), h=rng.number(0.1, 0.3))


@order.scenario
def _(m, difference, f, x, h):
    f, df = function(f)
    if difference == "x plus h":  # no method at all: it even gets worse
        return m.measured_order(lambda f, x, h: x + 1 / h, f, df, x, h)
    return m.measured_order(getattr(m, difference), f, df, x, h)


order.tolerance(order_tol)


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


# ---------------------------------------------------------------------------------------------

by_hand = exercise("gradient_by_hand", title="five terms, three slopes")
by_hand.hint("Take one variable at a time. Terms without it are constants: their slope is 0.")
by_hand.hint("-1/c is -(c to the power -1) and sqrt(a) is a to the power 1/2: one rule for both.")
by_hand.hint("a: -3a² - 1/(2 sqrt(a)).  b: 3 cos(3b) + 2.5 b^1.5.  c: 1/c².")


@by_hand.cases
def _(rng):
    yield dict(a=2.0, b=3.0, c=4.0)
    yield dict(a=rng.number(0.1, 0.9), b=rng.number(0.1, 0.9), c=rng.number(0.2, 0.9))
    yield dict(a=rng.number(1.5, 3.0), b=rng.number(1.5, 3.0), c=rng.number(-3.0, -1.5))
    yield dict(a=rng.number(20, 30), b=rng.number(20, 30), c=rng.number(20, 30))


@by_hand.oracle
def _(a, b, c):
    a, b, c = (torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (a, b, c))
    f = -(a**3) + torch.sin(3 * b) - 1 / c + b**2.5 - torch.sqrt(a)
    f.backward()
    return [a.grad.item(), b.grad.item(), c.grad.item()]


by_hand.misconception(
    """The slope of sin(3b) needs the inner slope too: when b moves by 1, 3b moves by 3. That factor
    3 is missing from df/db.""",
    replace="3 * math.cos(3 * b)",
    by="math.cos(3 * b)",
    name="no_inner_slope",
)
by_hand.misconception(
    """The factor 3 of sin(3b) comes *out* of the cosine as the inner slope, but it also stays *in*:
    cos is still taken at 3b.""",
    replace="math.cos(3 * b)",
    by="math.cos(b)",
    name="cos_of_b",
)
by_hand.misconception(
    """The derivative of sin is +cos. (The one with the minus is the derivative of cos.)""",
    replace="3 * math.cos(3 * b)",
    by="-3 * math.cos(3 * b)",
    name="minus_cos",
)
by_hand.misconception(
    """-1/c is -(c^-1): the exponent -1 comes down and meets the minus sign. Two minuses: df/dc is
    +1/c². A larger c makes 1/c smaller and f larger.""",
    replace="1 / c**2",
    by="-1 / c**2",
    name="sign_of_c",
)
by_hand.misconception(
    """sqrt(a) is a^(1/2), and the exponent comes down as a factor: the 1/2 is missing in df/da.""",
    replace="0.5 * a**-0.5",
    by="a**-0.5",
    name="no_half",
)
by_hand.misconception(
    """The exponent must go down by one: the slope of sqrt(a) = a^0.5 is 0.5 * a^(-0.5), not
    0.5 * a^0.5.""",
    replace="a**-0.5",
    by="a**0.5",
    name="root_exponent",
)
by_hand.misconception(
    """The square root stands in f with a minus sign: in df/da, too, its slope is subtracted.""",
    replace="- 0.5 * a**-0.5",
    by="+ 0.5 * a**-0.5",
    name="plus_root",
)
by_hand.misconception(
    """-a³ has a minus sign, and it stays: its slope is -3a².""",
    replace="-3 * a**2",
    by="3 * a**2",
    name="plus_cube",
)
by_hand.misconception(
    """The exponent must go down by one: the slope of b^2.5 is 2.5 * b^1.5.""",
    replace="2.5 * b**1.5",
    by="2.5 * b**2.5",
    name="b_exponent",
)
by_hand.misconception(
    """This looks like nudging: the numbers are right to a few digits only. This time work out
    the formulas on paper; they are exact.""",
    name="nudged",
    source="""
def gradient_by_hand(a, b, c):
    h = 1e-6
    return [(f(a + h, b, c) - f(a, b, c)) / h, (f(a, b + h, c) - f(a, b, c)) / h,
            (f(a, b, c + h) - f(a, b, c)) / h]
""",
)


@by_hand.variant("roots and powers written differently, as a tuple")
def with_roots(a, b, c):
    da = -(3 * a * a + 1 / (2 * math.sqrt(a)))
    db = 3 * math.cos(3 * b) + 2.5 * b * math.sqrt(b)
    return da, db, c**-2


# ---------------------------------------------------------------------------------------------

gradient = exercise("numerical_gradient", title="the gradient of anything, slowly")
gradient.hint("One coordinate at a time: nudge number i, leave all others where they are.")
gradient.hint("Make a fresh copy of the point for every nudge. `up = point` is no copy.")
gradient.hint(
    """For each i: up and down are list(point); up[i] += h, down[i] -= h; the slope is
    (f(*up) - f(*down)) / (2 * h)."""
)


def function_of_many(name):
    return {
        "x*x*x": lambda x: x * x * x,
        "x*y + y**3": lambda x, y: x * y + y**3,
        "sin(x)*y - z*z*x": lambda x, y, z: math.sin(x) * y - z * z * x,
        "exp(w - x) * y + z**4": lambda w, x, y, z: math.exp(w - x) * y + z**4,
    }[name]


@gradient.cases
def _(rng):
    for n, name in enumerate(
        ["x*x*x", "x*y + y**3", "sin(x)*y - z*z*x", "exp(w - x) * y + z**4"], start=1
    ):
        yield dict(f=name, point=rng.numbers(n, 0.5, 1.5), h=rng.number(0.1, 0.3))
        yield dict(f=name, point=rng.numbers(n, -2.0, -0.5), h=rng.number(0.01, 0.02))
    yield dict(f="x*y + y**3", point=[0.7, 0.7], h=0.1)  # equal coordinates


@gradient.scenario
def _(m, f, point, h):
    return m.numerical_gradient(function_of_many(f), point, h)


@gradient.check("point unchanged")
def _(m, f, point, h):
    m.numerical_gradient(function_of_many(f), point, h)
    return point


@gradient.misconception(
    """You looked to one side only. The symmetric difference needs f at both x_i + h and x_i - h."""
)
def one_side(f, point, h=1e-5):
    slopes = []
    for i in range(len(point)):
        up = list(point)
        up[i] += h
        slopes.append((f(*up) - f(*point)) / h)
    return slopes


@gradient.misconception(
    """After its nudge a coordinate must go back: your list keeps all earlier nudges, so every
    slope but the first is taken at the wrong place. Start each one from a fresh copy of the
    point."""
)
def nudges_stay(f, point, h=1e-5):
    slopes = []
    up, down = list(point), list(point)
    for i in range(len(point)):
        up[i] += h
        down[i] -= h
        slopes.append((f(*up) - f(*down)) / (2 * h))
    return slopes


@gradient.misconception(
    """`up = point` is a second name for the same list, not a copy: nudging `up` moves `down` and
    the caller's point too. Use list(point)."""
)
def no_copy(f, point, h=1e-5):
    slopes = []
    for i in range(len(point)):
        up = point
        up[i] += h
        down = point
        down[i] -= h
        slopes.append((f(*up) - f(*down)) / (2 * h))
    return slopes


@gradient.misconception(
    """You nudged the caller's own list and never put a coordinate back: later slopes are taken at
    the wrong place, and the point is moved for good. Nudge a copy."""
)
def not_put_back(f, point, h=1e-5):
    slopes = []
    for i, x in enumerate(point):
        point[i] = x + h
        above = f(*point)
        point[i] = x - h
        slopes.append((above - f(*point)) / (2 * h))
    return slopes


@gradient.misconception(
    """You nudged all coordinates at once. That is one number, the slope along the diagonal; the
    gradient holds one slope per coordinate, with the others standing still."""
)
def all_at_once(f, point, h=1e-5):
    slope = (f(*[x + h for x in point]) - f(*[x - h for x in point])) / (2 * h)
    return [slope] * len(point)


@gradient.misconception("The two points are 2h apart, and you divided by h.")
def over_h_only(f, point, h=1e-5):
    slopes = []
    for i in range(len(point)):
        up, down = list(point), list(point)
        up[i] += h
        down[i] -= h
        slopes.append((f(*up) - f(*down)) / h)
    return slopes


@gradient.variant("slices instead of copies; a tuple")
def with_slices(f, point, h=1e-5):
    def at(i, x):
        return f(*point[:i], x, *point[i + 1 :])

    return tuple((at(i, x + h) - at(i, x - h)) / (2 * h) for i, x in enumerate(point))


@gradient.variant("nudges the list itself, and puts each number back")
def puts_back(f, point, h=1e-5):
    slopes = []
    for i, x in enumerate(point):
        point[i] = x + h
        above = f(*point)
        point[i] = x - h
        below = f(*point)
        point[i] = x
        slopes.append((above - below) / (2 * h))
    return slopes
