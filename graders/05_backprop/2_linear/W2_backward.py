"""05.W2_backward: dW2: back into the weights."""

import torch

from graders.authoring import exercise

from .part import SIZES, columns_first, gradient, leaf

W2 = exercise("W2_backward", title="dW2: back into the weights")


@W2.cases
def _(rng):
    for n, hidden, v in SIZES:
        yield dict(dlogits=rng.normal(n, v), h=rng.normal(n, hidden).tanh())
    yield dict(dlogits=columns_first(rng.normal(4, 2)), h=columns_first(rng.normal(4, 5)))
    f32 = dict(dtype=torch.float32)
    yield dict(dlogits=rng.normal(2, 4, **f32), h=rng.normal(2, 3, **f32))


@W2.oracle
def _(dlogits, h):
    x = leaf(torch.zeros(h.shape[1], dlogits.shape[1]))
    return gradient(x, h.double() @ x, dlogits, dlogits)


W2.hint("Write the shapes: h (n, H), dlogits (n, V), and dW2 must be (H, V).")
W2.hint("n has to disappear: one weight serves all n examples, and their gradients add up.")
W2.hint("h.T @ dlogits")


@W2.misconception(
    "The result is transposed, (vocab_size, n_hidden): W2 is (n_hidden, vocab_size), and so is its "
    "gradient. h.T comes first."
)
def transposed(dlogits, h):
    return dlogits.T @ h


@W2.misconception(
    "The transpose is missing. n must be the dimension that is summed away, so h has to be (H, n): "
    "h.T @ dlogits."
)
def no_transpose(dlogits, h):
    return h @ dlogits


@W2.misconception(
    "You divided by n. The mean of the loss is inside dlogits already; here the examples' "
    "gradients add up."
)
def mean_again(dlogits, h):
    return h.T @ dlogits / len(h)


@W2.misconception(
    "You used one example of the batch. The same weights served all of them: sum over the batch."
)
def first_example(dlogits, h):
    return torch.outer(h[0], dlogits[0])


@W2.misconception("The upstream gradient is missing: you summed h as if every dlogits were 1.")
def upstream_ignored(dlogits, h):
    return h.T @ torch.ones_like(dlogits)


@W2.misconception(
    "You summed h and dlogits over the batch before multiplying. Each example's h belongs to its "
    "own dlogits: multiply first, then sum."
)
def sum_first(dlogits, h):
    return torch.outer(h.sum(0), dlogits.sum(0))


@W2.misconception("The sum over the batch is missing: you kept one matrix per example, (n, H, V).")
def unsummed(dlogits, h):
    return h[:, :, None] * dlogits[:, None, :]


@W2.variant("einsum")
def einsum(dlogits, h):
    return torch.einsum("nh,nv->hv", h, dlogits)


@W2.variant("a sum of outer products")
def outer(dlogits, h):
    return sum(torch.outer(h[i], dlogits[i]) for i in range(len(h)))


@W2.variant("transposed twice")
def twice(dlogits, h):
    return (dlogits.T @ h).T
