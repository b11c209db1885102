"""03.embed: lookup by index."""

import torch
import torch.nn.functional as F

from graders.authoring import differentiate, exercise

from .part import leaf, tables

embed = exercise("embed", title="lookup by index")


@embed.cases
def _(rng):
    yield from tables(rng)
    yield dict(C=rng.normal(5, 3), X=rng.integers(0, 5, 6))  # other shapes of X
    yield dict(C=rng.normal(5, 3), X=rng.integers(0, 5, 2, 3, 4))
    yield dict(C=rng.normal(300, 1), X=torch.tensor([[299, 43], [128, 255]]))  # no byte holds them


@embed.check("any order in memory", cases=tables)
def _(m, C, X):
    return m.embed(C.t().contiguous().t(), X.t())  # both are transposes now


def spoiled_rows(rng):
    for bad in (float("inf"), float("nan"), float("-inf")):
        C = rng.normal(6, 3)
        C[2, 1] = bad
        C[4] = bad
        yield dict(C=C, X=torch.tensor([[0, 3], [1, 3], [5, 0]]))
        yield dict(C=C.clone(), X=torch.tensor([[0, 2], [1, 3], [5, 5]]))


@embed.check("rows that are not asked for", cases=spoiled_rows)
def _(m, C, X):
    return m.embed(C, X)


@embed.check("gradients")
def _(m, C, X):
    C = leaf(C)
    emb = m.embed(C, X)
    upstream = torch.linspace(-1, 2, emb.numel(), dtype=C.dtype).view(emb.shape)
    return dict(differentiate(emb, {"C": C}, upstream))


@embed.oracle
def _(C, X):
    return F.embedding(X, C)


embed.hint("What does torch return for a matrix indexed with a tensor of whole numbers?")
embed.hint("The first dimension of C is the character. Index it with the whole X at once.")
embed.hint("return C[X]")


@embed.misconception("`C[:, X]` takes columns. A character's embedding is a row: C[X].")
def columns(C, X):
    return C[:, X]


@embed.misconception(
    "The numbers are right, but no gradient reaches C: index C itself, not C.data or C.detach()."
)
def detached(C, X):
    return C.detach()[X]


@embed.misconception(
    "You laid the embeddings end to end already. Here each character keeps its own row: "
    "(N, block_size, n_embd)."
)
def flattened(C, X):
    return C[X].reshape(len(X), -1)


@embed.misconception(
    "You averaged over the context: which character stood where is lost. Keep them all."
)
def averaged(C, X):
    return C[X].mean(1)


@embed.misconception(
    "You looked up the flattened X: (N * block_size, n_embd). The result keeps the shape of X."
)
def flat_x(C, X):
    return C[X.flatten()]


@embed.misconception("Only one character of each context was looked up. Index with the whole of X.")
def last_only(C, X):
    return C[X[..., -1]]


@embed.misconception(
    "torch.tensor(...) of looked-up numbers is a new tensor without history: C gets no gradient, and "
    "here it became float32. Index with X directly."
)
def rebuilt(C, X):
    return torch.tensor([C[i].tolist() for i in X.flatten()]).view(*X.shape, -1)


@embed.misconception("The numbers became float32. The embeddings keep the dtype of C.")
def to_float32(C, X):
    return C[X].float()


@embed.misconception(
    "padding_idx=0 stops the gradient of row 0. Here 0 is '.', a character like all others, and it learns."
)
def padding(C, X):
    return F.embedding(X, C, padding_idx=0)


@embed.misconception(
    "A product with one-hot vectors: that was the exercise before. In a product all rows take part, and "
    "0 * inf is NaN, so a bad row that nobody asked for spoils the result. Take the rows of C by their "
    "indices."
)
def one_hot(C, X):
    return F.one_hot(X, len(C)).to(C.dtype) @ C


@embed.misconception("Your loops expect an X of two dimensions. C[X] takes any shape.")
def two_loops(C, X):
    return torch.stack([torch.stack([C[i] for i in row]) for row in X])


@embed.variant("F.embedding")
def functional(C, X):
    return F.embedding(X, C)


@embed.variant("index_select")
def select(C, X):
    return C.index_select(0, X.flatten()).view(*X.shape, C.shape[1])


@embed.variant("chosen by a mask, without a product")
def masked(C, X):
    named = X.unsqueeze(-1) == torch.arange(len(C))
    return torch.where(named.unsqueeze(-1), C, torch.zeros_like(C)).sum(-2)
