"""10.rms_norm: the norm of a Llama."""

import torch

from graders.authoring import differentiate, exercise

from .part import normed

ex = exercise("rms_norm", title="RMSNorm", stretch=True)


@ex.cases
def _(rng):
    for shape in [(2, 3, 5), (1, 4), (7,), (2, 1, 3, 6), (3, 1)]:
        yield dict(
            x=rng.normal(*shape, mean=0.7, std=2.0), weight=rng.normal(shape[-1], mean=1.0, std=0.5)
        )
    yield dict(x=rng.normal(4, 3), weight=rng.normal(3), eps=rng.number(0.3, 0.8))
    yield dict(x=1e-3 * rng.normal(4, 3), weight=rng.normal(3))  # as small as eps
    yield dict(x=1e6 * rng.normal(4, 3), weight=rng.normal(3))  # nothing is held back
    yield dict(x=torch.zeros(2, 3, dtype=torch.float64), weight=rng.normal(3))
    yield dict(x=rng.normal(2, 5, dtype=torch.float32), weight=rng.normal(5, dtype=torch.float32))
    yield dict(x=rng.normal(5, 3).T, weight=rng.normal(5))


@ex.oracle
def _(x, weight, eps=1e-5):
    return normed(x, weight, eps)


@ex.check("gradients")
def _(m, x, weight, eps=1e-5):
    leaves = {"x": x.requires_grad_(), "weight": weight.requires_grad_()}
    out = m.rms_norm(x, weight, eps)
    up = torch.linspace(-1.5, 2.5, out.numel(), dtype=out.dtype).reshape(out.shape)
    return dict(differentiate(out, leaves, up))


ex.hint("Mean of the squares over the last dimension, with keepdim=True.")
ex.hint("x / sqrt(mean square + eps) * weight; no mean is taken off.")

ex.misconception(
    """That is LayerNorm: the mean is taken off first. RMSNorm leaves it.""",
    name="layer_norm",
    replace="return x * (x.square()",
    by="x = x - x.mean(dim=-1, keepdim=True)\n    return x * (x.square()",
)
ex.misconception(
    """eps is added to the root. It belongs inside, to the mean square: for small x that makes a
    difference.""",
    name="eps_outside",
    replace="(x.square().mean(dim=-1, keepdim=True) + eps).rsqrt()",
    by="1 / (x.square().mean(dim=-1, keepdim=True).sqrt() + eps)",
)
ex.misconception(
    """The squares are summed. Their mean is asked, or the output shrinks with the width.""",
    name="summed",
    replace=".mean(dim=-1, keepdim=True)",
    by=".sum(dim=-1, keepdim=True)",
)
ex.misconception(
    """It was divided by the mean square. Its root is asked.""",
    name="no_root",
    replace=".rsqrt()",
    by=".reciprocal()",
)
ex.misconception(
    """The weight is missing. Each feature has a factor of its own, which is learned.""",
    name="no_weight",
    replace=" * weight",
    by="",
)
ex.misconception(
    """The weight stands as 1 + weight, as in Gemma. In Llama it is the factor itself.""",
    name="one_plus",
    replace=" * weight",
    by=" * (1 + weight)",
)
ex.misconception(
    """One mean square for everything: each position has its own, over the last dimension.""",
    name="over_all",
    replace=".mean(dim=-1, keepdim=True)",
    by=".mean()",
)
ex.misconception(
    """eps is an argument, and here it is always 1e-5.""",
    name="eps_fixed",
    replace="+ eps",
    by="+ 1e-5",
)
ex.misconception(
    """The root mean square is cut off from the graph. It depends on x, and its gradient is what keeps x
    from simply growing.""",
    name="detached",
    replace=".rsqrt()",
    by=".rsqrt().detach()",
)
ex.misconception(
    """It was computed in float32 although x is float64. Compute in x's own precision, or a better one.""",
    name="float32",
    source="""
    def rms_norm(x, weight, eps=1e-5):
        y = x.float()
        return (y * (y.square().mean(-1, keepdim=True) + eps).rsqrt()).to(x.dtype) * weight
""",
)
ex.variant(
    "torch's own",
    name="functional",
    source="""
    def rms_norm(x, weight, eps=1e-5):
        return F.rms_norm(x, weight.shape, weight, eps)
""",
)
ex.variant(
    "a norm",
    name="norm",
    source="""
    def rms_norm(x, weight, eps=1e-5):
        square = (x * x).sum(-1, keepdim=True) / x.shape[-1]
        return weight * (x / torch.sqrt(eps + square))
""",
)
