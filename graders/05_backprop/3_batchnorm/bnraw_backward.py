"""05.bnraw_backward: dbnraw: through gain and bias."""

import torch

from graders.authoring import exercise

from .part import SIZES, columns_first, gradient, leaf

bnraw = exercise("bnraw_backward", title="dbnraw: through gain and bias")


@bnraw.cases
def _(rng):
    for n, hidden in SIZES:
        yield dict(dhpreact=rng.normal(n, hidden), bngain=rng.normal(1, hidden, mean=1))
    yield dict(dhpreact=columns_first(rng.normal(4, 3)), bngain=rng.normal(1, 3, mean=-2))
    f32 = dict(dtype=torch.float32)
    yield dict(dhpreact=rng.normal(4, 3, **f32), bngain=rng.normal(1, 3, **f32))


@bnraw.oracle
def _(dhpreact, bngain):
    x = leaf(torch.zeros_like(dhpreact))
    return gradient(x, bngain.double() * x, dhpreact, dhpreact)


bnraw.hint("hpreact = bngain * bnraw + bnbias: what is the derivative with respect to bnraw?")
bnraw.hint("bngain, copied into each row; times the upstream gradient. Is anything summed?")
bnraw.hint("dhpreact * bngain, shape (n, n_hidden): bnraw was not copied, so nothing is summed.")


@bnraw.misconception(
    "The gain is missing: bnraw is multiplied by bngain, and the gradient is, too."
)
def gain_ignored(dhpreact, bngain):
    return dhpreact.clone()


@bnraw.misconception("The upstream gradient is missing: bngain is only the local derivative.")
def upstream_ignored(dhpreact, bngain):
    return bngain.expand_as(dhpreact)


@bnraw.misconception(
    "You summed over the batch. bnraw is (n, n_hidden) and was not copied: each element keeps its "
    "own gradient."
)
def summed(dhpreact, bngain):
    return (dhpreact * bngain).sum(0, keepdim=True)


@bnraw.misconception(
    "You divided by the gain. That would undo the forward pass; the derivative of bngain * "
    "bnraw is bngain."
)
def divided(dhpreact, bngain):
    return dhpreact / bngain


@bnraw.misconception(
    "The result is right, but dhpreact was changed on the way: `*=` works in place, on the "
    "caller's tensor."
)
def in_place(dhpreact, bngain):
    dhpreact *= bngain
    return dhpreact


@bnraw.variant("a diagonal matrix")
def diagonal(dhpreact, bngain):
    return dhpreact @ torch.diag(bngain[0])


@bnraw.variant("einsum")
def einsum(dhpreact, bngain):
    return torch.einsum("nh,h->nh", dhpreact, bngain.squeeze(0))
