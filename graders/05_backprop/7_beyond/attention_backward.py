"""05.attention_backward: attention, backward."""

import math

import torch

from graders.authoring import exercise

from .part import gradients, leaf, turned

attention = exercise("attention_backward", title="attention, backward", points=2, stretch=True)


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


attention.hint("Two matrix products and a softmax: you have written each of them already.")
attention.hint(
    "From out = att @ v: dv = attᵀ @ dout and datt = dout @ vᵀ. Then softmax_backward, then the "
    "scale, then scores = q @ kᵀ gives dq and dk."
)
attention.hint(
    "dscores = att * (datt - (datt * att).sum(-1, keepdim=True)) / head_size**0.5; dq = dscores "
    "@ k; dk = dscores.transpose(-2, -1) @ q."
)

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
    return dscores @ k / q.size(-1) ** 0.5, dscores.mT @ q / q.size(-1) ** 0.5, att.mT @ dout
