"""10.half_split_rows: from llama.cpp's order to the half-split."""

import torch

from graders.authoring import exercise

ex = exercise("half_split_rows", title="rows back into the half-split", stretch=True)


@ex.cases
def _(rng):
    for n_head, hs, C in [(3, 8, 5), (1, 6, 4), (2, 2, 3), (4, 4, 1), (9, 6, 7), (2, 10, 3)]:
        yield dict(weight=rng.normal(n_head * hs, C), n_head=n_head)
    yield dict(weight=rng.normal(12, 4, dtype=torch.float32), n_head=3)
    yield dict(weight=rng.normal(5, 12).T, n_head=2)
    yield dict(weight=rng.normal(25, 9)[1::2, ::2], n_head=2)


@ex.oracle
def _(weight, n_head):
    hs = len(weight) // n_head
    order = [h * hs + i for h in range(n_head) for i in [*range(0, hs, 2), *range(1, hs, 2)]]
    return weight[order]


def one_position(rng):
    yield dict(weight=rng.normal(2 * 6, 5), x=rng.normal(5), n_head=2, position=rng.integer(1, 9))


@ex.check("the same scores", cases=one_position)
def _(m, weight, x, n_head, position):
    """Turned by neighbours before, or by halves afterwards: the same numbers in another order."""
    half = m.half_split_rows(weight, n_head) @ x
    return m.rope(half.view(n_head, 1, -1), torch.tensor([position]))


@ex.oracle("the same scores")
def _(weight, x, n_head, position):
    pairs = (weight @ x).view(n_head, -1, 2)
    hs = 2 * pairs.shape[1]
    angle = position * 10000.0 ** (-torch.arange(0, hs, 2, dtype=torch.float64) / hs)
    z = torch.view_as_complex(pairs) * torch.polar(torch.ones_like(angle), angle)
    return torch.cat([z.real, z.imag], -1)[:, None]


ex.hint("Per head hs rows: reshape to (n_head, hs / 2, 2, C), a dimension for the pairs.")
ex.hint("Exchange the dimensions of pair and member, and reshape back.")

ex.misconception(
    """That is the way there, which the converter went: pairs half a head apart became neighbours. Here they
    go back.""",
    name="the_way_there",
    replace="weight.reshape(n_head, -1, 2, weight.shape[1])",
    by="weight.reshape(n_head, 2, -1, weight.shape[1])",
)
ex.misconception(
    """The rows of all heads were taken together: all even rows first, then all odd ones. Each head keeps
    its own rows.""",
    name="all_heads",
    replace="n_head, -1, 2, weight",
    by="1, -1, 2, weight",
)
ex.misconception(
    """The order of the rows did not change. Exchange the pair's dimension with the one before it.""",
    name="unchanged",
    replace=".transpose(1, 2)",
    by="",
)
ex.misconception(
    """Columns were reordered instead of rows: with out first, as in nn.Linear, the rows are what makes the
    heads.""",
    name="columns",
    replace="    return heads.transpose(1, 2).reshape(weight.shape)",
    by="    return torch.cat([weight[:, 0::2], weight[:, 1::2]], dim=1)",
)
ex.misconception(
    """The odd rows stand first in each head. First the even ones (0, 2, ...).""",
    name="odd_first",
    replace="heads.transpose(1, 2)",
    by="heads.flip(2).transpose(1, 2)",
)
ex.variant(
    "row by row",
    name="index",
    source="""
    def half_split_rows(weight, n_head):
        heads = weight.reshape(n_head, -1, weight.shape[1])
        return torch.cat([heads[:, 0::2], heads[:, 1::2]], dim=1).flatten(0, 1)
""",
)
