"""04.distinct_neurons: E01: equal neurons stay equal."""

import torch

from graders.authoring import exercise

distinct = exercise("distinct_neurons", title="E01: equal neurons stay equal")


@distinct.cases
def _(rng):
    for fan_in, kinds, n in [(3, 2, 5), (4, 4, 4), (1, 3, 7), (5, 1, 6), (2, 6, 6)]:
        columns = rng.normal(fan_in, kinds)
        picked = list(range(kinds)) + [rng.integer(0, kinds) for _ in range(n - kinds)]
        yield dict(W=columns[:, rng.shuffled(picked)])
    # so many that their number cannot be known beforehand
    columns = rng.normal(2, rng.integer(20, 90))
    yield dict(W=columns[:, rng.integers(0, columns.shape[1], 100)])
    # equal rows, but no equal columns; columns that differ in one place only, by very little
    yield dict(W=torch.tensor([[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]]))
    yield dict(W=torch.tensor([[1.0, 1.0, 1.0], [2.0, 2.0 + 2e-7, 2.0], [3.0, 3.0, 3.0]]))
    # ... or by the last bit of a float64, or small ones
    last = torch.tensor([[1.0, 1.0 + 2**-52, 1.0]], dtype=torch.float64)
    yield dict(W=torch.cat([last, last.new_full((2, 3), 2.0)]))
    yield dict(W=torch.tensor([[1e-20, 2e-20, 1e-20, -1e-20]]))
    # the same numbers in another order, the same sum, the same length
    yield dict(W=torch.tensor([[1.0, 2.0, -1.0], [2.0, 1.0, 4.0]]))
    yield dict(W=torch.tensor([[5.0, 3.0, 0.0], [0.0, 4.0, 5.0]]))
    # opposite columns are different ones
    yield dict(W=torch.tensor([[1.0, -1.0, 1.0], [2.0, -2.0, 2.0]]))
    # different in the last place only
    yield dict(W=torch.tensor([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0], [4.0, 5.0]]))
    # equal, but not side by side
    yield dict(W=torch.tensor([[1.0, 5.0, 1.0, 5.0], [0.0, 2.0, 0.0, 2.0]]))
    yield dict(W=torch.zeros(3, 8))
    # -0.0 equals 0.0, however it is written down
    yield dict(W=torch.tensor([[0.0, -0.0, 1.0, 0.0], [2.0, 2.0, 2.0, -2.0]]))
    yield dict(W=rng.normal(6, 1))


@distinct.check("an int", cases=None)
def _(m, W):
    count = m.distinct_neurons(W)
    return [type(count) is int, count]


@distinct.check("weights that learn")
def _(m, W):
    """W1 of a network in training requires a gradient."""
    W = W.requires_grad_()
    return [m.distinct_neurons(W), W.requires_grad]


distinct.hint("torch.unique has an argument dim. Which one holds the neurons?")
distinct.hint("torch.unique(W, dim=1) keeps one of each column.")
distinct.hint("return torch.unique(W.detach(), dim=1).shape[1]")


@distinct.misconception("You counted different *rows*. A neuron is a column of W: dimension 1.")
def rows(W):
    return torch.unique(W, dim=0).shape[0]


@distinct.misconception(
    "You counted different numbers in all of W. A neuron is a whole column: torch.unique(W, dim=1)."
)
def numbers(W):
    return len(torch.unique(W))


@distinct.misconception("That is the number of neurons, equal or not.")
def all_neurons(W):
    return W.shape[1]


@distinct.misconception(
    "torch.unique(W, dim=1) has a column for each kind; you counted its rows, shape[0]."
)
def wrong_axis_counted(W):
    return torch.unique(W, dim=1).shape[0]


@distinct.misconception(
    "You compared sums of columns. Different columns may have the same sum: compare all elements."
)
def sums(W):
    return len(torch.unique(W.double().sum(0)))


@distinct.misconception(
    "You compared lengths (norms) of columns. (1, 2) and (2, 1) are as long, but two neurons."
)
def norms(W):
    return len(torch.unique((W.double() ** 2).sum(0)))


@distinct.misconception(
    "You compared neighbors only: equal columns need not lie side by side. Sort first, or use torch.unique "
    "(not unique_consecutive)."
)
def neighbors(W):
    return torch.unique_consecutive(W, dim=1).shape[1]


@distinct.misconception(
    "Columns that nearly agree were counted as one. While training they drift apart; only exactly "
    "equal ones stay "
    "equal forever."
)
def rounded(W):
    return torch.unique((W * 1000).round(), dim=1).shape[1]


@distinct.misconception(
    "That is the rank. Two different columns may be multiples of each other and still are two neurons."
)
def rank(W):
    return int(torch.linalg.matrix_rank(W.detach()))


@distinct.misconception(
    "You sorted the elements of each column first: (1, 2) and (2, 1) became the same neuron."
)
def as_sets(W):
    return torch.unique(W.sort(0).values, dim=1).shape[1]


@distinct.misconception("The different columns themselves came back. How many are there?")
def the_columns(W):
    return torch.unique(W, dim=1)


@distinct.misconception(
    "You compared absolute values. A neuron and its opposite are two neurons: one goes up where the "
    "other goes down."
)
def absolute(W):
    return torch.unique(W.abs(), dim=1).shape[1]


@distinct.variant("a set of tuples")
def tuples(W):
    return len({tuple(column) for column in W.t().tolist()})


@distinct.variant("pairwise")
def pairwise(W):
    same = (W.unsqueeze(2) == W.unsqueeze(1)).all(0)  # (n, n)
    return sum(not bool(same[j, :j].any()) for j in range(W.shape[1]))


distinct.equivalent("W.detach()  ->  W", "a shape has no gradient")
