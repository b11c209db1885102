"""02.likelihood: likelihood."""

import torch

from graders.authoring import Tol, exercise

product = exercise("likelihood", title="likelihood")


@product.cases
def _(rng):
    for n in (1, 2, 5, 12):
        yield dict(probs=rng.uniform(0.05, 1.0, n))
    for n in (40, 150):  # a long name's likelihood is tiny, and not 0
        yield dict(probs=rng.uniform(0.01, 0.2, n))
    yield dict(probs=torch.tensor([0.5, 0.0, 0.25], dtype=torch.float64))
    yield dict(probs=torch.full((4,), 0.01, dtype=torch.float64))
    yield dict(probs=torch.ones(3, dtype=torch.float64))


# relative only: a product of probabilities may be far below any absolute tolerance
product.tolerance(Tol(rtol=1e-9, atol=0.0))


@product.check(
    "float32",
    cases=lambda rng: iter([dict(probs=rng.uniform(0.1, 1.0, 6).float())]),
    tol=Tol(rtol=1e-5, atol=0.0),
)
def _(m, probs):
    return float(m.likelihood(probs))


product.legal("answer: tensor for float", "a tensor with no dimensions will do")

product.hint("What happens together, multiplies.")
product.hint("Tensors have a method for it: prod().")
product.hint("return probs.prod().item()")


@product.misconception("You added the probabilities. All steps have to happen: multiply.")
def added(probs):
    return probs.sum().item()


@product.misconception(
    "A tiny likelihood was rounded to 0. It is as exact as a large one: float64 goes down to 1e-308."
)
def tiny_is_zero(probs):
    p = probs.prod().item()
    return p if p > 1e-12 else 0.0


@product.misconception("That is the mean. The probability that *all* steps happen is the product.")
def averaged(probs):
    return probs.mean().item()


@product.misconception(
    "That is the logarithm of the likelihood; here the product itself is wanted."
)
def logarithm(probs):
    return probs.log().sum().item()


@product.misconception(
    "That is the smallest probability. Each step makes the whole less likely: multiply them all."
)
def smallest(probs):
    return probs.min().item()


@product.misconception("That is the geometric mean, the n-th root. The plain product is wanted.")
def geometric_mean(probs):
    return (probs.prod() ** (1 / len(probs))).item()


@product.misconception(
    "The running products came back (cumprod). The last of them is the likelihood."
)
def running(probs):
    return probs.cumprod(0)


@product.misconception("That is 1 minus the product: the probability that *not* all of it happens.")
def complement(probs):
    return 1 - probs.prod().item()


@product.misconception("The last step is missing in the product: range(n - 1) stops too early.")
def last_missing(probs):
    return probs[:-1].prod().item()


@product.misconception(
    "The first step is missing in the product: start from 1 and multiply by every one of them."
)
def first_missing(probs):
    return probs[1:].prod().item()


@product.variant("a loop")
def loop(probs):
    result = 1.0
    for p in probs.tolist():
        result *= p
    return result


@product.variant("exp of the sum of logarithms")
def exp_of_logs(probs):
    return probs.log().sum().exp()
