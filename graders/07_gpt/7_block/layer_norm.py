"""07.layer_norm: by hand."""

import torch
import torch.nn.functional as F

from graders.authoring import exercise

from .part import gradients, leaf

layer_norm = exercise("layer_norm", title="LayerNorm by hand", points=2)


@layer_norm.cases
def _(rng):
    for shape, eps in [
        ((2, 3, 5), 0.5),
        ((1, 4, 6), 2.0),
        ((3, 1, 4), 0.3),
        ((4, 2, 1), 1.0),
        ((7,), 0.7),
        ((5, 3), 1e-5),
        ((2, 3, 4, 5), 0.9),
        ((4, 4, 4), 0.5),  # nothing fails for its shape
    ]:
        C = shape[-1]
        x = rng.normal(*shape, mean=1.5, std=2)
        yield dict(x=x, gain=rng.normal(C), bias=rng.normal(C), eps=eps)
    x = rng.normal(3, 2, 6, mean=-40, std=0.01)  # tiny differences: eps is what counts
    yield dict(x=x, gain=rng.normal(6), bias=rng.normal(6), eps=1e-3)
    x = rng.normal(2, 3, 4, mean=2)
    x[0, 1], x[1, 2] = 3.0, 0.0  # vectors of equal numbers: variance 0
    yield dict(x=x, gain=rng.normal(4), bias=rng.normal(4), eps=0.2)
    yield dict(
        x=rng.normal(4, 3, 5).transpose(0, 1), gain=rng.normal(5), bias=rng.normal(5), eps=0.4
    )
    single = dict(dtype=torch.float32)
    x = rng.normal(2, 5, 6, mean=1, **single)
    yield dict(x=x, gain=rng.normal(6, **single), bias=rng.normal(6, **single), eps=0.5)


@layer_norm.oracle
def _(x, gain, bias, eps):
    return F.layer_norm(x, (x.shape[-1],), gain, bias, eps)


@layer_norm.check("gradients")
def _(m, eps, **case):
    leaves = {name: leaf(tensor) for name, tensor in case.items()}
    return gradients(m.layer_norm(**leaves, eps=eps), leaves)


@layer_norm.oracle("gradients")
def _(eps, **case):
    leaves = {name: leaf(tensor) for name, tensor in case.items()}
    x, gain, bias = leaves.values()
    return gradients(F.layer_norm(x, (x.shape[-1],), gain, bias, eps), leaves)


@layer_norm.check("default eps")
def _(m, x, gain, bias, eps):
    return m.layer_norm(x * 1e-2, gain, bias)


@layer_norm.oracle("default eps")
def _(x, gain, bias, eps):
    return F.layer_norm(x * 1e-2, (x.shape[-1],), gain, bias)


layer_norm.hint("The last dimension, keepdim=True, so that the mean can be subtracted again.")
layer_norm.hint(
    "x.var(-1, correction=0, keepdim=True) is the biased variance; add eps, then the root."
)
layer_norm.hint("gain * (x - mean) / torch.sqrt(var + eps) + bias")

MEAN = "x.mean(-1, keepdim=True)"
VAR = "x.var(-1, correction=0, keepdim=True)"


def wrong(message, name, *edits):
    layer_norm.misconception(message, name=name, edits=edits)


wrong(
    """eps stands outside the root. It is added to the variance: sqrt(var + eps).""",
    "eps_outside",
    ("torch.sqrt(var + eps)", "(torch.sqrt(var) + eps)"),
)
wrong(
    """eps is missing: a vector of equal numbers would be divided by zero.""",
    "no_eps",
    ("torch.sqrt(var + eps)", "torch.sqrt(var)"),
)
wrong(
    """eps is 1e-5 whatever was asked for: use the argument.""",
    "own_eps",
    ("torch.sqrt(var + eps)", "torch.sqrt(var + 1e-5)"),
)
wrong(
    """The variance is the unbiased one (divided by C - 1, torch's default for var and std). LayerNorm
    divides by C: correction=0.""",
    "unbiased",
    ("correction=0", "correction=1"),
)
wrong(
    """The root is missing: divide by the standard deviation, not by the variance.""",
    "variance_for_std",
    ("torch.sqrt(var + eps)", "(var + eps)"),
)
wrong(
    """Mean and variance are those of each feature over the batch: that is BatchNorm. LayerNorm takes
    each vector alone, over its last dimension.""",
    "batchnorm",
    (MEAN, "x.mean(0, keepdim=True)"),
    (VAR, "x.var(0, correction=0, keepdim=True)"),
)
wrong(
    """Mean and variance are taken over time, the dimension before the last: a position's result then
    hangs on the others, the future too. Take the last dimension.""",
    "over_time",
    (MEAN, "x.mean(-2 if x.ndim > 1 else -1, keepdim=True)"),
    (VAR, "x.var(-2 if x.ndim > 1 else -1, correction=0, keepdim=True)"),
)
wrong(
    """One mean and one variance for all of x. Each vector has its own, over the last dimension.""",
    "all_of_x",
    (MEAN, "x.mean()"),
    (VAR, "x.var(correction=0)"),
)
wrong(
    """The mean is not subtracted. What divides by the size alone is RMSNorm, or nearly; LayerNorm
    centers first.""",
    "not_centered",
    ("return gain * (x - mean)", "return gain * x"),
)
wrong(
    """Divided by the root mean square of x itself. The variance is about the mean: subtract it first.""",
    "mean_square",
    (VAR, "x.square().mean(-1, keepdim=True)"),
)
wrong(
    """Mean and variance are detached. The numbers are right, but the gradient does not know that each
    feature moves the mean and the variance of all.""",
    "detached",
    (MEAN, "x.mean(-1, keepdim=True).detach()"),
    (VAR, "x.var(-1, correction=0, keepdim=True).detach()"),
)
wrong(
    """The variance is detached: its share of the gradient is missing.""",
    "var_detached",
    (VAR, "x.detach().var(-1, correction=0, keepdim=True)"),
)
wrong(
    """gain and bias are unused: whatever is learned there has no effect.""",
    "no_gain_no_bias",
    (
        "gain * (x - mean) / torch.sqrt(var + eps) + bias",
        "(x - mean) / torch.sqrt(var + eps)",
    ),
)
wrong(
    """The gain multiplies the bias too. First times gain, then plus bias.""",
    "gain_times_bias",
    (
        "gain * (x - mean) / torch.sqrt(var + eps) + bias",
        "gain * ((x - mean) / torch.sqrt(var + eps) + bias)",
    ),
)
wrong(
    """The gain is counted from 0, as 1 + gain. Here a gain of 1 changes nothing: multiply by gain.""",
    "one_plus_gain",
    ("return gain * (x - mean)", "return (1 + gain) * (x - mean)"),
)


@layer_norm.variant("centered first, reciprocal root")
def centered(x, gain, bias, eps=1e-5):
    y = x - x.sum(dim=-1, keepdim=True) / x.size(-1)
    return y * torch.rsqrt((y * y).mean(-1, True) + eps) * gain + bias


@layer_norm.variant("torch's own")
def torchs(x, gain, bias, eps=1e-5):
    return F.layer_norm(x, x.shape[-1:], gain, bias, eps)
