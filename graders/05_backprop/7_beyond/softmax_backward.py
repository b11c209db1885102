"""05.softmax_backward: softmax, any upstream gradient."""

import math

import torch

from graders.authoring import exercise

from .part import gradients, leaf, turned

softmax = exercise("softmax_backward", title="softmax, any upstream gradient", stretch=True)


@softmax.cases
def _(rng):
    for shape in [(5,), (1, 4), (3, 3), (4, 7), (2, 3, 5), (2, 1, 3, 4)]:
        yield dict(dprobs=rng.normal(*shape), probs=rng.normal(*shape, std=2).softmax(-1))
    masked = rng.normal(2, 4, 4).masked_fill(torch.ones(4, 4).triu(1).bool(), -math.inf)
    yield dict(dprobs=rng.normal(2, 4, 4, std=10), probs=masked.softmax(-1))
    yield dict(dprobs=turned(rng.normal(3, 6)), probs=turned(rng.normal(3, 6).softmax(-1)))
    f32 = dict(dtype=torch.float32)
    yield dict(dprobs=rng.normal(3, 4, **f32), probs=rng.normal(3, 4, **f32).softmax(-1))


@softmax.oracle
def _(dprobs, probs):
    x = leaf(probs.double().log().clamp(min=-1e4))  # exp(-10000) is 0
    return gradients([x], torch.softmax(x, -1), dprobs)[0]


softmax.hint("Each probability depends on all logits of its row, not only on its own.")
softmax.hint(
    "dlogits[j] = sum over i of dprobs[i] * probs[i] * ((i == j) - probs[j]). Take probs[j] out of "
    "the sum; what remains?"
)
softmax.hint("probs * (dprobs - (dprobs * probs).sum(-1, keepdim=True))")


@softmax.misconception(
    "That is only the diagonal, probs * (1 - probs): each probability also falls when *another* "
    "logit rises. Those terms are missing."
)
def diagonal_only(dprobs, probs):
    return dprobs * probs * (1 - probs)


@softmax.misconception(
    "You passed the gradient as if softmax were exp: the row's normalization sends something "
    "back as well, minus probs * (dprobs * probs).sum(-1, keepdim=True)."
)
def no_normalization(dprobs, probs):
    return dprobs * probs


@softmax.misconception(
    "probs is missing inside the sum: it is the mean of dprobs *weighted by probs* that is "
    "subtracted."
)
def unweighted(dprobs, probs):
    return probs * (dprobs - dprobs.sum(-1, keepdim=True))


@softmax.misconception(
    "A plain mean is subtracted. What belongs there is the mean weighted by the probabilities, "
    "(dprobs * probs).sum(-1, keepdim=True)."
)
def plain_mean(dprobs, probs):
    return probs * (dprobs - dprobs.mean(-1, keepdim=True))


@softmax.misconception(
    "The sum runs over the first dimension. Each row of the *last* dimension is one softmax: "
    "dim=-1."
)
def wrong_dimension(dprobs, probs):
    return probs * (dprobs - (dprobs * probs).sum(0, keepdim=True))


@softmax.misconception("The factor probs in front is missing: it multiplies the whole bracket.")
def no_factor(dprobs, probs):
    return dprobs - (dprobs * probs).sum(-1, keepdim=True)


@softmax.misconception(
    "You added the second term. Other logits take probability away, so it is subtracted."
)
def added(dprobs, probs):
    return probs * (dprobs + (dprobs * probs).sum(-1, keepdim=True))


@softmax.misconception(
    "The upstream gradient is missing: probs * (1 - probs) is only a piece of the local derivative."
)
def upstream_ignored(dprobs, probs):
    return probs * (1 - probs)


@softmax.misconception(
    "You subtracted dprobs from the probabilities, as if this were cross-entropy with dprobs as "
    "its target. No loss is built in here."
)
def cross_entropy(dprobs, probs):
    return probs - dprobs


@softmax.variant("with the whole Jacobian")
def jacobian(dprobs, probs):
    matrix = torch.diag_embed(probs) - probs.unsqueeze(-1) * probs.unsqueeze(-2)
    return (matrix @ dprobs.unsqueeze(-1)).squeeze(-1)


@softmax.variant("product first")
def product_first(dprobs, probs):
    product = dprobs * probs
    return product - probs * product.sum(dim=-1, keepdim=True)


@softmax.variant("einsum")
def einsum(dprobs, probs):
    weighted = torch.einsum("...c,...c->...", dprobs, probs)
    return probs * dprobs - probs * weighted[..., None]
