"""02.log_likelihood: log-likelihood."""

import torch

from graders.authoring import Tol, exercise

logs = exercise("log_likelihood", title="log-likelihood")


@logs.cases
def _(rng):
    for n in (1, 2, 7, 40):
        yield dict(probs=rng.uniform(0.05, 1.0, n))
    yield dict(probs=rng.uniform(0.001, 0.3, 3000))  # the product is 0.0 long before the end
    yield dict(probs=torch.full((400,), 0.01, dtype=torch.float64))
    yield dict(probs=torch.ones(3, dtype=torch.float64))
    yield dict(probs=torch.tensor([1e-12, 0.5], dtype=torch.float64))


@logs.check(
    "float32",
    # the second: no two of them can be multiplied
    cases=lambda rng: iter(
        [
            dict(probs=rng.uniform(0.1, 1.0, 60).float()),
            dict(probs=rng.uniform(1e-30, 9e-30, 20).float()),
        ]
    ),
    tol=Tol(rtol=1e-5),
)
def _(m, probs):
    return float(m.log_likelihood(probs))


logs.legal("answer: tensor for float", "a tensor with no dimensions will do")

logs.hint(
    "Which comes first, the logarithm or the product? With a thousand probabilities only one order works."
)
logs.hint("log(a * b) = log a + log b: take each logarithm, then add.")
logs.hint("return probs.log().sum().item()")


@logs.misconception(
    "You multiplied first. The product of a few hundred probabilities is 0.0 in floating point, and "
    "its logarithm "
    "-inf: take each logarithm first, then add."
)
def log_of_product(probs):
    return probs.prod().log().item()


@logs.misconception(
    "You added the probabilities and took the logarithm of the sum. Logarithms first, then add."
)
def log_of_sum(probs):
    return probs.sum().log().item()


@logs.misconception(
    "The logarithms were averaged. The log-likelihood is their sum; the mean comes in the next exercise."
)
def averaged_logs(probs):
    return probs.log().mean().item()


@logs.misconception(
    "The sign is flipped: that is the *negative* log-likelihood. Logarithms of probabilities are at most 0."
)
def negative(probs):
    return -probs.log().sum().item()


@logs.misconception(
    "You took logarithms of products of a few. Of small probabilities the product of a few is 0 already, and "
    "log(0) is -inf: take the logarithm of each."
)
def logs_of_products(probs):
    return sum(piece.prod().log().item() for piece in probs.split(8))


@logs.misconception("Base 10. `log` means the natural logarithm here: torch.log, not log10.")
def base_ten(probs):
    return probs.log10().sum().item()


@logs.misconception("Base 2. `log` means the natural logarithm here: torch.log, not log2.")
def base_two(probs):
    return probs.log2().sum().item()


@logs.misconception("log1p is log(1 + p). Take log(p).")
def log_one_plus(probs):
    return probs.log1p().sum().item()


@logs.misconception(
    "Something like 1e-9 was added before the logarithm. Probabilities here are above 0; a small one "
    "must stay small."
)
def plus_small(probs):
    return (probs + 1e-9).log().sum().item()


@logs.misconception("The logarithms were multiplied. A product turns into a *sum* of logarithms.")
def product_of_logs(probs):
    return probs.log().prod().item()


@logs.misconception("The logarithm is missing: that is the sum of the probabilities.")
def no_log(probs):
    return probs.sum().item()


@logs.misconception("One logarithm for each step came back. Add them up.")
def not_added(probs):
    return probs.log()


@logs.variant("math.fsum")
def fsum(probs):
    import math

    return math.fsum(math.log(p) for p in probs.tolist())


@logs.variant("in pieces")
def pieces(probs):
    return sum(torch.log(piece).sum() for piece in probs.split(7))
