"""10.lora_forward: h = W0 x + (alpha / r) B A x."""

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from graders.authoring import differentiate, exercise

from .part import ALPHA

forward = exercise("lora_forward", title="a layer and its low-rank change")


@forward.cases
def _(rng):
    shapes = [((4,), 5, 3, 2), ((2, 3), 3, 6, 1), ((), 4, 7, 3), ((1,), 1, 4, 2)]
    shapes += [((2, 1, 3), 6, 1, 4), ((0,), 3, 2, 2), ((3,), 4, 4, 4)]
    for i, (lead, d_in, d_out, r) in enumerate(shapes):
        dtype = torch.float32 if i in (1, 4) else torch.float64
        x = rng.normal(*lead, d_in, dtype=dtype)
        yield dict(
            x=x.mT.contiguous().mT if i in (0, 4) else x,
            weight=rng.normal(d_in, d_out, dtype=dtype).T if i == 0 else rng.normal(d_out, d_in, dtype=dtype),
            bias=None if i in (2, 3) else rng.normal(d_out, dtype=dtype),
            A=rng.normal(r, d_in, dtype=dtype),
            B=rng.normal(d_out, r, dtype=dtype) * (i != 5),
            alpha=ALPHA[i % 4] if i < 6 else -9,
        )  # fmt: skip


@forward.oracle
def one_matrix(x, weight, bias, A, B, alpha):
    """One matrix, the row times it."""
    h = x @ (weight + alpha / len(A) * (B @ A)).T
    return h if bias is None else h + bias


def gradient_cases(rng):
    for case in forward.default_cases(rng):
        shape = (*case["x"].shape[:-1], len(case["weight"]))
        case = {k: v.double() if isinstance(v, torch.Tensor) else v for k, v in case.items()}
        yield dict(**case, upstream=rng.normal(*shape))


def flows(call, x, weight, bias, A, B, alpha, upstream):
    inputs = dict(x=x, weight=weight, bias=bias, A=A, B=B)
    inputs = {k: v.clone().requires_grad_() for k, v in inputs.items() if v is not None}
    out = call(**{"bias": None, **inputs}, alpha=alpha)
    return dict(differentiate(out, inputs, upstream))


@forward.check("gradients", cases=gradient_cases)
def _(m, **case):
    return flows(m.lora_forward, **case)


@forward.oracle("gradients")
def _(x, weight, bias, A, B, alpha, upstream):
    """By hand, as in lesson 05."""
    up, rows, s = upstream.reshape(-1, len(weight)), x.reshape(-1, x.shape[-1]), alpha / len(A)
    found = {"x": upstream @ weight + s * upstream @ B @ A, "weight": up.T @ rows}
    if bias is not None:
        found["bias"] = up.sum(0)
    return found | {"A": s * B.T @ up.T @ rows, "B": s * up.T @ rows @ A.T}


class Made(TorchDispatchMode):
    """Counts the numbers in the largest tensor that an operation makes; views make none."""

    def __init__(self, known):
        super().__init__()
        self.known, self.largest = {t.untyped_storage().data_ptr() for t in known}, 0

    @classmethod
    def _should_skip_dynamo(cls):
        # otherwise the first operation imports the whole compiler: a second, and 800 modules
        return False

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        out = function(*args, **(kwargs or {}))
        for t in out if isinstance(out, (tuple, list)) else [out]:
            if isinstance(t, torch.Tensor) and t.untyped_storage().data_ptr() not in self.known:
                self.largest = max(self.largest, t.numel())
        return out


def large_cases(rng):
    for lead in ((2,), (1, 2)):
        yield dict(
            x=rng.normal(*lead, 40),
            weight=rng.normal(30, 40),
            bias=rng.normal(30),
            A=rng.normal(3, 40),
            B=rng.normal(30, 3),
            alpha=7.0,
        )


@forward.check("what it costs", cases=large_cases)
def _(m, **case):
    made = Made([t for t in case.values() if isinstance(t, torch.Tensor)])
    with made:
        out = m.lora_forward(**case)
    return {
        "h": out,
        "made a tensor as large as weight": made.largest >= case["weight"].numel(),
        "h of another x": m.lora_forward(**(case | {"x": case["x"] * 2 - 1})),
    }


@forward.oracle("what it costs")
def _(**case):
    return {
        "h": one_matrix(**case),
        "made a tensor as large as weight": False,
        "h of another x": one_matrix(**(case | {"x": case["x"] * 2 - 1})),
    }


forward.hint(
    "F.linear(x, A) is x A^T, (..., r), for any leading dimensions. What takes it to d_out?"
)
forward.hint("r is A.shape[0]; the change, not the whole, is multiplied by alpha / r.")
forward.hint("F.linear(x, weight, bias) + alpha / A.shape[0] * F.linear(F.linear(x, A), B)")

forward.misconception(
    """The change was multiplied by alpha, without 1/r: with a higher rank it grows, and every rank needs
    another learning rate.""",
    name="no_one_over_r",
    replace="alpha / A.shape[0]",
    by="alpha",
)
forward.misconception(
    """alpha is not used at all: the change is to be multiplied by alpha / r.""",
    name="no_scale",
    replace="alpha / A.shape[0] * change",
    by="change",
)
forward.misconception(
    """The scale is upside down, r / alpha. A larger alpha makes the change larger.""",
    name="upside_down",
    replace="alpha / A.shape[0]",
    by="A.shape[0] / alpha",
)
forward.misconception(
    """The change was divided by r only; alpha is missing.""",
    name="one_over_r",
    replace="alpha / A.shape[0]",
    by="1 / A.shape[0]",
)
forward.misconception(
    """Divided by sqrt(r). (There is such a variant, rsLoRA; equation 3 has alpha / r.)""",
    name="root",
    replace="alpha / A.shape[0]",
    by="alpha / A.shape[0] ** 0.5",
)
forward.misconception(
    """r is the first dimension of A (or the second of B). The number divided by is d_in or d_out.""",
    name="divided_by_d_in",
    replace="A.shape[0]",
    by="A.shape[1]",
)
forward.misconception(
    """The number that the change is divided by is d_out. r is A.shape[0], or B.shape[1].""",
    name="divided_by_d_out",
    replace="A.shape[0]",
    by="B.shape[0]",
)
forward.misconception(
    """alpha / r was rounded down to a whole number: `/` keeps the fraction, `//` does not.""",
    name="floor",
    replace="alpha / A.shape[0]",
    by="alpha // A.shape[0]",
)
forward.misconception(
    """The whole output was multiplied by alpha / r. Only the change is; the base stays what it was.""",
    name="all_scaled",
    source="""def lora_forward(x, weight, bias, A, B, alpha):
    change = F.linear(F.linear(x, A), B)
    return alpha / A.shape[0] * (F.linear(x, weight, bias) + change)
""",
)
forward.misconception(
    """The bias is missing: an nn.Linear computes x W^T + bias, if it has one.""",
    name="no_bias",
    replace="F.linear(x, weight, bias)",
    by="F.linear(x, weight)",
)
forward.misconception(
    """The bias was added in the change, too, and so multiplied by alpha / r. It belongs to the base.""",
    name="bias_twice",
    replace="F.linear(F.linear(x, A), B)",
    by="F.linear(F.linear(x, A), B, bias)",
)
forward.misconception(
    """B A was built: as large a matrix as the weight, in every forward pass. B (A x) has only r numbers in
    between.""",
    name="full_matrix",
    replace="F.linear(F.linear(x, A), B)",
    by="F.linear(x, B @ A)",
)
forward.misconception(
    """The base is missing: the change comes on top of x W^T + bias.""",
    name="change_only",
    replace="F.linear(x, weight, bias) + alpha",
    by="alpha",
)
forward.misconception(
    """The change is cut off from the graph: no gradient reaches A and B, so nothing can learn.""",
    name="detached",
    replace="* change",
    by="* change.detach()",
)
forward.misconception(
    """The base's part is cut off from x. The weight is frozen, but gradients must pass through it to the
    layers before.""",
    name="base_cut_off",
    replace="F.linear(x, weight, bias)",
    by="F.linear(x.detach(), weight, bias)",
)
forward.misconception(
    """The base runs under no_grad: frozen is what requires no gradient; gradients still pass through it to
    the layers before.""",
    name="base_no_grad",
    replace="F.linear(x, weight, bias)",
    by="F.linear(x, weight, bias).detach()",
)
forward.misconception(
    """The adapter's own x is cut off: gradients pass back through B A as well.""",
    name="change_cut_off",
    replace="F.linear(F.linear(x, A), B)",
    by="F.linear(F.linear(x.detach(), A), B)",
)
forward.misconception(
    """The weight was frozen here, by detach. Whether it learns is decided by its requires_grad.""",
    name="weight_detached",
    replace="F.linear(x, weight, bias)",
    by="F.linear(x, weight.detach(), bias)",
)

forward.misconception(
    """The scale is on the bias, too. It belongs to the base: only the change is scaled.""",
    name="bias_scaled",
    source="""def lora_forward(x, weight, bias, A, B, alpha):
    change = F.linear(F.linear(x, A), B, bias)
    return F.linear(x, weight) + alpha / A.shape[0] * change
""",
)

forward.variant(
    "matrix products with @, scale in between",
    name="matmul",
    source="""def lora_forward(x, weight, bias, A, B, alpha):
    h = x @ weight.T
    if bias is not None:
        h = h + bias
    return h + (x @ A.mT) * (alpha / B.shape[1]) @ B.mT
""",
)
forward.variant(
    "einsum",
    name="einsum",
    source="""def lora_forward(x, weight, bias, A, B, alpha):
    small = torch.einsum("...i,ri->...r", x, A)
    return F.linear(x, weight, bias) + torch.einsum("...r,or->...o", small, B) * alpha / len(A)
""",
)
