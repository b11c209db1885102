"""04.batch_stats: mean and variance, n or n - 1."""

import torch

from graders.authoring import differentiate, exercise

from .part import columns_first, upstream

stats = exercise("batch_stats", title="mean and variance, n or n - 1")


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
    return (
        torch.tensor(means, dtype=torch.float64).to(x.dtype),
        torch.tensor(variances, dtype=torch.float64).to(x.dtype),
    )


@stats.check("gradients")
def _(m, x, correction):
    x = x.clone().requires_grad_()
    mean, var = m.batch_stats(x, correction)
    up = [upstream(mean), upstream(var) + 0.5]
    return dict(differentiate([mean, var], {"x": x}, up))


stats.hint("Down the batch: which dimension? And which of the two results does correction concern?")
stats.hint("mean = x.mean(0); the variance is the sum of (x - mean)**2 over n - correction.")
stats.hint("return x.mean(0), x.var(0, correction=correction)")


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
    return mean, var


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
