"""03.loss_floor: what no model can beat."""

import torch

from graders.authoring import Tol, exercise

floor = exercise("loss_floor", title="what no model can beat")


@floor.cases
def _(rng):
    yield dict(X=torch.tensor([[0, 0], [0, 0], [0, 1]]), Y=torch.tensor([1, 2, 2]))
    yield dict(X=rng.integers(0, 2, 12, 2), Y=rng.integers(0, 3, 12))
    yield dict(X=rng.integers(0, 3, 20, 1), Y=rng.integers(0, 5, 20))
    yield dict(X=torch.zeros(9, 3, dtype=torch.int64), Y=rng.integers(0, 4, 9))
    yield dict(X=torch.arange(8).view(4, 2), Y=rng.integers(0, 4, 4))  # all differ: 0
    yield dict(X=torch.tensor([[1, 2], [2, 1], [1, 2]]), Y=torch.tensor([1, 3, 0]))
    # contexts may not run into one another: two digits, and more than 27 characters
    yield dict(X=torch.tensor([[0, 27], [1, 0], [0, 27], [1, 0]]), Y=torch.tensor([40, 2, 13, 2]))
    yield dict(X=torch.tensor([[1, 12], [11, 2], [1, 12], [11, 2]]), Y=torch.tensor([3, 5, 3, 5]))
    yield dict(X=torch.tensor([[27, 0], [0, 1], [27, 0], [0, 1]]), Y=torch.tensor([1, 2, 1, 2]))
    many = torch.tensor([[0, 300], [1, 0], [0, 64], [0, 256], [1, 0], [0, 64], [0, 44]])
    yield dict(X=many, Y=torch.tensor([1, 2, 3, 300, 44, 9, 2]))
    # nor a context and its answer
    yield dict(X=torch.tensor([[3, 1], [3, 1], [3, 11]]), Y=torch.tensor([12, 2, 2]))
    # a long one, which differs at its beginning only
    long = torch.cat([torch.tensor([[0], [1], [1]]), torch.full((3, 19), 5)], dim=1)
    yield dict(X=long, Y=torch.tensor([2, 3, 2]))


# counts and logarithms in float32 are off by some 1e-7, relatively; the mistakes by percents
floor.tolerance(Tol(rtol=1e-6))


@floor.effort
def _(rng):
    for n in (12, 96):
        yield dict(X=rng.integers(0, 2, n, 2), Y=rng.integers(0, 3, n))


floor.hint("For one context that occurs four times: which probabilities would you answer with?")
floor.hint("Count the contexts, and the pairs (context, answer). tuple(...) makes a row countable.")
floor.hint("For each example add -math.log(count of the pair / count of the context); divide by N.")

floor.misconception(
    "The sum over the examples is right, but the mean is asked: divide by N.",
    name="summed",
    replace=" for pair in pairs) / len(pairs)",
    by=" for pair in pairs)",
)
floor.misconception(
    "The average runs over the different pairs. A pair that occurs three times costs three times.",
    name="distinct_pairs",
    replace="for pair in pairs) / len(pairs)",
    by="for pair in set(pairs)) / len(set(pairs))",
)
floor.misconception(
    "You looked at the last character only: two contexts are the same when all their characters are.",
    name="last_character",
    replace="tuple(x) for x in",
    by="tuple(x[-1:]) for x in",
)
floor.misconception(
    "The order of the characters was lost: 'ab' and 'ba' are different contexts.",
    name="unordered",
    replace="tuple(x) for x in",
    by="tuple(sorted(x)) for x in",
)
floor.misconception(
    "You divided by the number of all examples: that is the joint frequency of context and answer. "
    "A model is *given* the context: divide by how often that occurs.",
    name="joint",
    replace="/ seen[pair[0]]",
    by="/ len(pairs)",
)
floor.misconception(
    "The context was ignored: the floor is computed context by context, by its own counts.",
    name="no_context",
    replace="tuple(x) for x in",
    by="() for x in",
)
floor.misconception(
    "That assumes each answer of a context to be equally frequent. Use how often each occurs.",
    name="uniform",
    replace="seen_with[pair] / seen[pair[0]]",
    by="1 / len({y for x, y in pairs if x == pair[0]})",
)
floor.misconception(
    "The sign is missing: logarithms of frequencies are negative, a loss is not.",
    name="sign",
    replace="-math.log",
    by="math.log",
)
floor.misconception(
    "These are bits (base 2). The loss of this lesson is in nats: the natural logarithm.",
    name="bits",
    replace="-math.log(",
    by="-math.log2(",
)
floor.misconception(
    "A loss of zero needs every context to have one answer only. Repeated contexts with different "
    "answers cost something, whatever the model.",
    name="zero",
    replace="sum(-math.log(seen_with[pair] / seen[pair[0]]) for pair in pairs) / len(pairs)",
    by="0.0",
)
floor.misconception(
    "That is the loss if each context always gave its most frequent answer. The answers that did come are "
    "what counts, the rare ones too.",
    name="most_frequent",
    replace="seen_with[pair] / seen[pair[0]]",
    by="max(n for (x, _), n in seen_with.items() if x == pair[0]) / seen[pair[0]]",
)
floor.misconception(
    "The average runs over the different contexts. One that occurs ten times counts ten times.",
    name="each_context_once",
    replace="    return sum(-math.log(seen_with[pair] / seen[pair[0]]) for pair in pairs) / len(pairs)",
    by="    costs = [-math.log(seen_with[p] / seen[p[0]]) / seen[p[0]] for p in pairs]\n"
    "    return sum(costs) / len(seen)",
)
floor.misconception(
    "Smoothing keeps a model humble; the floor is what a model reaches that knows the counts exactly.",
    name="smoothed",
    replace="seen_with[pair] / seen[pair[0]]",
    by="(seen_with[pair] + 1) / (seen[pair[0]] + 27)",
)
floor.misconception(
    "The mean of the probabilities, and then the logarithm. The other way round: each example costs -ln p, "
    "and costs are averaged.",
    name="log_of_mean",
    replace="sum(-math.log(seen_with[pair] / seen[pair[0]]) for pair in pairs) / len(pairs)",
    by="-math.log(sum(seen_with[pair] / seen[pair[0]] for pair in pairs) / len(pairs))",
)

floor.misconception(
    """The work grows with the square of the examples: for each of them all are gone through once
    more. Go through them once beforehand and keep in a dict (or a Counter) how often each context
    occurs, and each context with its answer.""",
    name="counted_for_each_example",
    source="""
def loss_floor(X, Y):
    examples = list(zip(map(tuple, X.tolist()), Y.tolist()))
    total = 0.0
    for x, y in examples:
        seen = sum(other == x for other, _ in examples)
        seen_with = sum(other == x and answer == y for other, answer in examples)
        total -= math.log(seen_with / seen)
    return total / len(examples)
""",
)


@floor.variant("unique rows, a table of counts")
def table(X, Y):
    _, rows = torch.unique(X, dim=0, return_inverse=True)
    N = torch.zeros(int(rows.max()) + 1, int(Y.max()) + 1, dtype=torch.float64)
    for i, y in zip(rows.tolist(), Y.tolist(), strict=True):
        N[i, y] += 1
    P = N / N.sum(1, keepdim=True)
    return -P[rows, Y].log().mean().item()


@floor.variant("all pairs compared")
def quadratic(X, Y):
    same = (X[:, None] == X[None]).all(2)
    both = same & (Y[:, None] == Y[None])
    return -float((both.sum(1).double() / same.sum(1)).log().mean())


@floor.variant("in float32")
def in_float32(X, Y):
    same = (X[:, None] == X[None]).all(2)
    both = same & (Y[:, None] == Y[None])
    return -(both.sum(1) / same.sum(1)).log().mean().item()
