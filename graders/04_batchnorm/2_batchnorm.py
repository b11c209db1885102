"""Batch normalization: the formula, its two variances, running statistics, eval mode, the network."""

from types import SimpleNamespace

import torch
import torch.nn.functional as F

from graders.authoring import differentiate, exercise

# Batches of 2 to 5, eps = 0.5 and momentum = 0.3 in float64: a variance that divides by the wrong
# number is off by 20 % and more, an eps in the wrong place by as much, a swapped momentum by a factor
# of two. The tolerance is 1e-9.


def upstream(like):
    """A gradient that arrives: of the shape of `like`, never 1, of both signs, no two alike."""
    return torch.cos(torch.arange(like.numel(), dtype=like.dtype) * 1.7 + 0.3).view(like.shape) * 2


def columns_first(x):
    """The same matrix, stored column by column: not contiguous."""
    return x.t().contiguous().t()


# -- batch_stats ---------------------------------------------------------------------------------

stats = exercise("batch_stats", title="mean and variance, n or n - 1")
stats.hint("Down the batch: which dimension? And which of the two results does correction concern?")
stats.hint("mean = x.mean(0); the variance is the sum of (x - mean)**2 over n - correction.")
stats.hint("return x.mean(0), x.var(0, correction=correction)")


@stats.cases
def _(rng):
    for n, hidden in [(4, 3), (3, 5), (2, 2), (3, 3), (5, 1)]:
        for correction in (0, 1):
            yield dict(x=rng.normal(n, hidden, mean=0.7, std=2.0), correction=correction)
    yield dict(x=columns_first(rng.normal(4, 3, mean=-3.0)), correction=1)
    yield dict(x=torch.full((3, 2), 1.5, dtype=torch.float64), correction=0)
    yield dict(x=rng.normal(4, 3, mean=0.3, dtype=torch.float32), correction=0)


@stats.oracle
def _(x, correction):
    n, columns = len(x), x.double().t().tolist()
    means = [sum(c) / n for c in columns]
    variances = [
        sum((v - m) ** 2 for v in c) / (n - correction) for c, m in zip(columns, means, strict=True)
    ]
    return [
        torch.tensor(means, dtype=torch.float64).to(x.dtype),
        torch.tensor(variances, dtype=torch.float64).to(x.dtype),
    ]


@stats.check("gradients")
def _(m, x, correction):
    x = x.clone().requires_grad_()
    mean, var = m.batch_stats(x, correction)
    up = [upstream(mean), upstream(var) + 0.5]
    return dict(differentiate([mean, var], {"x": x}, up))


@stats.misconception(
    "The variance always divides by n - 1 (torch.var does, unless told). correction=0 asks for n."
)
def always_unbiased(x, correction):
    return x.mean(0), x.var(0)


@stats.misconception(
    "The variance always divides by n. With correction=1, it divides by n - 1 (Bessel)."
)
def always_biased(x, correction):
    return x.mean(0), x.var(0, correction=0)


@stats.misconception("The wrong way round: correction=0 divides by n, correction=1 by n - 1.")
def swapped(x, correction):
    return x.mean(0), x.var(0, correction=1 - correction)


@stats.misconception("n + correction is the wrong direction: Bessel makes the variance larger.")
def plus(x, correction):
    mean = x.mean(0)
    return mean, ((x - mean) ** 2).sum(0) / (len(x) + correction)


@stats.misconception(
    "That is the standard deviation. The variance is its square; the root comes later, with eps in it."
)
def std(x, correction):
    return x.mean(0), (x.var(0, correction=correction) + 1e-300).sqrt()


@stats.misconception(
    "You went along the neurons. A neuron's statistics go down the batch: dimension 0."
)
def wrong_dim(x, correction):
    return x.mean(1), ((x - x.mean(1, keepdim=True)) ** 2).sum(1) / max(1, x.shape[1] - correction)


@stats.misconception(
    "One mean and one variance for the whole batch. Each neuron, each column, has its own."
)
def over_all(x, correction):
    return x.mean(), x.var(correction=correction)


@stats.misconception(
    "Right numbers in the shape (1, n_hidden): here it is (n_hidden,), no keepdim."
)
def keepdim(x, correction):
    return x.mean(0, keepdim=True), x.var(0, keepdim=True, correction=correction)


@stats.misconception("The mean always divides by n. The correction concerns the variance alone.")
def mean_corrected(x, correction):
    return x.sum(0) / (len(x) - correction), x.var(0, correction=correction)


@stats.misconception(
    "The mean was not subtracted: that is the mean square. The variance is spread around the mean."
)
def mean_square(x, correction):
    return x.mean(0), (x**2).sum(0) / (len(x) - correction)


@stats.misconception(
    "The number of neurons, n_hidden, was used for n. len(x), or x.shape[0], is the batch."
)
def n_hidden_for_n(x, correction):
    mean = x.mean(0)
    return mean, ((x - mean) ** 2).sum(0) / (x.shape[1] - correction + 1e-300)


@stats.misconception("Absolute differences were added. The variance adds up their squares.")
def absolute(x, correction):
    mean = x.mean(0)
    return mean, (x - mean).abs().sum(0) / (len(x) - correction)


@stats.misconception(
    "The statistics are cut off from the graph (detach or no_grad). The gradient of BatchNorm flows "
    "through both of them."
)
def detached(x, correction):
    return x.mean(0).detach(), x.var(0, correction=correction).detach()


@stats.misconception(
    "The variance is cut off from the graph: it is a function of x, and gradients flow through it."
)
def var_detached(x, correction):
    return x.mean(0), x.var(0, correction=correction).detach()


@stats.misconception("The order: the mean comes first, then the variance.")
def order(x, correction):
    return x.var(0, correction=correction), x.mean(0)


@stats.variant("torch.var_mean")
def var_mean(x, correction):
    var, mean = torch.var_mean(x, dim=0, correction=correction)
    return [mean, var]


@stats.variant("the mean of the squares minus the square of the mean")
def squares(x, correction):
    n = x.shape[0]
    mean = torch.ones(n, dtype=x.dtype) @ x / n
    return mean, ((x * x).mean(0) - mean * mean) * (n / (n - correction))


@stats.variant("biased, then Bessel's factor")
def bessel(x, correction):
    n = len(x)
    var = torch.stack([column.var(unbiased=False) for column in x.unbind(1)])
    return x.mean(0), var * n / (n - 1) if correction else var


# -- batchnorm -----------------------------------------------------------------------------------

norm = exercise("batchnorm", title="the forward pass, in training", points=2)
norm.hint(
    "Three steps: center each column, divide it by its root of variance plus eps, then gain and bias."
)
norm.hint("batch_stats gives both statistics; eps is added to the variance before the root.")
norm.hint(
    "gain * (x - mean) / (var + eps).sqrt() + bias, with mean, var = batch_stats(x, correction)"
)


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


# -- update_running ------------------------------------------------------------------------------

running = exercise("update_running", title="running statistics, momentum")
running.hint("Which share is new with momentum = 0.1? And which variance does torch store?")
running.hint(
    "Inside torch.no_grad(): batch_stats(x, correction=1), then (1 - momentum) * old + momentum * new."
)
running.hint(
    "(1 - momentum) * running_mean + momentum * mean, and the same for the variance; return both"
)


@running.cases
def _(rng):
    for n, hidden, momentum in [(4, 3, 0.3), (3, 5, 0.1), (2, 2, 0.8), (3, 3, 0.3), (2, 4, 0.001)]:
        yield dict(
            running_mean=rng.normal(hidden, mean=1.0),
            running_var=rng.uniform(2.0, 4.0, hidden),
            x=rng.normal(n, hidden, mean=-2.0, std=1.5),
            momentum=momentum,
        )
    for momentum in (0.0, 1.0):
        yield dict(
            running_mean=rng.normal(3),
            running_var=rng.uniform(0.5, 2.0, 3),
            x=columns_first(rng.normal(4, 3, mean=3.0)),
            momentum=momentum,
        )
    f32 = dict(dtype=torch.float32)
    yield dict(
        running_mean=rng.normal(3, **f32), running_var=rng.uniform(0.5, 2.0, 3, **f32),
        x=rng.normal(4, 3, **f32), momentum=0.3,
    )  # fmt: skip


@running.oracle
def _(running_mean, running_var, x, momentum):
    mean, var = running_mean.clone(), running_var.clone()
    F.batch_norm(x, mean, var, training=True, momentum=momentum)  # torch updates them in place
    return [mean, var]


@running.check("no gradient")
def _(m, running_mean, running_var, x, momentum):
    """x comes from a layer that learns; the bookkeeping must not keep its graph alive."""
    weight = torch.ones(x.shape[1], dtype=x.dtype, requires_grad=True)
    answer = m.update_running(running_mean, running_var, x * weight, momentum)
    return [[t.requires_grad for t in answer], [t.detach() for t in answer]]


@running.check("again and again")
def _(m, running_mean, running_var, x, momentum):
    """Three batches, one after the other, with the default momentum."""
    seen = []
    for factor in (1.0, -2.0, 0.5):
        running_mean, running_var = m.update_running(running_mean, running_var, x * factor)
        seen += [running_mean, running_var]
    return seen


@running.misconception(
    "momentum is the wrong way round: in torch it is the share of the *new* batch, 0.1 by default."
)
def swapped(running_mean, running_var, x, momentum=0.1):
    with torch.no_grad():
        return (
            momentum * running_mean + (1 - momentum) * x.mean(0),
            momentum * running_var + (1 - momentum) * x.var(0),
        )


@running.misconception(
    "The biased variance was stored. It is too small a guess at all the data; torch stores the unbiased "
    "one (and divides by the biased one in the forward pass)."
)
def biased(running_mean, running_var, x, momentum=0.1):
    with torch.no_grad():
        return (
            (1 - momentum) * running_mean + momentum * x.mean(0),
            (1 - momentum) * running_var + momentum * x.var(0, correction=0),
        )


@running.misconception("The standard deviation was mixed into the running *variance*.")
def std(running_mean, running_var, x, momentum=0.1):
    with torch.no_grad():
        return (
            (1 - momentum) * running_mean + momentum * x.mean(0),
            (1 - momentum) * running_var + momentum * x.std(0),
        )


@running.misconception(
    "running_var is never updated: the variance needs the same step as the mean."
)
def mean_only(running_mean, running_var, x, momentum=0.1):
    with torch.no_grad():
        return (1 - momentum) * running_mean + momentum * x.mean(0), running_var.clone()


@running.misconception(
    "running_mean is never updated: the mean needs the same step as the variance."
)
def var_only(running_mean, running_var, x, momentum=0.1):
    with torch.no_grad():
        return running_mean.clone(), (1 - momentum) * running_var + momentum * x.var(0)


@running.misconception("Nothing moves: what comes back are the old statistics.")
def nothing(running_mean, running_var, x, momentum=0.1):
    return running_mean.clone(), running_var.clone()


@running.misconception(
    "The batch's statistics replaced the running ones. One batch is a small sample: move toward it by "
    "momentum."
)
def replaced(running_mean, running_var, x, momentum=0.1):
    return x.mean(0).detach(), x.var(0).detach()


@running.misconception(
    "The old share must shrink, (1 - momentum) * old. Otherwise the statistics grow without end."
)
def added(running_mean, running_var, x, momentum=0.1):
    with torch.no_grad():
        return running_mean + momentum * x.mean(0), running_var + momentum * x.var(0)


@running.misconception("0.1 is written into the function; use the argument momentum.")
def fixed(running_mean, running_var, x, momentum=0.1):
    with torch.no_grad():
        return 0.9 * running_mean + 0.1 * x.mean(0), 0.9 * running_var + 0.1 * x.var(0)


@running.misconception("The default of momentum is 0.1, the share of the new batch; yours is 0.9.")
def default_swapped(running_mean, running_var, x, momentum=0.9):
    with torch.no_grad():
        return (
            (1 - momentum) * running_mean + momentum * x.mean(0),
            (1 - momentum) * running_var + momentum * x.var(0),
        )


@running.misconception(
    "The numbers are right, but they are part of the graph: each step then keeps the graphs of all steps "
    "before, until memory is full. Compute them under torch.no_grad()."
)
def with_gradient(running_mean, running_var, x, momentum=0.1):
    return (
        (1 - momentum) * running_mean + momentum * x.mean(0),
        (1 - momentum) * running_var + momentum * x.var(0),
    )


@running.misconception(
    "The variance is still part of the graph: both statistics are bookkeeping, without gradient."
)
def var_with_gradient(running_mean, running_var, x, momentum=0.1):
    return (
        (1 - momentum) * running_mean + momentum * x.mean(0).detach(),
        (1 - momentum) * running_var + momentum * x.var(0),
    )


@running.misconception(
    "The arguments were changed in place. The docstring asks for new tensors: the caller decides."
)
def in_place(running_mean, running_var, x, momentum=0.1):
    with torch.no_grad():
        running_mean.mul_(1 - momentum).add_(momentum * x.mean(0))
        running_var.mul_(1 - momentum).add_(momentum * x.var(0))
    return running_mean.clone(), running_var.clone()


@running.misconception("You went along the neurons. The batch is dimension 0.")
def wrong_dim(running_mean, running_var, x, momentum=0.1):
    with torch.no_grad():
        var = x.var(1) if x.shape[1] > 1 else x[:, 0] * 0
        return (
            (1 - momentum) * running_mean + momentum * x.mean(1),
            (1 - momentum) * running_var + momentum * var,
        )


@running.misconception(
    "The spread was measured around the *running* mean. The batch's variance is that around its own mean."
)
def around_running_mean(running_mean, running_var, x, momentum=0.1):
    with torch.no_grad():
        var = ((x - running_mean) ** 2).sum(0) / (len(x) - 1)
        return (
            (1 - momentum) * running_mean + momentum * x.mean(0),
            (1 - momentum) * running_var + momentum * var,
        )


@running.misconception("The order: the mean comes first, then the variance.")
def order(running_mean, running_var, x, momentum=0.1):
    with torch.no_grad():
        return (
            (1 - momentum) * running_var + momentum * x.var(0),
            (1 - momentum) * running_mean + momentum * x.mean(0),
        )


@running.variant("lerp")
def lerp(running_mean, running_var, x, momentum=0.1):
    var, mean = torch.var_mean(x.detach(), 0)
    return [torch.lerp(running_mean, mean, momentum), torch.lerp(running_var, var, momentum)]


@running.variant("torch's own, on copies")
def torchs(running_mean, running_var, x, momentum=0.1):
    mean, var = running_mean.clone(), running_var.clone()
    F.batch_norm(x.detach(), mean, var, training=True, momentum=momentum)
    return mean, var


@running.variant("a step toward the batch")
def step(running_mean, running_var, x, momentum=0.1):
    x = x.data
    n = x.shape[0]
    var = x.var(0, unbiased=False) * n / (n - 1)
    return (
        running_mean + momentum * (x.mean(0) - running_mean),
        running_var + momentum * (var - running_var),
    )


# -- which_corrections ---------------------------------------------------------------------------

which = exercise("which_corrections", title="which variance, where? ask the layer", pure=False)
which.hint(
    "Two separate questions. For the first, normalize x yourself in both ways: which comes closer to norm(x)?"
)
which.hint(
    "For the second, solve running = (1 - momentum) * before + momentum * var for var. Keep a *clone* of "
    "running_var from before the call: torch changes it in place."
)
which.hint(
    "before = norm.running_var.clone(); y = norm(x); stored = (norm.running_var - (1 - norm.momentum) * "
    "before) / norm.momentum; compare stored with x.var(0, correction=c), and y with what dividing by "
    "each of the two gives"
)


class Layer:
    """A BatchNorm in training mode with a choice of both variances; in_place as torch, or not."""

    def __init__(self, dim, divides, stores, in_place, momentum, start):
        self.eps, self.momentum = 1e-6, momentum
        self.how = divides, stores, in_place
        self.running_mean = torch.zeros(dim, dtype=start.dtype)
        self.running_var = start.clone()

    def __call__(self, x):
        divides, stores, in_place = self.how
        kept = x.detach().var(0, correction=stores)
        if in_place:
            self.running_var.mul_(1 - self.momentum).add_(self.momentum * kept)
        else:
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * kept
        return (x - x.mean(0)) / (x.var(0, correction=divides) + self.eps).sqrt()


@which.cases
def _(rng):
    for n in (2, 3, 5, 8):
        for divides in (0, 1):
            for stores in (0, 1):
                hidden, order = rng.integer(2, 6), rng.np.permutation(n)
                # every column has a spread: its numbers are 1 to 2 apart
                x = rng.uniform(0, 0.5, n, hidden) + 1.5 * torch.tensor(order)[:, None].double()
                yield dict(
                    x=x * rng.number(1.0, 2.0),
                    divides=divides,
                    stores=stores,
                    in_place=bool((n + divides + stores) % 2),
                    momentum=rng.choice([0.1, 0.3, 0.8]),
                    start=rng.uniform(0.2, 4.0, hidden),
                )


@which.scenario
def _(m, x, divides, stores, in_place, momentum, start):
    layer = Layer(x.shape[1], divides, stores, in_place, momentum, start)
    return m.which_corrections(layer, x)


@which.oracle
def _(x, divides, stores, in_place, momentum, start):
    return [divides, stores]


def layer_cases(rng):
    for n in (3, 4):
        x = rng.uniform(0, 0.5, n, 4, dtype=torch.float32) + 1.5 * torch.arange(n)[:, None]
        yield dict(x=x, momentum=rng.choice([0.1, 0.3]))


@which.check("torch and lecture", cases=layer_cases)
def _(m, x, momentum):
    dim = x.shape[1]
    torchs, lectures = torch.nn.BatchNorm1d(dim, momentum=momentum), m.LectureNorm(dim)
    torchs(x * 2)  # it has been used before
    return [m.which_corrections(torchs, x), m.which_corrections(lectures, x)]


which.misconception(
    "The answer is always that of torch's layer. Others differ (the lecture's does): look at what this "
    "layer does.",
    name="always_torch",
    replace="    return divides, stores",
    by="    return 0, 1",
)
which.misconception(
    "The two answers have changed places: first what it divides by, then what it stores.",
    name="changed_places",
    replace="    return divides, stores",
    by="    return stores, divides",
)
which.misconception(
    "0 stands for the biased variance (correction 0), 1 for the unbiased: yours are the other way round.",
    name="inverted",
    replace="    return divides, stores",
    by="    return 1 - divides, 1 - stores",
)
which.misconception(
    "`before` is the layer's own tensor, and torch changes that in place: before and after are then the "
    "same. Keep a clone.",
    name="no_clone",
    replace="norm.running_var.clone()",
    by="norm.running_var",
)
which.misconception(
    "running_var after the call is only partly this batch's: the share of momentum. Solve for the "
    "batch's variance, with what it was *before* the call.",
    name="mixture",
    replace="stored = (norm.running_var - (1 - norm.momentum) * before) / norm.momentum",
    by="stored = norm.running_var",
)
which.misconception(
    "momentum is the new share: the old one, to be subtracted, is (1 - momentum) * before.",
    name="momentum_swapped",
    replace="(norm.running_var - (1 - norm.momentum) * before) / norm.momentum",
    by="(norm.running_var - norm.momentum * before) / (1 - norm.momentum)",
)
which.misconception(
    "A momentum of 0.1 is assumed. Layers can have another one: norm.momentum.",
    name="momentum_assumed",
    replace="(norm.running_var - (1 - norm.momentum) * before) / norm.momentum",
    by="(norm.running_var - 0.9 * before) / 0.1",
)
which.misconception(
    "running_var is taken to be 1 before the call. The layer has been used: look at what it is.",
    name="ones_assumed",
    replace="before = norm.running_var.clone()",
    by="before = torch.ones_like(norm.running_var)",
)
which.misconception(
    "The output has a mean of 0 and a variance near 1 in any case. Whether it is 1 exactly, or (n - 1) / n, "
    "is the question, and then it is the *biased* variance of the output that you have to look at.",
    name="unbiased_of_output",
    replace="    divides = min((0, 1), key=lambda c: (outputs[c] - y).abs().sum().item())",
    by="    divides = int((y.var(0).mean() - 1).abs().item() > 0.01)",
)
which.misconception(
    "One answer was used for both questions. A layer may divide by one variance and store the other.",
    name="one_for_both",
    replace="    return divides, stores",
    by="    return divides, divides",
)
which.misconception(
    "True and False: the docstring asks for the ints 0 and 1, as correction takes them.",
    name="bools",
    replace="    return divides, stores",
    by="    return bool(divides), bool(stores)",
)


@which.variant("ratios of variances")
def ratios(norm, x):
    n = len(x)
    before = norm.running_var.detach().clone()
    out = norm(x).detach()
    spread = out.var(0, correction=0).mean().item()
    stored = (norm.running_var - (1 - norm.momentum) * before) / norm.momentum
    ratio = (stored / x.var(0, correction=0)).mean().item()
    middle = (1 + (n - 1) / n) / 2
    return [0 if spread > middle else 1, 1 if ratio > (1 + n / (n - 1)) / 2 else 0]


@which.variant("allclose with the biased ones")
def close(norm, x):
    old = torch.empty_like(norm.running_var).copy_(norm.running_var)
    y = norm(x)
    biased = ((x - x.mean(0)) ** 2).mean(0)
    divides = 0 if torch.allclose((y**2).mean(0), torch.ones_like(biased), atol=1e-3) else 1
    new = old + norm.momentum * (biased - old)
    return divides, 0 if torch.allclose(norm.running_var, new, rtol=1e-4) else 1


# -- batchnorm_eval ------------------------------------------------------------------------------

evaluation = exercise("batchnorm_eval", title="eval mode")
evaluation.hint(
    "Where do mean and variance come from now? Does it matter how many examples there are?"
)
evaluation.hint(
    "The same formula as batchnorm, with the arguments in the place of the batch's statistics."
)
evaluation.hint("gain * (x - running_mean) / (running_var + eps).sqrt() + bias")


@evaluation.cases
def _(rng):
    for n, hidden, eps in [(1, 4, 0.5), (4, 3, 0.5), (3, 3, 1e-5), (2, 5, 2.0), (1, 1, 0.1)]:
        yield dict(
            x=rng.normal(n, hidden, mean=2.0, std=1.5),
            running_mean=rng.normal(hidden, mean=-0.5),
            running_var=rng.uniform(0.3, 3.0, hidden),
            gain=rng.normal(hidden, mean=1.5),
            bias=rng.normal(hidden, mean=-0.7),
            eps=eps,
        )
    yield dict(
        x=columns_first(rng.normal(4, 3)), running_mean=rng.normal(3), running_var=rng.normal(3) * 0,
        gain=rng.normal(3), bias=rng.normal(3), eps=0.5,
    )  # fmt: skip
    f32 = dict(dtype=torch.float32)
    yield dict(
        x=rng.normal(4, 3, **f32), running_mean=rng.normal(3, **f32),
        running_var=rng.uniform(0.5, 2.0, 3, **f32), gain=rng.normal(3, **f32), bias=rng.normal(3, **f32),
        eps=0.5,
    )  # fmt: skip


@evaluation.oracle
def _(x, running_mean, running_var, gain, bias, eps):
    return F.batch_norm(x, running_mean, running_var, gain, bias, training=False, eps=eps)


@evaluation.check("gradients")
def _(m, x, running_mean, running_var, gain, bias, eps):
    leaves = {
        name: t.clone().requires_grad_() for name, t in (("x", x), ("gain", gain), ("bias", bias))
    }
    y = m.batchnorm_eval(
        leaves["x"], running_mean, running_var, leaves["gain"], leaves["bias"], eps=eps
    )
    return dict(differentiate(y, leaves, upstream(y)))


@evaluation.check("default eps")
def _(m, x, running_mean, running_var, gain, bias, eps):
    return m.batchnorm_eval(x, running_mean, running_var * 1e-4, gain, bias)


@evaluation.misconception(
    "The batch's statistics were used. In eval mode an example is answered alone: use the running ones."
)
def batch_statistics(x, running_mean, running_var, gain, bias, eps=1e-5):
    return gain * (x - x.mean(0)) / (x.var(0, correction=0) + eps).sqrt() + bias


@evaluation.misconception(
    "The mean is still the batch's: both statistics are the stored ones in eval mode."
)
def batch_mean(x, running_mean, running_var, gain, bias, eps=1e-5):
    return gain * (x - x.mean(0)) / (running_var + eps).sqrt() + bias


@evaluation.misconception(
    "The variance is still the batch's: both statistics are the stored ones in eval mode."
)
def batch_variance(x, running_mean, running_var, gain, bias, eps=1e-5):
    return gain * (x - running_mean) / (x.var(0, correction=0) + eps).sqrt() + bias


@evaluation.misconception(
    "eps stands outside of the root; the formula has sqrt(running_var + eps)."
)
def eps_outside(x, running_mean, running_var, gain, bias, eps=1e-5):
    return gain * (x - running_mean) / (running_var.sqrt() + eps) + bias


@evaluation.misconception("eps is missing. Use it here as in training, or the two modes disagree.")
def no_eps(x, running_mean, running_var, gain, bias, eps=1e-5):
    return gain * (x - running_mean) / running_var.sqrt() + bias


@evaluation.misconception("1e-5 is written into the function; use the argument eps.")
def eps_fixed(x, running_mean, running_var, gain, bias, eps=1e-5):
    return gain * (x - running_mean) / (running_var + 1e-5).sqrt() + bias


@evaluation.misconception("You divided by the variance: its root is missing.")
def by_variance(x, running_mean, running_var, gain, bias, eps=1e-5):
    return gain * (x - running_mean) / (running_var + eps) + bias


@evaluation.misconception("The running mean is not subtracted.")
def not_centered(x, running_mean, running_var, gain, bias, eps=1e-5):
    return gain * x / (running_var + eps).sqrt() + bias


@evaluation.misconception("The gain is not used: what was learned belongs to eval mode as well.")
def no_gain(x, running_mean, running_var, gain, bias, eps=1e-5):
    return (x - running_mean) / (running_var + eps).sqrt() + bias


@evaluation.misconception("The bias is not used: what was learned belongs to eval mode as well.")
def no_bias(x, running_mean, running_var, gain, bias, eps=1e-5):
    return gain * (x - running_mean) / (running_var + eps).sqrt()


@evaluation.misconception(
    "Neither gain nor bias is used: what was learned belongs to eval mode as well."
)
def neither(x, running_mean, running_var, gain, bias, eps=1e-5):
    return (x - running_mean) / (running_var + eps).sqrt()


@evaluation.misconception(
    "Bessel's correction was applied to the stored variance again, or taken back. Use it as it is."
)
def corrected_again(x, running_mean, running_var, gain, bias, eps=1e-5):
    n = len(x)
    return gain * (x - running_mean) / (running_var * max(1, n - 1) / n + eps).sqrt() + bias


@evaluation.misconception(
    "The running statistics were moved on the way, by this batch. Evaluation changes nothing, and uses "
    "them as they are."
)
def updated_first(x, running_mean, running_var, gain, bias, eps=1e-5):
    mean = 0.9 * running_mean + 0.1 * x.mean(0)
    var = 0.9 * running_var + 0.1 * x.var(0, correction=min(1, len(x) - 1))
    return gain * (x - mean) / (var + eps).sqrt() + bias


@evaluation.misconception(
    "The answer is right, but the statistics handed in were changed in place. Evaluation changes nothing."
)
def updates_them(x, running_mean, running_var, gain, bias, eps=1e-5):
    y = gain * (x - running_mean) / (running_var + eps).sqrt() + bias
    with torch.no_grad():
        running_mean.mul_(0.9).add_(0.1 * x.mean(0))
    return y


@evaluation.misconception(
    "The numbers are right, but cut off from the graph. Eval mode is not no_grad: that is the caller's "
    "choice."
)
def detached(x, running_mean, running_var, gain, bias, eps=1e-5):
    with torch.no_grad():
        return gain * (x - running_mean) / (running_var + eps).sqrt() + bias


@evaluation.misconception(
    "squeeze() drops the batch when it has one example: the result is (n, n_hidden), always."
)
def squeezed(x, running_mean, running_var, gain, bias, eps=1e-5):
    return (gain * (x - running_mean) / (running_var + eps).sqrt() + bias).squeeze(0)


@evaluation.variant("torch's own")
def torchs(x, running_mean, running_var, gain, bias, eps=1e-5):
    return F.batch_norm(x, running_mean, running_var, gain, bias, False, 0.1, eps)


@evaluation.variant("folded into one scale and one shift")
def folded(x, running_mean, running_var, gain, bias, eps=1e-5):
    scale = gain * torch.rsqrt(running_var + eps)
    return torch.addcmul(bias - running_mean * scale, x, scale)


# -- bias_gradient -------------------------------------------------------------------------------

useless = exercise("bias_gradient", title="the bias before BatchNorm is useless")
useless.hint("Let autograd do it: which tensor has to require a gradient, and where is it added?")
useless.hint(
    "A copy of b1 with requires_grad_(); loss = (function(x + b1) * dout).sum(); backward; the copy's .grad."
)
useless.hint(
    "b1 = b1.detach().clone().requires_grad_(); (function(x + b1) * dout).sum().backward(); return b1.grad"
)

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


# -- mlp_forward ---------------------------------------------------------------------------------

forward = exercise("mlp_forward", title="the network with a switch", points=2, pure=False)
forward.hint(
    "Which lines are the same in both modes? Which tensors does each mode use, and change?"
)
forward.hint(
    "hprebn = p.C[Xb].view(len(Xb), -1) @ p.W1. In training: batchnorm, and update_running with hprebn; "
    "else batchnorm_eval. Then tanh and the output layer."
)
forward.hint(
    "if training: hpreact = batchnorm(hprebn, p.bngain, p.bnbias, eps); p.running_mean, p.running_var = "
    "update_running(p.running_mean, p.running_var, hprebn, momentum)"
)

LEARNED = ("C", "W1", "bngain", "bnbias", "W2", "b2")


def namespace(tensors):
    """A fresh SimpleNamespace with copies of the tensors; those that learn require gradients."""
    copies = {name: t.clone() for name, t in tensors.items()}
    for name in LEARNED:
        copies[name].requires_grad_()
    return SimpleNamespace(**copies)


def a_network(rng, vocab_size, block_size, n_embd, n_hidden):
    return dict(
        C=rng.normal(vocab_size, n_embd),
        W1=rng.normal(block_size * n_embd, n_hidden),
        bngain=rng.normal(n_hidden, mean=1.0, std=0.5),
        bnbias=rng.normal(n_hidden, mean=-0.5),
        W2=rng.normal(n_hidden, vocab_size),
        b2=rng.normal(vocab_size, mean=1.0),
        running_mean=rng.normal(n_hidden),
        running_var=rng.uniform(0.5, 3.0, n_hidden),
    )


@forward.cases
def _(rng):
    for vocab_size, block_size, n_embd, n_hidden, momentum, eps in [
        (5, 3, 2, 4, 0.3, 0.5),
        (4, 2, 3, 6, 0.8, 2.0),
        (7, 1, 4, 3, 0.3, 1e-3),
        (3, 3, 3, 3, 0.05, 0.5),
    ]:
        sizes = [4, 3, 1, 2, 3, 5]  # training is False for the batch of one
        yield dict(
            tensors=a_network(rng, vocab_size, block_size, n_embd, n_hidden),
            batches=[rng.integers(0, vocab_size, n, block_size) for n in sizes],
            modes=[True, True, False, True, False, True],
            momentum=momentum,
            eps=eps,
        )


@forward.scenario
def _(m, tensors, batches, modes, momentum, eps):
    p = namespace(tensors)
    seen = []
    for Xb, training in zip(batches, modes, strict=True):
        logits = m.mlp_forward(p, Xb, training, momentum=momentum, eps=eps)
        stats = [p.running_mean, p.running_var]
        seen.append([logits.detach(), *[t.detach().clone() for t in stats]])
        seen.append([t.requires_grad for t in stats])
    unchanged = [torch.equal(getattr(p, name), tensors[name]) for name in LEARNED]
    return [seen, unchanged]


@forward.check("gradients")
def _(m, tensors, batches, modes, momentum, eps):
    answers = []
    for training, Xb in ((True, batches[0]), (False, batches[1])):
        p = namespace(tensors)
        logits = m.mlp_forward(p, Xb, training=training, momentum=momentum, eps=eps)
        leaves = {name: getattr(p, name) for name in LEARNED}
        answers.append(dict(differentiate(logits, leaves, upstream(logits))))
    return answers


@forward.check("defaults")
def _(m, tensors, batches, modes, momentum, eps):
    p = namespace({name: t * 0.1 if name == "W1" else t for name, t in tensors.items()})
    first = m.mlp_forward(p, batches[0], True)
    stats = [p.running_mean.clone(), p.running_var.clone()]
    return [first, stats, m.mlp_forward(p, batches[2], False)]


TRAINED = """p.running_mean, p.running_var = update_running(
            p.running_mean, p.running_var, hprebn, momentum
        )"""
EVALUATED = (
    "hpreact = batchnorm_eval(hprebn, p.running_mean, p.running_var, p.bngain, p.bnbias, eps)"
)

forward.misconception(
    "The switch does not reach the layer: batch statistics are used in eval mode as well, and updated.",
    name="always_training",
    replace="    if training:",
    by="    if len(Xb) > 1 or training:",
)
forward.misconception(
    "The running statistics are used in training as well. There, the batch's own are used, with gradients.",
    name="always_eval",
    replace="        hpreact = batchnorm(hprebn, p.bngain, p.bnbias, eps)\n",
    by="        hpreact = batchnorm_eval(hprebn, p.running_mean, p.running_var, p.bngain, p.bnbias, eps)\n",
)
forward.misconception(
    "The switch is the wrong way round: training=True uses the batch.",
    name="inverted",
    replace="    if training:",
    by="    if not training and len(Xb) > 1:",
)
forward.misconception(
    "The running statistics are never updated: in eval mode they are still what they were at the start.",
    name="never_updated",
    replace=TRAINED,
    by="pass",
)
forward.misconception(
    "running_var is never updated: update_running returns both.",
    name="var_never_updated",
    replace="p.running_mean, p.running_var = update_running(",
    by="p.running_mean, _ = update_running(",
)
forward.misconception(
    "Evaluation updates the running statistics: looking at the dev split changes the network. In eval "
    "mode nothing changes.",
    name="eval_updates",
    replace=EVALUATED,
    by=EVALUATED
    + """
        if len(Xb) > 1:
            p.running_mean, p.running_var = update_running(
                p.running_mean, p.running_var, hprebn, momentum
            )""",
)
forward.misconception(
    "momentum is not handed on to update_running.",
    name="momentum_dropped",
    replace="p.running_mean, p.running_var, hprebn, momentum\n",
    by="p.running_mean, p.running_var, hprebn\n",
)
forward.misconception(
    "eps is not handed on to batchnorm in training mode.",
    name="eps_dropped",
    replace="batchnorm(hprebn, p.bngain, p.bnbias, eps)",
    by="batchnorm(hprebn, p.bngain, p.bnbias)",
)
forward.misconception(
    "eps is not handed on to batchnorm_eval: the two modes then normalize differently.",
    name="eval_eps_dropped",
    replace="p.running_mean, p.running_var, p.bngain, p.bnbias, eps)",
    by="p.running_mean, p.running_var, p.bngain, p.bnbias)",
)
forward.misconception(
    "Here training divides by the biased variance, batchnorm's default, as torch does.",
    name="unbiased",
    replace="batchnorm(hprebn, p.bngain, p.bnbias, eps)",
    by="batchnorm(hprebn, p.bngain, p.bnbias, eps, correction=1)",
)
forward.misconception(
    "tanh is missing after the normalization.",
    name="no_tanh",
    replace="torch.tanh(hpreact)",
    by="hpreact",
)
forward.misconception(
    "tanh comes before the normalization. BatchNorm stands between the matrix and tanh, to keep tanh's "
    "input in range.",
    name="tanh_first",
    edits=[("@ p.W1  # (n, n_hidden)", "@ p.W1\n    hprebn = torch.tanh(hprebn)"),
           ("torch.tanh(hpreact)", "hpreact")],
)  # fmt: skip
forward.misconception(
    "The output layer's bias b2 is missing.",
    name="no_b2",
    replace=" @ p.W2 + p.b2",
    by=" @ p.W2",
)
forward.misconception(
    "The running statistics were updated with what comes *out* of the normalization: mean 0, variance 1, "
    "always. They are those of hprebn.",
    name="of_the_output",
    replace="p.running_mean, p.running_var, hprebn, momentum\n",
    by="p.running_mean, p.running_var, hpreact, momentum\n",
)
forward.misconception(
    "The embeddings of a context were added up. Put them side by side: view(len(Xb), -1).",
    name="summed_embeddings",
    replace="p.C[Xb].view(len(Xb), -1) @ p.W1",
    by="p.C[Xb].sum(1).repeat(1, Xb.shape[1]) @ p.W1",
)
forward.misconception(
    "The embeddings stand in the wrong order: position by position, each with all its numbers, is what "
    "view does without a transpose.",
    name="transposed_embeddings",
    replace="p.C[Xb].view(len(Xb), -1)",
    by="p.C[Xb].transpose(1, 2).reshape(len(Xb), -1)",
)
forward.misconception(
    "What goes into BatchNorm was detached: W1 and C get no gradient, and never learn.",
    name="detached",
    replace="batchnorm(hprebn, p.bngain, p.bnbias, eps)",
    by="batchnorm(hprebn.detach(), p.bngain, p.bnbias, eps)",
)
forward.misconception(
    "In training the running statistics, freshly updated, were used. The batch is normalized with its own.",
    name="updated_then_used",
    edits=[
        ("        hpreact = batchnorm(hprebn, p.bngain, p.bnbias, eps)\n", ""),
        (TRAINED, TRAINED + "\n        " + EVALUATED.replace("p.bnbias, eps", "p.bnbias, eps=eps")),
    ],
)
forward.misconception(
    "Probabilities came back. The network returns logits; the softmax belongs to the loss.",
    name="softmax",
    replace="torch.tanh(hpreact) @ p.W2 + p.b2",
    by="(torch.tanh(hpreact) @ p.W2 + p.b2).softmax(1)",
)
forward.misconception(
    "gain and bias are those of a fresh layer, ones and zeros: hand on p.bngain and p.bnbias, or they "
    "never learn.",
    name="fresh_gain",
    replace="batchnorm(hprebn, p.bngain, p.bnbias, eps)",
    by="batchnorm(hprebn, torch.ones_like(p.bngain), torch.zeros_like(p.bnbias), eps)",
)
forward.variant(
    "torch's batch_norm, which updates in place",
    name="torchs",
    source="""def mlp_forward(p, Xb, training, momentum=0.1, eps=1e-5):
    hprebn = p.C[Xb].flatten(1) @ p.W1
    hpreact = F.batch_norm(
        hprebn, p.running_mean, p.running_var, p.bngain, p.bnbias, training, momentum, eps
    )
    return torch.addmm(p.b2, hpreact.tanh(), p.W2)
""",
)
forward.variant(
    "a bias before the normalization, of zeros: useless, not wrong",
    name="useless_bias",
    source="""def mlp_forward(p, Xb, training, momentum=0.1, eps=1e-5):
    b1 = torch.zeros_like(p.bnbias)
    emb = F.embedding(Xb, p.C)
    hprebn = torch.cat(emb.unbind(1), dim=1) @ p.W1 + b1
    if not training:
        normalize = lambda z: batchnorm_eval(z, p.running_mean, p.running_var, p.bngain, p.bnbias, eps)
    else:
        stats = update_running(p.running_mean, p.running_var, hprebn, momentum=momentum)
        p.running_mean, p.running_var = stats
        normalize = lambda z: batchnorm(z, p.bngain, p.bnbias, eps=eps, correction=0)
    return torch.tanh(normalize(hprebn)) @ p.W2 + p.b2
""",
)
forward.variant(
    "updated in place",
    name="in_place",
    source="""def mlp_forward(p, Xb, training, momentum=0.1, eps=1e-5):
    hprebn = p.C[Xb].reshape(Xb.shape[0], -1) @ p.W1
    mean, var = p.running_mean, p.running_var
    if training:
        with torch.no_grad():
            p.running_mean.lerp_(hprebn.mean(0), momentum)
            p.running_var.lerp_(hprebn.var(0), momentum)
        mean, var = hprebn.mean(0), hprebn.var(0, unbiased=False)
    h = torch.tanh(p.bngain * (hprebn - mean) / torch.sqrt(var + eps) + p.bnbias)
    return h @ p.W2 + p.b2
""",
)

# -- calibrate -----------------------------------------------------------------------------------

calibration = exercise("calibrate", title="calibration on the whole set", pure=False)
calibration.hint(
    "The first line of mlp_forward, for all of X at once; then you have the function already."
)
calibration.hint(
    "Under torch.no_grad(): hprebn = p.C[X].view(len(X), -1) @ p.W1, then its statistics."
)
calibration.hint("return batch_stats(hprebn, correction=1)")


@calibration.cases
def _(rng):
    for vocab_size, block_size, n_embd, n_hidden, n in [
        (5, 3, 2, 4, 3), (4, 2, 3, 6, 2), (7, 1, 4, 3, 5), (3, 3, 3, 3, 9), (6, 2, 2, 5, 71),
    ]:  # fmt: skip
        tensors = a_network(rng, vocab_size, block_size, n_embd, n_hidden)
        yield dict(tensors=tensors, X=rng.integers(0, vocab_size, n, block_size))


@calibration.scenario
def _(m, tensors, X):
    p = namespace(tensors)
    answer = m.calibrate(p, X)
    unchanged = sorted(name for name, t in tensors.items() if torch.equal(getattr(p, name), t))
    return [[t.detach() for t in answer], [t.requires_grad for t in answer], unchanged]


@calibration.oracle
def _(tensors, X):
    rows = torch.stack(
        [torch.cat([tensors["C"][i] for i in x.tolist()]) @ tensors["W1"] for x in X]
    )
    var, mean = torch.var_mean(rows, dim=0, unbiased=True)
    return [[mean, var], [False, False], sorted(tensors)]


calibration.misconception(
    "The biased variance. It should agree with running_var, which collects unbiased ones: correction=1.",
    name="biased",
    replace="correction=1",
    by="correction=0",
)
calibration.misconception(
    "That is the standard deviation (as the lecture keeps it). Here the variance is asked, as in "
    "running_var.",
    name="std",
    replace="        return batch_stats(hprebn, correction=1)",
    by="        mean, var = batch_stats(hprebn, correction=1)\n        return mean, var.sqrt()",
)
calibration.misconception(
    "The statistics are part of the graph, and with them the whole training set. Use torch.no_grad().",
    name="with_gradient",
    replace="    with torch.no_grad():",
    by="    if True:",
)
calibration.misconception(
    "The statistics of what comes after tanh were taken. BatchNorm stands before tanh.",
    name="after_tanh",
    replace="@ p.W1\n",
    by="@ p.W1\n        hprebn = torch.tanh(hprebn)\n",
)
calibration.misconception(
    "Statistics of the embeddings, before W1: BatchNorm gets embcat @ W1.",
    name="of_embeddings",
    replace="p.C[X].view(len(X), -1) @ p.W1",
    by="p.C[X].view(len(X), -1)",
)
calibration.misconception(
    "Only the first 32 examples were used. Calibration is over the whole training set, for an exact answer.",
    name="one_batch",
    replace="p.C[X].view(len(X), -1) @ p.W1",
    by="(p.C[X].view(len(X), -1) @ p.W1)[:32]",
)
calibration.misconception(
    "The mean of the batches' variances is not the variance of the whole: the batches' means differ, too.",
    name="mean_of_batches",
    replace="        return batch_stats(hprebn, correction=1)",
    by="        stats = [batch_stats(h, min(1, len(h) - 1)) for h in hprebn.split(2)]\n"
    "        n = len(stats)\n"
    "        return hprebn.mean(0), sum(s[1] for s in stats) / n",
)
calibration.misconception(
    "The old running statistics were mixed in. Calibration starts from nothing, and replaces them.",
    name="mixed",
    replace="        return batch_stats(hprebn, correction=1)",
    by="        return update_running(p.running_mean, p.running_var, hprebn)",
)
calibration.misconception(
    "The running statistics came back as they are. Calibration computes them anew, from the whole set.",
    name="as_they_are",
    replace="        return batch_stats(hprebn, correction=1)",
    by="        return p.running_mean.clone(), p.running_var.clone()",
)
calibration.misconception(
    "p's running statistics were overwritten. Return the two: the caller decides what to do with them.",
    name="overwrites",
    replace="        return batch_stats(hprebn, correction=1)",
    by="        p.running_mean, p.running_var = batch_stats(hprebn, correction=1)\n"
    "        return p.running_mean, p.running_var",
)
calibration.misconception(
    "The statistics are those after the normalization with gain and bias. What goes *into* it is asked.",
    name="after_normalization",
    replace="        return batch_stats(hprebn, correction=1)",
    by="        hpreact = batchnorm(hprebn, p.bngain, p.bnbias)\n"
    "        return batch_stats(hpreact, correction=1)",
)
calibration.misconception(
    "Each *different* context was counted once. A context that occurs often counts as often.",
    name="unique_contexts",
    replace="        return batch_stats(hprebn, correction=1)",
    by="        return batch_stats(hprebn.unique(dim=0), correction=1)",
)
calibration.variant(
    "chunk by chunk, from sums",
    name="chunks",
    source="""def calibrate(p, X):
    C, W1 = p.C.detach(), p.W1.detach()
    n, total, squares = 0, 0.0, 0.0
    for chunk in X.split(2):
        h = C[chunk].flatten(1) @ W1
        n, total, squares = n + len(h), total + h.sum(0), squares + (h**2).sum(0)
    mean = total / n
    return [mean, (squares - n * mean**2) / (n - 1)]
""",
)
calibration.variant(
    "detached afterwards",
    name="detached",
    source="""def calibrate(p, X):
    hprebn = torch.einsum("nd,dh->nh", p.C[X].reshape(X.shape[0], -1), p.W1).detach()
    return hprebn.mean(dim=0), hprebn.std(dim=0) ** 2
""",
)
