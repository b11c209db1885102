"""04.dead_neurons: dead neurons."""

import torch

from graders.authoring import exercise

from .part import TIES, with_columns

dead = exercise("dead_neurons", title="dead neurons")


@dead.cases
def _(rng):
    for n, threshold, columns in [(5, 0.97, 7), (6, 0.5, 6), (3, 0.9, 5), (4, 0.7, 8)]:
        yield dict(h=with_columns(rng, n, threshold, columns), threshold=threshold)
    h = with_columns(rng, 4, 0.7, 8).roll(1, 1)  # of the size of the one before, and another
    yield dict(h=h, threshold=0.7)
    h = with_columns(rng, 6, 0.8, 6)
    h[2] = torch.tensor([-0.9, 0.9, 0.9, -0.9, 0.9, -0.9])  # one example saturates everybody
    yield dict(h=h, threshold=0.8)
    h = torch.full((300, 4), 0.95)  # almost all of the time is not always
    h[rng.integer(0, 300), 1] = 0.5
    yield dict(h=h, threshold=0.9)
    yield dict(h=TIES[:1], threshold=0.5)
    yield dict(h=TIES.float(), threshold=0.25)
    yield dict(h=-h.t(), threshold=0.8)


@dead.check("default threshold")
def _(m, h, threshold):
    near = torch.tensor([[0.98, -0.98, 0.96, -0.96, 0.9, 0.995]], dtype=h.dtype)
    return m.dead_neurons(torch.cat([near, -near, near]))


dead.hint("A neuron is a column. When is all of it white?")
dead.hint("Start from the map of saturated activations; `all` along the examples, dimension 0.")
dead.hint("return saturated(h, threshold).all(0)")


@dead.misconception(
    "One saturated example does not kill a neuron: it learns from the others. `all`, not `any`."
)
def any_example(h, threshold=0.97):
    return (h.abs() > threshold).any(0)


@dead.misconception(
    "You went along the neurons: that tells which *examples* saturate everything. Go down the "
    "examples, dimension 0."
)
def wrong_dim(h, threshold=0.97):
    return (h.abs() > threshold).all(1)


@dead.misconception(
    "The neuron's mean is compared with the threshold. One that is at -1 for half of the batch and at "
    "1 for the rest has mean 0, and is dead all the same."
)
def of_the_mean(h, threshold=0.97):
    return h.mean(0).abs() > threshold


@dead.misconception(
    "The mean of |h| hides the one example for which the neuron is alive. Look at each example."
)
def mean_of_size(h, threshold=0.97):
    return h.abs().mean(0) > threshold


@dead.misconception("Only neurons stuck at the upper end were found. At -1 the slope is zero, too.")
def upper_only(h, threshold=0.97):
    return (h > threshold).all(0)


@dead.misconception(
    "Only neurons with all examples on the *same* side were found. The slope is zero at both ends, so "
    "the sides may be mixed."
)
def same_side(h, threshold=0.97):
    return (h > threshold).all(0) | (h < -threshold).all(0)


@dead.misconception("That says who is alive. True stands for a dead neuron.")
def alive(h, threshold=0.97):
    return ~(h.abs() > threshold).all(0)


@dead.misconception("How many are dead is the sum of what is asked: which ones, one bool each.")
def how_many(h, threshold=0.97):
    return int((h.abs() > threshold).all(0).sum())


@dead.misconception(
    "`all` without a dimension asks about the whole batch and every neuron at once."
)
def all_of_all(h, threshold=0.97):
    return (h.abs() > threshold).all()


@dead.misconception("The shape is (n_hidden,): one bool for each neuron, without keepdim.")
def keepdim(h, threshold=0.97):
    return (h.abs() > threshold).all(0, keepdim=True)


@dead.misconception("Exactly at the threshold is not saturated: compare with >, not with >=.")
def at_least(h, threshold=0.97):
    return (h.abs() >= threshold).all(0)


@dead.misconception("The threshold you were given is not used: 0.97 is only its default.")
def always_97(h, threshold=0.97):
    return (h.abs() > 0.97).all(0)


@dead.variant("the least saturated example decides")
def smallest(h, threshold=0.97):
    return h.abs().amin(0) > threshold


@dead.variant("a loop over neurons")
def loop(h, threshold=0.97):
    answers = [all(abs(v) > threshold for v in column.tolist()) for column in h.T]
    return torch.tensor(answers, dtype=torch.bool)
