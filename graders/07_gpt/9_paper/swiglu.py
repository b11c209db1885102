"""07.swiglu: a feed-forward layer with a gate."""

import torch

from graders.authoring import differentiate, exercise

from .part import upstream

swiglu = exercise("swiglu", title="EX4: SwiGLU")


def layer(rng, lead, C, H, C_out, dtype=torch.float64):
    return dict(
        x=rng.normal(*lead, C, dtype=dtype),
        w=rng.normal(C, H, dtype=dtype),
        v=rng.normal(C, H, dtype=dtype),
        w2=rng.normal(H, C_out, dtype=dtype),
    )


@swiglu.cases
def _(rng):
    for lead, C, H, C_out in [
        ((2, 3), 4, 7, 5),
        ((), 3, 5, 2),
        ((5,), 1, 4, 3),
        ((1, 3), 5, 1, 2),
        ((4, 1), 6, 3, 1),
        ((3, 2, 5), 4, 6, 4),
    ]:
        yield layer(rng, lead, C, H, C_out)
    yield layer(rng, (2, 4), 4, 4, 4)  # square: a transposed matrix fits
    case = layer(rng, (3, 5), 4, 8, 6)
    yield {**case, "x": case["x"] * 40.0}  # gates wide open and tightly shut
    case = layer(rng, (3, 5), 4, 8, 6, torch.float32)
    yield {**case, "x": case["x"].transpose(0, 1)}


@swiglu.oracle
def _(x, w, v, w2):
    gate = torch.einsum("...c,ch->...h", x, w)
    what = torch.einsum("...c,ch->...h", x, v)
    return torch.einsum("...h,ho->...o", gate / (1 + torch.exp(-gate)) * what, w2)


@swiglu.check("gradients")
def _(m, **case):
    leaves = {name: tensor.requires_grad_() for name, tensor in case.items()}
    out = m.swiglu(**leaves)
    return dict(differentiate(out, leaves, upstream(out)))


swiglu.hint("Two products of x, one of them through silu, multiplied element by element; then w2.")
swiglu.hint("F.silu(z) is z * torch.sigmoid(z). It goes over x @ w only.")
swiglu.hint("return (F.silu(x @ w) * (x @ v)) @ w2")

swiglu.misconception(
    """The gate is a sigmoid: that is the first GLU. silu(z) is z * sigmoid(z).""",
    name="sigmoid",
    replace="F.silu(x @ w)",
    by="torch.sigmoid(x @ w)",
)
swiglu.misconception(
    """silu sits on the wrong branch: it belongs to x @ w; x @ v is multiplied as it is.""",
    name="wrong_branch",
    replace="F.silu(x @ w) * (x @ v)",
    by="(x @ w) * F.silu(x @ v)",
)
swiglu.misconception(
    """There is no gate: x @ v is not used. Multiply it with silu(x @ w), element by element.""",
    name="no_gate",
    replace="F.silu(x @ w) * (x @ v)",
    by="F.silu(x @ w)",
)
swiglu.misconception(
    """Nothing bends: silu is missing, and this is a product of two linear maps.""",
    name="no_silu",
    replace="F.silu(x @ w)",
    by="(x @ w)",
)
swiglu.misconception(
    """The gate is a relu (ReGLU in the paper). Asked is silu, which lets a little through below zero.""",
    name="relu",
    replace="F.silu(x @ w)",
    by="F.relu(x @ w)",
)
swiglu.misconception(
    """The gate is a GELU (GEGLU in the paper). Asked is silu: z * sigmoid(z).""",
    name="gelu",
    replace="F.silu(x @ w)",
    by="F.gelu(x @ w)",
)
swiglu.misconception(
    """silu went over the product of both branches. It goes over x @ w before they are multiplied.""",
    name="silu_of_product",
    replace="F.silu(x @ w) * (x @ v)",
    by="F.silu((x @ w) * (x @ v))",
)
swiglu.misconception(
    """silu went over both branches. x @ v stays as it is: only the gate bends.""",
    name="silu_twice",
    replace="F.silu(x @ w) * (x @ v)",
    by="F.silu(x @ w) * F.silu(x @ v)",
)
swiglu.misconception(
    """The branches were added. A gate multiplies: where it is 0, nothing passes.""",
    name="added",
    replace="F.silu(x @ w) * (x @ v)",
    by="F.silu(x @ w) + (x @ v)",
)
swiglu.misconception(
    """The last product is missing: w2 brings the H hidden features back to C_out.""",
    name="no_w2",
    replace="(F.silu(x @ w) * (x @ v)) @ w2",
    by="F.silu(x @ w) * (x @ v)",
)

swiglu.variant(
    "silu by hand, both products at once",
    name="fused",
    source="""def swiglu(x, w, v, w2):
    gate, what = (x @ torch.cat([w, v], dim=1)).chunk(2, dim=-1)
    return (what * gate * gate.sigmoid()).matmul(w2)
""",
)
