"""02.average_nll: the loss: average NLL."""

import torch

from graders.authoring import Tol, exercise

average = exercise("average_nll", title="the loss: average NLL")


@average.cases
def _(rng):
    for n in (1, 2, 7, 40):
        yield dict(probs=rng.uniform(0.05, 1.0, n))
    yield dict(probs=rng.uniform(0.001, 0.3, 3000))
    yield dict(probs=torch.full((5,), 1 / 27, dtype=torch.float64))
    yield dict(probs=torch.ones(3, dtype=torch.float64))
    yield dict(probs=torch.tensor([1e-12, 0.5, 1.0], dtype=torch.float64))
    yield dict(probs=torch.tensor([0.25, 0.0, 0.5], dtype=torch.float64))


@average.check(
    "float32",
    cases=lambda rng: iter([dict(probs=rng.uniform(0.1, 1.0, 60).float())]),
    tol=Tol(rtol=1e-5),
)
def _(m, probs):
    return float(m.average_nll(probs))


average.legal("answer: tensor for float", "a tensor with no dimensions will do")

average.hint("Two changes to the log-likelihood: the sign, and a mean in place of the sum.")
average.hint(
    "A good model has a loss near 0 and never below. If yours is negative, the minus is missing."
)
average.hint("return -probs.log().mean().item()")


@average.misconception(
    "That is the sum. Divide by their number, so that long and short lists can be compared."
)
def summed(probs):
    return -probs.log().sum().item()


@average.misconception("The minus is missing. A loss is to be made small, and 0 is its best value.")
def positive(probs):
    return probs.log().mean().item()


@average.misconception(
    "You averaged the probabilities and took the logarithm of the mean. Each step has its own "
    "logarithm; the mean comes last."
)
def log_of_mean(probs):
    return -probs.mean().log().item()


@average.misconception(
    "You multiplied first: the product of many probabilities is 0.0, and its logarithm -inf. "
    "Logarithms first."
)
def product_first(probs):
    return (-probs.prod().log() / len(probs)).item()


@average.misconception("Base 2: these are bits. The loss is measured with the natural logarithm.")
def bits(probs):
    return -probs.log2().mean().item()


@average.misconception("Base 10. The loss is measured with the natural logarithm: torch.log.")
def base_ten(probs):
    return -probs.log10().mean().item()


@average.misconception("Divided by n - 1. A mean divides by n, the number of steps.")
def by_n_minus_one(probs):
    return (-probs.log().sum() / max(1, len(probs) - 1)).item() if len(probs) > 1 else 0.0


@average.misconception("That is the perplexity, exp of the loss. The loss itself is wanted.")
def perplexity(probs):
    return (-probs.log().mean()).exp().item()


@average.misconception(
    "That is p * log p, an entropy. The steps were drawn by the names, not by the model: a plain "
    "mean of -log p."
)
def entropy(probs):
    return -(probs * probs.log()).sum().item()


@average.misconception("The logarithm is missing: 1 minus the mean probability is no likelihood.")
def one_minus_mean(probs):
    return 1 - probs.mean().item()


@average.misconception(
    "Something like 1e-9 was added before the logarithm, which caps the loss of a bad guess at 20.7. "
    "Leave the probabilities as they are."
)
def plus_small(probs):
    return -(probs + 1e-9).log().mean().item()


@average.misconception("That is the median. One terrible guess has to count: take the mean.")
def median(probs):
    return -probs.log().median().item()


@average.misconception("One loss for each step came back. Their mean, one number, is wanted.")
def not_averaged(probs):
    return -probs.log()


@average.misconception(
    "Probabilities near 0 were raised to a smallest one before the logarithm. Where the model thinks a step "
    "impossible the loss is infinite, and it should say so."
)
def clamped(probs):
    return -probs.clamp(min=1e-10).log().mean().item()


@average.variant("from the log-likelihood")
def from_log_likelihood(probs):
    return -(probs.log().sum() / probs.numel())


@average.variant("logarithm of the inverses")
def inverses(probs):
    return torch.log(1 / probs).mean().item()
