"""04.saturated: black and white."""

import torch

from graders.authoring import exercise

from .part import TIES, with_columns

sat = exercise("saturated", title="black and white")


@sat.cases
def _(rng):
    for n, threshold in [(5, 0.97), (4, 0.5), (1, 0.9), (6, rng.number(0.3, 0.8))]:
        yield dict(h=with_columns(rng, n, threshold, 6), threshold=threshold)
    yield dict(h=TIES, threshold=0.5)
    yield dict(h=TIES * (1 + 2**-30), threshold=0.5)  # beyond it by next to nothing
    yield dict(h=TIES.float().t(), threshold=0.75)


@sat.check("default threshold")
def _(m, h, threshold):
    near = torch.tensor([[0.98, -0.98, 0.96, -0.96, 0.9, 0.995]], dtype=h.dtype)
    return m.saturated(torch.cat([near, near * 0.5]))


sat.hint("-0.99 is as saturated as 0.99.")
sat.hint("Compare the absolute value with the threshold; a comparison gives a tensor of bools.")
sat.hint("return h.abs() > threshold")


@sat.misconception(
    "Only the upper end was looked at. At -1 the slope of tanh is zero as well: take the absolute "
    "value."
)
def upper_only(h, threshold=0.97):
    return h > threshold


@sat.misconception("Exactly at the threshold is not saturated: > and not >=.")
def at_least(h, threshold=0.97):
    return h.abs() >= threshold


@sat.misconception("That marks what is *not* saturated. White is what is beyond the threshold.")
def inverted(h, threshold=0.97):
    return h.abs() < threshold


@sat.misconception("0.97 is written into the function: use the argument threshold.")
def always_97(h, threshold=0.97):
    return h.abs() > 0.97


@sat.misconception(
    "You tested the slope, 1 - h**2, against the threshold. It is |h| that is compared with it."
)
def slope_tested(h, threshold=0.97):
    return 1 - h**2 < 1 - threshold


@sat.misconception("h already is the output of tanh: you applied tanh once more.")
def tanh_again(h, threshold=0.97):
    return torch.tanh(h).abs() > threshold


@sat.misconception(
    "Zeros and ones in floating point. A comparison gives bools: return it as it is."
)
def floats(h, threshold=0.97):
    return (h.abs() > threshold).float()


@sat.misconception(
    "0.97 is the default of the argument here, as in the lecture's later statistics; 0.99 is what its "
    "black-and-white picture uses."
)
def default_99(h, threshold=0.99):
    return h.abs() > threshold


@sat.variant("both ends, one by one")
def both_ends(h, threshold=0.97):
    return (h > threshold) | (h < -threshold)


@sat.variant("squares")
def squares(h, threshold=0.97):
    return torch.logical_not((h <= threshold) & (h >= -threshold))
