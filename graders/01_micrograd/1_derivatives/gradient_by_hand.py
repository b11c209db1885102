"""01.gradient_by_hand: five terms, three slopes."""

import math

import torch

from graders.authoring import exercise

by_hand = exercise("gradient_by_hand", title="five terms, three slopes", forbid=("autograd",))


@by_hand.cases
def _(rng):
    yield dict(a=2.0, b=3.0, c=4.0)
    yield dict(a=rng.number(0.1, 0.9), b=rng.number(0.1, 0.9), c=rng.number(0.2, 0.9))
    yield dict(a=rng.number(1.5, 3.0), b=rng.number(1.5, 3.0), c=rng.number(-3.0, -1.5))
    yield dict(a=rng.number(20, 30), b=rng.number(20, 30), c=rng.number(20, 30))
    yield dict(a=1e-100, b=1e-100, c=-1e-100)  # the ends of the promised range
    yield dict(a=1e100, b=1e100, c=1e100)


@by_hand.oracle
def _(a, b, c):
    a, b, c = (torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (a, b, c))
    f = -(a**3) + torch.sin(3 * b) - 1 / c + b**2.5 - torch.sqrt(a)
    f.backward()
    return [a.grad.item(), b.grad.item(), c.grad.item()]


by_hand.hint("Take one variable at a time. Terms without it are constants: their slope is 0.")
by_hand.hint("-1/c is -(c to the power -1) and sqrt(a) is a to the power 1/2: one rule for both.")
by_hand.hint("a: -3a² - 1/(2 sqrt(a)).  b: 3 cos(3b) + 2.5 b^1.5.  c: 1/c².")

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


@by_hand.variant("roots and powers written differently")
def with_roots(a, b, c):
    da = -(3 * a * a + 1 / (2 * math.sqrt(a)))
    db = 3 * math.cos(3 * b) + 2.5 * b * math.sqrt(b)
    return [da, db, c**-2]
