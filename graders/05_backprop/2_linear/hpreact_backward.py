"""05.hpreact_backward: dhpreact: through the tanh."""

import torch

from graders.authoring import exercise

from .part import SIZES, columns_first, gradient, leaf

hpreact = exercise("hpreact_backward", title="dhpreact: through the tanh")


@hpreact.cases
def _(rng):
    for n, hidden, _ in SIZES:
        yield dict(dh=rng.normal(n, hidden), h=rng.normal(n, hidden).tanh())
    saturated = torch.tensor([[1.0, -1.0, 0.0, 0.5], [-1.0, 1.0, -0.5, 0.999]]).double()
    yield dict(dh=rng.normal(2, 4, std=10), h=saturated)
    yield dict(dh=columns_first(rng.normal(3, 5)), h=columns_first(rng.normal(3, 5).tanh()))
    f32 = dict(dtype=torch.float32)
    yield dict(dh=rng.normal(2, 4, **f32), h=rng.normal(2, 4, **f32).tanh())


@hpreact.oracle
def _(dh, h):
    x = leaf(torch.atanh(h.double()).clamp(-30, 30))  # tanh(30) is 1 in float64
    return gradient(x, torch.tanh(x), dh, dh)


hpreact.hint("Which of the two do you have: hpreact, or tanh(hpreact)?")
hpreact.hint("The derivative of tanh, written with its own result h, is 1 - h**2.")
hpreact.hint("dh * (1 - h**2)")


@hpreact.misconception(
    "`h` already is tanh(hpreact): the derivative is 1 - h**2, you applied tanh a second time."
)
def tanh_twice(dh, h):
    return dh * (1 - torch.tanh(h) ** 2)


@hpreact.misconception(
    "The upstream gradient dh is missing: 1 - h**2 is only the local derivative."
)
def upstream_ignored(dh, h):
    return 1 - h**2


@hpreact.misconception("h * (1 - h) is the derivative of the sigmoid. Tanh has 1 - h**2.")
def sigmoid(dh, h):
    return dh * h * (1 - h)


@hpreact.misconception("The square is missing: the derivative of tanh is 1 - h**2.")
def no_square(dh, h):
    return dh * (1 - h)


@hpreact.misconception(
    "The bracket is missing: `dh * 1 - h**2` is (dh * 1) - h**2. Multiply dh by all of (1 - h**2)."
)
def no_bracket(dh, h):
    return dh * 1 - h**2


@hpreact.misconception(
    "You squared the upstream gradient too (or put it inside the square): only h is squared, "
    "dh * (1 - h**2)."
)
def upstream_inside(dh, h):
    return dh - (dh * h) ** 2


@hpreact.misconception(
    "That is the derivative of relu (a gate at zero). Tanh lets (1 - h**2) of the gradient through."
)
def relu(dh, h):
    return dh * (h > 0)


@hpreact.misconception(
    "The slope of tanh is 1 - h**2, with the square of h: you took h itself, without its sign."
)
def not_squared(dh, h):
    return dh * (1 - h.abs())


@hpreact.variant("factored")
def factored(dh, h):
    return (1 + h) * (1 - h) * dh


@hpreact.variant("distributed")
def distributed(dh, h):
    return dh - dh * h * h


@hpreact.variant("addcmul")
def addcmul(dh, h):
    return torch.addcmul(dh, dh, h.square(), value=-1)
