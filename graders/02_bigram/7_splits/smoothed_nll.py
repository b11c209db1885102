"""02.smoothed_nll: smoothed counts, measured."""

import torch

from graders.authoring import Tol, exercise

from .part import count, draw, world

# float32 is good enough for this: 2e-5 allows it, and lies far below any mistake.
smoothed = exercise("smoothed_nll", title="smoothed counts, measured")


@smoothed.cases
def _(rng):
    for vocab, n, alpha in [(3, 20, 1), (4, 30, 0.1), (5, 40, 2.5), (6, 100, 0.01), (2, 9, 30.0)]:
        cube = world(rng, vocab, 3)
        N = count(*draw(rng, cube, n), vocab)
        N[0, 1] = 0  # never seen in the counts, but among the examples
        N[1, 0, 1] += 7
        xs, ys = draw(rng, cube, 12)
        xs[0], xs[1], ys[1] = torch.tensor([0, 1]), torch.tensor([1, 0]), 1
        yield dict(N=N, xs=xs, ys=ys, alpha=alpha)
    yield dict(
        N=torch.zeros(3, 3, 3, dtype=torch.int32),
        xs=torch.tensor([[1, 2]]),
        ys=torch.tensor([0]),
        alpha=0.25,
    )
    # hundreds of steps; probabilities around 1e-10
    N = rng.integers(0, 9, 4, 4, 4).int()
    N[2, 1] = torch.tensor([0, 3, 9, 1], dtype=torch.int32) * 10_000
    yield dict(N=N, xs=rng.integers(0, 4, 800, 2), ys=rng.integers(0, 4, 800), alpha=0.5)
    yield dict(N=N, xs=torch.tensor([[2, 1], [0, 3]]), ys=torch.tensor([0, 1]), alpha=1e-5)
    # the edges of what the docstring promises
    for alpha in (1e-6, 1e6):
        yield dict(N=N, xs=torch.tensor([[2, 1], [0, 3]]), ys=torch.tensor([0, 1]), alpha=alpha)


smoothed.tolerance(Tol(rtol=2e-5))


@smoothed.oracle
def _(N, xs, ys, alpha):
    total = 0.0
    for (a, b), c in zip(xs.tolist(), ys.tolist(), strict=True):
        row = N[a, b].tolist()
        p = torch.tensor((row[c] + alpha) / (sum(row) + alpha * len(row)), dtype=torch.float64)
        total -= float(p.log())
    return total / len(ys)


smoothed.legal("answer: tensor for float", "a tensor with no dimensions will do")

smoothed.hint("In which order: normalize, add alpha?")
smoothed.hint(
    "P = counts + alpha, divided by its sum over the *next* character (dimension 2, keepdim). "
    "Then the loss as in part 6."
)
smoothed.hint(
    "P = N.double() + alpha; P = P / P.sum(2, keepdim=True); return -P[xs[:, 0], xs[:, 1], "
    "ys].log().mean().item()"
)

smoothed.misconception(
    "alpha is not used: what was never counted has probability 0 (or 0 / 0), and the loss is inf or NaN.",
    name="no_smoothing",
    replace="N.double() + alpha",
    by="N.double()",
)
smoothed.misconception(
    "You always add 1. How much is alpha's to say.",
    name="always_one",
    replace="N.double() + alpha",
    by="N.double() + 1",
)
smoothed.misconception(
    "alpha was made a whole number, so 0.1 adds nothing. Turn the counts into floats, then add alpha.",
    name="whole_alpha",
    replace="N.double() + alpha",
    by="(N + int(alpha)).double()",
)


@smoothed.misconception(
    "You normalized first and added alpha afterwards: rows no longer sum to 1, and an unseen "
    "context was 0 / 0 "
    "already. Add alpha to the counts, then divide."
)
def smoothed_after(N, xs, ys, alpha):
    P = N.double()
    P = P / P.sum(2, keepdim=True) + alpha
    return -P[xs[:, 0], xs[:, 1], ys].log().mean().item()


@smoothed.misconception(
    "alpha is missing below the line: the row's sum must be that of the smoothed counts, with vocab_size * "
    "alpha in it. As it is, rows sum to more than 1."
)
def alpha_on_top_only(N, xs, ys, alpha):
    P = (N.double() + alpha) / N.sum(2, keepdim=True)
    return -P[xs[:, 0], xs[:, 1], ys].log().mean().item()


@smoothed.misconception(
    "The row's sum grew by alpha only once. Each of its vocab_size cells got alpha."
)
def alpha_once_below(N, xs, ys, alpha):
    P = (N.double() + alpha) / (N.sum(2, keepdim=True) + alpha)
    return -P[xs[:, 0], xs[:, 1], ys].log().mean().item()


@smoothed.misconception(
    "alpha was added inside the logarithm, to the probability. That is no distribution any "
    "more: add it to the "
    "counts, before you divide."
)
def alpha_in_the_log(N, xs, ys, alpha):
    P = N.double()
    P = P / P.sum(2, keepdim=True).clamp(min=1)
    return -(P[xs[:, 0], xs[:, 1], ys] + alpha).log().mean().item()


smoothed.misconception(
    "You summed over the first dimension. The next character, the last dimension, must sum to 1.",
    name="first_dimension",
    replace="P.sum(2, keepdim=True)",
    by="P.sum(0, keepdim=True)",
)
smoothed.misconception(
    "You summed over dimension 1, the younger character of the context. The next character is dimension 2.",
    name="middle_dimension",
    replace="P.sum(2, keepdim=True)",
    by="P.sum(1, keepdim=True)",
)
smoothed.misconception(
    "keepdim=True is missing: [a, b, c] is divided by the sum of context b, c.",
    name="no_keepdim",
    replace="P.sum(2, keepdim=True)",
    by="P.sum(2)",
)
smoothed.misconception(
    "The whole cube was divided by its total. Each context has a distribution of its own.",
    name="total",
    replace="P.sum(2, keepdim=True)",
    by="P.sum()",
)
smoothed.misconception(
    "The losses were summed. The mean makes drawers of different sizes comparable: dev has an eighth of "
    "train's examples.",
    name="summed",
    replace=".log().mean()",
    by=".log().sum()",
)
smoothed.misconception(
    "The minus is missing: this is the log-likelihood. A loss is positive, and smaller is better.",
    name="positive",
    replace="return -P",
    by="return P",
)
smoothed.misconception(
    "You averaged the probabilities and took one logarithm. The mean comes last.",
    name="log_of_mean",
    replace=".log().mean()",
    by=".mean().log()",
)
smoothed.misconception(
    "1e-9 was added inside the logarithm. With alpha > 0 nothing is 0, and it bends what is small.",
    name="plus_1e_9",
    replace="ys].log()",
    by="ys].add(1e-9).log()",
)
smoothed.misconception(
    "The two characters of the context are swapped: the older one, xs[:, 0], is the first index.",
    name="swapped",
    replace="xs[:, 0], xs[:, 1], ys",
    by="xs[:, 1], xs[:, 0], ys",
)
smoothed.misconception(
    "The likelihood is a product of hundreds of small numbers, which is 0.0 in the computer. "
    "Logarithms first, "
    "then the mean.",
    name="product",
    replace=".log().mean()",
    by=".prod().log() / len(ys)",
)


@smoothed.misconception(
    "You counted the examples themselves: a model that knows its own exam. The counts N come from another "
    "drawer, and are given."
)
def counts_the_examples(N, xs, ys, alpha):
    P = torch.zeros(N.shape, dtype=torch.float64)
    P.index_put_(
        (xs[:, 0], xs[:, 1], ys), torch.ones(len(ys), dtype=torch.float64), accumulate=True
    )
    P = P + alpha
    P = P / P.sum(2, keepdim=True)
    return -P[xs[:, 0], xs[:, 1], ys].log().mean().item()


@smoothed.misconception(
    "The mean is weighted by the counts N: that is the loss on the drawer that was counted. "
    "The examples xs, ys "
    "are what it is measured on."
)
def measured_on_the_counts(N, xs, ys, alpha):
    P = N.double() + alpha
    P = P / P.sum(2, keepdim=True)
    return float(-(N * P.log()).sum() / max(1, int(N.sum())))


smoothed.misconception(
    "The caller's counts were changed, and every further alpha adds to the one before. Make a new tensor: "
    "N.double() + alpha.",
    name="in_place",
    replace="P = N.double() + alpha",
    by="P = N.double() + alpha\n    N += 1",
)

smoothed.variant("a tensor", name="tensor", replace=".mean().item()", by=".mean()")
smoothed.variant(
    "float32",
    name="float32",
    replace="N.double() + alpha",
    by="N.float() + alpha",
)
smoothed.variant(
    "only the rows that are needed",
    name="rows",
    replace="return -P[xs[:, 0], xs[:, 1], ys].log().mean().item()",
    by="rows = N[xs[:, 0], xs[:, 1]]\n"
    "    top = rows.gather(1, ys[:, None])[:, 0] + alpha\n"
    "    return float((torch.log(rows.sum(1) + N.shape[2] * alpha) - torch.log(top)).mean())",
)

smoothed.equivalent("N.double()  ->  N", "float32 will do: the tolerance says so")
