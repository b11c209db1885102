"""05.probs_backward: dprobs: through the logarithm."""

import torch

from graders.authoring import exercise

from .part import SHAPES, columns_first, gradient, leaf

probs = exercise("probs_backward", title="dprobs: through the logarithm")


@probs.cases
def _(rng):
    for n, v in SHAPES:
        yield dict(dlogprobs=rng.normal(n, v), probs=rng.normal(n, v, std=2).softmax(1))
    # nearly impossible characters: an eps added to probs shows here, and a smallest probability
    yield dict(dlogprobs=rng.normal(3, 4), probs=rng.normal(3, 4, std=6).softmax(1))
    for small in (1e-8, 1e-30):
        probs_ = rng.normal(2, 3).softmax(1)
        probs_[1, 2] = small
        yield dict(dlogprobs=rng.normal(2, 3), probs=probs_)
    yield dict(dlogprobs=columns_first(rng.normal(3, 5)), probs=rng.normal(3, 5).softmax(1))
    f32 = dict(dtype=torch.float32)
    yield dict(dlogprobs=rng.normal(4, 6, **f32), probs=rng.normal(4, 6, **f32).softmax(1))


@probs.oracle
def _(dlogprobs, probs):
    x = leaf(probs)
    return gradient(x, x.log(), dlogprobs, probs)


probs.hint("What is the derivative of log(x)? And what has to be multiplied to it?")
probs.hint("Chain rule: local derivative 1 / probs, times the upstream gradient dlogprobs.")
probs.hint("dlogprobs / probs, element by element. Nothing is summed: both are (n, vocab_size).")


@probs.misconception(
    "1 / probs is the local derivative; the upstream gradient dlogprobs is missing. The chain rule "
    "multiplies the two."
)
def upstream_ignored(dlogprobs, probs):
    return 1 / probs


@probs.misconception(
    "You multiplied by probs. That is how the gradient passes an exp; the derivative of log(x) is "
    "1 / x."
)
def exp_for_log(dlogprobs, probs):
    return dlogprobs * probs


@probs.misconception(
    "You multiplied by the logarithm itself. The chain rule needs its *derivative*, 1 / probs."
)
def function_for_derivative(dlogprobs, probs):
    return dlogprobs * probs.log()


@probs.misconception(
    "You divided by log(probs). The derivative of log(x) is 1 / x, with x the probability."
)
def divided_by_log(dlogprobs, probs):
    return dlogprobs / probs.log()


@probs.misconception(
    "You added a small number to the denominator. There is none in the forward pass, so the "
    "gradient of exactly that forward pass has none either."
)
def with_eps(dlogprobs, probs):
    return dlogprobs / (probs + 1e-8)


@probs.misconception(
    "You divided by n once more. The mean was taken in the loss, and its 1 / n is already inside "
    "dlogprobs."
)
def mean_again(dlogprobs, probs):
    return dlogprobs / probs / probs.shape[0]


@probs.misconception("The sign is flipped: log rises, its derivative 1 / probs is positive.")
def flipped(dlogprobs, probs):
    return -dlogprobs / probs


@probs.variant("a power")
def power(dlogprobs, probs):
    return probs.pow(-1).mul(dlogprobs)


@probs.variant("through the logarithm")
def via_log(dlogprobs, probs):
    return dlogprobs * torch.exp(-torch.log(probs))
