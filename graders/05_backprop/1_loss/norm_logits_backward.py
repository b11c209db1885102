"""05.norm_logits_backward: dnorm_logits: through the exponential."""

import torch

from graders.authoring import exercise

from .part import SHAPES, columns_first, gradient, leaf

norm_logits = exercise("norm_logits_backward", title="dnorm_logits: through the exponential")


@norm_logits.cases
def _(rng):
    for n, v in SHAPES:
        yield dict(dcounts=rng.normal(n, v), counts=(-rng.uniform(0, 4, n, v)).exp())
    yield dict(dcounts=columns_first(rng.normal(3, 5)), counts=rng.uniform(0, 1, 3, 5))
    # far below the maximum exp underflows to 0, and nothing comes back
    yield dict(
        dcounts=rng.normal(2, 3, std=50), counts=torch.tensor([[1.0, 0, 0], [0, 1, 0.5]]).double()
    )
    f32 = dict(dtype=torch.float32)
    yield dict(dcounts=rng.normal(4, 3, **f32), counts=rng.uniform(0, 1, 4, 3, **f32))


@norm_logits.oracle
def _(dcounts, counts):
    x = leaf(counts.double().log())
    if torch.isinf(x).any():  # where exp underflowed, any very negative number will do
        x = leaf(x.clamp(min=-800.0))
    return gradient(x, x.exp(), dcounts, counts)


norm_logits.hint("Which function is its own derivative?")
norm_logits.hint("exp(norm_logits) has been computed in the forward pass: what is it called?")
norm_logits.hint("dcounts * counts")


@norm_logits.misconception(
    "`counts` already is exp(norm_logits); you took the exponential a second time."
)
def exp_twice(dcounts, counts):
    return dcounts * counts.exp()


@norm_logits.misconception(
    "The upstream gradient dcounts is missing: counts is only the local derivative."
)
def upstream_ignored(dcounts, counts):
    return counts.clone()


@norm_logits.misconception(
    "You divided by counts. That is how the gradient passes a logarithm; the derivative of exp is "
    "exp itself, so multiply."
)
def log_for_exp(dcounts, counts):
    return dcounts / counts


@norm_logits.misconception(
    "You passed the gradient through unchanged. Only a plain sum or copy does that; exp has the "
    "local derivative counts."
)
def unchanged(dcounts, counts):
    return dcounts.clone()


@norm_logits.misconception(
    "You multiplied by log(counts), which is norm_logits. The derivative of exp(x) is exp(x), and "
    "that is counts."
)
def input_for_output(dcounts, counts):
    return dcounts * counts.log()


@norm_logits.variant("einsum")
def einsum(dcounts, counts):
    return torch.einsum("nv,nv->nv", dcounts, counts)


@norm_logits.variant("there and back")
def there_and_back(dcounts, counts):
    return dcounts.mul(counts.log().exp())
