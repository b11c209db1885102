"""10.pass_at_k: the unbiased estimate."""

from fractions import Fraction
from math import comb

from graders.authoring import Raises, Tol, exercise, python_number

passed = exercise("pass_at_k", title="pass@k, without bias")


@passed.cases
def _(rng):
    small = [
        (4, 1, 2),
        (5, 2, 3),
        (10, 3, 1),
        (10, 3, 4),
        (6, 0, 3),
        (6, 6, 2),
        (7, 5, 3),
        (7, 4, 3),
    ]
    edges = [
        (1, 0, 1),
        (1, 1, 1),
        (5, 1, 5),
        (5, 0, 5),
        (9, 1, 9),
        (8, 2, 6),
        (8, 2, 7),
        (200, 1, 100),
    ]
    large = [
        (2000, 3, 1000),
        (10_000, 1, 5_000),
        (10_000, 7, 100),
        (10_000, 9_000, 1),
        (3000, 2999, 1),
    ]
    bad = [(4, 2, 5), (4, 4, 5), (3, 0, 0), (1, 1, 2), (6, 2, -1)]
    for n, c, k in [*small, *edges, *large, *bad]:
        yield dict(n=n, c=c, k=k)
    n = rng.integer(20, 60)
    c = rng.integer(1, n // 3)
    yield dict(n=n, c=c, k=rng.integer(2, n - c))


@passed.scenario
def _(m, n, c, k):
    return python_number(m.pass_at_k(n, c, k))


passed.tolerance(Tol(rtol=0.0, atol=2e-12))


@passed.oracle
def _(n, c, k):
    """Exactly, with fractions."""
    if not 1 <= k <= n:
        return Raises("ValueError")
    return float(1 - Fraction(comb(n - c, k), comb(n, k)))


passed.hint(
    "How many of all choices of k tries contain no right one? comb(n - c, k) of comb(n, k)."
)
passed.hint(
    "Whole numbers divide exactly in Python, however large; or use the product and math.prod."
)
passed.hint("1.0 - math.prod(1 - k / i for i in range(n - c + 1, n + 1)), after the ValueError.")


@passed.misconception(
    "That is 1 - (1 - c/n)^k, which draws the same try more than once: too low, on average. Choose "
    "k of the n "
    "without replacement."
)
def with_replacement(n, c, k):
    if not 1 <= k <= n:
        raise ValueError
    return 1.0 - (1 - c / n) ** k


@passed.misconception(
    "That is the share of right tries, pass@1. With k tries one of them has to be right."
)
def share(n, c, k):
    if not 1 <= k <= n:
        raise ValueError
    return c / n


@passed.misconception("k times the share of right tries counts a choice with two right ones twice.")
def k_times(n, c, k):
    if not 1 <= k <= n:
        raise ValueError
    return min(1.0, k * c / n)


@passed.misconception("That is the probability that *no* try is right: 1 minus it is asked for.")
def none_right(n, c, k):
    if not 1 <= k <= n:
        raise ValueError
    return comb(n - c, k) / comb(n, k)


@passed.misconception(
    "That is the probability that *all* k are right (comb(c, k) / comb(n, k)). One is enough."
)
def all_right(n, c, k):
    if not 1 <= k <= n:
        raise ValueError
    return comb(c, k) / comb(n, k)


@passed.misconception(
    "The binomials became floats, and large ones are none: an overflow, or inf / inf. Divide the "
    "whole numbers, or "
    "use the product."
)
def overflow(n, c, k):
    if not 1 <= k <= n:
        raise ValueError
    return 1.0 - float(comb(n - c, k)) / float(comb(n, k))


@passed.misconception(
    "The product's range is off by one: i runs from n - c + 1 to n, both included."
)
def range_off(n, c, k):
    from math import prod

    if not 1 <= k <= n:
        raise ValueError
    if n - c < k:
        return 1.0
    return 1.0 - prod(1 - k / i for i in range(n - c + 1, n))


@passed.misconception("The product begins at n - c. Its first factor is that of n - c + 1.")
def range_early(n, c, k):
    from math import prod

    if not 1 <= k <= n:
        raise ValueError
    if n - c < k:
        return 1.0
    return 1.0 - prod(1 - k / i for i in range(n - c, n + 1))


@passed.misconception(
    "A k above n, or below 1, is let through. n tries say nothing about it: ValueError."
)
def any_k(n, c, k):
    from math import prod

    if n - c < k or k < 1:
        return 1.0
    return 1.0 - prod(1 - k / i for i in range(n - c + 1, n + 1))


@passed.misconception(
    "Rounding in single precision, or with log-gamma of large numbers, is visible: right to 1e-12 "
    "is asked for."
)
def lgamma(n, c, k):
    from math import exp, lgamma

    if not 1 <= k <= n:
        raise ValueError
    if n - c < k:
        return 1.0
    log = lambda a, b: lgamma(a + 1) - lgamma(b + 1) - lgamma(a - b + 1)
    return 1.0 - exp(log(n - c, k) - log(n, k))


@passed.misconception("A share in percent came back. It is asked as a number between 0 and 1.")
def percent(n, c, k):
    if not 1 <= k <= n:
        raise ValueError
    return 100.0 * (1 - comb(n - c, k) / comb(n, k))


@passed.misconception(
    "The product ends at n - 1: range leaves its end out, and the last factor is that of n itself."
)
def ends_at_n_minus_1(n, c, k):
    from math import prod

    if not 1 <= k <= n:
        raise ValueError
    return 1.0 - prod(1 - k / i for i in range(n - c + 1, n))


@passed.misconception(
    "k = n raises an error. It is allowed: all tries are taken, and one right one is enough."
)
def k_is_n(n, c, k):
    from math import prod

    if not 1 <= k < n:
        raise ValueError
    return 1.0 - prod(1 - k / i for i in range(n - c + 1, n + 1))


@passed.misconception("k = 0 is let through. At least one try has to be made: ValueError.")
def k_is_0(n, c, k):
    from math import prod

    if k > n:
        raise ValueError
    return 1.0 - prod(1 - k / i for i in range(n - c + 1, n + 1))


@passed.misconception(
    "An int came back where no try is right: a product of nothing is the int 1. Asked is a float: "
    "begin with 1.0."
)
def int_of_nothing(n, c, k):
    from math import prod

    if not 1 <= k <= n:
        raise ValueError
    return 1 - prod(1 - k / i for i in range(n - c + 1, n + 1))


@passed.variant("whole numbers, which Python divides exactly")
def whole(n, c, k):
    if k < 1 or k > n:
        raise ValueError((n, k))
    return 1.0 - comb(n - c, k) / comb(n, k)


@passed.variant("the product over k instead of over c")
def over_k(n, c, k):
    if k < 1 or k > n:
        raise ValueError((n, k))
    miss = 1.0
    for j in range(k):
        miss *= max(0, n - c - j) / (n - j)
    return 1.0 - miss
