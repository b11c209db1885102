"""exp, log, tanh, relu; expressions made of them; torch as the judge: what the exercises share."""

import torch

from graders.authoring import Tol, real, value_data

# Slopes are products of functions that may be large, or sums of terms that cancel.
GRADIENTS = Tol(rtol=1e-9, atol=1e-9)


def value_of(m, function, x, upstream, held):
    """function(x), and x afterwards."""
    x = m.Value(x)
    x.grad = held
    out = getattr(x, function)()
    return {"result": value_data(m, out), "x afterwards": [x.data, x.grad]}


def slope_of(m, function, x, upstream, held):
    """The gradient of upstream * function(x), on top of what x holds."""
    x = m.Value(x)
    x.grad = held
    out = getattr(x, function)()
    if not isinstance(out, m.Value):
        return value_data(m, out)
    (out * upstream).backward()
    return real(x.grad)


def chain_of(m, function, x, upstream, held):
    """The gradient through function(2x) * x + function(2x), where x is used on two paths."""
    x = m.Value(x)
    inner = 2 * x
    out = getattr(inner, function)()
    if not isinstance(out, m.Value):
        return value_data(m, out)
    (out * x + out * upstream).backward()
    return {"x.grad": real(x.grad), "(2x).grad": real(inner.grad)}


def true_slope(function, x, upstream, held):
    x = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    (getattr(x, function)() * upstream).backward()
    return held + x.grad.item()


def true_chain(function, x, upstream, held):
    x = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    inner = 2 * x
    inner.retain_grad()
    out = getattr(inner, function)()
    (out * x + out * upstream).backward()
    return {"x.grad": x.grad.item(), "(2x).grad": inner.grad.item()}


def cases_at(ex, function, *places):
    @ex.cases
    def _(rng):
        first = rng.choice([-1, 1])
        for low, high in places:
            for sign in (first, -first):  # at each place both, so that neither is told of the other
                yield dict(
                    function=function,
                    x=rng.number(low, high) if low < high else low,
                    upstream=sign * rng.number(1.5, 3.0),
                    held=rng.number(5.0, 9.0),
                )

    ex.oracle("gradients")(true_slope)
    ex.oracle("in an expression")(true_chain)
