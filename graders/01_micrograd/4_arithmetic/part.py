"""Arithmetic on Values: every operator, its value and its gradients: what the exercises share."""

import torch

from graders.authoring import Tol, real, value_data

# Slopes of quotients and powers are sums of terms that may cancel.
GRADIENTS = Tol(rtol=1e-9, atol=1e-9)


def values_of(m, expression, a, b, upstream, held):
    """The result of an expression in a and b, and a and b afterwards."""
    a, b = m.Value(a), m.Value(b)
    a.grad = b.grad = held
    out = eval(expression, {"a": a, "b": b})
    return {"result": value_data(m, out), "a, b afterwards": [a.data, b.data, a.grad, b.grad]}


def gradients_of(m, expression, a, b, upstream, held):
    """The gradients of upstream * expression, on top of what a and b hold."""
    a, b = m.Value(a), m.Value(b)
    a.grad = b.grad = held
    out = eval(expression, {"a": a, "b": b})
    if not isinstance(out, m.Value):
        return value_data(m, out)
    (out * upstream).backward()
    return {"a.grad": real(a.grad), "b.grad": real(b.grad)}


def autograd(expression, a, b, upstream, held):
    """What gradients_of returns, from torch."""
    a, b = (torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (a, b))
    out = eval(expression, {"a": a, "b": b})
    (out * upstream).backward()
    grads = [held + (0.0 if x.grad is None else x.grad.item()) for x in (a, b)]
    return dict(zip(["a.grad", "b.grad"], grads, strict=True))


def evaluate(expression, a, b, upstream, held):
    """What values_of returns, from Python's own floats."""
    out = eval(expression, {"a": a, "b": b})
    return {"result": float(out), "a, b afterwards": [a, b, held, held]}


def ask(ex, *expressions, low=0.3):
    """Cases and both checks for expressions in a and b, of which b is positive."""

    @ex.cases
    def _(rng):
        for expression in expressions:
            for sign in (1, -1):
                yield dict(
                    expression=expression,
                    a=sign * rng.number(low, 2.0),
                    b=rng.number(2.5, 4.0),
                    upstream=rng.number(1.5, 3.0) * -sign,
                    held=rng.number(5.0, 9.0),
                )

    ex.oracle(evaluate)
    ex.oracle("gradients")(autograd)
