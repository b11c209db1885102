"""04.tanh_local_gradient: what tanh lets through."""

import torch

from graders.authoring import differentiate, exercise

slope = exercise("tanh_local_gradient", title="what tanh lets through")


@slope.cases
def _(rng):
    for shape in [(5,), (4, 3), (1, 6), (2, 3, 4)]:
        yield dict(h=rng.normal(*shape, std=1.5).tanh())
    yield dict(h=torch.tensor([-1.0, 1.0, 0.0, 0.97, -0.5], dtype=torch.float64))
    yield dict(h=rng.normal(3, 4).tanh().t())
    yield dict(h=rng.normal(4, 2, dtype=torch.float32).tanh())


@slope.check("gradients")
def _(m, h):
    h = h.clone().requires_grad_()
    upstream = torch.arange(1.0, h.numel() + 1, dtype=h.dtype).view(h.shape)
    return dict(differentiate(m.tanh_local_gradient(h), {"h": h}, upstream))


slope.hint("You wrote it in lesson 01, for one number: which of x and tanh(x) did you need?")
slope.hint("d tanh(x) / dx = 1 - tanh(x)**2, and tanh(x) is h.")
slope.hint("return 1 - h**2")


@slope.misconception("h already is tanh(x): you applied tanh a second time.")
def tanh_twice(h):
    return 1 - torch.tanh(h) ** 2


@slope.misconception("The square is missing: it is 1 - h**2. At h = -1 yours says 2.")
def no_square(h):
    return 1 - h


@slope.misconception(
    "The square is missing: 1 - |h| is right at -1, 0 and 1 only. In between it is 1 - h**2."
)
def tent(h):
    return 1 - h.abs()


@slope.misconception("That is the slope of the sigmoid, h * (1 - h). For tanh it is 1 - h**2.")
def sigmoid(h):
    return h * (1 - h)


@slope.misconception("The sign is wrong: tanh rises everywhere, its slope is never negative.")
def negative(h):
    return h**2 - 1


@slope.misconception(
    "sqrt(1 - h**2) has the root too much: that is the cosine of an angle whose sine is h."
)
def root(h):
    return (1 - h**2).sqrt()


@slope.misconception(
    "The numbers are right, but they are cut off from the graph (detach, no_grad or .data): nobody "
    "can differentiate through them."
)
def detached(h):
    return (1 - h**2).detach()


@slope.variant("a product")
def product(h):
    return (1 - h) * (1 + h)


@slope.variant("ones minus a power")
def ones_minus_power(h):
    return torch.ones_like(h) - h.pow(2)
