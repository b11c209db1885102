"""07.rotary_angles: how far each pair is turned."""

import torch

from graders.authoring import Raises, Tol, exercise

angles = exercise("rotary_angles", title="EX4: rotary positions, the angles")


@angles.cases
def _(rng):
    yield dict(positions=torch.arange(5), hs=6)
    yield dict(positions=torch.tensor([7, 2, 2, 0, 31]), hs=8, theta=50.0)
    yield dict(positions=torch.tensor([13]), hs=6, theta=rng.number(20.0, 90.0))
    yield dict(positions=torch.tensor([3, -4, 9]), hs=8, theta=7.0)
    yield dict(positions=torch.tensor([4, 8]), hs=2, theta=11.0)
    yield dict(positions=rng.integers(0, 60, 9), hs=10, theta=500.0)
    yield dict(positions=torch.tensor([0, 1, 2]), hs=4, theta=0.01234567)
    yield dict(positions=torch.tensor([2, 1, 5]), hs=4, theta=30.0)
    yield dict(positions=torch.arange(3), hs=5)
    yield dict(positions=torch.arange(2), hs=1, theta=50.0)


@angles.oracle
def _(positions, hs, theta=10000.0):
    if hs % 2:
        return Raises("ValueError")
    rows = [[p * theta ** (-2 * i / hs) for i in range(hs // 2)] for p in positions.tolist()]
    return torch.tensor(rows, dtype=torch.float64)


# frequencies computed in float32 are off by some 1e-7; the mistakes by percents
angles.tolerance(Tol(rtol=1e-6))


def small(rng):
    for _ in range(2):  # two of one form, which must not share their memory
        yield dict(positions=rng.integers(0, 9, 4), hs=6, theta=rng.number(20.0, 90.0))


@angles.check("nothing to learn", cases=small, tol=Tol(rtol=1e-6))
def _(m, positions, hs, theta):
    out = m.rotary_angles(positions, hs, theta)
    return {"angles": out.detach(), "requires a gradient": out.requires_grad}


@angles.oracle("nothing to learn")
def _(positions, hs, theta):
    slower = torch.tensor([theta ** (-i / hs) for i in range(0, hs, 2)], dtype=torch.float64)
    return {"angles": torch.outer(positions.double(), slower), "requires a gradient": False}


angles.hint(
    "One frequency for each pair, theta ** (-2i / hs); then an outer product with the positions."
)
angles.hint(
    "i = torch.arange(hs // 2, dtype=torch.float64); positions as a column: positions[:, None]."
)
angles.hint(
    "return positions.double()[:, None] * theta ** (-2 * i / hs), and ValueError for an odd hs."
)

angles.misconception(
    """The exponent is -i / hs: the frequencies fall half as fast as they should. It is -2i / hs, i being the
    number of the pair.""",
    name="exponent_i",
    replace="-2 * pair / hs",
    by="-pair / hs",
)
angles.misconception(
    """The exponent was doubled twice. With pairs counted 0, 1, 2, ... it is -2i / hs; with i = 0, 2, 4,
    ... it is -i / hs.""",
    name="exponent_4i",
    replace="-2 * pair / hs",
    by="-4 * pair / hs",
)
angles.misconception(
    """The exponent's sign is missing: later pairs must turn more slowly, not faster.""",
    name="faster",
    replace="-2 * pair / hs",
    by="2 * pair / hs",
)
angles.misconception(
    """The last pair turns at 1 / theta: the exponent goes from 0 to -1 in steps of 1 / (hs // 2 - 1). It is
    -2i / hs, which does not reach -1.""",
    name="reaches_theta",
    replace="-2 * pair / hs",
    by="-pair / max(hs // 2 - 1, 1)",
)
angles.misconception(
    """The pairs stand in the other order. The first one turns fastest, by the position itself.""",
    name="reversed",
    replace="-2 * pair / hs",
    by="-2 * pair.flip(0) / hs",
)
angles.misconception(
    """The exponents were divided as whole numbers, and are all whole. It is -2i / hs, with /.""",
    name="whole_exponents",
    replace="-2 * pair / hs",
    by="-(2 * pair // hs)",
)
angles.misconception(
    """Whole turns were taken off. cos and sin would not notice, but the angles as they are are asked for.""",
    name="whole_turns",
    replace="positions.double()[:, None] * theta ** (-2 * pair / hs)",
    by="(positions.double()[:, None] * theta ** (-2 * pair / hs)) % (2 * torch.pi)",
)
angles.misconception(
    """The positions came back sorted. Row t belongs to positions[t], in whatever order they are.""",
    name="sorted",
    replace="positions.double()",
    by="positions.sort().values.double()",
)
angles.misconception(
    """theta is always 10000. It is an argument.""",
    name="fixed_theta",
    replace="[:, None] * theta **",
    by="[:, None] * 10000.0 **",
)
angles.misconception(
    """The given positions are not used: these are the angles of 0, 1, 2, ... Positions may begin
    anywhere.""",
    name="counts_itself",
    replace="positions.double()[:, None]",
    by="torch.arange(len(positions), dtype=torch.float64)[:, None]",
)
angles.misconception(
    """Positions were counted from the first one. That changes no distance, but the angles asked are those of
    the positions as given.""",
    name="relative_to_first",
    replace="positions.double()[:, None]",
    by="(positions - positions[0]).double()[:, None]",
)
angles.misconception(
    """Positions were shifted by one: position 0 is not turned at all.""",
    name="from_one",
    replace="positions.double()[:, None]",
    by="(positions + 1).double()[:, None]",
)
angles.misconception(
    """The shape is (hs // 2, T): positions are the rows, pairs the columns.""",
    name="transposed",
    replace="theta ** (-2 * pair / hs)",
    by="theta ** (-2 * pair / hs)[None]\n    return out.T",
    edits=[("return positions", "out = positions")],
)
angles.misconception(
    """Every angle is there twice, for both features of the pair. Here it is one angle for each pair,
    (T, hs // 2).""",
    name="repeated",
    replace="positions.double()[:, None] * theta ** (-2 * pair / hs)",
    by="(positions.double()[:, None] * theta ** (-2 * pair / hs)).repeat_interleave(2, 1)",
)
angles.misconception(
    """An odd head size goes through. One feature would have no partner: raise ValueError.""",
    name="odd_size",
    source="""def rotary_angles(positions, hs, theta=10000.0):
    pair = torch.arange(hs // 2, dtype=torch.float64)
    return positions.double()[:, None] * theta ** (-2 * pair / hs)
""",
)

angles.variant(
    "outer product, even columns",
    name="outer",
    source="""def rotary_angles(positions, hs, theta=10000.0):
    if hs % 2 != 0:
        raise ValueError("odd")
    inv_freq = 1.0 / (theta ** (torch.arange(0, hs, 2).float() / hs))
    return torch.outer(positions.double(), inv_freq.double())
""",
)

angles.equivalent("positions.double()  ->  positions", "integers times float64 are float64")
angles.equivalent(
    "torch.arange(hs // 2, dtype=torch.float64)  ->  torch.arange(hs // 2)", "hs is even"
)
angles.equivalent("hs // 2  ->  hs / 2", "hs is even")
