"""04.activation_stats: activations: mean, std, saturation."""

import torch

from graders.authoring import Tol, exercise, kind_of

# as the part's EITHER; and a mean may nearly cancel: outputs are at most 1, each rounded to 6e-8
NEAR_ZERO = Tol(rtol=2e-5, atol=5e-7)

stats = exercise("activation_stats", title="activations: mean, std, saturation")


@stats.cases
def _(rng):
    for n, width, gain, threshold in [
        (3, 2, 2.0, 0.97),
        (5, 4, 1.0, 0.6),
        (2, 7, 3.0, 0.99),
        (1, 5, 2.0, 0.5),
        (1, 2, 1.0, 0.7),
    ]:
        yield dict(h=(gain * rng.normal(n, width) + 0.5).tanh(), threshold=threshold)
    yield dict(h=(2 * rng.normal(6, 5)).tanh())
    yield dict(h=(2 * rng.normal(4, 4)).tanh().float(), threshold=0.9)
    yield dict(h=-(rng.normal(3, 3).abs() + 2.0).tanh(), threshold=0.9)  # all at the lower end
    # at the threshold exactly: not above it
    yield dict(h=torch.tensor([[0.5, -0.5], [0.75, 0.0]], dtype=torch.float64), threshold=0.5)


stats.tolerance(NEAR_ZERO)


@stats.check("plain numbers")
def _(m, h, threshold=0.97):
    return [kind_of(number) for number in m.activation_stats(h, threshold)]


@stats.check("while it trains", tol=NEAR_ZERO)
def _(m, h, threshold=0.97):
    """The outputs of a layer are part of a graph."""
    found = m.activation_stats(h.requires_grad_() * 1.0, threshold)
    return [float(number) for number in found]


stats.hint("Three questions about one tensor, over all its numbers. Which of them looks at |h|?")
stats.hint("The percentage: how large a share of (h.abs() > threshold) is True, times 100.")
stats.hint(
    "return h.mean().item(), h.std().item(), (h.abs() > threshold).float().mean().item() * 100"
)

stats.misconception(
    "Only the upper end was counted: tanh is just as flat at -1. Compare the absolute value.",
    name="upper_end",
    replace="(h.abs() > threshold)",
    by="(h > threshold)",
)
stats.misconception(
    "That is the share of outputs that are *not* saturated.",
    name="not_saturated",
    replace="(h.abs() > threshold)",
    by="(h.abs() <= threshold)",
)
stats.misconception(
    "A fraction from 0 to 1; a percentage is asked for: times 100.",
    name="fraction",
    replace=".mean() * 100",
    by=".mean()",
)
stats.misconception(
    "That is how many, not which percentage: layers of different width could not be compared.",
    name="count",
    replace=".double().mean() * 100",
    by=".double().sum()",
)
stats.misconception(
    "The threshold is 0.97 whatever the argument says.",
    name="own_threshold",
    replace="h.abs() > threshold",
    by="h.abs() > 0.97",
)
stats.misconception(
    "An output exactly at the threshold is not above it: > and not >=.",
    name="at_threshold",
    replace="h.abs() > threshold",
    by="h.abs() >= threshold",
)
stats.misconception(
    "That is the variance. The standard deviation is its root.",
    name="variance",
    replace="h.std().item()",
    by="h.var().item()",
)
stats.misconception(
    "The biased standard deviation divides by N. Here torch's default is asked for, h.std(), which "
    "divides by N - 1.",
    name="biased",
    replace="h.std()",
    by="h.std(correction=0)",
)
stats.misconception(
    "That is the root of the mean square. It measures from 0; the standard deviation measures from "
    "the mean.",
    name="from_zero",
    replace="h.std()",
    by="h.pow(2).mean().sqrt()",
)
stats.misconception(
    "The absolute values were averaged. The mean of the outputs themselves may be near 0, and tells "
    "whether they lean.",
    name="mean_of_absolute",
    replace="h.mean().item()",
    by="h.abs().mean().item()",
)
stats.misconception(
    "One number for each neuron came out (dim=0). One for the whole layer is wanted.",
    name="each_neuron",
    replace="return h.mean().item(), h.std().item(), percent.item()",
    by="return h.mean(0), h.std(0), percent.item()",
)
stats.misconception(
    "std for each neuron, then averaged, misses how the neurons differ from each other. All numbers "
    "at once.",
    name="average_std",
    replace="h.std()",
    by="h.std(0, correction=1 if len(h) > 1 else 0).mean()",
)
stats.misconception(
    "The order is mean, std, percent.",
    name="wrong_order",
    replace="return h.mean().item(), h.std().item(), percent.item()",
    by="return h.std().item(), h.mean().item(), percent.item()",
)
stats.misconception(
    "These are tensors: take the numbers out with .item().",
    name="tensors",
    replace="return h.mean().item(), h.std().item(), percent.item()",
    by="return h.mean(), h.std(), percent",
)

stats.variant(
    "by hand",
    name="by_hand",
    source="""
def activation_stats(h, threshold=0.97):
    values = h.detach().double().flatten()
    mean = values.sum() / values.numel()
    std = (((values - mean) ** 2).sum() / (values.numel() - 1)) ** 0.5
    flat = torch.logical_or(values > threshold, values < -threshold).sum()
    return float(mean), float(std), 100.0 * flat.item() / values.numel()
""",
)
stats.variant(
    "var_mean",
    name="var_mean",
    source="""
def activation_stats(h, threshold=0.97):
    var, mean = torch.var_mean(h)
    return mean.item(), var.item() ** 0.5, (h.abs() > threshold).float().mean().item() * 100
""",
)
