"""05.embcat_backward: dembcat: back through the weights."""

import torch

from graders.authoring import exercise

from .part import SIZES, columns_first, gradient, leaf

embcat = exercise("embcat_backward", title="dembcat: back through the weights")


@embcat.cases
def _(rng):
    for n, fan_in, hidden in SIZES:
        yield dict(dhprebn=rng.normal(n, hidden), W1=rng.normal(fan_in, hidden))
    yield dict(dhprebn=columns_first(rng.normal(4, 2)), W1=columns_first(rng.normal(6, 2, std=30)))
    f32 = dict(dtype=torch.float32)
    yield dict(dhprebn=rng.normal(2, 4, **f32), W1=rng.normal(6, 4, **f32))


@embcat.oracle
def _(dhprebn, W1):
    x = leaf(torch.zeros(len(dhprebn), len(W1)))
    return gradient(x, x @ W1.double(), dhprebn, dhprebn)


embcat.hint("Which exercise of part 2 is this, under other names?")
embcat.hint("(n, H) times something must give (n, fan_in): W1 is (fan_in, H). Turn it around.")
embcat.hint("dhprebn @ W1.T")


@embcat.misconception(
    "The transpose is missing. It only runs when W1 happens to be square, and is wrong even then: "
    "dhprebn (n, H) needs W1.T (H, fan_in)."
)
def no_transpose(dhprebn, W1):
    return dhprebn @ W1


@embcat.misconception(
    "The upstream gradient is missing: you summed the weights as if every dhprebn were 1."
)
def upstream_ignored(dhprebn, W1):
    return torch.ones_like(dhprebn) @ W1.T


@embcat.misconception(
    "The result is transposed, (fan_in, n): a gradient has the shape of its tensor, and embcat is "
    "(n, fan_in)."
)
def transposed(dhprebn, W1):
    return W1 @ dhprebn.T


@embcat.misconception(
    "You divided by n. The mean of the loss is inside dhprebn already; a matrix product adds no "
    "1 / n of its own."
)
def mean_again(dhprebn, W1):
    return dhprebn @ W1.T / len(dhprebn)


@embcat.variant("einsum")
def einsum(dhprebn, W1):
    return torch.einsum("nh,fh->nf", dhprebn, W1)


@embcat.variant("F.linear, which transposes by itself")
def linear(dhprebn, W1):
    return torch.nn.functional.linear(dhprebn, W1)
