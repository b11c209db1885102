"""02.normalize_rows: normalize the rows."""

import torch

from graders.authoring import exercise

rows = exercise("normalize_rows", title="normalize the rows")


@rows.cases
def _(rng):
    for size in (2, 3, 5, 27):
        yield dict(N=rng.integers(0, 20, size, size).int() + torch.eye(size).int())
    yield dict(N=rng.integers(1, 9, 4, 4).float())
    yield dict(N=torch.tensor([[7]], dtype=torch.int32))
    yield dict(N=torch.tensor([[0, 5, 0], [1, 0, 0], [2**20, 2**20, 1]], dtype=torch.int32))
    # float, and nothing to divide: even a wrong in-place division must show in the counts
    yield dict(N=torch.tensor([[1.0, 1.0], [3.0, 5.0]]))


rows.hint("Which dimension disappears when you add up *within* each row?")
rows.hint(
    "N.sum(1) has the shape (27,), which broadcasting reads as a row. You need a column: keepdim=True."
)
rows.hint("P = N.float(); return P / P.sum(1, keepdim=True)")

rows.misconception(
    "keepdim=True is missing: N.sum(1) lies down as a row, and [i, j] is divided by the sum of row "
    "j. Rows no longer "
    "sum to 1.",
    name="no_keepdim",
    replace="P.sum(1, keepdim=True)",
    by="P.sum(1)",
)
rows.misconception(
    "The columns sum to 1. What may *follow* a character stands in its row: add along dimension 1.",
    name="columns",
    replace="P.sum(1, keepdim=True)",
    by="P.sum(0, keepdim=True)",
)
rows.misconception(
    "The whole table sums to 1. Each row is a distribution of its own.",
    name="whole_table",
    replace="P.sum(1, keepdim=True)",
    by="P.sum()",
)
rows.misconception(
    "Divided by the largest count of each row. Probabilities are shares of the *sum*.",
    name="by_maximum",
    replace="P.sum(1, keepdim=True)",
    by="P.amax(1, keepdim=True)",
)
rows.misconception(
    "softmax is for logits, which may be negative. Counts are only divided by their sum.",
    name="softmax",
    replace="P / P.sum(1, keepdim=True)",
    by="P.softmax(1)",
)
rows.misconception(
    "`/=` changed the caller's counts: N.float() is N itself when N is float already. Write P / "
    "sums, a new tensor.",
    name="in_place",
    replace="return P / P.sum(1, keepdim=True)",
    by="P /= P.sum(1, keepdim=True)\n    return P",
)
rows.misconception(
    "The integers themselves were divided in place, which torch refuses: convert with N.float() "
    "first, and divide into "
    "a new tensor.",
    name="integers_in_place",
    replace="P = N.float()\n    return P / P.sum(1, keepdim=True)",
    by="N /= N.sum(1, keepdim=True)\n    return N",
)
rows.misconception(
    "Whole numbers were divided with //: everything below 1 became 0.",
    name="floor_division",
    replace="P / P.sum(1, keepdim=True)",
    by="P // P.sum(1, keepdim=True)",
)
rows.misconception(
    "The length of each row became 1 (its Euclidean norm). Its *sum* has to.",
    name="euclidean",
    replace="P.sum(1, keepdim=True)",
    by="P.norm(dim=1, keepdim=True)",
)
rows.misconception(
    "The result is float64. float32 is asked for.",
    name="doubles",
    replace="N.float()",
    by="N.double()",
)
rows.misconception(
    "Fake counts were added. Smoothing is the next part's idea; here the counts are taken as they are.",
    name="smoothed",
    replace="P = N.float()",
    by="P = N.float() + 1",
)
rows.misconception(
    "Only the first row was normalized: P[0]. Do it for all rows at once, with a column of sums.",
    name="first_row",
    replace="return P / P.sum(1, keepdim=True)",
    by="return P[0] / P[0].sum()",
)
rows.misconception(
    "All rows were divided by the sum of the first. Each has a sum of its own.",
    name="sum_of_first_row",
    replace="P.sum(1, keepdim=True)",
    by="P[0].sum()",
)

rows.variant(
    "unsqueeze", name="unsqueeze", replace="P.sum(1, keepdim=True)", by="P.sum(1).unsqueeze(1)"
)
rows.variant(
    "transposed and back",
    name="transposed",
    replace="return P / P.sum(1, keepdim=True)",
    by="return (N.T / N.sum(1)).T",
)
rows.variant(
    "row by row",
    name="row_by_row",
    replace="return P / P.sum(1, keepdim=True)",
    by="return torch.stack([row / row.sum() for row in P])",
)
rows.variant(
    "torch's normalize",
    name="normalize",
    replace="return P / P.sum(1, keepdim=True)",
    by="return torch.nn.functional.normalize(P, p=1, dim=1)",
)

rows.equivalent("N.float()  ->  N", "int32 divided by int32 is float32")
