"""Wrong solutions of rotary_angles that are right in some cases: what is told of them must not be chance."""


@wrong("rotary_angles", "negative positions to 0")
def _(positions, hs, theta=10000.0):
    if hs % 2:
        raise ValueError
    i = torch.arange(hs // 2)
    return positions.clamp(min=0)[:, None].double() * theta ** (-2 * i / hs).double()


@wrong("rotary_angles", "hs - 2 in the exponent: ends at 1/theta")
def _(positions, hs, theta=10000.0):
    if hs % 2:
        raise ValueError
    i = torch.arange(hs // 2).double()
    return positions[:, None].double() * theta ** (-i / max(hs // 2 - 1, 1))


@wrong("rotary_angles", "linspace")
def _(positions, hs, theta=10000.0):
    if hs % 2:
        raise ValueError
    return positions[:, None].double() * torch.logspace(
        0, -1, hs // 2, base=theta, dtype=torch.float64
    )


@wrong("rotary_angles", "modulo 2 pi")
def _(positions, hs, theta=10000.0):
    if hs % 2:
        raise ValueError
    i = torch.arange(hs // 2).double()
    return (positions[:, None].double() * theta ** (-2 * i / hs)) % (2 * torch.pi)


@wrong("rotary_angles", "sorted positions")
def _(positions, hs, theta=10000.0):
    if hs % 2:
        raise ValueError
    i = torch.arange(hs // 2).double()
    return positions.sort().values[:, None].double() * theta ** (-2 * i / hs)


@wrong("rotary_angles", "int theta")
def _(positions, hs, theta=10000.0):
    if hs % 2:
        raise ValueError
    i = torch.arange(hs // 2).double()
    return positions[:, None].double() * int(theta) ** (-2 * i / hs)


@wrong("rotary_angles", "unique positions")
def _(positions, hs, theta=10000.0):
    if hs % 2:
        raise ValueError
    i = torch.arange(hs // 2).double()
    return positions.unique()[:, None].double() * theta ** (-2 * i / hs)


@wrong("rotary_angles", "odd only 1")
def _(positions, hs, theta=10000.0):
    if hs % 2 and hs > 1:
        raise ValueError
    i = torch.arange(hs // 2).double()
    return positions[:, None].double() * theta ** (-2 * i / hs)


@wrong("rotary_angles", "theta or default")
def _(positions, hs, theta=10000.0):
    if hs % 2:
        raise ValueError
    i = torch.arange(hs // 2).double()
    return positions[:, None].double() * max(theta, 1.0) ** (-2 * i / hs)


@wrong("rotary_angles", "exponent with integer division")
def _(positions, hs, theta=10000.0):
    if hs % 2:
        raise ValueError
    return torch.tensor(
        [[p * theta ** (-(2 * i // hs)) for i in range(hs // 2)] for p in positions.tolist()],
        dtype=torch.float64,
    )


@wrong("rotary_angles", "squeeze")
def _(positions, hs, theta=10000.0):
    if hs % 2:
        raise ValueError
    i = torch.arange(hs // 2).double()
    return (positions[:, None].double() * theta ** (-2 * i / hs)).squeeze()


@wrong("rotary_angles", "to_odd error as IndexError")
def _(positions, hs, theta=10000.0):
    assert hs % 2 == 0
    i = torch.arange(hs // 2).double()
    return positions[:, None].double() * theta ** (-2 * i / hs)


@wrong("rotary_angles", "pairs from the end")
def _(positions, hs, theta=10000.0):
    if hs % 2:
        raise ValueError
    i = torch.arange(hs // 2).double().flip(0)
    return positions[:, None].double() * theta ** (-2 * i / hs)
