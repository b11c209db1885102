"""03.uniform_loss: E02: the loss of knowing nothing."""

import math

import torch
import torch.nn.functional as F

from graders.authoring import Tol, exercise

uniform = exercise("uniform_loss", title="E02: the loss of knowing nothing")


@uniform.cases
def _(rng):
    for v in (27, 2, rng.integer(30, 100), 50257, 1):
        yield dict(vocab_size=v)


# float32 is exact to 6e-8 of 1 / v, which is as much in its logarithm: 2e-7 of ln 2, at most
uniform.tolerance(Tol(rtol=1e-6))

uniform.hint("Which probability does each character get? What is its negative logarithm?")
uniform.hint("-log(1 / vocab_size) is log(vocab_size).")


@uniform.misconception(
    "The sign: a probability below 1 has a negative logarithm, its loss is positive."
)
def sign(vocab_size):
    return math.log(1 / vocab_size)


@uniform.misconception("These are bits, log2. The loss of this lesson is in nats: math.log.")
def bits(vocab_size):
    return math.log2(vocab_size)


@uniform.misconception("log10 counts digits; cross-entropy takes the natural logarithm, math.log.")
def digits(vocab_size):
    return math.log10(vocab_size)


@uniform.misconception("That is the probability. The loss is its negative logarithm.")
def probability(vocab_size):
    return 1 / vocab_size


@uniform.misconception("3.2958 is right for 27 characters only: use vocab_size.")
def only_27(vocab_size):
    return math.log(27)


@uniform.misconception(
    "The '.' is a character as well: all vocab_size of them share the probability."
)
def without_dot(vocab_size):
    return math.log(max(vocab_size - 1, 1))


@uniform.misconception(
    "You averaged over the characters once more: the loss of an example is ln(vocab_size) already."
)
def averaged(vocab_size):
    return math.log(vocab_size) / vocab_size


@uniform.variant("in float32")
def float32(vocab_size):
    return -torch.tensor(1 / vocab_size).log().item()


@uniform.variant("cross-entropy of equal logits")
def equal_logits(vocab_size):
    return F.cross_entropy(torch.zeros(1, vocab_size).double(), torch.tensor([0])).item()
