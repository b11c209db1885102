"""03.candidate_lrs: candidates on a log scale."""

import math

import numpy as np
import torch

from graders.authoring import Tol, exercise

candidates = exercise("candidate_lrs", title="candidates on a log scale")


@candidates.cases
def _(rng):
    yield dict(low=0.001, high=1.0, steps=4)
    yield dict(low=rng.number(0.0001, 0.001), high=rng.number(0.5, 3), steps=rng.integer(5, 12))
    yield dict(low=0.02, high=0.05, steps=2)
    yield dict(low=0.5, high=20.0, steps=7)


# torch.linspace in float32 is right for an exponent up to 4 * 6e-8; 10 to its power then is off
# by 2.3 times that, relatively: 6e-7. Every misconception is off by percents.
candidates.tolerance(Tol(rtol=3e-6))


@candidates.scenario
def _(m, **case):
    return [float(lr) for lr in m.candidate_lrs(**case)]


@candidates.oracle
def _(low, high, steps):
    return np.geomspace(low, high, steps).tolist()


candidates.legal("answer: tensor for float", "A list of floats, or a tensor (steps,)")


@candidates.effort
def _(rng):
    for steps in (20, 120):
        yield dict(low=rng.number(0.001, 0.002), high=rng.number(1, 2), steps=steps)


candidates.hint("What must be evenly spaced: the learning rates, or their exponents?")
candidates.hint(
    "By what factor is each larger than the one before, if steps - 1 of them make high / low?"
)
candidates.hint("factor = (high / low) ** (1 / (steps - 1)); low * factor**i for i in range(steps)")


@candidates.misconception(
    "Evenly spaced learning rates: nine of ten candidates lie above a tenth of the largest. Space the "
    "exponents evenly."
)
def linear(low, high, steps):
    return [low + (high - low) * i / (steps - 1) for i in range(steps)]


@candidates.misconception("These are the exponents. The learning rates are 10 to their power.")
def exponents(low, high, steps):
    a, b = math.log10(low), math.log10(high)
    return [a + (b - a) * i / (steps - 1) for i in range(steps)]


@candidates.misconception(
    "The last one is missing: with both ends included there are steps - 1 gaps."
)
def end_left_out(low, high, steps):
    return [low * (high / low) ** (i / steps) for i in range(steps)]


@candidates.misconception("One too many: steps candidates have steps - 1 gaps between them.")
def one_more(low, high, steps):
    return [low * (high / low) ** (i / (steps - 1)) for i in range(steps + 1)]


@candidates.misconception(
    "The exponents run from low to high themselves: take the logarithms of low and high first."
)
def low_as_exponent(low, high, steps):
    return [10 ** (low + (high - low) * i / (steps - 1)) for i in range(steps)]


@candidates.misconception(
    "Mixed bases: exponents taken with the natural logarithm belong to e, those of base 10 to 10."
)
def mixed_bases(low, high, steps):
    a, b = math.log(low), math.log(high)
    return [10 ** (a + (b - a) * i / (steps - 1)) for i in range(steps)]


@candidates.misconception("They come from high to low; a sweep starts with the smallest.")
def downward(low, high, steps):
    return [high * (low / high) ** (i / (steps - 1)) for i in range(steps)]


@candidates.misconception("Always from 0.001 to 1: use the arguments low and high.")
def fixed_ends(low, high, steps):
    return [0.001 * 1000 ** (i / (steps - 1)) for i in range(steps)]


candidates.misconception(
    """The work grows with the square of steps: each rate is multiplied up from the first one. The
    one before it is there already, one factor away; or take a power.""",
    name="from_the_first_for_each",
    source="""
def candidate_lrs(low, high, steps):
    factor = (high / low) ** (1 / (steps - 1))
    lrs = []
    for i in range(steps):
        lr = low
        for _ in range(i):
            lr = lr * factor
        lrs.append(lr)
    return lrs
""",
)


@candidates.variant("torch, float32")
def torch_float32(low, high, steps):
    return 10 ** torch.linspace(math.log10(low), math.log10(high), steps)


@candidates.variant("numpy")
def numpy(low, high, steps):
    return np.exp(np.linspace(np.log(low), np.log(high), steps))
