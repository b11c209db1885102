"""02.row_logits: E04: rows instead of one-hot."""

import torch

from graders.authoring import differentiate, exercise

rows = exercise("row_logits", title="E04: rows instead of one-hot")


@rows.cases
def _(rng):
    for vocab, n_out, shape in [(5, 3, (4,)), (4, 7, (1,)), (3, 2, (2, 5)), (6, 4, (2, 1, 3))]:
        yield dict(xs=rng.integers(0, vocab, *shape), W=rng.normal(vocab, n_out))
    yield dict(xs=torch.tensor(2), W=rng.normal(3, 5))
    yield dict(xs=rng.integers(0, 27, 40), W=rng.normal(27, 27, dtype=torch.float32))
    # the same row over and over, and rows of huge numbers: gradients of a row add up
    yield dict(xs=torch.full((6,), 3), W=rng.normal(4, 3, std=1e4))
    yield dict(xs=torch.tensor([299, 43, 128]), W=rng.normal(300, 2))  # no byte holds them
    # W need not lie in memory row by row
    yield dict(xs=rng.integers(0, 5, 7), W=rng.normal(3, 5).t())


@rows.oracle
def _(xs, W):
    return torch.stack([W[int(i)] for i in xs.flatten()]).view(*xs.shape, W.shape[1])


@rows.check("gradients")
def _(m, xs, W):
    W.requires_grad_()
    up = torch.linspace(-1, 2, xs.numel() * W.shape[1], dtype=W.dtype).view(*xs.shape, W.shape[1])
    return dict(differentiate(m.row_logits(xs, W), {"W": W}, up))


def spoiled_rows(rng):
    for bad in (float("inf"), float("nan"), float("-inf")):
        W = rng.normal(5, 3)
        W[2, 1] = bad
        W[4] = bad
        yield dict(xs=torch.tensor([0, 3, 1, 3]), W=W)
        yield dict(xs=torch.tensor([0, 2, 1, 3]), W=W.clone())  # and one that is


@rows.check("rows that are not asked for", cases=spoiled_rows)
def _(m, xs, W):
    return m.row_logits(xs, W)


rows.hint("What does a one-hot row, times W, take out of W?")
rows.hint("A tensor can be indexed with a tensor of indices: one row for each of them.")
rows.hint("return W[xs]")


@rows.misconception(
    "That is still the product with one-hot vectors: nearly all of its multiplications are by "
    "zero, and 0 * inf is NaN, so a bad row that nobody asked for spoils the result. Take the rows "
    "of W by their indices."
)
def one_hot(xs, W):
    hot = torch.nn.functional.one_hot(xs, W.shape[0]).to(W.dtype)
    return hot @ W


rows.misconception(
    "You took columns of W. Row i of W holds the logits of what follows character i: index the "
    "first dimension.",
    name="columns",
    replace="return W[xs]",
    by="return W[:, xs % W.shape[1]]",
)
rows.misconception(
    "W is transposed before its rows are taken, which gives columns. Row i of W belongs to "
    "character i.",
    name="transposed",
    replace="return W[xs]",
    by="return W.T[xs % W.shape[1]]",
)
rows.misconception(
    "gather with one index per example takes one number of W for each, not a row. Indexing with "
    "xs takes whole rows.",
    name="gathered",
    replace="return W[xs]",
    by="return W[xs, xs % W.shape[1]]",
)
rows.misconception(
    "The values are right, but .data or detach() cut them off from W: no gradient comes back, and "
    "W never learns.",
    name="detached",
    replace="return W[xs]",
    by="return W.detach()[xs]",
)
rows.misconception(
    "xs was flattened. It may have any shape: what comes back has that shape, and one more "
    "dimension for the logits.",
    name="flattened",
    replace="return W[xs]",
    by="return W[xs.flatten()]",
)
rows.misconception(
    "`squeeze()` removes every dimension of size 1, also that of a batch of one. The result always "
    "has the shape of xs and one more dimension.",
    name="squeezed",
    replace="return W[xs]",
    by="return W[xs].squeeze()",
)
rows.misconception(
    "Each row is there only once: unique() dropped the repeats and sorted the rest. Every index, "
    "repeated or not, gets a row, in the order of xs.",
    name="unique",
    replace="return W[xs]",
    by="return W[xs.unique()]",
)
rows.misconception(
    "These are probabilities. Logits are wanted, the numbers in W as they are; softmax comes "
    "later, inside the loss.",
    name="softmaxed",
    replace="return W[xs]",
    by="return W[xs].softmax(-1)",
)
rows.misconception(
    "These are counts: exp was already taken. The rows of W as they are, the logits, are wanted.",
    name="exponentiated",
    replace="return W[xs]",
    by="return W[xs].exp()",
)
rows.misconception(
    "The result is float32 whatever W was. The rows of W need no conversion, they are numbers of "
    "W's dtype already.",
    name="float32",
    replace="return W[xs]",
    by="return W[xs].float()",
)
rows.misconception(
    "The rows went into a new tensor, made by torch.tensor from plain numbers. It does not know "
    "where they came from, so no gradient flows back to W. Index W itself.",
    name="plain_numbers",
    replace="return W[xs]",
    by="rows = [W[int(i)].tolist() for i in xs.flatten()]\n"
    "    if len(xs.shape) == 1:\n        return torch.tensor(rows)\n"
    "    return torch.tensor(rows, dtype=W.dtype).view(*xs.shape, -1)",
)

rows.variant(
    "torch's own embedding",
    name="embedding",
    replace="return W[xs]",
    by="return F.embedding(xs, W)",
)
rows.variant(
    "index_select",
    name="index_select",
    replace="return W[xs]",
    by="return W.index_select(0, xs.flatten()).view(*xs.shape, W.shape[1])",
)
rows.variant(
    "gather, with the index copied along the row",
    name="gather",
    replace="return W[xs]",
    by="flat = xs.reshape(-1, 1).expand(-1, W.shape[1])\n"
    "    return torch.gather(W, 0, flat).reshape(*xs.shape, W.shape[1])",
)
rows.variant(
    "row by row",
    name="stacked",
    replace="return W[xs]",
    by="return torch.stack([W[i] for i in xs.flatten()]).view(xs.shape + W.shape[1:])",
)
