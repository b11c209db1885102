"""02.smoothed_probs: smoothing."""

import torch

from graders.authoring import exercise

smooth = exercise("smoothed_probs", title="smoothing")


@smooth.cases
def _(rng):
    for size, alpha in [(3, 1), (4, 0.5), (1, 2), (6, 10), (27, 1), (5, 2.5)]:
        yield dict(N=rng.integers(0, 9, size, size).int(), alpha=alpha)
    N = rng.integers(1, 9, 4, 4).int()
    N[2] = 0  # a character that is never followed by anything
    yield dict(N=N, alpha=3)
    yield dict(N=rng.integers(1, 30, 5, 5).float(), alpha=0)
    yield dict(N=rng.integers(0, 5, 3, 3).float(), alpha=0.25)
    yield dict(N=torch.tensor([[0, 0], [1, 2**24]], dtype=torch.int32), alpha=1e-3)
    # the edges of what the docstring promises
    for alpha in (1e-6, 1e6, 10**6):
        yield dict(
            N=torch.tensor([[0, 0, 0], [0, 7, 2], [1, 0, 5]], dtype=torch.int32), alpha=alpha
        )


smooth.hint("Fake counts are counts: into every cell, before anything is divided.")
smooth.hint("Then normalize the rows as in part 2: P.sum(1, keepdim=True).")
smooth.hint("P = N.float() + alpha; return P / P.sum(1, keepdim=True)")

smooth.misconception(
    "Smoothed after normalizing: alpha was added to probabilities. It is a number of fake *counts*, "
    "and goes in first.",
    name="after",
    replace="P = N.float() + alpha\n    return P / P.sum(1, keepdim=True)",
    by="P = N.float() / N.float().sum(1, keepdim=True) + alpha\n    return P / P.sum(1, keepdim=True)",
)
smooth.misconception(
    "Divided by the row sums of N, without the fake counts: rows sum to more than 1.",
    name="old_sums",
    replace="return P / P.sum(1, keepdim=True)",
    by="return P / N.float().sum(1, keepdim=True)",
)
smooth.misconception(
    "alpha is not used: impossible stays impossible.",
    name="no_alpha",
    replace="N.float() + alpha",
    by="N.float()",
)
smooth.misconception(
    "1 was added, whatever alpha says.",
    name="always_one",
    replace="N.float() + alpha",
    by="N.float() + 1",
)
smooth.misconception(
    "alpha went only where the count was 0. Every cell gets it, or a bigram seen once is no better "
    "than one never seen.",
    name="only_zeros",
    replace="P = N.float() + alpha",
    by="P = torch.where(N == 0, torch.full(N.shape, float(alpha)), N.float())",
)
smooth.misconception(
    "The columns sum to 1. A row is what may follow a character: sum over dimension 1.",
    name="columns",
    replace="P.sum(1, keepdim=True)",
    by="P.sum(0, keepdim=True)",
)
smooth.misconception(
    "keepdim=True is missing: the row sums lie down as a row, and column j is divided by the sum of row j.",
    name="no_keepdim",
    replace="P.sum(1, keepdim=True)",
    by="P.sum(1)",
)
smooth.misconception(
    "The whole table sums to 1. Each *row* is a distribution of its own.",
    name="whole_table",
    replace="P.sum(1, keepdim=True)",
    by="P.sum()",
)
smooth.misconception(
    "alpha was added once to each row sum, not once for each cell of the row: rows no longer sum to 1.",
    name="alpha_once",
    replace="P.sum(1, keepdim=True)",
    by="(N.float().sum(1, keepdim=True) + alpha)",
)
smooth.misconception(
    "alpha was split over the cells of a row. It goes into every cell, whole.",
    name="alpha_shared",
    replace="N.float() + alpha",
    by="N.float() + alpha / N.shape[1]",
)
smooth.misconception(
    "The counts were multiplied by alpha: 0 stays 0. Add it.",
    name="multiplied",
    replace="N.float() + alpha",
    by="N.float() * alpha",
)
smooth.misconception(
    "alpha was cut to an integer (int(), or an int32 matrix): half a fake count became none.",
    name="integer_alpha",
    replace="N.float() + alpha",
    by="(N.int() + int(alpha)).float()",
)
smooth.misconception(
    "`+=` changes the caller's counts: smoothing twice would smooth more each time. Make a new tensor.",
    name="in_place",
    replace="P = N.float() + alpha",
    by="P = N.float() + alpha\n    N.copy_(P.to(N.dtype))",
)
smooth.misconception(
    "softmax is for logits. Counts are only divided by their sum.",
    name="softmax",
    replace="return P / P.sum(1, keepdim=True)",
    by="return P.softmax(1)",
)
smooth.misconception(
    "The result is float64. float32 is asked for.",
    name="doubles",
    replace="N.float() + alpha",
    by="N.double() + alpha",
)

smooth.variant(
    "all at once",
    name="at_once",
    replace="return P / P.sum(1, keepdim=True)",
    by="return P / (N.sum(dim=-1, keepdim=True) + alpha * N.shape[1])",
)
smooth.variant(
    "torch's normalize",
    name="normalize",
    replace="return P / P.sum(1, keepdim=True)",
    by="return torch.nn.functional.normalize(P, p=1.0, dim=1)",
)
smooth.variant(
    "in double, and back",
    name="double_and_back",
    replace="P = N.float() + alpha\n    return P / P.sum(1, keepdim=True)",
    by="P = N.double() + alpha\n    return (P.T / P.sum(1)).T.float()",
)

smooth.equivalent(
    "N.float()  ->  N", "int32 plus a float is float32, and int32 divided by int32 too"
)
