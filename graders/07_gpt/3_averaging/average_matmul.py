"""07.average_matmul: the past averaged by one matrix product."""

import torch

from graders.authoring import Operations, exercise, multiplied

from .part import gradients, running_mean, sequences

matmul = exercise("average_matmul", title="the past averaged by one matrix product")


@matmul.cases
def _(rng):
    for x in sequences(rng):
        yield dict(x=x)


@matmul.oracle
def _(x):
    return running_mean(x)


@matmul.check("gradients")
def _(m, x):
    x = x.clone().requires_grad_()
    return gradients(m.average_matmul(x), {"x": x})


@matmul.oracle("gradients")
def _(x):
    x = x.clone().requires_grad_()
    return gradients(running_mean(x), {"x": x})


def table(T):
    """Whether a tensor has as many numbers that are not 0 as a triangle of T rows, or several of them."""

    def is_one(factor):
        weights, triangle = int(factor.count_nonzero()), T * (T + 1) // 2
        return 0 < weights < factor.numel() and weights % triangle == 0

    return is_one


def long_cases(rng):
    yield dict(x=rng.normal(2, 12, 3, mean=1, std=2))
    yield dict(x=rng.normal(1, 15, 2, mean=-1))


@matmul.check("at once", cases=long_cases)
def _(m, x):
    found, counts, by_product = [], [], []
    for part in (x[:, :4].clone(), x, 1 - x):
        with Operations(part) as ops:
            found.append(m.average_matmul(part))
        counts.append(ops.count)
        grown = part.clone().requires_grad_()
        by_product.append(multiplied(m.average_matmul(grown), grown, table(part.shape[1])))
    return {
        "averages": found,
        "position by position": counts[1] - counts[0] >= x.shape[1] - 4,
        "by a product with a table": all(by_product),
    }


@matmul.oracle("at once")
def _(x):
    averages = [running_mean(part) for part in (x[:, :4], x, 1 - x)]
    return {"averages": averages, "position by position": False, "by a product with a table": True}


matmul.hint("Row t of the table of weights: 1 / (t + 1), t + 1 times, then zeros.")
matmul.hint("torch.tril of ones, each row divided by its own sum (keepdim), times x.")
matmul.hint(
    "wei = torch.tril(torch.ones(T, T, dtype=x.dtype)); wei = wei / wei.sum(dim=1, keepdim=True); "
    "return wei @ x"
)

matmul.misconception(
    "The rows of your table are not divided by their sums, so you add up where you should average.",
    name="not_normalized",
    replace="    wei = wei / wei.sum(dim=1, keepdim=True)\n",
    by="",
)
matmul.misconception(
    "keepdim is missing: sums of shape (T,) are laid along the columns, and column s is divided by "
    "the sum of row s. With keepdim=True each row is divided by its own.",
    name="no_keepdim",
    replace=", keepdim=True",
    by="",
)
matmul.misconception(
    "You divided by the sums of the columns (dim=0). A row of the table is one position's weights: "
    "rows must sum to 1.",
    name="columns",
    replace="sum(dim=1",
    by="sum(dim=0",
)
matmul.misconception(
    "The triangle is the upper one: positions average their future. Use torch.tril.",
    name="upper",
    replace="torch.tril",
    by="torch.triu",
)
matmul.misconception(
    "There is no triangle: everyone averages everything, the future included.",
    name="no_triangle",
    replace="torch.tril(torch.ones(T, T, dtype=x.dtype))",
    by="torch.ones(T, T, dtype=x.dtype)",
)
matmul.misconception(
    "The diagonal is missing: positions do not count themselves, and the first row, 0 / 0, is nan.",
    name="no_diagonal",
    replace="dtype=x.dtype))",
    by="dtype=x.dtype), diagonal=-1)",
)
matmul.misconception(
    "The values are right, but they are cut off from x: no gradient comes back. Leave out detach.",
    name="detached",
    replace="wei @ x",
    by="wei @ x.detach()",
)

matmul.misconception(
    "You divided the table by T. Row t has t + 1 ones: divide it by its own sum.",
    name="over_T",
    replace="wei.sum(dim=1, keepdim=True)",
    by="T",
)
matmul.misconception(
    "That goes position by position: as many operations as there are positions. Here one product of a table "
    "(T, T) of weights with x does it for all of them.",
    name="loop",
    source="""
    def average_matmul(x):
        return torch.stack([x[:, : t + 1].mean(dim=1) for t in range(x.shape[1])], dim=1)
""",
)

matmul.misconception(
    "Right, but no product with a table of weights made the averages (row t of it holds t + 1 weights, then "
    "zeros). Running sums (cumsum) come to the same; they know equal weights only, and attention will need "
    "others.",
    name="running_sum",
    source="""
    def average_matmul(x):
        counts = torch.arange(1, x.shape[1] + 1, dtype=x.dtype)
        return x.cumsum(1) / counts[:, None]
""",
)


@matmul.variant("sums by the table, divided afterwards")
def divided_afterwards(x):
    T = x.shape[1]
    return torch.ones(T, T, dtype=x.dtype).tril() @ x / torch.arange(1, T + 1).view(T, 1)


@matmul.variant("times, and the sum")
def written_out(x):
    T = x.shape[1]
    wei = torch.ones(T, T, dtype=x.dtype).tril()
    wei = wei / wei.sum(1, keepdim=True)
    return (wei[:, :, None] * x[:, None]).sum(2)


@matmul.variant("the table filled row by row, made from x")
def new_rows(x):
    wei = x.new_zeros(x.shape[1], x.shape[1])
    for t in range(len(wei)):
        wei[t, : t + 1] = 1 / (t + 1)
    return wei.matmul(x)


@matmul.variant("the table filled row by row")
def rows(x):
    T = x.shape[1]
    wei = torch.zeros(T, T, dtype=x.dtype)
    for t in range(T):
        wei[t, : t + 1] = 1 / (t + 1)
    return wei @ x


@matmul.variant("einsum, divided by the numbers of rows")
def einsum(x):
    T = x.shape[1]
    wei = torch.ones(T, T, dtype=x.dtype).tril() / torch.arange(1, T + 1).to(x.dtype)[:, None]
    return torch.einsum("ts,bsc->btc", wei, x)
