"""10.swiglu: the gated MLP."""

import torch

from graders.authoring import differentiate, exercise

from .part import gated

ex = exercise("swiglu", title="SwiGLU", stretch=True)


def case(rng, shape, hidden, dtype=torch.float64):
    C = shape[-1]
    return dict(
        x=rng.normal(*shape, dtype=dtype),
        gate=rng.normal(hidden, C, dtype=dtype),
        up=rng.normal(hidden, C, dtype=dtype),
        down=rng.normal(C, hidden, dtype=dtype),
    )


@ex.cases
def _(rng):
    yield case(rng, (2, 3, 5), 7)
    yield case(rng, (4, 6), 6)
    yield case(rng, (3,), 3)  # square: a transpose shows in the numbers only
    yield case(rng, (1, 1, 1), 4)
    yield case(rng, (2, 2, 3, 4), 1)
    yield case(rng, (2, 5), 3, torch.float32)
    far = case(rng, (3, 4), 5)  # where exp(-z) is more than there are numbers for
    yield dict(far, x=far["x"] * 1e4)


@ex.oracle
def _(x, gate, up, down):
    return gated(x, gate, up, down)


@ex.check("gradients")
def _(m, x, gate, up, down):
    leaves = {"x": x, "gate": gate, "up": up, "down": down}
    for leaf in leaves.values():
        leaf.requires_grad_()
    out = m.swiglu(x, gate, up, down)
    up_stream = torch.linspace(-1.5, 2.5, out.numel(), dtype=out.dtype).reshape(out.shape)
    return dict(differentiate(out, leaves, up_stream))


ex.hint("F.linear(x, W) is x @ W.T. Which of the two ways up goes through silu?")
ex.hint("F.linear(F.silu(F.linear(x, gate)) * F.linear(x, up), down)")

ex.misconception(
    """silu is on the wrong way: it opens and closes the *gate*, and `up` is taken as it is.""",
    name="silu_on_up",
    replace="F.silu(F.linear(x, gate)) * F.linear(x, up)",
    by="F.linear(x, gate) * F.silu(F.linear(x, up))",
)
ex.misconception(
    """Both ways go through silu. Only the gate does.""",
    name="silu_on_both",
    replace="F.linear(x, up), down",
    by="F.silu(F.linear(x, up)), down",
)
ex.misconception(
    """The gate is a sigmoid. silu(z) is z * sigmoid(z).""",
    name="sigmoid",
    replace="F.silu(F.linear(x, gate))",
    by="torch.sigmoid(F.linear(x, gate))",
)
ex.misconception(
    """That is GELU. Llama's gate is silu, z * sigmoid(z).""",
    name="gelu",
    replace="F.silu(",
    by="F.gelu(",
)
ex.misconception(
    """The two ways are added. They are multiplied, number by number.""",
    name="added",
    replace="F.silu(F.linear(x, gate)) *",
    by="F.silu(F.linear(x, gate)) +",
)
ex.misconception(
    """`up` does not occur: that is a plain MLP. Multiply the opened gate with the second way up.""",
    name="no_up",
    replace=" * F.linear(x, up)",
    by="",
)
ex.misconception(
    """There is no nonlinearity: the gate goes through silu.""",
    name="linear",
    replace="F.silu(F.linear(x, gate))",
    by="F.linear(x, gate)",
)
ex.misconception(
    """The gate is a relu. Llama's is silu, z * sigmoid(z), which is smooth.""",
    name="relu",
    replace="F.silu(",
    by="F.relu(",
)
ex.misconception(
    """silu was taken of the product. Only the gate goes through it, before it is multiplied with up.""",
    name="silu_of_product",
    replace="F.silu(F.linear(x, gate)) * F.linear(x, up)",
    by="F.silu(F.linear(x, gate) * F.linear(x, up))",
)
ex.variant(
    "matrix products",
    name="matmul",
    source="""
    def swiglu(x, gate, up, down):
        z = x @ gate.T
        return (z * torch.sigmoid(z) * (x @ up.T)) @ down.T
""",
)
