"""05.h_backward: dh: back through the weights."""

import torch

from graders.authoring import exercise

from .part import SIZES, columns_first, gradient, leaf

h = exercise("h_backward", title="dh: back through the weights")


@h.cases
def _(rng):
    for n, hidden, v in SIZES:
        yield dict(dlogits=rng.normal(n, v), W2=rng.normal(hidden, v))
    yield dict(dlogits=columns_first(rng.normal(4, 2)), W2=columns_first(rng.normal(5, 2, std=30)))
    f32 = dict(dtype=torch.float32)
    yield dict(dlogits=rng.normal(2, 4, **f32), W2=rng.normal(3, 4, **f32))


@h.oracle
def _(dlogits, W2):
    x = leaf(torch.zeros(len(dlogits), len(W2)))
    return gradient(x, x @ W2.double(), dlogits, dlogits)


h.hint(
    "Write the three shapes next to each other: dlogits (n, V), W2 (H, V), and dh must be (n, H)."
)
h.hint("V has to disappear: it must stand inside, as in (n, V) @ (V, H). How do you get (V, H)?")
h.hint("dlogits @ W2.T")


@h.misconception(
    "The transpose is missing. It only runs when W2 happens to be square, and is wrong even then: "
    "h[0] met the *rows* of W2, so dlogits (n, V) needs W2.T (V, H)."
)
def no_transpose(dlogits, W2):
    return dlogits @ W2


@h.misconception(
    "The upstream gradient is missing: you summed the weights as if every dlogits were 1."
)
def upstream_ignored(dlogits, W2):
    return torch.ones_like(dlogits) @ W2.T


@h.misconception(
    "The result is transposed, (n_hidden, n): a gradient has the shape of its tensor, and h is "
    "(n, n_hidden)."
)
def transposed(dlogits, W2):
    return W2 @ dlogits.T


@h.misconception(
    "You divided by n. The mean of the loss is inside dlogits already; a matrix product adds no "
    "1 / n of its own."
)
def mean_again(dlogits, W2):
    return dlogits @ W2.T / len(dlogits)


@h.misconception(
    "You averaged over the vocabulary. Every logit that h entered sends its part back in full: sum "
    "them, as the matrix product does."
)
def averaged(dlogits, W2):
    return dlogits @ W2.T / W2.shape[1]


@h.misconception(
    "You summed dlogits and the weights separately and multiplied the sums. Each logit's gradient "
    "belongs to its own weight: multiply pair by pair, then sum."
)
def sums_multiplied(dlogits, W2):
    return dlogits.sum(1, keepdim=True) * W2.sum(1)


@h.misconception(
    "W2 was reshaped to the shape of its transpose. The numbers then stand in other places: a transpose "
    "swaps rows and columns, W2.T."
)
def reshaped(dlogits, W2):
    return dlogits @ W2.reshape(W2.shape[1], W2.shape[0])


@h.variant("einsum")
def einsum(dlogits, W2):
    return torch.einsum("nv,hv->nh", dlogits, W2)


@h.variant("F.linear, which transposes by itself")
def linear(dlogits, W2):
    return torch.nn.functional.linear(dlogits, W2)


@h.variant("broadcast and sum")
def broadcast(dlogits, W2):
    return (dlogits[:, None, :] * W2[None, :, :]).sum(2)
