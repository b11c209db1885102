"""07.merge_heads: (B, nh, T, hs) -> (B, T, C)."""

import torch

from graders.authoring import differentiate, exercise

merge_heads = exercise("merge_heads", title="lay the heads side by side again")


@merge_heads.cases
def _(rng):
    for shape in [(2, 3, 5, 4), (1, 2, 3, 5), (3, 4, 1, 2), (2, 1, 4, 3), (3, 2, 4, 1)]:
        yield dict(y=rng.normal(*shape))
    yield dict(y=rng.integers(-9, 9, 2, 4, 3, 5))
    yield dict(y=rng.normal(2, 5, 3, 4, dtype=torch.float32).transpose(1, 2))


@merge_heads.oracle
def _(y):
    return torch.cat(y.unbind(1), dim=-1)


def training(rng):
    yield dict(y=rng.normal(2, 3, 4, 2), upstream=rng.normal(2, 4, 6))


@merge_heads.check("gradients", cases=training)
def _(m, y, upstream):
    y = y.clone().requires_grad_()
    return dict(differentiate(m.merge_heads(y), {"y": y}, upstream))


@merge_heads.oracle("gradients")
def _(y, upstream):
    y = y.clone().requires_grad_()
    return dict(differentiate(torch.cat(y.unbind(1), dim=-1), {"y": y}, upstream))


merge_heads.hint("Go the way of split_heads backwards: first the swap, then the gluing.")
merge_heads.hint(
    "Transposing changes how memory is read; view then refuses. reshape copies if it must."
)
merge_heads.hint("y.transpose(1, 2).reshape(B, T, nh * hs)")

merge_heads.misconception(
    """You reshaped without moving time back in front of the heads. The shape is right, but a position's row
    now holds pieces of other positions. Transpose first.""",
    name="no_transpose",
    replace="y.transpose(1, 2).reshape",
    by="y.reshape",
)
merge_heads.misconception(
    """After transpose the memory is out of order, and view cannot glue it: use reshape, or .contiguous()
    before view.""",
    name="view",
    replace="y.transpose(1, 2).reshape",
    by="y.transpose(1, 2).view",
)
merge_heads.misconception(
    """The heads are interleaved: feature 0 of every head, then feature 1. Lay whole heads side by side.""",
    name="interleaved",
    replace="y.transpose(1, 2).reshape",
    by="y.permute(0, 2, 3, 1).reshape",
)
merge_heads.misconception(
    """The heads are added up, so what each found is lost in the sum and only hs features are left. Lay
    them side by side.""",
    name="summed",
    replace="y.transpose(1, 2).reshape(B, T, nh * hs)",
    by="y.sum(1)",
)
merge_heads.misconception(
    """The numbers are right, but no gradient comes back through them: what stands before the heads would
    never learn. Leave out detach, .data and no_grad.""",
    name="detached",
    replace="y.transpose(1, 2).reshape",
    by="y.detach().transpose(1, 2).reshape",
)
merge_heads.variant(
    "unbound and concatenated",
    name="cat",
    source="""
    def merge_heads(y):
        return torch.cat(y.unbind(1), dim=-1)
    """,
)
