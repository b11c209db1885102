"""07.split_heads: (B, T, C) -> (B, nh, T, hs)."""

import torch

from graders.authoring import differentiate, exercise

split_heads = exercise("split_heads", title="cut the features into heads")


@split_heads.cases
def _(rng):
    for B, T, n_head, hs in [(2, 5, 3, 4), (1, 3, 2, 5), (3, 1, 4, 2), (2, 4, 1, 3), (3, 4, 2, 1)]:
        yield dict(x=rng.normal(B, T, n_head * hs), n_head=n_head)
    yield dict(x=rng.integers(-9, 9, 2, 3, 8), n_head=4)
    yield dict(x=rng.normal(3, 2, 6, dtype=torch.float32).transpose(0, 1), n_head=3)


@split_heads.oracle
def _(x, n_head):
    return torch.stack(x.chunk(n_head, dim=-1), dim=1)


def training(rng):
    yield dict(x=rng.normal(2, 5, 6), n_head=3, upstream=rng.normal(2, 3, 5, 2))


@split_heads.check("gradients", cases=training)
def _(m, x, n_head, upstream):
    kept = m.split_heads(x, n_head)
    m.split_heads(2 * x, n_head)
    x = x.clone().requires_grad_()
    found = dict(differentiate(m.split_heads(x, n_head), {"x": x}, upstream))
    return {**found, "an answer, after further calls": kept}


@split_heads.oracle("gradients")
def _(x, n_head, upstream):
    kept = torch.stack(x.chunk(n_head, dim=-1), dim=1)
    x = x.clone().requires_grad_()
    found = dict(differentiate(torch.stack(x.chunk(n_head, dim=-1), dim=1), {"x": x}, upstream))
    return {**found, "an answer, after further calls": kept}


split_heads.hint("Which dimension is cut? Only the last one: time must stay whole.")
split_heads.hint("First (B, T, n_head, hs), then swap the two dimensions in the middle.")
split_heads.hint("x.reshape(B, T, n_head, C // n_head).transpose(1, 2)")

split_heads.misconception(
    """You viewed (B, T, C) as (B, n_head, T, hs) at once. The shape is right, but memory is read in order, so
    head 0 gets all features of the first positions. Cut C first, then transpose.""",
    name="view_at_once",
    replace="x.reshape(B, T, n_head, C // n_head).transpose(1, 2)",
    by="x.reshape(B, n_head, T, C // n_head)",
)
split_heads.misconception(
    """The heads are not moved before time: the result is (B, T, n_head, hs). Swap dimensions 1 and 2.""",
    name="no_transpose",
    replace=".transpose(1, 2)",
    by="",
)
split_heads.misconception(
    """You cut C into (hs, n_head), so a head takes every n_head-th feature. A head's features are neighbors:
    cut into (n_head, hs).""",
    name="interleaved",
    replace="x.reshape(B, T, n_head, C // n_head).transpose(1, 2)",
    by="x.reshape(B, T, C // n_head, n_head).permute(0, 3, 1, 2)",
)
split_heads.misconception(
    """Features stand before time: the result is (B, n_head, hs, T). That is the transposed key; here each
    head needs (T, hs).""",
    name="features_first",
    replace=".transpose(1, 2)",
    by=".permute(0, 2, 3, 1)",
)
split_heads.misconception(
    """The heads stand before the batch: the result is (n_head, B, T, hs). The batch stays in front.""",
    name="heads_before_batch",
    replace=".transpose(1, 2)",
    by=".permute(2, 0, 1, 3)",
)
split_heads.misconception(
    """The numbers are right, but no gradient comes back through them: what stands before the heads would
    never learn. Leave out detach, .data and no_grad.""",
    name="detached",
    replace="x.reshape(B",
    by="x.detach().reshape(B",
)
split_heads.variant(
    "chunks, stacked",
    name="chunks",
    source="""
    def split_heads(x, n_head):
        return torch.stack(x.chunk(n_head, dim=-1), dim=1)
    """,
)
