"""05.layernorm_backward: layernorm, backward."""

import torch

from graders.authoring import exercise

from .part import gradients, leaf, turned

layernorm = exercise("layernorm_backward", title="layernorm, backward", points=2, stretch=True)


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


layernorm.hint("The three paths of batchnorm, along the last dimension. Where does the gain go?")
layernorm.hint(
    "First dxhat = dout * gain. Then dx = std_inv * (dxhat - mean of dxhat - xhat * mean of "
    "dxhat * xhat), all means over the last dimension (divided by C: the variance is biased)."
)
layernorm.hint(
    "dgain is dout * xhat summed over all leading dimensions, tuple(range(x.ndim - 1)); dbias is "
    "dout summed the same way."
)

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
    return dx.view(x.shape), (d * xhat).sum(0), d.sum(0)


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
