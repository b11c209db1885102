"""05.bnvar_backward: dbnvar: one over the square root."""

import torch

from graders.authoring import exercise

from .part import SIZES, gradient, leaf

bnvar = exercise("bnvar_backward", title="dbnvar: one over the square root")


@bnvar.cases
def _(rng):
    for n, hidden in SIZES:
        yield dict(dbnvar_inv=rng.normal(1, hidden + n), bnvar=rng.uniform(0.05, 3, 1, hidden + n))
    yield dict(dbnvar_inv=rng.normal(1, 4), bnvar=rng.uniform(0, 2, 1, 4), eps=0.5)
    yield dict(dbnvar_inv=rng.normal(1, 3), bnvar=torch.zeros(1, 3).double(), eps=1e-2)
    f32 = dict(dtype=torch.float32)
    yield dict(dbnvar_inv=rng.normal(1, 3, **f32), bnvar=rng.uniform(0.1, 3, 1, 3, **f32))


@bnvar.oracle
def _(dbnvar_inv, bnvar, eps=1e-5):
    x = leaf(bnvar)
    return gradient(x, (x + eps) ** -0.5, dbnvar_inv, bnvar)


bnvar.hint("The power rule with p = -0.5: which factor, which new exponent?")
bnvar.hint("-0.5 * (bnvar + eps)**-1.5 is the local derivative; eps stays inside.")
bnvar.hint("-0.5 * (bnvar + eps)**-1.5 * dbnvar_inv")


@bnvar.misconception(
    "eps is missing: the forward pass takes (bnvar + eps)**-0.5, so eps is inside the power in the "
    "derivative too."
)
def no_eps(dbnvar_inv, bnvar, eps=1e-5):
    return -0.5 * bnvar**-1.5 * dbnvar_inv


@bnvar.misconception("You wrote 1e-5 into the formula: use the argument eps, which may be another.")
def fixed_eps(dbnvar_inv, bnvar, eps=1e-5):
    return -0.5 * (bnvar + 1e-5) ** -1.5 * dbnvar_inv


@bnvar.misconception(
    "eps stands outside the power. It is added to the variance first: (bnvar + eps)**-1.5."
)
def eps_outside(dbnvar_inv, bnvar, eps=1e-5):
    return -0.5 * (bnvar**-1.5 + eps) * dbnvar_inv


@bnvar.misconception(
    "The exponent did not change: the power rule takes it one lower, from -0.5 to -1.5."
)
def same_exponent(dbnvar_inv, bnvar, eps=1e-5):
    return -0.5 * (bnvar + eps) ** -0.5 * dbnvar_inv


@bnvar.misconception(
    "The exponent is +0.5: from -0.5 the power rule goes one *lower*, to -1.5, not one higher."
)
def exponent_up(dbnvar_inv, bnvar, eps=1e-5):
    return -0.5 * (bnvar + eps) ** 0.5 * dbnvar_inv


@bnvar.misconception("The sign is missing: the power rule multiplies by the exponent, -0.5.")
def sign(dbnvar_inv, bnvar, eps=1e-5):
    return 0.5 * (bnvar + eps) ** -1.5 * dbnvar_inv


@bnvar.misconception("The factor 0.5 is missing: the power rule multiplies by the exponent, -0.5.")
def no_half(dbnvar_inv, bnvar, eps=1e-5):
    return -((bnvar + eps) ** -1.5) * dbnvar_inv


@bnvar.misconception("The upstream gradient dbnvar_inv is missing: that is the local derivative.")
def upstream_ignored(dbnvar_inv, bnvar, eps=1e-5):
    return -0.5 * (bnvar + eps) ** -1.5


@bnvar.misconception(
    "That is the derivative of the square root, 0.5 * x**-0.5. The forward pass has one *over* the "
    "root."
)
def root(dbnvar_inv, bnvar, eps=1e-5):
    return 0.5 * (bnvar + eps) ** -0.5 * dbnvar_inv


@bnvar.variant("the cube of one over the standard deviation")
def cube(dbnvar_inv, bnvar, eps=1e-5):
    inverse = torch.rsqrt(bnvar + eps)
    return dbnvar_inv * inverse * inverse * inverse / -2


@bnvar.variant("with roots")
def roots(dbnvar_inv, bnvar, eps=1e-5):
    var = bnvar + eps
    return -dbnvar_inv / (2 * var * torch.sqrt(var))
