"""05.counts_backward: dcounts: two branches meet."""

import torch

from graders.authoring import exercise

from .part import SHAPES, columns_first, gradient, leaf

counts = exercise("counts_backward", title="dcounts: two branches meet")


@counts.cases
def _(rng):
    def case(n, v, **dtype):
        return dict(
            dprobs=rng.normal(n, v, **dtype),
            counts_sum_inv=rng.uniform(0.05, 2, n, 1, **dtype),
            dcounts_sum=rng.normal(n, 1, **dtype),
        )

    for n, v in [*SHAPES, (3, 3)]:
        yield case(n, v)
    yield {**case(4, 6), "dprobs": columns_first(rng.normal(4, 6))}
    yield case(3, 4, dtype=torch.float32)


@counts.oracle
def _(dprobs, counts_sum_inv, dcounts_sum):
    x = leaf(torch.ones_like(dprobs))
    through_probs = x * counts_sum_inv.double() * dprobs
    through_sum = x.sum(1, keepdim=True) * dcounts_sum
    return gradient(x, through_probs.sum() + through_sum.sum(), 1.0, dprobs)


counts.hint("In which two lines of the forward pass does counts stand on the right-hand side?")
counts.hint(
    "Through probs: dprobs * counts_sum_inv. Through the sum: every count has derivative 1, so it "
    "gets its row's dcounts_sum unchanged. Then combine the branches."
)
counts.hint("Add them; (n, vocab_size) + (n, 1) broadcasts along the row, just as you want.")


@counts.misconception(
    "The second branch is missing: counts also goes into counts_sum, and what comes back from "
    "there (dcounts_sum) must be added."
)
def first_only(dprobs, counts_sum_inv, dcounts_sum):
    return dprobs * counts_sum_inv


@counts.misconception(
    "The second branch replaced the first. A tensor used twice gets the *sum* of what both uses "
    "send back: keep dprobs * counts_sum_inv and add to it."
)
def second_only(dprobs, counts_sum_inv, dcounts_sum):
    return dcounts_sum.expand_as(dprobs)


@counts.misconception(
    "The branches must be added, you multiplied them. Multiplying is for links in one chain; two "
    "separate ways from counts to the loss add up."
)
def multiplied(dprobs, counts_sum_inv, dcounts_sum):
    return dprobs * counts_sum_inv * dcounts_sum


@counts.misconception(
    "You subtracted the second branch. Gradients of two uses add; the minus of 1 / sum is inside "
    "dcounts_sum already."
)
def subtracted(dprobs, counts_sum_inv, dcounts_sum):
    return dprobs * counts_sum_inv - dcounts_sum


@counts.misconception(
    "You shared dcounts_sum among the row's elements. In a sum each term has derivative 1, so each "
    "gets all of it: a copy, not a share."
)
def shared(dprobs, counts_sum_inv, dcounts_sum):
    return dprobs * counts_sum_inv + dcounts_sum / dprobs.shape[1]


@counts.misconception(
    "The upstream gradient dprobs is missing in the first branch: it is dprobs * counts_sum_inv."
)
def first_upstream_ignored(dprobs, counts_sum_inv, dcounts_sum):
    return counts_sum_inv.expand_as(dprobs) + dcounts_sum


@counts.misconception(
    "In the second branch you added 1, the local derivative, without its upstream gradient "
    "dcounts_sum."
)
def second_upstream_ignored(dprobs, counts_sum_inv, dcounts_sum):
    return dprobs * counts_sum_inv + torch.ones_like(dprobs)


@counts.misconception(
    "Both branches were multiplied by counts_sum_inv. It belongs to the product only; the sum "
    "passes dcounts_sum on as it is."
)
def factor_on_both(dprobs, counts_sum_inv, dcounts_sum):
    return (dprobs + dcounts_sum) * counts_sum_inv


@counts.misconception(
    "You summed the first branch over the row. Each count only enters its own probability there; "
    "dprobs * counts_sum_inv stays (n, vocab_size)."
)
def first_summed(dprobs, counts_sum_inv, dcounts_sum):
    return (dprobs * counts_sum_inv).sum(1, keepdim=True) + dcounts_sum


@counts.misconception(
    "The result is right, but dprobs was changed on the way: `*=` works in place, on the caller's "
    "tensor. Make a new one."
)
def in_place(dprobs, counts_sum_inv, dcounts_sum):
    dprobs *= counts_sum_inv
    dprobs += dcounts_sum
    return dprobs


@counts.variant("ones times the sum's gradient")
def ones(dprobs, counts_sum_inv, dcounts_sum):
    dcounts = counts_sum_inv * dprobs
    dcounts += torch.ones_like(dprobs) * dcounts_sum
    return dcounts


@counts.variant("addcmul")
def addcmul(dprobs, counts_sum_inv, dcounts_sum):
    return torch.addcmul(dcounts_sum, dprobs, counts_sum_inv)


@counts.variant("row by row")
def rows(dprobs, counts_sum_inv, dcounts_sum):
    n = range(len(dprobs))
    return torch.stack([dprobs[i] * counts_sum_inv[i] + dcounts_sum[i] for i in n])
