"""04.factor_per_layer: the factor per layer."""

import itertools
import math

from graders.authoring import exercise

from .part import SINGLE

factor = exercise("factor_per_layer", title="the factor per layer")


@factor.cases
def _(rng):
    yield dict(stds=[1.0, 2.0, 4.0, 8.0])
    yield dict(stds=[0.5, 3.0, 2.0])
    yield dict(stds=[rng.number(0.1, 1.0), rng.number(1.5, 4.0)])
    yield dict(stds=[0.9**i for i in range(10)])
    yield dict(stds=rng.numbers(7, 0.05, 20.0))
    yield dict(stds=[1.0, 1e-3, 5e-7, 3e-13])
    yield dict(stds=[1e-100, 3.0, 1e100])  # as far apart as is promised


factor.tolerance(SINGLE)

factor.hint("Layer to layer: how many steps lie between the first std and the last?")
factor.hint("f ** steps = last / first, so f is a root.")
factor.hint("(stds[-1] / stds[0]) ** (1 / (len(stds) - 1))")


@factor.misconception(
    "From n layers to the next there are n - 1 steps, so the root is that of n - 1."
)
def off_by_one(stds):
    return (stds[-1] / stds[0]) ** (1 / len(stds))


@factor.misconception("The root is missing: that is the factor of the whole stack.")
def no_root(stds):
    return stds[-1] / stds[0]


@factor.misconception("Divided the wrong way round: a std that grows has a factor above 1.")
def inverse(stds):
    return (stds[0] / stds[-1]) ** (1 / (len(stds) - 1))


@factor.misconception(
    "Factors are multiplied, so their mean is a root, not a sum: halving and doubling gives 1, and "
    "(0.5 + 2) / 2 = 1.25."
)
def arithmetic_mean(stds):
    ratios = [b / a for a, b in itertools.pairwise(stds)]
    return sum(ratios) / len(ratios)


@factor.misconception("You divided by the number of steps; take the root of that degree.")
def divided(stds):
    return stds[-1] / stds[0] / (len(stds) - 1)


@factor.misconception("The difference per layer is asked as little as the sum: sizes multiply.")
def difference(stds):
    return (stds[-1] - stds[0]) / (len(stds) - 1)


@factor.misconception("That is the last layer's factor only.")
def last_step(stds):
    return stds[-1] / stds[-2]


@factor.misconception("That is the logarithm of the factor: take exp of it.")
def logarithm(stds):
    return math.log(stds[-1] / stds[0]) / (len(stds) - 1)


@factor.misconception(
    "The input's std is taken to be 1: you forgot to divide by the first layer's."
)
def from_one(stds):
    return stds[-1] ** (1 / (len(stds) - 1))


@factor.variant("exp of the mean of the logs")
def logs(stds):
    logs = [math.log(b) - math.log(a) for a, b in itertools.pairwise(stds)]
    return math.exp(sum(logs) / len(logs))


@factor.variant("the product of all ratios")
def product(stds):
    whole = math.prod(b / a for a, b in itertools.pairwise(stds))
    return math.pow(whole, 1 / (len(stds) - 1))
