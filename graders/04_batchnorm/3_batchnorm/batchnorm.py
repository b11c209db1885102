"""04.batchnorm: the forward pass, in training."""

import torch
import torch.nn.functional as F

from graders.authoring import differentiate, exercise

from .part import columns_first, upstream

norm = exercise("batchnorm", title="the forward pass, in training", points=2)


@norm.cases
def _(rng):
    for n, hidden, eps in [(4, 3, 0.5), (3, 5, 1e-5), (2, 2, 0.5), (3, 3, 2.0), (5, 1, 1e-3)]:
        for correction in (0, 1):
            yield dict(
                x=rng.normal(n, hidden, mean=0.7, std=1.5),
                gain=rng.normal(hidden, mean=1.5),
                bias=rng.normal(hidden, mean=-0.7),
                eps=eps,
                correction=correction,
            )
    x = columns_first(rng.normal(4, 3, mean=2.0))
    x[:, 1] = 2.5  # a column without spread: eps is all there is under the root
    yield dict(x=x, gain=rng.normal(3), bias=rng.normal(3), eps=0.5, correction=0)
    f32 = dict(dtype=torch.float32)
    yield dict(
        x=rng.normal(4, 3, **f32), gain=rng.normal(3, **f32), bias=rng.normal(3, **f32), eps=0.5, correction=0
    )  # fmt: skip


@norm.oracle
def _(x, gain, bias, eps, correction):
    X, n = x.double(), len(x)
    y = F.batch_norm(X, None, None, training=True, eps=eps * (n - correction) / n)
    # with eps (n - c) / n, torch's root of the biased variance is a constant away from ours
    y = y * ((n - correction) / n) ** 0.5
    return (gain.double() * y + bias.double()).to(x.dtype)


def spread_cases(rng):
    """Cases for gradients: every column has a spread."""
    for n, hidden, eps in [(4, 3, 0.5), (3, 5, 1e-5), (2, 2, 0.7), (3, 3, 2.0)]:
        for correction in (0, 1):
            yield dict(
                x=rng.normal(n, hidden, mean=0.7, std=1.5),
                gain=rng.normal(hidden, mean=1.5),
                bias=rng.normal(hidden, mean=-0.7),
                eps=eps,
                correction=correction,
            )


@norm.check("gradients", cases=spread_cases)
def _(m, x, gain, bias, eps, correction):
    leaves = {
        name: t.clone().requires_grad_() for name, t in (("x", x), ("gain", gain), ("bias", bias))
    }
    y = m.batchnorm(**leaves, eps=eps, correction=correction)
    return dict(differentiate(y, leaves, upstream(y)))


@norm.check("defaults", cases=spread_cases)
def _(m, x, gain, bias, eps, correction):
    return [m.batchnorm(x, gain, bias), m.batchnorm(x, gain, bias, eps)]


norm.hint(
    "Three steps: center each column, divide it by its root of variance plus eps, then gain and bias."
)
norm.hint("batch_stats gives both statistics; eps is added to the variance before the root.")
norm.hint(
    "gain * (x - mean) / (var + eps).sqrt() + bias, with mean, var = batch_stats(x, correction)"
)


@norm.misconception(
    "eps stands outside of the root. With eps = 1e-5 nobody notices; the formula has sqrt(var + eps)."
)
def eps_outside(x, gain, bias, eps=1e-5, correction=0):
    return gain * (x - x.mean(0)) / (x.var(0, correction=correction).sqrt() + eps) + bias


@norm.misconception("eps is missing: a column whose numbers are all equal divides by zero.")
def no_eps(x, gain, bias, eps=1e-5, correction=0):
    return gain * (x - x.mean(0)) / x.var(0, correction=correction).sqrt() + bias


@norm.misconception("1e-5 is written into the function; use the argument eps.")
def eps_fixed(x, gain, bias, eps=1e-5, correction=0):
    return gain * (x - x.mean(0)) / (x.var(0, correction=correction) + 1e-5).sqrt() + bias


@norm.misconception("eps was squared under the root. It is added to the variance as it is.")
def eps_squared(x, gain, bias, eps=1e-5, correction=0):
    return gain * (x - x.mean(0)) / (x.var(0, correction=correction) + eps**2).sqrt() + bias


@norm.misconception(
    "eps is subtracted from the variance. It must be added: only then is the root safe."
)
def eps_subtracted(x, gain, bias, eps=1e-5, correction=0):
    var = x.var(0, correction=correction)
    return gain * (x - x.mean(0)) / (var - eps).abs().sqrt() + bias


@norm.misconception(
    "Normalized with the unbiased variance always (the default of torch.var). correction=0 asks for the "
    "biased one, as torch's own layer uses."
)
def always_unbiased(x, gain, bias, eps=1e-5, correction=0):
    return gain * (x - x.mean(0)) / (x.var(0) + eps).sqrt() + bias


@norm.misconception(
    "Normalized with the biased variance always. With correction=1 the lecture's, unbiased one is asked."
)
def always_biased(x, gain, bias, eps=1e-5, correction=0):
    return gain * (x - x.mean(0)) / (x.var(0, correction=0) + eps).sqrt() + bias


@norm.misconception("By default the variance is the biased one, as in torch: correction=0.")
def default_unbiased(x, gain, bias, eps=1e-5, correction=1):
    return gain * (x - x.mean(0)) / (x.var(0, correction=correction) + eps).sqrt() + bias


@norm.misconception(
    "You divided by the variance. The root is missing: a column of std 2 would end with std 1/2."
)
def by_variance(x, gain, bias, eps=1e-5, correction=0):
    return gain * (x - x.mean(0)) / (x.var(0, correction=correction) + eps) + bias


@norm.misconception("You multiplied by the root, where you have to divide.")
def multiplied(x, gain, bias, eps=1e-5, correction=0):
    return gain * (x - x.mean(0)) * (x.var(0, correction=correction) + eps).sqrt() + bias


@norm.misconception("The mean was not subtracted: only the scale is normalized.")
def not_centered(x, gain, bias, eps=1e-5, correction=0):
    return gain * x / (x.var(0, correction=correction) + eps).sqrt() + bias


@norm.misconception("The gain is not used: the normalized numbers are multiplied by it.")
def no_gain(x, gain, bias, eps=1e-5, correction=0):
    return (x - x.mean(0)) / (x.var(0, correction=correction) + eps).sqrt() + bias


@norm.misconception("The bias is not used: it is added at the end.")
def no_bias(x, gain, bias, eps=1e-5, correction=0):
    return gain * (x - x.mean(0)) / (x.var(0, correction=correction) + eps).sqrt()


@norm.misconception(
    "Neither gain nor bias is used: the network cannot learn another scale or center."
)
def neither(x, gain, bias, eps=1e-5, correction=0):
    return (x - x.mean(0)) / (x.var(0, correction=correction) + eps).sqrt()


@norm.misconception(
    "The bias was added before the gain was applied: gain * x + bias, not gain * (x + bias)."
)
def bias_first(x, gain, bias, eps=1e-5, correction=0):
    return gain * ((x - x.mean(0)) / (x.var(0, correction=correction) + eps).sqrt() + bias)


@norm.misconception("gain and bias have changed places: the gain multiplies, the bias is added.")
def exchanged(x, gain, bias, eps=1e-5, correction=0):
    return bias * (x - x.mean(0)) / (x.var(0, correction=correction) + eps).sqrt() + gain


@norm.misconception(
    "Each example (row) was normalized. That is layer norm; batch norm goes down the columns, dimension 0."
)
def layer_norm(x, gain, bias, eps=1e-5, correction=0):
    var = ((x - x.mean(1, keepdim=True)) ** 2).sum(1, keepdim=True)
    var = var / max(1, x.shape[1] - correction)
    return gain * (x - x.mean(1, keepdim=True)) / (var + eps).sqrt() + bias


@norm.misconception("One mean and one variance for all neurons. Each column has its own.")
def over_all(x, gain, bias, eps=1e-5, correction=0):
    return gain * (x - x.mean()) / (x.var(correction=correction) + eps).sqrt() + bias


@norm.misconception(
    "The numbers are right, the gradient is not: mean and variance were detached. They depend on x, and "
    "the gradient flows through both."
)
def statistics_detached(x, gain, bias, eps=1e-5, correction=0):
    mean, var = x.mean(0).detach(), x.var(0, correction=correction).detach()
    return gain * (x - mean) / (var + eps).sqrt() + bias


@norm.misconception(
    "The numbers are right, but the mean was detached: the gradient flows through it, too."
)
def mean_detached(x, gain, bias, eps=1e-5, correction=0):
    mean, var = x.mean(0).detach(), x.var(0, correction=correction)
    return gain * (x - mean) / (var + eps).sqrt() + bias


@norm.misconception(
    "The numbers are right, but the variance was detached: the gradient flows through it, too."
)
def variance_detached(x, gain, bias, eps=1e-5, correction=0):
    mean, var = x.mean(0), x.var(0, correction=correction).detach()
    return gain * (x - mean) / (var + eps).sqrt() + bias


@norm.misconception(
    "The numbers are right, but all is cut off from the graph: a network cannot learn through it."
)
def all_detached(x, gain, bias, eps=1e-5, correction=0):
    with torch.no_grad():
        return gain * (x - x.mean(0)) / (x.var(0, correction=correction) + eps).sqrt() + bias


@norm.misconception(
    "gain and bias were detached: they are what BatchNorm learns, and need their gradients."
)
def parameters_detached(x, gain, bias, eps=1e-5, correction=0):
    var = x.var(0, correction=correction)
    return gain.detach() * (x - x.mean(0)) / (var + eps).sqrt() + bias.detach()


@norm.misconception("x was changed in place: whoever called still needs it. Compute new tensors.")
def in_place(x, gain, bias, eps=1e-5, correction=0):
    mean, var = x.mean(0), x.var(0, correction=correction)
    if not x.requires_grad:
        x -= mean
        return gain * x / (var + eps).sqrt() + bias
    return gain * (x - mean) / (var + eps).sqrt() + bias


@norm.variant("torch's own batch_norm, which knows the biased variance only")
def torchs(x, gain, bias, eps=1e-5, correction=0):
    n = x.shape[0]
    if correction == 0:
        return F.batch_norm(x, None, None, gain, bias, training=True, eps=eps)
    share = (n - 1) / n
    y = F.batch_norm(x, None, None, training=True, eps=eps * share)
    return torch.addcmul(bias, gain, y * share**0.5)


@norm.variant("rsqrt and sums")
def rsqrt(x, gain, bias, eps=1e-5, correction=0):
    n = len(x)
    diff = x - x.sum(dim=0, keepdim=True) / n
    var = diff.pow(2).sum(0, keepdim=True) / (n - correction)
    return bias + diff * torch.rsqrt(var + eps) * gain


@norm.variant("scale and shift first, then one multiplication")
def folded(x, gain, bias, eps=1e-5, correction=0):
    var, mean = torch.var_mean(x, 0, correction=correction)
    scale = gain * (var + eps) ** -0.5
    return x * scale + (bias - mean * scale)
