"""Cross-entropy and batch normalization, each backward in one line."""

import torch

from graders.authoring import exercise, part

part(forbid=("autograd",))


def leaf(x):
    """A float64 copy that torch records: the oracles are computed in double precision."""
    return x.detach().double().clone().requires_grad_()


def gradient(x, output, upstream, like):
    """d (output * upstream).sum() / dx, in the dtype of ``like``."""
    (output * upstream).sum().backward()
    return x.grad.to(like.dtype)


def columns_first(x):
    """The same matrix, stored column by column: not contiguous."""
    return x.t().contiguous().t()


# -- cross-entropy -----------------------------------------------------------------------------

cross_entropy = exercise(
    "cross_entropy_backward", title="cross-entropy backward in one line", points=2
)
cross_entropy.hint("For one example: the probabilities, minus 1 at one place. Which place?")
cross_entropy.hint(
    "F.softmax(logits, dim=1), subtract 1 at the pairs (row i, column Yb[i]). And the loss is a "
    "mean over n examples."
)
cross_entropy.hint(
    "dlogits = F.softmax(logits, dim=1); dlogits[torch.arange(n), Yb] -= 1; then divide all of it "
    "by n."
)


@cross_entropy.cases
def _(rng):
    for n, v in [(1, 5), (4, 3), (2, 7), (6, 11), (3, 3)]:
        yield dict(logits=rng.normal(n, v, std=2), Yb=rng.integers(0, v, n))
    # exp(10000) is infinite: the maximum has to be subtracted first
    yield dict(logits=rng.normal(3, 4, std=1e4), Yb=rng.integers(0, 4, 3))
    levels = torch.tensor([[0.0], [4e3], [-4e3]]).double()  # and each row's own maximum
    yield dict(logits=rng.normal(3, 5) + levels, Yb=rng.integers(0, 5, 3))
    yield dict(logits=torch.zeros(4, 6).double(), Yb=rng.integers(0, 6, 4))  # ties everywhere
    yield dict(logits=rng.normal(5, 3), Yb=torch.full((5,), rng.integer(0, 3)))
    yield dict(logits=columns_first(rng.normal(4, 6)), Yb=rng.integers(0, 6, 4))
    yield dict(logits=rng.normal(3, 4, dtype=torch.float32), Yb=rng.integers(0, 4, 3))


@cross_entropy.oracle
def _(logits, Yb):
    x = leaf(logits)
    return gradient(x, torch.nn.functional.cross_entropy(x, Yb), 1.0, logits)


@cross_entropy.misconception(
    "Those are the probabilities alone. The right character must be pulled up: subtract 1 at "
    "[torch.arange(n), Yb]."
)
def softmax_only(logits, Yb):
    return torch.softmax(logits, 1) / len(Yb)


@cross_entropy.misconception(
    "1 / n is missing: the loss is the mean over the batch, so each example's row counts 1 / n."
)
def no_mean(logits, Yb):
    d = torch.softmax(logits, 1)
    d[torch.arange(len(Yb)), Yb] -= 1
    return d


@cross_entropy.misconception(
    "The sign is flipped: that is the force (where the logits should move). The gradient points "
    "uphill: probabilities minus one-hot."
)
def flipped(logits, Yb):
    d = -torch.softmax(logits, 1)
    d[torch.arange(len(Yb)), Yb] += 1
    return d / len(Yb)


@cross_entropy.misconception(
    "`[:, Yb]` takes these columns in *every* row. Subtract 1 at one place per row: "
    "`[torch.arange(n), Yb]`."
)
def every_row(logits, Yb):
    d = torch.softmax(logits, 1)
    d[:, Yb] -= 1
    return d / len(Yb)


@cross_entropy.misconception(
    "You subtracted 1 from every probability. Only the right character's gets it; a row of dlogits "
    "sums to zero."
)
def minus_one_everywhere(logits, Yb):
    return (torch.softmax(logits, 1) - 1) / len(Yb)


@cross_entropy.misconception(
    "The softmax runs down the batch (dim=0). The probabilities of one example are a row: dim=1."
)
def wrong_dimension(logits, Yb):
    d = torch.softmax(logits, 0)
    d[torch.arange(len(Yb)), Yb] -= 1
    return d / len(Yb)


@cross_entropy.misconception(
    "You divided by the number of all elements, n * vocab_size. The mean is over the n examples."
)
def per_element(logits, Yb):
    d = torch.softmax(logits, 1)
    d[torch.arange(len(Yb)), Yb] -= 1
    return d / logits.numel()


@cross_entropy.misconception(
    "Right for small logits, but exp overflows for large ones (inf / inf is nan): subtract each "
    "row's maximum first, or use F.softmax."
)
def overflow(logits, Yb):
    counts = logits.exp()
    d = counts / counts.sum(1, keepdim=True)
    d[torch.arange(len(Yb)), Yb] -= 1
    return d / len(Yb)


@cross_entropy.misconception(
    "You subtracted the maximum of the whole batch. A row far below it underflows to 0 / 0: "
    "subtract each row's own maximum."
)
def batch_maximum(logits, Yb):
    counts = (logits - logits.max()).exp()
    d = counts / counts.sum(1, keepdim=True)
    d[torch.arange(len(Yb)), Yb] -= 1
    return d / len(Yb)


@cross_entropy.misconception(
    "1 / n belongs to both terms, you divided only one of them: subtract 1 first, divide afterward."
)
def half_divided(logits, Yb):
    d = torch.softmax(logits, 1) / len(Yb)
    d[torch.arange(len(Yb)), Yb] -= 1
    return d


@cross_entropy.misconception(
    "You took log-probabilities (log_softmax). The gradient has the probabilities themselves."
)
def log_probabilities(logits, Yb):
    d = torch.log_softmax(logits, 1)
    d[torch.arange(len(Yb)), Yb] -= 1
    return d / len(Yb)


@cross_entropy.misconception(
    "You replaced the right character's probability by -1. Subtract 1 *from* it: p - 1."
)
def assigned(logits, Yb):
    d = torch.softmax(logits, 1)
    d[torch.arange(len(Yb)), Yb] = -1.0
    return d / len(Yb)


@cross_entropy.misconception(
    "The result is right, but logits was changed on the way: `-=` works in place, on the caller's "
    "tensor."
)
def in_place(logits, Yb):
    logits -= logits.max(1, keepdim=True).values
    d = torch.softmax(logits, 1)
    d[torch.arange(len(Yb)), Yb] -= 1
    return d / len(Yb)


@cross_entropy.misconception(
    "You asked autograd. Here you compute by hand what it would: while the checks run nothing is "
    "recorded, so there is nothing to call backward() on."
)
def autograd(logits, Yb):
    x = logits.detach().clone().requires_grad_()
    torch.nn.functional.cross_entropy(x, Yb).backward()
    return x.grad


@cross_entropy.variant("one-hot")
def one_hot(logits, Yb):
    hot = torch.nn.functional.one_hot(Yb, logits.shape[1])
    return (torch.softmax(logits, dim=-1) - hot) / logits.shape[0]


@cross_entropy.variant("exponentials by hand")
def by_hand(logits, Yb):
    counts = (logits - logits.amax(1, keepdim=True)).exp()
    probs = counts / counts.sum(1, keepdim=True)
    return probs.scatter_add(1, Yb[:, None], -torch.ones_like(probs)) / len(Yb)


@cross_entropy.variant("the long way, atom by atom")
def atoms(logits, Yb):
    n = len(Yb)
    i = torch.arange(n)
    log_probs = torch.log_softmax(logits, 1)
    dlogprobs = torch.zeros_like(logits)
    dlogprobs[i, Yb] = -1 / n
    return dlogprobs - log_probs.exp() * dlogprobs.sum(1, keepdim=True)


# -- batch normalization -----------------------------------------------------------------------

batchnorm = exercise("batchnorm_backward", title="batchnorm backward in one line", points=2)
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
