"""Stretch: softmax, layernorm, GELU, attention and convolution, backward."""

import math

import torch

from graders.authoring import exercise, part

part(forbid=("autograd",))


def leaf(x):
    """A float64 copy that torch records: the oracles are computed in double precision."""
    return x.detach().double().clone().requires_grad_()


def gradients(inputs, output, upstream):
    """d (output * upstream).sum() for each input, in the dtype of upstream."""
    (output * upstream).sum().backward()
    return tuple(x.grad.to(upstream.dtype) for x in inputs)


def turned(x):
    """The same numbers, stored in the order of the last two dimensions swapped: not contiguous."""
    return x.transpose(-2, -1).contiguous().transpose(-2, -1)


# -- softmax -----------------------------------------------------------------------------------

softmax = exercise("softmax_backward", title="softmax, any upstream gradient", stretch=True)
softmax.hint("Each probability depends on all logits of its row, not only on its own.")
softmax.hint(
    "dlogits[j] = sum over i of dprobs[i] * probs[i] * ((i == j) - probs[j]). Take probs[j] out of "
    "the sum; what remains?"
)
softmax.hint("probs * (dprobs - (dprobs * probs).sum(-1, keepdim=True))")


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


# -- layernorm ---------------------------------------------------------------------------------

layernorm = exercise("layernorm_backward", title="layernorm, backward", points=2, stretch=True)
layernorm.hint("The three paths of batchnorm, along the last dimension. Where does the gain go?")
layernorm.hint(
    "First dxhat = dout * gain. Then dx = std_inv * (dxhat - mean of dxhat - xhat * mean of "
    "dxhat * xhat), all means over the last dimension (divided by C: the variance is biased)."
)
layernorm.hint(
    "dgain is dout * xhat summed over all leading dimensions, tuple(range(x.ndim - 1)); dbias is "
    "dout summed the same way."
)


@layernorm.cases
def _(rng):
    def case(*shape, mean=0.0, std=1.0, **dtype):
        return dict(
            dout=rng.normal(*shape, mean=0.2, **dtype),
            x=rng.normal(*shape, mean=mean, std=std, **dtype),
            gain=rng.normal(shape[-1], mean=1, std=0.5, **dtype),
        )

    for shape in [(1, 4), (5, 3), (3, 3), (2, 3, 5), (2, 1, 3, 4)]:
        yield case(*shape)
    yield {**case(4, 5, mean=3, std=2), "eps": 0.5}
    yield case(3, 6, std=0.01)  # small enough for eps to matter
    moved = case(3, 4)
    yield {**moved, "dout": turned(moved["dout"]), "x": turned(moved["x"])}
    yield case(3, 8, dtype=torch.float32)


@layernorm.oracle
def _(dout, x, gain, eps=1e-5):
    a, b, c = leaf(x), leaf(gain), leaf(torch.zeros_like(gain))
    return gradients([a, b, c], torch.nn.functional.layer_norm(a, gain.shape, b, c, eps), dout)


layernorm.misconception(
    "You used the unbiased variance (divided by C - 1). Layernorm divides by C: unbiased=False.",
    name="unbiased",
    replace="std_inv = (x.var(-1, keepdim=True, unbiased=False) + eps)",
    by="std_inv = (x.var(-1, keepdim=True) + eps)",
)
layernorm.misconception(
    "The variance's path divides by C - 1, as in the lecture's batchnorm. Here the variance is "
    "biased, so it is a plain mean.",
    name="bessel",
    replace="xhat * (dxhat * xhat).mean(-1, keepdim=True)",
    by="xhat * (dxhat * xhat).sum(-1, keepdim=True) / max(x.shape[-1] - 1, 1)",
)
layernorm.misconception(
    "In dx the path through the mean is missing: subtract the mean of dout * gain over the row.",
    name="no_mean_path",
    replace="(dxhat - mean_path - variance_path)",
    by="(dxhat - variance_path)",
)
layernorm.misconception(
    "In dx the path through the variance is missing.",
    name="no_variance_path",
    replace="(dxhat - mean_path - variance_path)",
    by="(dxhat - mean_path)",
)
layernorm.misconception(
    "In dx mean and variance were treated as constants: gradient flows through both.",
    name="direct_only",
    replace="(dxhat - mean_path - variance_path)",
    by="dxhat",
)
layernorm.misconception(
    "The gain stands outside the sums, as in batchnorm. Here it varies along the row that is "
    "averaged: multiply dout by gain first.",
    name="gain_outside",
    edits=[
        ("dxhat = dout * gain", "dxhat = dout"),
        ("return std_inv * (", "return gain * std_inv * ("),
    ],
)
layernorm.misconception(
    "The gain is missing in dx: out = gain * xhat + bias, so dxhat = dout * gain.",
    name="no_gain",
    replace="dxhat = dout * gain",
    by="dxhat = dout",
)
layernorm.misconception(
    "eps is missing in the standard deviation.",
    name="no_eps",
    replace="unbiased=False) + eps)",
    by="unbiased=False))",
)
layernorm.misconception(
    "You wrote 1e-5 into the formula: use the argument eps, which may be another.",
    name="fixed_eps",
    replace="unbiased=False) + eps)",
    by="unbiased=False) + 1e-5)",
)
layernorm.misconception(
    "dx is not divided by the standard deviation.",
    name="no_scale",
    replace="return std_inv * (",
    by="return (",
)
layernorm.misconception(
    "dgain was multiplied by x. The gain met the *normalized* x, so sum dout * xhat.",
    name="gain_with_x",
    replace="dgain = (dout * xhat).sum(leading)",
    by="dgain = (dout * x).sum(leading)",
)
layernorm.misconception(
    "dgain and dbias were summed over the last dimension. Gain and bias are (C,): sum over all the "
    "*leading* dimensions.",
    name="summed_over_c",
    edits=[
        ("dgain = (dout * xhat).sum(leading)", "dgain = (dout * xhat).sum(-1)"),
        ("dbias = dout.sum(leading)", "dbias = dout.sum(-1)"),
    ],
)
layernorm.misconception(
    "dgain and dbias were summed over the first dimension only. With (B, T, C) all leading "
    "dimensions have to go: the result is (C,).",
    name="first_dimension_only",
    edits=[
        ("dgain = (dout * xhat).sum(leading)", "dgain = (dout * xhat).sum(0)"),
        ("dbias = dout.sum(leading)", "dbias = dout.sum(0)"),
    ],
)
layernorm.misconception(
    "Mean and variance were taken over the first dimension, as in batchnorm. Layernorm normalizes "
    "each row by itself: the last dimension, -1.",
    name="over_the_batch",
    edits=[
        (
            "x.var(-1, keepdim=True, unbiased=False) + eps",
            "x.var(0, keepdim=True, unbiased=False) + eps",
        ),
        ("xhat = (x - x.mean(-1, keepdim=True))", "xhat = (x - x.mean(0, keepdim=True))"),
        ("dxhat.mean(-1, keepdim=True)", "dxhat.mean(0, keepdim=True)"),
        ("(dxhat * xhat).mean(-1, keepdim=True)", "(dxhat * xhat).mean(0, keepdim=True)"),
    ],
)


@layernorm.variant("flattened to two dimensions first")
def flattened(dout, x, gain, eps=1e-5):
    c = x.shape[-1]
    d, rows = dout.reshape(-1, c), x.reshape(-1, c)
    centered = rows - rows.mean(1, keepdim=True)
    inverse = torch.rsqrt(centered.square().mean(1, keepdim=True) + eps)
    xhat = centered * inverse
    g = d * gain
    both = g.sum(1, keepdim=True) + xhat * (g * xhat).sum(1, keepdim=True)
    dx = inverse / c * (c * g - both)
    return [dx.view(x.shape), (d * xhat).sum(0), d.sum(0)]


@layernorm.variant("atom by atom")
def atoms(dout, x, gain, eps=1e-5):
    c = x.shape[-1]
    diff = x - x.mean(-1, keepdim=True)
    var = (diff**2).mean(-1, keepdim=True)
    inverse = (var + eps) ** -0.5
    dxhat = dout * gain
    dvar = -0.5 * (var + eps) ** -1.5 * (dxhat * diff).sum(-1, keepdim=True)
    ddiff = dxhat * inverse + 2 * diff * dvar / c
    dx = ddiff - ddiff.mean(-1, keepdim=True)
    dgain = torch.einsum("...c,...c->c", dout, diff * inverse)
    return dx, dgain, torch.einsum("...c->c", dout)


# -- gelu --------------------------------------------------------------------------------------

gelu = exercise("gelu_backward", title="GELU (tanh), backward", stretch=True)
gelu.hint("out is a product of 0.5 * x and (1 + tanh(u)): the product rule has two terms.")
gelu.hint("d tanh(u) / dx = (1 - tanh(u)**2) * du/dx, and u is a polynomial in x.")
gelu.hint(
    "dout * (0.5 * (1 + t) + 0.5 * x * (1 - t**2) * (2 / pi)**0.5 * (1 + 3 * 0.044715 * x**2)), "
    "where t = tanh(u)"
)


@gelu.cases
def _(rng):
    for shape in [(4,), (1, 3), (3, 5), (2, 3, 4)]:
        yield dict(dout=rng.normal(*shape), x=rng.normal(*shape, std=1.5))
    far = torch.tensor([-100.0, -6.0, -1e-3, 0.0, 1e-3, 6.0, 100.0]).double()
    yield dict(dout=rng.normal(7), x=far)
    yield dict(dout=turned(rng.normal(3, 4)), x=turned(rng.normal(3, 4)))
    yield dict(dout=rng.normal(3, 4, dtype=torch.float32), x=rng.normal(3, 4, dtype=torch.float32))


@gelu.oracle
def _(dout, x):
    a = leaf(x)
    return gradients([a], torch.nn.functional.gelu(a, approximate="tanh"), dout)[0]


gelu.misconception(
    "The first term of the product rule is missing: 0.5 * (1 + tanh(u)), from x standing in front.",
    name="first_term",
    replace="(0.5 * (1 + tanh_u) + 0.5 * x *",
    by="(0.5 * x *",
)
gelu.misconception(
    "The second term of the product rule is missing: tanh(u) depends on x as well.",
    name="second_term",
    replace=" + 0.5 * x * (1 - tanh_u**2) * du)",
    by=")",
)
gelu.misconception(
    "The inner derivative du/dx is missing: u is a function of x, so the chain has one more link.",
    name="no_inner",
    replace="(1 - tanh_u**2) * du)",
    by="(1 - tanh_u**2))",
)
gelu.misconception(
    "The 3 is missing in du/dx: the derivative of x**3 is 3 * x**2.",
    name="no_three",
    replace="1 + 3 * 0.044715",
    by="1 + 0.044715",
)
gelu.misconception(
    "du/dx lacks the factor (2 / pi)**0.5 that stands in front of u.",
    name="no_root",
    replace="du = scale * (",
    by="du = (",
)
gelu.misconception(
    "The cubic term is missing in du/dx: u has a part with x**3.",
    name="no_cubic",
    replace="du = scale * (1 + 3 * 0.044715 * x**2)",
    by="du = scale",
)
gelu.misconception(
    "The upstream gradient dout is missing.",
    name="upstream_ignored",
    replace="return dout * (",
    by="return (",
)
gelu.misconception(
    "tanh's derivative is 1 - tanh(u)**2; the square is missing.",
    name="no_square",
    replace="(1 - tanh_u**2)",
    by="(1 - tanh_u)",
)


@gelu.misconception(
    "That is the derivative of the exact GELU, with the normal distribution. GPT-2 and this "
    "exercise use the tanh approximation; the two differ in the third digit."
)
def exact(dout, x):
    below = 0.5 * (1 + torch.erf(x / 2**0.5))
    return dout * (below + x * torch.exp(-0.5 * x**2) / (2 * torch.pi) ** 0.5)


@gelu.misconception("That is GELU itself times dout, not its derivative.")
def function_for_derivative(dout, x):
    return dout * 0.5 * x * (1 + torch.tanh((2 / torch.pi) ** 0.5 * (x + 0.044715 * x**3)))


@gelu.variant("with the sigmoid: GELU is x * sigmoid(2 u)")
def sigmoid(dout, x):
    scale = (8 / torch.pi) ** 0.5
    s = torch.sigmoid(scale * (x + 0.044715 * x**3))
    return dout * (s + x * s * (1 - s) * scale * (1 + 0.134145 * x * x))


@gelu.variant("in small steps")
def steps(dout, x):
    root = (2 / torch.pi) ** 0.5
    t = torch.tanh(root * x + root * 0.044715 * x.pow(3))
    dt = dout * 0.5 * x
    du = dt * (1 - t) * (1 + t)
    return dout * 0.5 * (1 + t) + du * root + du * root * 0.134145 * x.square()


# -- attention ---------------------------------------------------------------------------------

attention = exercise("attention_backward", title="attention, backward", points=2, stretch=True)
attention.hint("Two matrix products and a softmax: you have written each of them already.")
attention.hint(
    "From out = att @ v: dv = attᵀ @ dout and datt = dout @ vᵀ. Then softmax_backward, then the "
    "scale, then scores = q @ kᵀ gives dq and dk."
)
attention.hint(
    "dscores = att * (datt - (datt * att).sum(-1, keepdim=True)) / head_size**0.5; dq = dscores "
    "@ k; dk = dscores.transpose(-2, -1) @ q."
)


@attention.cases
def _(rng):
    def case(leading, t, head_size, value_size, **dtype):
        q, k = (rng.normal(*leading, t, head_size, **dtype) for _ in range(2))
        scores = q @ k.transpose(-2, -1) / head_size**0.5
        future = torch.ones(t, t, dtype=torch.bool).triu(1)
        return dict(
            dout=rng.normal(*leading, t, value_size, **dtype),
            q=q,
            k=k,
            v=rng.normal(*leading, t, value_size, **dtype),
            att=scores.masked_fill(future, -math.inf).softmax(-1),
        )

    yield case((), 4, 3, 2)
    yield case((2,), 3, 5, 4)
    yield case((2, 3), 5, 4, 2)
    yield case((1, 2), 1, 3, 3)  # one token attends to itself
    yield case((2,), 3, 3, 3)
    swapped = case((2,), 4, 3, 5)
    yield {name: x if name == "att" else turned(x) for name, x in swapped.items()}
    yield case((2,), 4, 3, 5, dtype=torch.float32)


@attention.oracle
def _(dout, q, k, v, att):
    a, b, c = leaf(q), leaf(k), leaf(v)
    scores = a @ b.transpose(-2, -1) / q.shape[-1] ** 0.5
    future = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)
    return gradients([a, b, c], scores.masked_fill(future, -math.inf).softmax(-1) @ c, dout)


attention.misconception(
    "The scale is missing: scores were divided by head_size**0.5, and their gradient is, too.",
    name="no_scale",
    replace="dscores = dscores / q.shape[-1] ** 0.5",
    by="pass",
)
attention.misconception(
    "You divided by head_size. The forward pass divides by its square root.",
    name="no_root",
    replace="/ q.shape[-1] ** 0.5",
    by="/ q.shape[-1]",
)
attention.misconception(
    "The scale was applied to dv as well. Only the scores were scaled; v was not.",
    name="scaled_dv",
    replace="dv = att.transpose(-2, -1) @ dout",
    by="dv = att.transpose(-2, -1) @ dout / q.shape[-1] ** 0.5",
)
attention.misconception(
    "The scale has the size of v, or the length of the sequence, in it. It is the head_size of "
    "q and k.",
    name="scale_of_v",
    replace="/ q.shape[-1] ** 0.5",
    by="/ v.shape[-1] ** 0.5",
)
attention.misconception(
    "The softmax passes more than its diagonal: each weight depends on every score of its row.",
    name="diagonal_only",
    replace="dscores = att * (datt - (datt * att).sum(-1, keepdim=True))",
    by="dscores = datt * att * (1 - att)",
)
attention.misconception(
    "The softmax was skipped: datt is the gradient of the weights, not of the scores.",
    name="softmax_skipped",
    replace="dscores = att * (datt - (datt * att).sum(-1, keepdim=True))",
    by="dscores = datt",
)
attention.misconception(
    "The softmax was passed over the wrong dimension: each *row* of att (the keys, dim -1) sums "
    "to 1.",
    name="over_queries",
    replace="(datt * att).sum(-1, keepdim=True)",
    by="(datt * att).sum(-2, keepdim=True)",
)
attention.misconception(
    "The transpose is missing in dv: out = att @ v, so dv = attᵀ @ dout.",
    name="dv_no_transpose",
    replace="dv = att.transpose(-2, -1) @ dout",
    by="dv = att @ dout",
)
attention.misconception(
    "dq and dk have each other's transposes: rows of dscores belong to queries, so dq = dscores "
    "@ k and dk = dscoresᵀ @ q.",
    name="transposes_swapped",
    replace="return dscores @ k, dscores.transpose(-2, -1) @ q, dv",
    by="return dscores.transpose(-2, -1) @ k, dscores @ q, dv",
)
attention.misconception(
    "dk lacks its transpose: scores = q @ kᵀ, so dk = dscoresᵀ @ q.",
    name="dk_no_transpose",
    replace="dscores.transpose(-2, -1) @ q, dv",
    by="dscores @ q, dv",
)
attention.misconception(
    "dq was multiplied by q and dk by k. In a product each factor's gradient is multiplied by the "
    "*other* one.",
    name="own_factor",
    replace="return dscores @ k, dscores.transpose(-2, -1) @ q, dv",
    by="return dscores @ q, dscores.transpose(-2, -1) @ k, dv",
)
attention.misconception(
    "The right gradients in another order: return (dq, dk, dv).",
    name="order",
    replace="return dscores @ k, dscores.transpose(-2, -1) @ q, dv",
    by="return dv, dscores.transpose(-2, -1) @ q, dscores @ k",
)


@attention.variant("einsum")
def einsum(dout, q, k, v, att):
    datt = torch.einsum("...td,...sd->...ts", dout, v)
    weighted = att * datt
    dscores = weighted - att * weighted.sum(-1, keepdim=True)
    scale = q.shape[-1] ** -0.5
    dq = scale * torch.einsum("...ts,...sd->...td", dscores, k)
    dk = scale * torch.einsum("...ts,...td->...sd", dscores, q)
    return dq, dk, torch.einsum("...ts,...td->...sd", att, dout)


@attention.variant("flash attention's trick: the row sum from out")
def from_out(dout, q, k, v, att):
    out = att @ v
    row = (dout * out).sum(-1, keepdim=True)  # equals (datt * att).sum(-1)
    dscores = att * (dout @ v.mT - row)
    return [dscores @ k / q.size(-1) ** 0.5, dscores.mT @ q / q.size(-1) ** 0.5, att.mT @ dout]


# -- conv1d ------------------------------------------------------------------------------------

conv1d = exercise("conv1d_backward", title="1-D convolution, backward", points=2, stretch=True)
conv1d.hint("Fix one k: then out is a matrix product of weight[:, :, k] and a shifted piece of x.")
conv1d.hint(
    "That piece is x[:, :, k : k + length], length = dout.shape[2]. dweight[:, :, k] sums over "
    "batch and time; into dx the pieces overlap, so add."
)
conv1d.hint(
    "In a loop over k: dx[:, :, k:k+length] += einsum('bot,oi->bit', dout, weight[:, :, k]) and "
    "dweight[:, :, k] = einsum('bot,bit->oi', dout, x[:, :, k:k+length]); dbias = dout.sum((0, 2))."
)


@conv1d.cases
def _(rng):
    def case(b, c_in, c_out, t, k, **dtype):
        return dict(
            dout=rng.normal(b, c_out, t - k + 1, **dtype),
            x=rng.normal(b, c_in, t, **dtype),
            weight=rng.normal(c_out, c_in, k, **dtype),
        )

    yield case(1, 1, 1, 4, 2)
    yield case(2, 3, 4, 7, 3)
    yield case(3, 2, 5, 6, 1)  # a kernel of one: a linear layer at each time
    yield case(2, 4, 3, 5, 5)  # as long as the input: one output
    yield case(2, 3, 3, 6, 3)
    moved = case(2, 3, 4, 6, 2)
    yield {name: turned(x) for name, x in moved.items()}
    yield case(2, 3, 4, 6, 2, dtype=torch.float32)


@conv1d.oracle
def _(dout, x, weight):
    a, w, b = leaf(x), leaf(weight), torch.zeros(len(weight)).double().requires_grad_()
    return gradients([a, w, b], torch.nn.functional.conv1d(a, w, b), dout)


conv1d.misconception(
    "In dx the pieces overlap: each x[t] is used by several outputs. You assigned (=) where you "
    "should add (+=).",
    name="assigned",
    replace="dx[:, :, seen] += ",
    by="dx[:, :, seen] = ",
)
conv1d.misconception(
    "In dx the kernel runs the wrong way: where out[t] used x[t + k] with weight k, the "
    "gradient goes back to t + k with that same k. (Written as a convolution of dout, the "
    "kernel must be flipped.)",
    name="not_flipped",
    replace='"bot,oi->bit", dout, weight[:, :, k])',
    by='"bot,oi->bit", dout, weight[:, :, weight.shape[2] - 1 - k])',
)
conv1d.misconception(
    "dweight is flipped in time: weight[:, :, k] met x[:, :, t + k], not the piece from the "
    "other end.",
    name="weight_flipped",
    replace="dweight[:, :, k] = ",
    by="dweight[:, :, weight.shape[2] - 1 - k] = ",
)
conv1d.misconception(
    "dweight was averaged over the batch: the mean of the loss is inside dout already; sum.",
    name="weight_mean",
    replace='torch.einsum("bot,bit->oi", dout, x[:, :, seen])',
    by='torch.einsum("bot,bit->oi", dout, x[:, :, seen]) / x.shape[0]',
)
conv1d.misconception(
    "dbias was summed over the batch only. The bias is copied along time, too: sum over (0, 2).",
    name="bias_over_batch",
    replace="dout.sum((0, 2))",
    by="dout.sum(0)",
)
conv1d.misconception(
    "dbias is a mean: the copies of the bias in batch and time add up.",
    name="bias_mean",
    replace="dout.sum((0, 2))",
    by="dout.mean((0, 2))",
)
conv1d.misconception(
    "dweight was not shifted: for k the outputs met x[:, :, k : k + length], not always its "
    "beginning.",
    name="weight_not_shifted",
    replace="dout, x[:, :, seen])",
    by="dout, x[:, :, :length])",
)
conv1d.misconception(
    "dx was not shifted: weight k sends its gradient to places k ... k + length, not always to the "
    "beginning.",
    name="x_not_shifted",
    replace="dx[:, :, seen] += ",
    by="dx[:, :, :length] += ",
)
conv1d.misconception(
    "Input and output channels are swapped in dx (weight is (C_out, C_in, K)): sum over the "
    "*output* channels.",
    name="channels_swapped",
    replace='"bot,oi->bit", dout',
    by='"bot,io->bit", dout',
)
conv1d.misconception(
    "Upstream gradients are missing in dweight: multiply each piece of x by dout before you sum.",
    name="upstream_ignored",
    replace='"bot,bit->oi", dout, x',
    by='"bot,bit->oi", torch.ones_like(dout), x',
)


@conv1d.variant("as transposed convolutions")
def transposed(dout, x, weight):
    dx = torch.nn.functional.conv_transpose1d(dout, weight)
    dweight = torch.nn.functional.conv1d(x.transpose(0, 1), dout.transpose(0, 1)).transpose(0, 1)
    return dx, dweight, dout.sum(2).sum(0)


@conv1d.variant("a full convolution with the flipped kernel")
def flipped(dout, x, weight):
    k = weight.shape[2]
    dx = torch.nn.functional.conv1d(dout, weight.flip(2).transpose(0, 1), padding=k - 1)
    windows = x.unfold(2, k, 1)  # (B, C_in, T - K + 1, K)
    return [dx, torch.einsum("bot,bitk->oik", dout, windows), torch.einsum("bot->o", dout)]


@conv1d.variant("four loops")
def loops(dout, x, weight):
    dx, dweight = torch.zeros_like(x), torch.zeros_like(weight)
    for b in range(x.shape[0]):
        for t in range(dout.shape[2]):
            for k in range(weight.shape[2]):
                dx[b, :, t + k] += dout[b, :, t] @ weight[:, :, k]
                dweight[:, :, k] += torch.outer(dout[b, :, t], x[b, :, t + k])
    return dx, dweight, dout.sum(dim=(0, 2))
