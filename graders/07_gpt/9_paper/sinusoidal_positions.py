"""07.sinusoidal_positions: the waves of the original transformer."""

import math

import torch

from graders.authoring import Raises, exercise

from .part import ANGLES

waves = exercise("sinusoidal_positions", title="EX4: sinusoidal positions", stretch=True)


@waves.cases
def _(rng):
    yield dict(T=7, n_embd=6)
    yield dict(T=5, n_embd=8, base=50.0)
    yield dict(T=1, n_embd=4, base=300.0)
    yield dict(T=9, n_embd=2, base=20.0)
    yield dict(T=60, n_embd=10, base=rng.number(30.0, 900.0))
    yield dict(T=3, n_embd=5)
    yield dict(T=2, n_embd=1, base=50.0)


@waves.oracle
def _(T, n_embd, base=10000.0):
    if n_embd % 2:
        return Raises("ValueError")
    rows = []
    for t in range(T):
        angles = [t / base ** (2 * i / n_embd) for i in range(n_embd // 2)]
        rows.append([wave(angle) for angle in angles for wave in (math.sin, math.cos)])
    return torch.tensor(rows, dtype=torch.float64).float()


waves.tolerance(ANGLES)


def small(rng):
    yield dict(T=rng.integer(2, 6), n_embd=4, base=50.0)


@waves.check("nothing to learn", cases=small, tol=ANGLES)
def _(m, T, n_embd, base):
    table, other = (m.sinusoidal_positions(T, n_embd, b) for b in (base, base / 2))
    found = {"table": table.detach(), "of half the base": other.detach()}
    return found | {"requires a gradient": table.requires_grad}


@waves.oracle("nothing to learn")
def _(T, n_embd, base):
    found = {}
    for name, b in (("table", base), ("of half the base", base / 2)):
        angles = [[t / b ** (i // 2 * 2 / n_embd) for i in range(n_embd)] for t in range(T)]
        rows = [[(math.sin, math.cos)[i % 2](a) for i, a in enumerate(row)] for row in angles]
        found[name] = torch.tensor(rows)
    return found | {"requires a gradient": False}


waves.hint("First the angles, (T, n_embd / 2): positions as a column, pairs as a row.")
waves.hint("Pair i divides by base ** (2 * i / n_embd), i from 0. Sine and cosine share the angle.")
waves.hint(
    "out = torch.zeros(T, n_embd); out[:, 0::2] = angle.sin(); out[:, 1::2] = angle.cos(). An odd "
    "n_embd: raise ValueError."
)

waves.misconception(
    """All sines stand before all cosines. Asked is the interleaved table: sin, cos, sin, cos, one pair after
    the other.""",
    name="halves",
    replace="torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)",
    by="torch.cat([angle.sin(), angle.cos()], dim=-1)",
)
waves.misconception(
    """Sine and cosine have changed places: sines stand in the even columns, cosines in the odd ones.""",
    name="cosine_first",
    replace="[angle.sin(), angle.cos()]",
    by="[angle.cos(), angle.sin()]",
)
waves.misconception(
    """The exponent is i / n_embd, so the frequencies fall half as fast as they should: it is 2i / n_embd, i
    being the number of the pair.""",
    name="exponent_i",
    replace="2 * pair / n_embd",
    by="pair / n_embd",
)
waves.misconception(
    """The exponent was doubled twice: 2i *is* the even column. With i counting 0, 2, 4, ... it is
    i / n_embd.""",
    name="exponent_4i",
    replace="2 * pair / n_embd",
    by="4 * pair / n_embd",
)
waves.misconception(
    """The base is always 10000. It is an argument.""",
    name="fixed_base",
    replace="[:, None] / base **",
    by="[:, None] / 10000.0 **",
)
waves.misconception(
    """The first position is 1. It is 0: row 0 holds sin 0 = 0 and cos 0 = 1.""",
    name="from_one",
    replace="torch.arange(T, dtype=torch.float64)",
    by="torch.arange(1, T + 1, dtype=torch.float64)",
)
waves.misconception(
    """The hands turn faster from pair to pair: positions were multiplied by base ** (2i / n_embd).
    Divide.""",
    name="multiplied",
    replace="t[:, None] / base **",
    by="t[:, None] * base **",
)
waves.misconception(
    """Each column has a frequency of its own. The cosine of a pair takes the same angle as its sine, with the
    exponent 2i / n_embd.""",
    name="own_frequency",
    source="""def sinusoidal_positions(T, n_embd, base=10000.0):
    if n_embd % 2:
        raise ValueError("odd")
    t = torch.arange(T, dtype=torch.float64)
    angle = t[:, None] / base ** (torch.arange(n_embd) / n_embd)
    out = angle.sin()
    out[:, 1::2] = angle[:, 1::2].cos()
    return out.float()
""",
)
waves.misconception(
    """The exponent is divided by the number of pairs less one, so that the last frequency is exactly 1 / base
    (tensor2tensor does that). The paper divides 2i by n_embd.""",
    name="tensor2tensor",
    replace="base ** (2 * pair / n_embd)",
    by="base ** (pair / max(1, n_embd // 2 - 1))",
)
waves.misconception(
    """An odd width goes through. Its last column would be half a pair: raise ValueError.""",
    name="odd_width",
    source="""def sinusoidal_positions(T, n_embd, base=10000.0):
    pair = torch.arange((n_embd + 1) // 2, dtype=torch.float64)
    angle = torch.arange(T, dtype=torch.float64)[:, None] / base ** (2 * pair / n_embd)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)[:, :n_embd].float()
""",
)

waves.variant(
    "with exp and log, in float32",
    name="exp_log",
    source="""def sinusoidal_positions(T, n_embd, base=10000.0):
    if n_embd % 2 == 1:
        raise ValueError(n_embd)
    import math
    out = torch.zeros(T, n_embd)
    position = torch.arange(0, T).unsqueeze(1).float()
    div_term = torch.exp(torch.arange(0, n_embd, 2).float() * (-math.log(base) / n_embd))
    out[:, 0::2] = torch.sin(position * div_term)
    out[:, 1::2] = torch.cos(position * div_term)
    return out
""",
)

waves.equivalent(
    "torch.arange(n_embd // 2, dtype=torch.float64)  ->  torch.arange(n_embd // 2)",
    "n_embd is even",
)
waves.equivalent("n_embd // 2  ->  n_embd / 2", "n_embd is even")
waves.equivalent(
    "torch.arange(T, dtype=torch.float64)  ->  torch.arange(T)",
    "whole numbers divided by float64 are float64",
)
