"""04.which_corrections: which variance, where? ask the layer."""

import torch

from graders.authoring import exercise

which = exercise("which_corrections", title="which variance, where? ask the layer", pure=False)


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
    kinds = [(n, divides, stores) for n in (2, 3, 5, 8) for divides in (0, 1) for stores in (0, 1)]
    for n, divides, stores in rng.shuffled(kinds):
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
    # with half of it before, the new share taken for the old one makes the variance look unbiased
    x = rng.uniform(0, 0.5, 2, 3) + 1.5 * torch.arange(2.0)[:, None].double()
    half = x.var(0, correction=0) / 2
    yield dict(x=x, divides=0, stores=0, in_place=True, momentum=0.8, start=half)
    # the smallest momentum and the largest running variance that are promised
    x = rng.uniform(0, 0.5, 6, 3) + 1.5 * torch.arange(6.0)[:, None].double()
    start = torch.full((3,), 99.0, dtype=torch.float64)
    for stores in (0, 1):
        yield dict(x=x, divides=1, stores=stores, in_place=True, momentum=0.01, start=start)


@which.scenario
def _(m, x, divides, stores, in_place, momentum, start):
    layer = Layer(x.shape[1], divides, stores, in_place, momentum, start)
    return m.which_corrections(layer, x)


@which.oracle
def _(x, divides, stores, in_place, momentum, start):
    return divides, stores


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


for name in ("running_var", "num_batches_tracked"):
    which.legal(
        f"norm.{name}: changed after the call", "What state the layer is left in is up to you"
    )

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
    return 0 if spread > middle else 1, 1 if ratio > (1 + n / (n - 1)) / 2 else 0


@which.variant("allclose with the biased ones")
def close(norm, x):
    old = torch.empty_like(norm.running_var).copy_(norm.running_var)
    y = norm(x)
    biased = ((x - x.mean(0)) ** 2).mean(0)
    divides = 0 if torch.allclose((y**2).mean(0), torch.ones_like(biased), atol=1e-3) else 1
    new = old + norm.momentum * (biased - old)
    return divides, 0 if torch.allclose(norm.running_var, new, rtol=1e-4) else 1


which.equivalent(
    "0  ->  -1",
    "only which of two is nearer is asked, and one without either correction is further",
)
which.equivalent(
    "var + norm.eps  ->  var - norm.eps",
    "only which of two is nearer is asked, and eps is the same for both",
)
which.equivalent(
    "var + norm.eps  ->  var", "only which of two is nearer is asked, and eps is the same for both"
)
which.equivalent(
    "(outputs[c] - y).abs().sum().item()  ->  (outputs[c] - y).abs().sum()",
    "which of two is smaller does not change with what both are divided by",
)
which.equivalent(
    "(outputs[c] - y).abs().sum()  ->  (outputs[c] - y).abs().mean()",
    "which of two is smaller does not change with what both are divided by",
)
which.equivalent(
    "(candidates[c] - stored).abs().sum().item()  ->  (candidates[c] - stored).abs().sum()",
    "which of two is smaller does not change with what both are divided by",
)
which.equivalent(
    "(candidates[c] - stored).abs().sum()  ->  (candidates[c] - stored).abs().mean()",
    "which of two is smaller does not change with what both are divided by",
)
