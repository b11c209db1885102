"""05.logit_maxes_backward: dlogit_maxes: a broadcast difference."""

import torch

from graders.authoring import exercise

from .part import SHAPES, columns_first, gradient, leaf

logit_maxes = exercise("logit_maxes_backward", title="dlogit_maxes: a broadcast difference")


@logit_maxes.cases
def _(rng):
    for n, v in SHAPES:
        yield dict(dnorm_logits=rng.normal(n, v, mean=0.5))
    yield dict(dnorm_logits=columns_first(rng.normal(4, 6)))
    yield dict(dnorm_logits=rng.normal(3, 3, std=1e3))
    yield dict(dnorm_logits=rng.normal(3, 5, dtype=torch.float32))


@logit_maxes.oracle
def _(dnorm_logits):
    x = leaf(torch.zeros(len(dnorm_logits), 1))
    return gradient(x, torch.zeros_like(dnorm_logits) - x, dnorm_logits, dnorm_logits)


logit_maxes.hint("logit_maxes is (n, 1) and is subtracted from each number of its row.")
logit_maxes.hint("Local derivative -1, and a copy along the row forward: a sum along it backward.")
logit_maxes.hint("-dnorm_logits.sum(1, keepdim=True)")


@logit_maxes.misconception(
    "The minus sign is missing: the maxima are *subtracted*, so their local derivative is -1."
)
def sign(dnorm_logits):
    return dnorm_logits.sum(1, keepdim=True)


@logit_maxes.misconception(
    "The sum is missing: each maximum was subtracted from a whole row, so add up what the row "
    "sends back, to shape (n, 1)."
)
def no_sum(dnorm_logits):
    return -dnorm_logits


@logit_maxes.misconception(
    "You summed over the batch (dimension 0); each maximum was copied along its own row, which is "
    "dimension 1."
)
def wrong_dimension(dnorm_logits):
    return -dnorm_logits.sum(0, keepdim=True)


@logit_maxes.misconception(
    "Right numbers in the wrong shape: logit_maxes is (n, 1), so sum with keepdim=True."
)
def no_keepdim(dnorm_logits):
    return -dnorm_logits.sum(1)


@logit_maxes.misconception("A mean instead of a sum: each copy of the maximum counts in full.")
def mean(dnorm_logits):
    return -dnorm_logits.mean(1, keepdim=True)


@logit_maxes.misconception(
    "Zero is what comes out after a softmax, where shifting a row changes nothing. This function "
    "must be right for any upstream gradient."
)
def zero(dnorm_logits):
    return torch.zeros_like(dnorm_logits[:, :1])


@logit_maxes.misconception(
    "You counted copies, one -1 for each column, and left out the upstream gradient dnorm_logits."
)
def upstream_ignored(dnorm_logits):
    return -torch.ones_like(dnorm_logits).sum(1, keepdim=True)


@logit_maxes.variant("a matrix product with ones")
def ones(dnorm_logits):
    return dnorm_logits @ -torch.ones(dnorm_logits.shape[1], 1, dtype=dnorm_logits.dtype)


@logit_maxes.variant("column by column")
def columns(dnorm_logits):
    total = torch.zeros_like(dnorm_logits[:, :1])
    for column in dnorm_logits.unbind(1):
        total -= column[:, None]
    return total
