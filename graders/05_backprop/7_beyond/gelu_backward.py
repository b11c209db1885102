"""05.gelu_backward: GELU (tanh), backward."""

import torch

from graders.authoring import exercise

from .part import gradients, leaf, turned

gelu = exercise("gelu_backward", title="GELU (tanh), backward", stretch=True)


@gelu.cases
def _(rng):
    for shape in [(4,), (1, 3), (3, 5), (2, 3, 4)]:
        yield dict(dout=rng.normal(*shape), x=rng.normal(*shape, std=1.5))
    far = torch.tensor([-1e4, -100.0, -6.0, -1e-3, 0.0, 1e-3, 6.0, 100.0, 1e4]).double()
    yield dict(dout=rng.normal(9), x=far)
    yield dict(dout=turned(rng.normal(3, 4)), x=turned(rng.normal(3, 4)))
    yield dict(dout=rng.normal(3, 4, dtype=torch.float32), x=rng.normal(3, 4, dtype=torch.float32))


@gelu.oracle
def _(dout, x):
    a = leaf(x)
    return gradients([a], torch.nn.functional.gelu(a, approximate="tanh"), dout)[0]


gelu.hint("out is a product of 0.5 * x and (1 + tanh(u)): the product rule has two terms.")
gelu.hint("d tanh(u) / dx = (1 - tanh(u)**2) * du/dx, and u is a polynomial in x.")
gelu.hint(
    "dout * (0.5 * (1 + t) + 0.5 * x * (1 - t**2) * (2 / pi)**0.5 * (1 + 3 * 0.044715 * x**2)), "
    "where t = tanh(u)"
)

gelu.misconception(
    "The first term of the product rule is missing: 0.5 * (1 + tanh(u)), from x standing in front.",
    name="first_term",
    replace="(0.5 * (1 + tanh_u) + 0.5 * x *",
    by="(0.5 * x *",
)
gelu.misconception(
    "The second term of the product rule is missing: tanh(u) depends on x as well.",
    name="second_term",
    replace=" + 0.5 * x * (1 - tanh_u**2) * du)",
    by=")",
)
gelu.misconception(
    "The inner derivative du/dx is missing: u is a function of x, so the chain has one more link.",
    name="no_inner",
    replace="(1 - tanh_u**2) * du)",
    by="(1 - tanh_u**2))",
)
gelu.misconception(
    "The 3 is missing in du/dx: the derivative of x**3 is 3 * x**2.",
    name="no_three",
    replace="1 + 3 * 0.044715",
    by="1 + 0.044715",
)
gelu.misconception(
    "du/dx lacks the factor (2 / pi)**0.5 that stands in front of u.",
    name="no_root",
    replace="du = scale * (",
    by="du = (",
)
gelu.misconception(
    "The cubic term is missing in du/dx: u has a part with x**3.",
    name="no_cubic",
    replace="du = scale * (1 + 3 * 0.044715 * x**2)",
    by="du = scale",
)
gelu.misconception(
    "The upstream gradient dout is missing.",
    name="upstream_ignored",
    replace="return dout * (",
    by="return (",
)
gelu.misconception(
    "tanh's derivative is 1 - tanh(u)**2; the square is missing.",
    name="no_square",
    replace="(1 - tanh_u**2)",
    by="(1 - tanh_u)",
)


@gelu.misconception(
    "That is the derivative of the exact GELU, with the normal distribution. GPT-2 and this "
    "exercise use the tanh approximation; the two differ in the third digit."
)
def exact(dout, x):
    below = 0.5 * (1 + torch.erf(x / 2**0.5))
    return dout * (below + x * torch.exp(-0.5 * x**2) / (2 * torch.pi) ** 0.5)


@gelu.misconception("That is GELU itself times dout, not its derivative.")
def function_for_derivative(dout, x):
    return dout * 0.5 * x * (1 + torch.tanh((2 / torch.pi) ** 0.5 * (x + 0.044715 * x**3)))


@gelu.variant("with the sigmoid: GELU is x * sigmoid(2 u)")
def sigmoid(dout, x):
    scale = (8 / torch.pi) ** 0.5
    s = torch.sigmoid(scale * (x + 0.044715 * x**3))
    return dout * (s + x * s * (1 - s) * scale * (1 + 0.134145 * x * x))


@gelu.variant("in small steps")
def steps(dout, x):
    root = (2 / torch.pi) ** 0.5
    t = torch.tanh(root * x + root * 0.044715 * x.pow(3))
    dt = dout * 0.5 * x
    du = dt * (1 - t) * (1 + t)
    return dout * 0.5 * (1 + t) + du * root + du * root * 0.134145 * x.square()
