"""09.linear_int8: what F.linear computes, from integers and scales."""

import torch
import torch.nn.functional as F

from graders.authoring import exercise

linear = exercise("linear_int8", title="a linear layer of 8-bit weights", points=2, stretch=True)


@linear.cases
def _(rng):
    f64, f32 = torch.float64, torch.float32
    for lead, out, inputs, biased, x_dtype, s_dtype in [
        ((2, 3), 4, 5, True, f64, f64),
        ((2,), 3, 3, True, f32, f32),
        ((), 5, 2, False, f64, f64),
        ((3, 1, 2), 1, 4, True, f32, f32),
        ((2, 2), 4, 3, True, f32, f64),
        ((4,), 6, 1, False, f64, f64),
        ((), 2, 3, True, f32, f32),
        ((3,), 2, 5, False, f32, f64),
        ((0, 2), 3, 2, True, f32, f32),
    ]:
        q = rng.integers(-127, 128, out, inputs).to(torch.int8)
        q[0, 0], q[-1, -1] = 127, -127
        yield dict(
            x=rng.normal(*lead, inputs, std=3.0).to(x_dtype),
            q=q,
            scale=rng.uniform(0.01, 0.1, out).to(s_dtype),
            bias=rng.normal(out, std=2.0).to(s_dtype) if biased else None,
        )
    # a coarser dtype than x's, in which scale times q is exact and a sum of them is not
    yield dict(
        x=rng.normal(2, 1, 4, std=3.0),
        q=rng.integers(-127, 128, 3, 4).to(torch.int8),
        scale=torch.tensor([0.25, 0.0625, 0.75]),
        bias=rng.normal(3, std=2.0, dtype=f32),
    )
    yield dict(
        x=rng.normal(3, 4, std=200.0).T,
        q=rng.integers(-127, 128, 3, 2).to(torch.int8).T,
        scale=torch.tensor([0.5, 2.0], dtype=torch.float64),
    )


@linear.oracle
def _(x, q, scale, bias=None):
    W = (scale.double()[:, None] * q.double()).to(x.dtype)
    return F.linear(x, W, None if bias is None else bias.to(x.dtype))


linear.hint("The scale of row i belongs to output i: it can be multiplied when the sum is done.")
linear.hint(
    "Integers and floats do not multiply in F.linear: q.to(x.dtype) first. x @ q.to(x.dtype).T is the same."
)
linear.hint("F.linear(x, q.to(x.dtype)) * scale, then the bias, unscaled, if there is one.")

linear.misconception(
    """The scales are left out: the answer counts in steps of q.""",
    name="no_scale",
    replace=" * scale.to(x.dtype)",
    by="",
)
linear.misconception(
    """The bias is scaled too. It is a float already: add it when the sum has been scaled.""",
    name="bias_scaled",
    source="""
    def linear_int8(x, q, scale, bias=None):
        y = F.linear(x, q.to(x.dtype), None if bias is None else bias.to(x.dtype))
        return y * scale.to(x.dtype)
    """,
)
linear.misconception(
    """The bias is left out: it is added to the scaled sum.""",
    name="no_bias",
    replace="return y if bias is None else y + bias.to(x.dtype)",
    by="return y",
)
linear.misconception(
    """bias may be None, and then nothing is added.""",
    name="bias_always",
    replace="return y if bias is None else y + bias.to(x.dtype)",
    by="return y + bias.to(x.dtype)",
)
linear.misconception(
    """It is divided by the scale: W is scale times q.""",
    name="divided",
    replace=") * scale",
    by=") / scale",
)
linear.misconception(
    """x was cast to int8, and so the sum: all behind the point is gone, and what is above 127 wraps around.
    Cast the weights, not x.""",
    name="x_cast",
    replace="F.linear(x, q.to(x.dtype))",
    by="(x.to(torch.int8) @ q.T).to(x.dtype)",
)
linear.misconception(
    """x was rounded to whole numbers: only the weights have 8 bits.""",
    name="x_rounded",
    replace="F.linear(x, q",
    by="F.linear(x.round(), q",
)
linear.misconception(
    """q stands the wrong way: it is (out, in), and output i is the sum over row i.""",
    name="not_transposed",
    replace="F.linear(x, q.to(x.dtype))",
    by="(x @ q.to(x.dtype))",
)
linear.misconception(
    """The scales were multiplied along the inputs: scale[i] belongs to row i, one output.""",
    name="scales_inputs",
    replace="F.linear(x, q.to(x.dtype)) * scale.to(x.dtype)",
    by="F.linear(x * scale.to(x.dtype), q.to(x.dtype))",
)
linear.misconception(
    """The answer has another dtype than x: cast the scales, not the sum.""",
    name="other_dtype",
    replace="    return y if",
    by="    y = y.to(scale.dtype)\n    return y if",
)
linear.misconception(
    """Integer and integer stay an integer: scale was cast to int8 (0.05 becomes 0), or the product was. Cast
    q to x's dtype, and multiply there.""",
    name="scale_cast",
    replace="scale.to(x.dtype)",
    by="scale.to(q.dtype).to(x.dtype)",
)
linear.misconception(
    """Every row got the scale of the first. Each output has its own: scale[i] for row i.""",
    name="first_scale",
    replace="scale.to(x.dtype)",
    by="scale[0].to(x.dtype)",
)
linear.misconception(
    """scale or bias was not cast: where one of them has more digits than x, the answer has its dtype. x's is
    asked.""",
    name="promoted",
    edits=[("* scale.to(x.dtype)", "* scale"), ("y + bias.to(x.dtype)", "y + bias")],
)
linear.misconception(
    """All was cast to scale's dtype. The sums are made in x's, and the answer has it, too.""",
    name="as_scale",
    source="""
    def linear_int8(x, q, scale, bias=None):
        y = F.linear(x.to(scale.dtype), q.to(scale.dtype)) * scale
        return y if bias is None else y + bias
    """,
)
linear.misconception(
    """The leading dimensions are lost: x was made a matrix, and the answer stayed one. It is (..., out).""",
    name="flattened",
    replace="F.linear(x, q",
    by="F.linear(x.reshape(-1, x.shape[-1]), q",
)
linear.variant(
    "the matrix unpacked first",
    name="unpacked",
    source="""
    def linear_int8(x, q, scale, bias=None):
        W = (q * scale[:, None]).to(x.dtype)
        y = x @ W.T
        if bias is not None:
            y = y + bias
        return y.to(x.dtype)
    """,
)
linear.variant(
    "einsum",
    name="einsum",
    source="""
    def linear_int8(x, q, scale, bias=None):
        y = torch.einsum("...j,ij,i->...i", x, q.to(x.dtype), scale.to(x.dtype))
        return y if bias is None else y + bias.to(x.dtype)
    """,
)
