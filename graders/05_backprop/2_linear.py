"""A linear layer and its tanh: three gradients of a matrix product, one of a nonlinearity."""

import torch

from graders.authoring import exercise, part

part(forbid=("autograd",))

SIZES = [(1, 2, 3), (4, 3, 5), (2, 6, 7), (5, 4, 3), (3, 3, 3)]  # n, n_hidden, vocab_size


def leaf(x):
    """A float64 copy that torch records: the oracles are computed in double precision."""
    return x.detach().double().clone().requires_grad_()


def gradient(x, output, upstream, like):
    """d (output * upstream).sum() / dx, in the dtype of ``like``."""
    (output * upstream).sum().backward()
    return x.grad.to(like.dtype)


def columns_first(x):
    """The same matrix, stored column by column: not contiguous."""
    return x.t().contiguous().t()


# -- h -----------------------------------------------------------------------------------------

h = exercise("h_backward", title="dh: back through the weights")
h.hint(
    "Write the three shapes next to each other: dlogits (n, V), W2 (H, V), and dh must be (n, H)."
)
h.hint("V has to disappear: it must stand inside, as in (n, V) @ (V, H). How do you get (V, H)?")
h.hint("dlogits @ W2.T")


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


@h.variant("einsum")
def einsum(dlogits, W2):
    return torch.einsum("nv,hv->nh", dlogits, W2)


@h.variant("F.linear, which transposes by itself")
def linear(dlogits, W2):
    return torch.nn.functional.linear(dlogits, W2)


@h.variant("broadcast and sum")
def broadcast(dlogits, W2):
    return (dlogits[:, None, :] * W2[None, :, :]).sum(2)


# -- W2 ----------------------------------------------------------------------------------------

W2 = exercise("W2_backward", title="dW2: back into the weights")
W2.hint("Write the shapes: h (n, H), dlogits (n, V), and dW2 must be (H, V).")
W2.hint("n has to disappear: one weight serves all n examples, and their gradients add up.")
W2.hint("h.T @ dlogits")


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


# -- b2 ----------------------------------------------------------------------------------------

b2 = exercise("b2_backward", title="db2: back into the bias")
b2.hint("b2 is (vocab_size,). How did it get into every row of logits?")
b2.hint("It was copied into n rows; the n gradients of the copies add up.")
b2.hint("dlogits.sum(0), without keepdim")


@b2.cases
def _(rng):
    for n, _, v in SIZES:
        yield dict(dlogits=rng.normal(n, v, mean=0.5))
    yield dict(dlogits=columns_first(rng.normal(4, 2, std=1e3)))
    yield dict(dlogits=rng.normal(2, 4, dtype=torch.float32))


@b2.oracle
def _(dlogits):
    x = leaf(torch.zeros(dlogits.shape[1]))
    return gradient(x, torch.zeros_like(dlogits) + x, dlogits, dlogits)


@b2.misconception(
    "A mean instead of a sum: the loss's 1 / n is inside dlogits already, and the copies of the "
    "bias add up."
)
def mean(dlogits):
    return dlogits.mean(0)


@b2.misconception(
    "You summed over the characters (dimension 1). The bias was copied down the batch, so sum over "
    "dimension 0 and keep one number for each character."
)
def wrong_dimension(dlogits):
    return dlogits.sum(1)


@b2.misconception(
    "Right numbers, but shape (1, vocab_size): b2 is (vocab_size,), so here keepdim is too much."
)
def keepdim(dlogits):
    return dlogits.sum(0, keepdim=True)


@b2.misconception(
    "The sum over the batch is missing: b2 has one number for each character, used in all n rows."
)
def unsummed(dlogits):
    return dlogits.clone()


@b2.misconception("You summed everything to one number: b2 has one for each character.")
def one_number(dlogits):
    return dlogits.sum()


@b2.misconception("You counted the copies (n ones) and left out the upstream gradient dlogits.")
def upstream_ignored(dlogits):
    return torch.ones_like(dlogits).sum(0)


@b2.variant("einsum")
def einsum(dlogits):
    return torch.einsum("nv->v", dlogits)


@b2.variant("a product with ones")
def ones(dlogits):
    return torch.ones(len(dlogits), dtype=dlogits.dtype) @ dlogits


# -- hpreact -----------------------------------------------------------------------------------

hpreact = exercise("hpreact_backward", title="dhpreact: through the tanh")
hpreact.hint("Which of the two do you have: hpreact, or tanh(hpreact)?")
hpreact.hint("The derivative of tanh, written with its own result h, is 1 - h**2.")
hpreact.hint("dh * (1 - h**2)")


@hpreact.cases
def _(rng):
    for n, hidden, _ in SIZES:
        yield dict(dh=rng.normal(n, hidden), h=rng.normal(n, hidden).tanh())
    saturated = torch.tensor([[1.0, -1.0, 0.0, 0.5], [-1.0, 1.0, -0.5, 0.999]]).double()
    yield dict(dh=rng.normal(2, 4, std=10), h=saturated)
    yield dict(dh=columns_first(rng.normal(3, 5)), h=columns_first(rng.normal(3, 5).tanh()))
    f32 = dict(dtype=torch.float32)
    yield dict(dh=rng.normal(2, 4, **f32), h=rng.normal(2, 4, **f32).tanh())


@hpreact.oracle
def _(dh, h):
    x = leaf(torch.atanh(h.double()).clamp(-30, 30))  # tanh(30) is 1 in float64
    return gradient(x, torch.tanh(x), dh, dh)


@hpreact.misconception(
    "`h` already is tanh(hpreact): the derivative is 1 - h**2, you applied tanh a second time."
)
def tanh_twice(dh, h):
    return dh * (1 - torch.tanh(h) ** 2)


@hpreact.misconception(
    "The upstream gradient dh is missing: 1 - h**2 is only the local derivative."
)
def upstream_ignored(dh, h):
    return 1 - h**2


@hpreact.misconception("h * (1 - h) is the derivative of the sigmoid. Tanh has 1 - h**2.")
def sigmoid(dh, h):
    return dh * h * (1 - h)


@hpreact.misconception("The square is missing: the derivative of tanh is 1 - h**2.")
def no_square(dh, h):
    return dh * (1 - h)


@hpreact.misconception(
    "The bracket is missing: `dh * 1 - h**2` is (dh * 1) - h**2. Multiply dh by all of (1 - h**2)."
)
def no_bracket(dh, h):
    return dh * 1 - h**2


@hpreact.misconception(
    "You squared the upstream gradient too (or put it inside the square): only h is squared, "
    "dh * (1 - h**2)."
)
def upstream_inside(dh, h):
    return dh - (dh * h) ** 2


@hpreact.misconception(
    "That is the derivative of relu (a gate at zero). Tanh lets (1 - h**2) of the gradient through."
)
def relu(dh, h):
    return dh * (h > 0)


@hpreact.variant("factored")
def factored(dh, h):
    return (1 + h) * (1 - h) * dh


@hpreact.variant("distributed")
def distributed(dh, h):
    return dh - dh * h * h


@hpreact.variant("addcmul")
def addcmul(dh, h):
    return torch.addcmul(dh, dh, h.square(), value=-1)
