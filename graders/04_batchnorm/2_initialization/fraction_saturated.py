"""04.fraction_saturated: the share of white."""

import torch

from graders.authoring import exercise

from .part import SINGLE, TIES, with_columns

fraction = exercise("fraction_saturated", title="the share of white")


@fraction.cases
def _(rng):
    for n, threshold in [(5, 0.97), (4, 0.5), (1, 0.9), (7, rng.number(0.3, 0.8))]:
        yield dict(h=with_columns(rng, n, threshold, 6), threshold=threshold)
    yield dict(h=TIES, threshold=0.5)
    yield dict(h=TIES.float().t(), threshold=0.75)
    yield dict(h=TIES * 0.5, threshold=0.875)  # none
    yield dict(h=torch.full((2, 3), -1.0), threshold=0.97)  # all


fraction.tolerance(SINGLE)


@fraction.check("default threshold", tol=SINGLE)
def _(m, h, threshold):
    return m.fraction_saturated(torch.tensor([[0.98, -0.98, 0.96, -0.96, 0.9]], dtype=h.dtype))


@fraction.oracle
def _(h, threshold):
    flat = h.flatten().tolist()
    return sum(v > threshold or v < -threshold for v in flat) / len(flat)


fraction.hint("How many are white, of how many in all?")
fraction.hint("The mean of ones and zeros is a share. A bool tensor has no mean: convert it first.")
fraction.hint("saturated(h, threshold).double().mean().item()")


@fraction.misconception("That is how many, not which share: divide by the number of activations.")
def count(h, threshold=0.97):
    return float((h.abs() > threshold).sum())


@fraction.misconception(
    "The number of white cells was divided by the number of examples. Divide by all activations, n * "
    "n_hidden."
)
def per_example(h, threshold=0.97):
    return ((h.abs() > threshold).sum() / len(h)).item()


@fraction.misconception(
    "That is one share for each neuron. One number for the whole picture is asked: the mean over all."
)
def per_neuron(h, threshold=0.97):
    return (h.abs() > threshold).double().mean(0)


@fraction.misconception(
    "Only the upper end was counted. Both -1 and 1 are saturated: take the absolute value."
)
def upper_only(h, threshold=0.97):
    return (h > threshold).double().mean().item()


@fraction.misconception("That is the share that is *not* saturated.")
def inverted(h, threshold=0.97):
    return (h.abs() <= threshold).double().mean().item()


@fraction.misconception("The absolute values were averaged. Count how many exceed the threshold.")
def mean_size(h, threshold=0.97):
    return h.abs().double().mean().item()


@fraction.misconception("A percentage. A share lies between 0 and 1.")
def percent(h, threshold=0.97):
    return 100 * (h.abs() > threshold).double().mean().item()


@fraction.misconception(
    "That is the share of neurons that are dead. Here every single activation counts."
)
def dead_share(h, threshold=0.97):
    return (h.abs() > threshold).all(0).double().mean().item()


@fraction.misconception("The threshold you were given is not used: 0.97 is only its default.")
def always_97(h, threshold=0.97):
    return (h.abs() > 0.97).double().mean().item()


@fraction.variant("counting")
def counting(h, threshold=0.97):
    return torch.count_nonzero(h.abs() > threshold).item() / h.numel()


@fraction.variant("in single precision")
def single(h, threshold=0.97):
    return (h.abs() > threshold).float().mean().item()
