"""10.rope: pairs half a head apart, turned by their positions."""

import torch

from graders.authoring import Tol, differentiate, exercise

from .part import turned

ex = exercise("rope", title="rotary positions, half-split", stretch=True)


@ex.cases
def _(rng):
    for shape, positions, base in [
        ((2, 3, 5, 8), torch.arange(5), 10000.0),
        ((1, 2, 4, 6), torch.arange(7, 11), 100000.0),
        ((4, 2), torch.tensor([3, 0, 3, 9]), 50.0),  # in any order, with repeats
        ((3, 1, 1, 4), torch.tensor([12]), 20.0),
        ((2, 6, 12), torch.arange(6) * 3, 7.5),
    ]:
        yield dict(x=rng.normal(*shape), positions=positions, base=base)
    # positions that one byte does not hold, and no step between them is 1
    yield dict(x=rng.normal(2, 3, 4), positions=torch.tensor([130, 300, 257]))
    yield dict(x=rng.normal(2, 5, 8, dtype=torch.float32), positions=torch.arange(5))
    yield dict(x=rng.normal(2, 5, 3, 4).transpose(1, 2), positions=torch.arange(2, 7), base=30.0)


@ex.oracle
def _(x, positions, base=10000.0):
    return turned(x, positions, base)


@ex.check("gradients")
def _(m, x, positions, base=10000.0):
    out = m.rope(x.requires_grad_(), positions, base)
    up = torch.linspace(-1.5, 2.5, out.numel(), dtype=out.dtype).reshape(out.shape)
    return dict(differentiate(out, {"x": x}, up))


# angles may be computed in float32
for check in ("values", "gradients"):
    ex.tolerance(Tol(rtol=2e-5), check)

ex.hint("a, b = x.chunk(2, dim=-1): a[i] and b[i] are a pair.")
ex.hint(
    "angle = positions[:, None] * base ** (-2 i / hs), for i in 0 ... hs / 2 - 1: shape (T, hs / 2)."
)
ex.hint("torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1), with cos and sin in x's dtype.")

ex.misconception(
    """Neighbours were paired, (0, 1), (2, 3), ... Here i belongs with i + hs / 2. Either convention works,
    but a model knows only the one that it was trained with.""",
    name="neighbours",
    source="""
    def rope(x, positions, base=10000.0):
        hs = x.shape[-1]
        angle = positions[:, None] * base ** (-torch.arange(0, hs, 2, dtype=torch.float64) / hs)
        cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
        a, b = x[..., 0::2], x[..., 1::2]
        return torch.stack([a * cos - b * sin, b * cos + a * sin], dim=-1).flatten(-2)
""",
)
ex.misconception(
    """The pairs are taken half a head apart, but put back side by side: first all a', then all b'.""",
    name="put_back_wrong",
    replace="torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)",
    by="torch.stack([a * cos - b * sin, b * cos + a * sin], dim=-1).flatten(-2)",
)
ex.misconception(
    """It turns the other way round: a' = a cos - b sin, b' = b cos + a sin.""",
    name="backwards",
    replace="torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)",
    by="torch.cat([a * cos + b * sin, b * cos - a * sin], dim=-1)",
)
ex.misconception(
    """b' was computed with the wrong sign: that is a mirror and no rotation.""",
    name="mirror",
    replace="b * cos + a * sin]",
    by="a * sin - b * cos]",
)
ex.misconception(
    """The exponent is -i / hs: the slow pairs turn too fast. It is -2 i / hs, for i up to hs / 2.""",
    name="exponent",
    replace="torch.arange(0, hs, 2, dtype=torch.float64)",
    by="torch.arange(hs // 2, dtype=torch.float64)",
)
ex.misconception(
    """The sign of the exponent is missing: the angles grow with i instead of shrinking.""",
    name="grows",
    replace="(-torch.arange",
    by="(torch.arange",
)
ex.misconception(
    """Positions always start at 0 here. They are an argument, because with a cache the new tokens stand
    behind the old ones.""",
    name="from_zero",
    replace="positions[:, None]",
    by="torch.arange(len(positions))[:, None]",
)
ex.misconception(
    """Counting starts at 1: position 0 is turned by nothing.""",
    name="from_one",
    replace="positions[:, None]",
    by="(positions + 1)[:, None]",
)
ex.misconception(
    """`base` is an argument, and here it is always 10000.""",
    name="base_fixed",
    replace="speed = base **",
    by="speed = 10000.0 **",
)
ex.misconception(
    """Every pair is turned by the same angle. Pair i turns by base ** (-2 i / hs) for each position.""",
    name="one_speed",
    replace="positions[:, None] * speed",
    by="positions[:, None] * torch.ones_like(speed)",
)
ex.misconception(
    """b' was made from the new a'. Both need the old a and b: keep them until both are there.""",
    name="overwritten",
    replace="    return torch.cat([a * cos",
    by="    old, a = a, a * cos - b * sin\n    return torch.cat([old * cos",
)
ex.misconception(
    """Only the first position was read, and counted on from there. Each of the T has its own: they need not
    be neighbours.""",
    name="counted_on",
    replace="positions[:, None]",
    by="(positions[0] + torch.arange(len(positions)))[:, None]",
)

ex.variant(
    "rotate_half, as in transformers",
    name="rotate_half",
    source="""
    def rope(x, positions, base=10000.0):
        hs = x.shape[-1]
        inv = 1.0 / base ** (torch.arange(0, hs, 2).float() / hs)
        angle = torch.outer(positions.float(), inv).repeat(1, 2)
        turned = torch.cat([-x[..., hs // 2 :], x[..., : hs // 2]], -1)
        return (x * angle.cos() + turned * angle.sin()).to(x.dtype)
""",
)

ex.equivalent(
    "torch.arange(0, hs, 2, dtype=torch.float64)  ->  torch.arange(0, hs, 2)",
    "frequencies in float32 are within what is forgiven",
)
