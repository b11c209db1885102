"""03.embed_by_matmul: lookup as one-hot times C."""

import torch

from graders.authoring import differentiate, exercise, multiplied

from .part import leaf, tables

matmul = exercise("embed_by_matmul", title="lookup as one-hot times C")


@matmul.cases
def _(rng):
    yield from tables(rng)
    yield dict(C=rng.normal(300, 1), X=torch.tensor([[299, 43], [128, 255]]))  # no byte holds them


@matmul.check("gradients")
def _(m, C, X):
    C = leaf(C)
    emb = m.embed_by_matmul(C, X)[1]
    upstream = torch.linspace(-1, 2, emb.numel(), dtype=C.dtype).view(emb.shape)
    return dict(differentiate(emb, {"C": C}, upstream))


def one(rng):
    yield dict(C=rng.normal(5, 3), X=rng.integers(0, 5, 4, 2))


def one_hot(width, rows):
    """Whether a factor has as many ones as it has rows so wide; notes how many, by where it lies."""

    def is_one(factor):
        ones = int(factor.count_nonzero())
        if factor.numel() == ones * width:
            rows[factor.data_ptr(), factor.shape] = ones
        return factor.numel() == ones * width

    return is_one


@matmul.check("by a product", cases=one)
def _(m, C, X):
    found, grown, rows = m.embed_by_matmul(C, X), leaf(C), {}
    by_it = multiplied(m.embed_by_matmul(grown, X)[1], grown, one_hot(len(C), rows))
    return {
        "xenc, emb": found,
        "one-hot rows that C was multiplied with": sum(rows.values()) if by_it else 0,
    }


def spoiled(rng):
    C = rng.normal(6, 3)
    C[rng.integer(3, 6)] = float("inf")
    yield dict(C=C, X=rng.integers(0, 3, 4, 2))


@matmul.check("every row takes part", cases=spoiled)
def _(m, C, X):
    return m.embed_by_matmul(C, X)


matmul.hint("How wide must a one-hot vector be, so that it can be multiplied with C?")
matmul.hint("F.one_hot(X, num_classes=...) works for an X of any shape, and returns int64.")
matmul.hint("xenc = F.one_hot(X, num_classes=C.shape[0]).to(C.dtype); return xenc, xenc @ C")

matmul.misconception(
    "num_classes is missing: torch then guesses the width from the largest index that happens to "
    "occur. Give it C.shape[0].",
    name="guessed_width",
    replace=", num_classes=C.shape[0]",
    by="",
)
matmul.misconception(
    "The vocabulary has 27 characters here, but not everywhere: the width is C.shape[0].",
    name="always_27",
    replace="num_classes=C.shape[0]",
    by="num_classes=27",
)
matmul.misconception(
    "one_hot gives whole numbers, and a product needs both sides in one dtype: .to(C.dtype).",
    name="left_int",
    replace=".to(C.dtype)",
    by="",
)
matmul.misconception(
    "float() always means float32; here C may be float64. Take the dtype of C.",
    name="float32",
    replace=".to(C.dtype)",
    by=".float()",
)
matmul.misconception(
    "The width of a one-hot vector is the number of characters, C.shape[0], not the width of C.",
    name="width_of_rows",
    replace="C.shape[0]",
    by="C.shape[1]",
)
matmul.misconception(
    "Right numbers, but no gradient can reach C: leave out detach and .data.",
    name="detached",
    replace="xenc @ C\n",
    by="xenc @ C.data\n",
)
matmul.misconception(
    "The two results come the other way round: first the one-hot vectors, then the embeddings.",
    name="swapped",
    replace="return xenc, xenc @ C",
    by="return xenc @ C, xenc",
)
matmul.misconception(
    "emb is right, but the one-hot vectors came back as int64: give them the dtype of C before you return "
    "both.",
    name="int_returned",
    replace="    xenc = F.one_hot(X, num_classes=C.shape[0]).to(C.dtype)  # (N, block_size, vocab_size)\n"
    "    return xenc, xenc @ C",
    by="    xenc = F.one_hot(X, num_classes=C.shape[0])\n    return xenc, xenc.to(C.dtype) @ C",
)
matmul.misconception(
    "The embeddings of a context were added up: the product keeps one row for each character.",
    name="summed",
    replace="return xenc, xenc @ C",
    by="return xenc, (xenc @ C).sum(1)",
)
matmul.misconception(
    "Right, but rows were picked out of C (C[X] is the next exercise), whether or not a product follows. "
    "Here emb is the product of the one-hot vectors with C itself, to see that the two are the same.",
    name="looked_up",
    replace="return xenc, xenc @ C",
    by="return xenc, C[X]",
)


@matmul.variant("an identity matrix, einsum")
def identity(C, X):
    xenc = torch.eye(C.shape[0], dtype=C.dtype)[X]
    return xenc, torch.einsum("ntv,vd->ntd", xenc, C)


@matmul.variant("scatter")
def scatter(C, X):
    xenc = torch.zeros(*X.shape, len(C), dtype=C.dtype).scatter_(2, X.unsqueeze(2), 1)
    return xenc, xenc.matmul(C)
