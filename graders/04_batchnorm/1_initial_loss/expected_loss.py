"""04.expected_loss: what the first loss should be."""

import math

import torch
import torch.nn.functional as F

from graders.authoring import exercise

from .part import SINGLE

expected = exercise("expected_loss", title="what the first loss should be")


@expected.cases
def _(rng):
    for vocab_size in (27, 1, 2, 65, 50257, rng.integer(3, 1000)):
        yield dict(vocab_size=vocab_size)


# the lecture computes it in single precision, -torch.tensor(1 / 27.0).log(): right to 1e-7
expected.tolerance(SINGLE)


@expected.oracle
def _(vocab_size):
    targets = torch.tensor([vocab_size - 1])
    return F.cross_entropy(torch.zeros(1, vocab_size, dtype=torch.float64), targets).item()


expected.hint("All characters get the same probability. Which?")
expected.hint("The loss is -log(p) with p = 1 / vocab_size.")
expected.hint("-math.log(1 / vocab_size), which is math.log(vocab_size).")


@expected.misconception(
    "The sign: a probability below 1 has a negative logarithm, and the loss is minus that. It is "
    "never negative."
)
def sign(vocab_size):
    return math.log(1 / vocab_size)


@expected.misconception(
    "That is in bits (base 2). Cross-entropy in torch uses the natural logarithm: math.log."
)
def bits(vocab_size):
    return math.log2(vocab_size)


@expected.misconception("log10 is the wrong base. Cross-entropy uses the natural one: math.log.")
def base_ten(vocab_size):
    return math.log10(vocab_size)


@expected.misconception(
    "That is the probability of each character. The loss is minus its logarithm."
)
def probability(vocab_size):
    return 1 / vocab_size


@expected.misconception(
    "27 is written into the function. The vocabulary is an argument: GPT-2's has 50,257 tokens."
)
def always_27(vocab_size):
    return math.log(27)


@expected.misconception(
    "One character is missing: the dot that ends a name is one of the vocab_size characters already."
)
def one_less(vocab_size):
    return math.log(vocab_size - 1) if vocab_size > 1 else 0.0


@expected.misconception(
    "The loss is the logarithm for the one character that comes next, not p * log(p) for it: the "
    "target has the weight 1."
)
def weighted(vocab_size):
    return math.log(vocab_size) / vocab_size


@expected.variant("minus the log of the probability, in torch")
def in_torch(vocab_size):
    return -torch.tensor(1 / vocab_size, dtype=torch.float64).log().item()


@expected.variant("the entropy of the uniform distribution")
def entropy(vocab_size):
    return -sum(1 / vocab_size * math.log(1 / vocab_size) for _ in range(vocab_size))
