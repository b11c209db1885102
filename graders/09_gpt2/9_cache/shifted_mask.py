"""09.shifted_mask: T_q new queries over past + T_q keys."""

import torch

from graders.authoring import exercise

ex = exercise("shifted_mask", title="the mask, shifted by the past")


@ex.cases
def _(rng):
    for n_past, n_new in [(3, 2), (0, 1), (0, 4), (1, 1), (5, 1), (2, 5), (4, 4), (1, 3)]:
        yield dict(n_past=n_past, n_new=n_new)
    for n_past, n_new in [(1100, 2), (3, 70)]:  # longer than a small table, or a byte, goes
        yield dict(n_past=n_past, n_new=n_new)
    yield dict(n_past=rng.integer(1, 9), n_new=rng.integer(2, 9))


@ex.oracle
def _(n_past, n_new):
    rows = [[j <= n_past + i for j in range(n_past + n_new)] for i in range(n_new)]
    return torch.tensor(rows)


ex.hint("Query i does not stand at position i. Where does it stand?")
ex.hint(
    "Compare torch.arange(n_past + n_new) with (n_past + torch.arange(n_new))[:, None]. Or: tril with a "
    "diagonal."
)
ex.hint("torch.ones(n_new, n_past + n_new, dtype=torch.bool).tril(n_past)")

ex.misconception(
    "The triangle stands at the upper left, as if the first new query were the first of the text. Shift "
    "it by n_past: "
    "query i sees keys up to n_past + i.",
    name="not_shifted",
    replace=".tril(n_past)",
    by=".tril()",
)
ex.misconception(
    "The mask is square, (n_new, n_new): the keys in the cache are missing. There are n_past + n_new "
    "columns.",
    name="square",
    replace="torch.ones(n_new, n_past + n_new, dtype=torch.bool).tril(n_past)",
    by="torch.ones(n_new, n_new, dtype=torch.bool).tril()",
)
ex.misconception(
    "There is a row for every position of the text. Only the new positions have queries: n_new rows, "
    "the last ones.",
    name="all_rows",
    replace="torch.ones(n_new, n_past + n_new, dtype=torch.bool).tril(n_past)",
    by="torch.ones(n_past + n_new, n_past + n_new, dtype=torch.bool).tril()",
)
ex.misconception(
    "A query does not see itself: it may look at its own position, j <= n_past + i.",
    name="not_itself",
    replace=".tril(n_past)",
    by=".tril(n_past - 1)",
)
ex.misconception(
    "Each query sees one key too many, the next token's: j <= n_past + i.",
    name="one_too_many",
    replace=".tril(n_past)",
    by=".tril(n_past + 1)",
)
ex.misconception(
    "Everything may look at everything. That is right for a single new query only: of several, the "
    "first must not see "
    "the later ones.",
    name="all_true",
    replace=".tril(n_past)",
    by="",
)
ex.misconception(
    "True and False are exchanged: here True means *may see*.",
    name="inverted",
    replace="return torch",
    by="return ~torch",
)
ex.misconception(
    "The old keys are hidden: the new queries see only each other. The past is what they came for.",
    name="past_hidden",
    replace="torch.ones(n_new, n_past + n_new, dtype=torch.bool).tril(n_past)",
    by="torch.ones(n_new, n_past + n_new, dtype=torch.bool).tril(n_past) & (torch.arange(n_past + "
    "n_new) >= n_past)",
)
ex.misconception(
    "The shift applies only when a single token is new; a longer piece got the triangle of an empty "
    "cache. Both are one "
    "case: shift by n_past, always.",
    name="first_call_only",
    replace=".tril(n_past)",
    by=".tril(n_past if n_new == 1 else 0)",
)
ex.misconception(
    "Numbers instead of bool: masked_fill and ~ want a mask of True and False.",
    name="floats",
    replace=", dtype=torch.bool",
    by="",
)

ex.variant(
    "by comparing positions",
    name="compare",
    source="""
    def shifted_mask(n_past, n_new):
        keys = torch.arange(n_past + n_new)
        return keys[None, :] <= keys[n_past:, None]
""",
)
ex.variant(
    "the last rows of the whole triangle",
    name="last_rows",
    source="""
    def shifted_mask(n_past, n_new):
        T = n_past + n_new
        return torch.tril(torch.ones(T, T))[-n_new:] == 1
""",
)
