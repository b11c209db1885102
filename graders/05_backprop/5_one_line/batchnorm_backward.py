"""05.batchnorm_backward: batchnorm backward in one line."""

import torch

from graders.authoring import exercise

from .part import columns_first, gradient, leaf

batchnorm = exercise("batchnorm_backward", title="batchnorm backward in one line", points=2)


def forward_values(hprebn):
    """bnraw and bnvar_inv as the forward pass leaves them."""
    bnvar_inv = (hprebn.var(0, keepdim=True) + 1e-5) ** -0.5
    return dict(bnraw=(hprebn - hprebn.mean(0, keepdim=True)) * bnvar_inv, bnvar_inv=bnvar_inv)


@batchnorm.cases
def _(rng):
    def case(n, hidden, mean=0.0, std=1.0, **dtype):
        return dict(
            dhpreact=rng.normal(n, hidden, mean=0.3, **dtype),
            bngain=rng.normal(1, hidden, mean=1, std=0.5, **dtype),
            **forward_values(rng.normal(n, hidden, mean=mean, std=std, **dtype)),
        )

    for n, hidden in [(2, 3), (5, 2), (4, 7), (3, 3), (9, 4)]:
        yield case(n, hidden)
    yield case(6, 5, mean=5, std=30)
    yield case(3, 4, std=0.01)  # small enough for eps to matter
    steady = rng.normal(4, 3)
    steady[:, 1] = 2.0  # a neuron that gives the same for every example
    yield {**case(4, 3), **forward_values(steady)}
    yield {**case(5, 4), "dhpreact": columns_first(rng.normal(5, 4))}
    yield case(8, 3, dtype=torch.float32)


@batchnorm.oracle
def _(dhpreact, bngain, bnraw, bnvar_inv):
    # the variance without eps, from what is given; then the forward pass on an input that has it
    x = leaf(bnraw.double() / bnvar_inv.double())
    bnvar = x.var(0, keepdim=True)
    eps = (bnvar_inv.double() ** -2 - bnvar).detach()
    bnraw = (x - x.mean(0, keepdim=True)) * (bnvar + eps) ** -0.5
    return gradient(x, bngain.double() * bnraw, dhpreact, dhpreact)


batchnorm.hint(
    "Three paths: directly, through the mean, through the variance. All three are scaled by "
    "bngain * bnvar_inv."
)
batchnorm.hint(
    "Inside the bracket: dhpreact, minus its mean over the batch, minus bnraw times something that "
    "is summed over the batch and divided by n - 1."
)
batchnorm.hint(
    "bngain * bnvar_inv * (dhpreact - dhpreact.mean(0) - bnraw * (dhpreact * bnraw).sum(0) / (n "
    "- 1))"
)


@batchnorm.misconception(
    "The path through the mean is missing: when one hprebn rises, the mean rises, and every "
    "example loses a little. Subtract the mean of dhpreact over the batch."
)
def no_mean_path(dhpreact, bngain, bnraw, bnvar_inv):
    n = len(dhpreact)
    return bngain * bnvar_inv * (dhpreact - bnraw * (dhpreact * bnraw).sum(0) / (n - 1))


@batchnorm.misconception(
    "The path through the variance is missing: when one hprebn moves outward, the whole column is "
    "scaled down. Subtract bnraw * (dhpreact * bnraw).sum(0) / (n - 1)."
)
def no_variance_path(dhpreact, bngain, bnraw, bnvar_inv):
    return bngain * bnvar_inv * (dhpreact - dhpreact.mean(0))


@batchnorm.misconception(
    "You treated mean and variance as constants: only the direct path is there. Both are computed "
    "from hprebn, and gradient flows through them."
)
def direct_only(dhpreact, bngain, bnraw, bnvar_inv):
    return bngain * bnvar_inv * dhpreact


@batchnorm.misconception(
    "Bessel's correction is missing: this variance divides by n - 1, so its path does, too. "
    "(With n it would be right for torch.nn.BatchNorm1d.)"
)
def no_bessel(dhpreact, bngain, bnraw, bnvar_inv):
    mean_path, variance_path = dhpreact.mean(0), bnraw * (dhpreact * bnraw).mean(0)
    return bngain * bnvar_inv * (dhpreact - mean_path - variance_path)


@batchnorm.misconception(
    "You divided the mean's path by n - 1 as well. Bessel's correction belongs to the variance "
    "alone."
)
def bessel_twice(dhpreact, bngain, bnraw, bnvar_inv):
    n = len(dhpreact)
    paths = dhpreact.sum(0) + bnraw * (dhpreact * bnraw).sum(0)
    return bngain * bnvar_inv * (dhpreact - paths / (n - 1))


@batchnorm.misconception(
    "The factor is turned over: the variance's path has 1 / (n - 1), which next to 1 / n in "
    "front is n / (n - 1), not (n - 1) / n."
)
def bessel_inverted(dhpreact, bngain, bnraw, bnvar_inv):
    n = len(dhpreact)
    variance_path = (n - 1) / n * bnraw * (dhpreact * bnraw).sum(0)
    return bngain * bnvar_inv / n * (n * dhpreact - dhpreact.sum(0) - variance_path)


@batchnorm.misconception(
    "It is n times too large: with n * dhpreact and plain sums in the bracket, 1 / n has to "
    "stand in front."
)
def no_one_over_n(dhpreact, bngain, bnraw, bnvar_inv):
    n = len(dhpreact)
    variance_path = n / (n - 1) * bnraw * (dhpreact * bnraw).sum(0)
    return bngain * bnvar_inv * (n * dhpreact - dhpreact.sum(0) - variance_path)


@batchnorm.misconception(
    "Sums where means belong: subtract the *mean* of dhpreact, and divide the variance's sum by "
    "n - 1."
)
def sums_for_means(dhpreact, bngain, bnraw, bnvar_inv):
    paths = dhpreact.sum(0) + bnraw * (dhpreact * bnraw).sum(0)
    return bngain * bnvar_inv * (dhpreact - paths)


@batchnorm.misconception(
    "The gain is missing: hpreact = bngain * bnraw + bnbias, so everything is multiplied by bngain."
)
def no_gain(dhpreact, bngain, bnraw, bnvar_inv):
    n = len(dhpreact)
    variance_path = bnraw * (dhpreact * bnraw).sum(0) / (n - 1)
    return bnvar_inv * (dhpreact - dhpreact.mean(0) - variance_path)


@batchnorm.misconception(
    "bnvar_inv is missing: hprebn was divided by the standard deviation, and so is its gradient."
)
def no_scale(dhpreact, bngain, bnraw, bnvar_inv):
    n = len(dhpreact)
    variance_path = bnraw * (dhpreact * bnraw).sum(0) / (n - 1)
    return bngain * (dhpreact - dhpreact.mean(0) - variance_path)


@batchnorm.misconception(
    "In the variance's path bnraw stands once, it must be there twice: once inside the sum, and "
    "once outside, for the example that moves."
)
def bnraw_once(dhpreact, bngain, bnraw, bnvar_inv):
    n = len(dhpreact)
    variance_path = (dhpreact * bnraw).sum(0) / (n - 1)
    return bngain * bnvar_inv * (dhpreact - dhpreact.mean(0) - variance_path)


@batchnorm.misconception(
    "You summed over the neurons (dimension 1). Mean and variance are taken over the batch, "
    "dimension 0, for each neuron alone."
)
def wrong_dimension(dhpreact, bngain, bnraw, bnvar_inv):
    n = len(dhpreact)
    variance_path = bnraw * (dhpreact * bnraw).sum(1, keepdim=True) / (n - 1)
    return bngain * bnvar_inv * (dhpreact - dhpreact.mean(1, keepdim=True) - variance_path)


@batchnorm.misconception(
    "The sign of the variance's path is wrong: moving outward makes the column's scale "
    "*smaller*, so its path is subtracted like the mean's."
)
def variance_added(dhpreact, bngain, bnraw, bnvar_inv):
    n = len(dhpreact)
    variance_path = bnraw * (dhpreact * bnraw).sum(0) / (n - 1)
    return bngain * bnvar_inv * (dhpreact - dhpreact.mean(0) + variance_path)


@batchnorm.misconception(
    "The gain stands there twice: it scales each column once, and comes once into the gradient."
)
def gain_twice(dhpreact, bngain, bnraw, bnvar_inv):
    n, d = len(dhpreact), bngain * dhpreact
    inner = n * d - d.sum(0) - n / (n - 1) * bnraw * (d * bnraw).sum(0)
    return bngain * bnvar_inv / n * inner


@batchnorm.variant("everything over n")
def over_n(dhpreact, bngain, bnraw, bnvar_inv):
    n = dhpreact.shape[0]
    both = dhpreact.sum(0) + n / (n - 1) * bnraw * (dhpreact * bnraw).sum(0)
    return bngain * bnvar_inv / n * (n * dhpreact - both)


@batchnorm.variant("atom by atom")
def atoms(dhpreact, bngain, bnraw, bnvar_inv):
    n = dhpreact.shape[0]
    bndiff = bnraw / bnvar_inv
    dbnraw = dhpreact * bngain
    dbnvar_inv = (dbnraw * bndiff).sum(0, keepdim=True)
    dbnvar = -0.5 * bnvar_inv**3 * dbnvar_inv
    dbndiff = dbnraw * bnvar_inv + 2 * bndiff * dbnvar / (n - 1)
    return dbndiff - dbndiff.sum(0, keepdim=True) / n


@batchnorm.variant("as a matrix for each neuron")
def jacobian(dhpreact, bngain, bnraw, bnvar_inv):
    n = dhpreact.shape[0]
    columns = []
    for j in range(dhpreact.shape[1]):
        x = bnraw[:, j : j + 1]
        matrix = torch.eye(n, dtype=x.dtype) - 1 / n - x @ x.T / (n - 1)
        columns.append(bngain[0, j] * bnvar_inv[0, j] * matrix @ dhpreact[:, j])
    return torch.stack(columns, 1)
