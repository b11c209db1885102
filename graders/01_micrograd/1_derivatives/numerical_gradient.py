"""01.numerical_gradient: the gradient of anything, slowly."""

import math

from graders.authoring import exercise

gradient = exercise("numerical_gradient", title="the gradient of anything, slowly")


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
    yield dict(f="x*x*x", point=[0.1])  # h as it is by default, small as it is


@gradient.scenario
def _(m, f, point, h=None):
    return m.numerical_gradient(function_of_many(f), point, *[] if h is None else [h])


@gradient.check("point unchanged")
def _(m, f, point, h=0.1):
    return {"slopes": m.numerical_gradient(function_of_many(f), point, h), "point": point}


gradient.hint("One coordinate at a time: nudge number i, leave all others where they are.")
gradient.hint("Make a fresh copy of the point for every nudge. `up = point` is no copy.")
gradient.hint(
    """For each i: up and down are list(point); up[i] += h, down[i] -= h; the slope is
    (f(*up) - f(*down)) / (2 * h)."""
)


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


@gradient.variant("slices instead of copies")
def with_slices(f, point, h=1e-5):
    def at(i, x):
        return f(*point[:i], x, *point[i + 1 :])

    return [(at(i, x + h) - at(i, x - h)) / (2 * h) for i, x in enumerate(point)]


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
