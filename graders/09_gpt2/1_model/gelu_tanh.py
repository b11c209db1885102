"""09.gelu_tanh: GELU by its tanh formula."""

import math

import torch

from graders.authoring import differentiate, exercise

gelu = exercise("gelu_tanh", title="GELU, the formula of GPT-2")


@gelu.cases
def _(rng):
    yield dict(x=torch.linspace(-6, 6, 49, dtype=torch.float64))
    yield dict(x=rng.normal(3, 4, 2, std=2.0).transpose(0, 1))
    yield dict(x=torch.tensor([0.0, -1e4, 1e4, -30.0, 30.0], dtype=torch.float64))
    yield dict(x=rng.normal())
    yield dict(x=rng.normal(0, 3))
    yield dict(x=rng.normal(5, 7, std=2.0, dtype=torch.float32))


@gelu.oracle
def _(x):
    return torch.nn.functional.gelu(x, approximate="tanh")


def slopes(function, x):
    x = x.clone().requires_grad_()
    out = function(x)
    return dict(differentiate(out, {"x": x}, torch.cos(x.detach()) + 0.5))


@gelu.check("gradients")
def _(m, x):
    return slopes(m.gelu_tanh, x)


@gelu.oracle("gradients")
def _(x):
    return slopes(lambda x: torch.nn.functional.gelu(x, approximate="tanh"), x)


gelu.hint(
    "Copy the formula from the inside out: the cube, the root, the tanh, one plus, half of x."
)
gelu.hint("math.sqrt(2 / math.pi) is the number in front; torch.tanh the tensor's tanh.")
gelu.hint("0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))")


@gelu.misconception(
    "That is the exact GELU, with the error function. GPT-2 was trained with the tanh formula, and its "
    "weights expect that one."
)
def exact(x):
    return torch.nn.functional.gelu(x)


@gelu.misconception("The root is missing: the factor is sqrt(2 / pi), 0.798, not 2 / pi.")
def no_root(x):
    return 0.5 * x * (1 + torch.tanh(2 / math.pi * (x + 0.044715 * x**3)))


@gelu.misconception("The factor is sqrt(2 / pi), 0.798. Here it was sqrt(2 * pi), 2.507.")
def root_of_product(x):
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 * math.pi) * (x + 0.044715 * x**3)))


@gelu.misconception("The factor sqrt(2 / pi) inside the tanh is missing.")
def no_factor(x):
    return 0.5 * x * (1 + torch.tanh(x + 0.044715 * x**3))


@gelu.misconception("The constant of the cube is 0.044715; here it is ten times that.")
def ten_times(x):
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.44715 * x**3)))


@gelu.misconception(
    "The constant of the cube is 0.044715. Rounded to 0.0447 or 0.045 it is nearly right, and wrong in "
    "every layer."
)
def rounded(x):
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.0447 * x**3)))


@gelu.misconception(
    "Inside stands x squared. It is x cubed: the tanh's argument has the sign of x, on both sides."
)
def squared(x):
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**2)))


@gelu.misconception("The half is missing: for large x, GELU is x, and this is 2 x.")
def no_half(x):
    return x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


@gelu.misconception("The cubic term is missing: inside stands x + 0.044715 * x**3.")
def no_cube(x):
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * x))


@gelu.misconception(
    "That is the other shortcut, x * sigmoid(1.702 x). It is coarser; GPT-2 uses the tanh."
)
def by_sigmoid(x):
    return x * torch.sigmoid(1.702 * x)


@gelu.misconception(
    "The cubic term stands outside the bracket: sqrt(2 / pi) multiplies it too, sqrt(2 / pi) * (x + 0.044715 "
    "* x**3)."
)
def cube_outside(x):
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * x + 0.044715 * x**3))


@gelu.misconception(
    "The half stands inside, with the tanh's argument. It belongs to the whole: 0.5 * x * (1 + tanh)."
)
def half_inside(x):
    return x * (1 + torch.tanh(0.5 * math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


@gelu.misconception(
    "The 1 is missing: x * tanh is even. GELU is nearly 0 on the left, and nearly x on the right."
)
def no_one(x):
    return 0.5 * x * torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))


@gelu.variant("torch's own")
def torchs(x):
    return torch.nn.functional.gelu(x, approximate="tanh")


@gelu.variant("tanh by the sigmoid")
def sigmoid_of_twice(x):
    return x * torch.sigmoid(2 * (2 / torch.pi) ** 0.5 * (x + 0.044715 * x.pow(3)))
