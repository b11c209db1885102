"""04.bias_gradient: the bias before BatchNorm is useless."""

import torch

from graders.authoring import exercise

useless = exercise("bias_gradient", title="the bias before BatchNorm is useless")

KINDS = ("tanh", "square", "batchnorm", "unbiased", "centered", "softmax", "detached")


def a_function(m, kind, hidden):
    """A differentiable function (n, hidden) -> (n, hidden)."""
    gain = torch.linspace(0.5, 2.0, hidden, dtype=torch.float64)

    def detached(z):
        return (z - z.mean(0).detach()) * gain

    return {
        "tanh": torch.tanh,
        "square": lambda z: gain * z**2,
        "batchnorm": lambda z: m.batchnorm(z, gain, gain - 1, eps=0.5),
        "unbiased": lambda z: m.batchnorm(z, gain, gain - 1, eps=0.5, correction=1),
        "centered": lambda z: torch.sin(z - 0.5 * z.mean(0)),
        "softmax": lambda z: z.softmax(1) * gain,
        "detached": detached,
    }[kind]


@useless.cases
def _(rng):
    for kind, n, hidden in zip(KINDS, (4, 3, 5, 3, 2, 4, 3), (3, 5, 2, 3, 4, 4, 3), strict=True):
        yield dict(
            kind=kind,
            x=rng.normal(n, hidden),
            b1=rng.normal(hidden, mean=0.8),
            dout=rng.normal(n, hidden, mean=0.5),
        )
    f32 = dict(dtype=torch.float32)
    yield dict(
        kind="tanh",
        x=rng.normal(4, 3, **f32),
        b1=rng.normal(3, **f32),
        dout=rng.normal(4, 3, **f32),
    )


@useless.scenario
def _(m, kind, x, b1, dout):
    function = a_function(m, kind, x.shape[1])
    return m.bias_gradient(function, x, b1, dout)


@useless.oracle
def _(kind, x, b1, dout):
    hidden = x.shape[1]
    z, gain = x + b1, torch.linspace(0.5, 2.0, hidden, dtype=torch.float64)
    if kind == "tanh":
        return (dout * (1 - z.tanh() ** 2)).sum(0)
    if kind == "square":
        return (dout * 2 * gain * z).sum(0)
    if kind in ("batchnorm", "unbiased"):
        return torch.zeros_like(b1)
    if kind == "centered":
        return 0.5 * (dout * torch.cos(z - 0.5 * z.mean(0))).sum(0)
    if kind == "softmax":
        s, d = z.softmax(1), dout * gain
        return (s * (d - (s * d).sum(1, keepdim=True))).sum(0)
    return (dout * gain).sum(0)


@useless.check("inputs")
def _(m, kind, x, b1, dout):
    """Called twice with the same tensors: same answer, and nothing about them has changed."""
    function = a_function(m, kind, x.shape[1])
    kept = [t.clone() for t in (x, b1, dout)]
    answers = [m.bias_gradient(function, x, b1, dout) for _ in range(2)]
    same = [torch.equal(a, b) for a, b in zip(kept, (x, b1, dout), strict=True)]
    return [answers, same, [t.requires_grad for t in (x, b1, dout)]]


useless.hint("Let autograd do it: which tensor has to require a gradient, and where is it added?")
useless.hint(
    "A copy of b1 with requires_grad_(); loss = (function(x + b1) * dout).sum(); backward; the copy's .grad."
)
useless.hint(
    "b1 = b1.detach().clone().requires_grad_(); (function(x + b1) * dout).sum().backward(); return b1.grad"
)


@useless.misconception(
    "Zero is the answer behind a batchnorm only. `function` may be anything: measure, do not assume."
)
def zeros(function, x, b1, dout):
    return torch.zeros_like(b1)


@useless.misconception(
    "That is dout summed, as for a bias that is added *after* the function. Before it, function(x + b1), "
    "the function's own derivative comes in."
)
def added_after(function, x, b1, dout):
    b1 = b1.clone().requires_grad_()
    ((function(x) + b1) * dout).sum().backward()
    return b1.grad


@useless.misconception(
    "dout is not used: the loss is the sum of function(x + b1) * dout. Through a batchnorm, your sum is "
    "constant, and its gradient zero for the wrong reason."
)
def no_upstream(function, x, b1, dout):
    b1 = b1.clone().requires_grad_()
    function(x + b1).sum().backward()
    return b1.grad


@useless.misconception(
    "That is the gradient of x, (n, n_hidden). One bias serves all n examples: sum over them."
)
def of_x(function, x, b1, dout):
    x = x.clone().requires_grad_()
    (function(x + b1) * dout).sum().backward()
    return x.grad


@useless.misconception("The gradients of the n copies of the bias add up; you took their mean.")
def mean(function, x, b1, dout):
    b1 = b1.clone().requires_grad_()
    (function(x + b1) * dout).sum().backward()
    return b1.grad / len(x)


@useless.misconception("The loss is a sum over all elements, not a mean.")
def mean_loss(function, x, b1, dout):
    b1 = b1.clone().requires_grad_()
    (function(x + b1) * dout).mean().backward()
    return b1.grad


@useless.misconception(
    "b1 itself is missing in the forward pass: the gradient was taken at a bias of zero."
)
def at_zero(function, x, b1, dout):
    zero = torch.zeros_like(b1).requires_grad_()
    (function(x + zero) * dout).sum().backward()
    return zero.grad


@useless.misconception(
    "requires_grad was switched on for the caller's own b1: at the next call, the gradients add up. Work "
    "on a copy."
)
def callers_own(function, x, b1, dout):
    b1.requires_grad_()
    (function(x + b1) * dout).sum().backward()
    return b1.grad.clone()


@useless.misconception(
    "Multiplying dout by function(x + b1) is the loss, not its gradient: autograd has still to be asked."
)
def no_derivative(function, x, b1, dout):
    return (function(x + b1) * dout).sum(0)


@useless.misconception("The gradient has the shape of b1, (n_hidden,); yours has a leading 1.")
def keepdim(function, x, b1, dout):
    b1 = b1.clone().requires_grad_()
    (function(x + b1) * dout).sum().backward()
    return b1.grad.unsqueeze(0)


@useless.misconception("The bias was subtracted: x + b1. A gradient has a sign.")
def subtracted(function, x, b1, dout):
    b1 = b1.clone().requires_grad_()
    (function(x - b1) * dout).sum().backward()
    return b1.grad


@useless.variant("autograd.grad with the upstream gradient")
def autograd_grad(function, x, b1, dout):
    b = b1.clone()
    b.requires_grad = True
    y = function(x.add(b))
    return torch.autograd.grad(y, b, grad_outputs=dout)[0]


@useless.variant("through the sum, summed over the batch")
def through_z(function, x, b1, dout):
    z = (x + b1).requires_grad_()
    function(z).backward(dout)
    return z.grad.sum(0)


@useless.variant("torch.func")
def functional(function, x, b1, dout):
    return torch.func.grad(lambda b: torch.sum(function(x + b) * dout))(b1)


useless.equivalent(
    "b1.detach().clone()  ->  b1.detach().detach()",
    "b1 is not changed; a copy that requires a gradient is all that is needed",
)
useless.equivalent(
    "b1.detach().clone()  ->  b1.detach()",
    "b1 is not changed; a copy that requires a gradient is all that is needed",
)
useless.equivalent(
    "b1.detach()  ->  b1",
    "b1 is not changed; a copy that requires a gradient is all that is needed",
)
