"""07.rotary: neighbors, turned."""

import torch

from graders.authoring import Raises, differentiate, exercise

from .part import ANGLES, turned, upstream

rotary = exercise("rotary", title="EX4: rotary positions, the rotation", points=2)


@rotary.cases
def _(rng):
    # B, nh, T, hs: all differ, each is at its smallest once
    yield dict(x=rng.normal(2, 3, 5, 6), positions=torch.arange(5))
    yield dict(x=rng.normal(3, 2, 4, 8), positions=torch.tensor([9, 2, 2, 31]), theta=50.0)
    yield dict(
        x=rng.normal(1, 2, 3, 4), positions=torch.arange(3) + 17, theta=rng.number(20.0, 90.0)
    )
    yield dict(x=rng.normal(4, 1, 3, 10), positions=torch.tensor([5, -3, 0]), theta=200.0)
    yield dict(x=rng.normal(2, 3, 1, 4), positions=torch.tensor([11]), theta=30.0)
    yield dict(x=rng.normal(3, 4, 5, 2), positions=rng.integers(1, 40, 5), theta=6.0)
    # as it comes from split_heads: not contiguous; as many positions as heads
    x = rng.normal(2, 4, 4, 6, dtype=torch.float32).transpose(1, 2)
    yield dict(x=x, positions=torch.tensor([3, 8, 1, 20]), theta=50.0)
    yield dict(x=rng.normal(1, 2, 3, 4), positions=torch.tensor([2, 0, 1]), theta=0.01234567)
    yield dict(x=rng.normal(2, 3, 4, 5), positions=torch.arange(4))


@rotary.oracle
def _(x, positions, theta=10000.0):
    return Raises("ValueError") if x.shape[-1] % 2 else turned(x, positions, theta)


rotary.tolerance(ANGLES)


def even(rng):
    yield dict(x=rng.normal(2, 3, 4, 6), positions=torch.tensor([3, 8, 1, 20]), theta=50.0)
    yield dict(x=rng.normal(2, 1, 2, 4), positions=torch.tensor([3, 4]), theta=9.0)


@rotary.check("gradients", cases=even, tol=ANGLES)
def _(m, x, positions, theta):
    x.requires_grad_()
    out = m.rotary(x, positions, theta)
    return dict(differentiate(out, {"x": x}, upstream(out)))


@rotary.oracle("gradients")
def _(x, positions, theta):
    """The transpose of a rotation turns back."""
    return {"x": turned(upstream(x), -positions, theta)}


def pairs_of_positions(rng):
    p, s = rng.integer(0, 9), rng.integer(10, 20)
    yield dict(
        q=rng.normal(2, 3, 4, 6), k=rng.normal(2, 3, 4, 6), p=p, s=s, theta=rng.number(20, 90)
    )


@rotary.check("only the distance counts", cases=pairs_of_positions, tol=ANGLES)
def _(m, q, k, p, s, theta):
    """q·k where both were moved along by 0, 5 and 30."""
    found = []
    for shift in (0, 5, 30):
        a = m.rotary(q, torch.full((4,), p + shift), theta)
        b = m.rotary(k, torch.full((4,), s + shift), theta)
        found.append((a * b).sum(-1))
    return found


@rotary.oracle("only the distance counts")
def _(q, k, p, s, theta):
    return [(turned(q, torch.full((4,), p - s), theta) * k).sum(-1)] * 3


rotary.hint(
    "x[..., 0::2] holds the first of each pair, x[..., 1::2] the second: (B, nh, T, hs / 2)."
)
rotary.hint(
    "cos and sin of rotary_angles are (T, hs / 2): they broadcast over B and nh as they are."
)
rotary.hint(
    "Put them back in turn: torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2), in the "
    "dtype of x."
)

rotary.misconception(
    """Halves were paired, x[0] with x[hs / 2]. That is the other convention; here neighbors are a pair:
    (0, 1), (2, 3), ...""",
    name="pairs_of_halves",
    edits=[
        ("x[..., 0::2], x[..., 1::2]", "x.chunk(2, dim=-1)"),
        ("torch.stack([", "torch.cat(["),
        (", dim=-1).flatten(-2)", ", dim=-1)"),
    ],
)
rotary.misconception(
    """The neighbors were turned rightly, but put back as halves: all first members, then all second. Lay each
    pair back where it was.""",
    name="put_back_as_halves",
    edits=[("torch.stack([", "torch.cat(["), (", dim=-1).flatten(-2)", ", dim=-1)")],
)
rotary.misconception(
    """The rotation goes clockwise: the sign of the sines is the other way round,
    (a cos - b sin, a sin + b cos).""",
    name="clockwise",
    replace="a * cos - b * sin, a * sin + b * cos",
    by="a * cos + b * sin, b * cos - a * sin",
)
rotary.misconception(
    """The second member lacks a sign, or has one too many: (a cos - b sin, a sin + b cos). With two
    minuses or two pluses it is no rotation, and lengths change.""",
    name="no_rotation",
    replace="a * cos - b * sin",
    by="a * cos + b * sin",
)
rotary.misconception(
    """Nothing is turned: x comes back as it was.""",
    name="unchanged",
    source="""def rotary(x, positions, theta=10000.0):
    if x.shape[-1] % 2:
        raise ValueError("odd")
    return x.clone()
""",
)
rotary.misconception(
    """The positions are not used: these are the rotations of 0, 1, 2, ... Positions may begin anywhere.""",
    name="counts_itself",
    replace="angle = rotary_angles(positions,",
    by="angle = rotary_angles(torch.arange(len(positions)),",
)
rotary.misconception(
    """All pairs turn at the speed of the first. Pair i has an angle of its own, theta ** (-2i / hs) times the
    position.""",
    name="one_speed",
    replace="x.shape[-1], theta)",
    by="x.shape[-1], theta)[:, :1]",
)
rotary.misconception(
    """theta is not handed on: it stays 10000, whatever is asked for.""",
    name="fixed_theta",
    replace="x.shape[-1], theta)",
    by="x.shape[-1])",
)
rotary.misconception(
    """The second member was computed from the first one *after* it had been turned. Compute both from the
    old values.""",
    name="one_after_the_other",
    replace="a, b = x[..., 0::2], x[..., 1::2]  # (B, nh, T, hs / 2) each\n",
    by="b = x[..., 1::2]\n    a = x[..., 0::2] * cos - b * sin\n",
    edits=[("[a * cos - b * sin,", "[a,")],
)
rotary.misconception(
    """x itself was changed. The caller goes on using it: write into a new tensor.""",
    name="in_place",
    source="""def rotary(x, positions, theta=10000.0):
    angle = rotary_angles(positions, x.shape[-1], theta)
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., 0::2].clone(), x[..., 1::2].clone()
    with torch.no_grad():
        x[..., 0::2] = a * cos - b * sin
        x[..., 1::2] = a * sin + b * cos
    return x
""",
)
rotary.misconception(
    """Positions were read along the heads: the angle belongs to dimension 2 (time), and is the same for all
    heads.""",
    name="along_the_heads",
    source="""def rotary(x, positions, theta=10000.0):
    if x.shape[-1] % 2:
        raise ValueError("odd")
    x = x.transpose(1, 2)
    angle = rotary_angles(positions[: x.shape[2]], x.shape[-1], theta)
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * cos - b * sin, a * sin + b * cos], -1).flatten(-2).transpose(1, 2)
""",
)
rotary.misconception(
    """The result is float64 whatever x is: the angles are, so bring cos and sin to the dtype of x.""",
    name="float64",
    replace="angle.cos().to(x.dtype), angle.sin().to(x.dtype)",
    by="angle.cos(), angle.sin()",
)

rotary.variant(
    "complex numbers",
    name="complex",
    source="""def rotary(x, positions, theta=10000.0):
    angle = rotary_angles(positions, x.shape[-1], theta)
    z = torch.view_as_complex(x.double().reshape(*x.shape[:-1], -1, 2))
    z = z * torch.polar(torch.ones_like(angle), angle)
    return torch.view_as_real(z).reshape(x.shape).type_as(x)
""",
)
rotary.variant(
    "x * cos + rotated x * sin",
    name="rotate_neighbors",
    source="""def rotary(x, positions, theta=10000.0):
    if x.size(-1) % 2:
        raise ValueError
    angle = rotary_angles(positions, x.size(-1), theta).repeat_interleave(2, dim=-1)
    swapped = torch.empty_like(x)
    swapped[..., ::2], swapped[..., 1::2] = -x[..., 1::2], x[..., ::2]
    return (x * angle.cos() + swapped * angle.sin()).to(x.dtype)
""",
)
rotary.variant(
    "angles of its own, in float32",
    name="own_angles",
    source="""def rotary(x, positions, theta=10000.0):
    hs = x.shape[-1]
    if hs % 2:
        raise ValueError("odd")
    inv_freq = 1.0 / theta ** (torch.arange(0, hs, 2).float() / hs)
    angle = positions[:, None].float() * inv_freq
    out = torch.empty_like(x)
    out[..., 0::2] = x[..., 0::2] * angle.cos() - x[..., 1::2] * angle.sin()
    out[..., 1::2] = x[..., 0::2] * angle.sin() + x[..., 1::2] * angle.cos()
    return out
""",
)
