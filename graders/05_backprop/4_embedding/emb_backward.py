"""05.emb_backward: demb: a change of shape."""

import torch

from graders.authoring import exercise

from .part import columns_first, gradient, leaf

emb = exercise("emb_backward", title="demb: a change of shape")

SHAPES = [(1, 2, 3), (4, 3, 2), (2, 3, 5), (5, 1, 4), (3, 3, 3)]  # n, block_size, n_embd


@emb.cases
def _(rng):
    for n, t, d in SHAPES:
        yield dict(dembcat=rng.normal(n, t * d), emb=rng.normal(n, t, d))
    yield dict(dembcat=columns_first(rng.normal(4, 6)), emb=rng.normal(4, 2, 3))
    f32 = dict(dtype=torch.float32)
    yield dict(dembcat=rng.normal(2, 12, **f32), emb=rng.normal(2, 3, 4, **f32))


@emb.oracle
def _(dembcat, emb):
    x = leaf(emb)
    return gradient(x, x.view(len(x), -1), dembcat, dembcat)


emb.hint("view computes nothing: which numbers change?")
emb.hint("None. The gradient only has to be given the shape that emb has.")
emb.hint("dembcat.view(emb.shape)")


@emb.misconception(
    "Time and channel are swapped: you cut the row into n_embd pieces of block_size numbers. It is "
    "block_size embeddings of n_embd numbers, one after the other."
)
def swapped(dembcat, emb):
    n, t, d = emb.shape
    return dembcat.reshape(n, d, t).transpose(1, 2)


@emb.misconception(
    "The batch got mixed up: each row of dembcat is one example's context. Split the second "
    "dimension and leave the first alone."
)
def batch_mixed(dembcat, emb):
    n, t, d = emb.shape
    return dembcat.reshape(t, n, d).transpose(0, 1)


@emb.misconception(
    "The shape is still (n, block_size * n_embd): a gradient has the shape of its tensor, and emb "
    "has three dimensions."
)
def not_reshaped(dembcat, emb):
    return dembcat.clone()


@emb.misconception(
    "You multiplied by emb. A change of shape has local derivative 1: the numbers pass unchanged."
)
def times_value(dembcat, emb):
    return dembcat.reshape(emb.shape) * emb


@emb.misconception(
    "The transposed view has the right numbers in each example, but dimensions 1 and 2 are the "
    "wrong way round: emb is (n, block_size, n_embd)."
)
def dimensions_swapped(dembcat, emb):
    return dembcat.reshape(emb.shape).transpose(1, 2)


@emb.variant("unflatten")
def unflatten(dembcat, emb):
    return dembcat.unflatten(1, emb.shape[1:])


@emb.variant("split and stack")
def split(dembcat, emb):
    return torch.stack(dembcat.split(emb.shape[2], dim=1), dim=1)


@emb.variant("a loop")
def loop(dembcat, emb):
    demb = torch.zeros_like(emb)
    d = emb.shape[2]
    for t in range(emb.shape[1]):
        demb[:, t] = dembcat[:, t * d : (t + 1) * d]
    return demb
