"""07.rms_norm: LayerNorm without mean and shift."""

import torch
import torch.nn.functional as F

from graders.authoring import differentiate, exercise

from .part import upstream

norm = exercise("rms_norm", title="EX4: RMSNorm")


@norm.cases
def _(rng):
    yield dict(x=rng.normal(2, 3, 5, mean=1.5), gain=rng.normal(5, mean=0.5))
    yield dict(x=rng.normal(4, 7, mean=-1.0, std=2.0), gain=rng.normal(7), eps=0.5)
    yield dict(x=rng.normal(6, mean=3.0), gain=rng.normal(6), eps=0.03)
    yield dict(x=rng.normal(3, 1), gain=rng.normal(1, mean=2.0), eps=0.2)
    # so small that eps decides; a vector of zeros; one feature far from the others
    yield dict(x=rng.normal(3, 4, std=2e-3, mean=1e-3), gain=rng.normal(4, mean=1.0))
    yield dict(x=torch.zeros(2, 3, dtype=torch.float64), gain=rng.normal(3, mean=1.0))
    x = torch.tensor([[40.0, 0.0, 0.0, -0.5, 2.0, 1.0, 0.25, 3.0]], dtype=torch.float64)
    yield dict(x=x, gain=rng.normal(8), eps=2.0)
    x = rng.normal(5, 2, 4, mean=1.0, dtype=torch.float32).transpose(0, 1)
    yield dict(x=x, gain=rng.normal(4, dtype=torch.float32), eps=0.1)


@norm.oracle
def _(x, gain, eps=1e-5):
    return F.rms_norm(x, gain.shape, gain, eps)


@norm.check("gradients")
def _(m, **case):
    leaves = {"x": case["x"].requires_grad_(), "gain": case["gain"].requires_grad_()}
    out = m.rms_norm(**case)
    return dict(differentiate(out, leaves, upstream(out)))


norm.hint(
    "The mean of the squares runs over the last dimension, and must still broadcast: keepdim=True."
)
norm.hint("Divide x by the root of (mean square + eps), then multiply by gain.")
norm.hint("return x * (x.square().mean(-1, keepdim=True) + eps).rsqrt() * gain")

norm.misconception(
    """The mean was subtracted first, as in LayerNorm. RMSNorm leaves it in: only the size is
    normalized.""",
    name="mean_subtracted",
    replace="return x * (",
    by="x = x - x.mean(-1, keepdim=True)\n    return x * (",
)
norm.misconception(
    """Divided by the standard deviation, which takes the mean off before squaring. Here the plain squares are
    averaged.""",
    name="std",
    replace="x.square().mean(-1, keepdim=True)",
    by="x.var(-1, keepdim=True, correction=0)",
)
norm.misconception(
    """eps stands outside the root. It is added to the mean square: sqrt(mean + eps).""",
    name="eps_outside",
    replace="return x * (x.square().mean(-1, keepdim=True) + eps).rsqrt() * gain",
    by="return x / (torch.linalg.vector_norm(x, dim=-1, keepdim=True) / x.shape[-1] ** 0.5 + eps) * gain",
)
norm.misconception(
    """eps is missing: a vector of zeros is divided by zero.""",
    name="no_eps",
    replace=" + eps)",
    by=")",
)
norm.misconception(
    """eps is always 1e-5. It is an argument.""",
    name="fixed_eps",
    replace=" + eps)",
    by=" + 1e-5)",
)
norm.misconception(
    """The squares are summed, not averaged: vectors come out with length 1, whatever their width.""",
    name="summed",
    replace=".mean(-1, keepdim=True)",
    by=".sum(-1, keepdim=True)",
)
norm.misconception(
    """The gain is missing: multiply each feature by its own.""",
    name="no_gain",
    replace=".rsqrt() * gain",
    by=".rsqrt()",
)
norm.misconception(
    """Multiplied by 1 + gain. Some models store it like that; here the gain is the factor itself.""",
    name="one_plus_gain",
    replace=".rsqrt() * gain",
    by=".rsqrt() * (1 + gain)",
)
norm.misconception(
    """The gain was added. It is a factor; RMSNorm has no shift.""",
    name="gain_added",
    replace=".rsqrt() * gain",
    by=".rsqrt() + gain",
)
norm.misconception(
    """One mean square for the whole tensor. Each vector, along the last dimension, has its own.""",
    name="over_everything",
    replace="x.square().mean(-1, keepdim=True)",
    by="x.square().mean()",
)
norm.misconception(
    """Averaged over the first dimension, that is over the batch. Each vector is normalized by itself:
    dim=-1.""",
    name="over_the_batch",
    replace=".mean(-1, keepdim=True)",
    by=".mean(0, keepdim=True)",
)
norm.misconception(
    """The values are right, but the mean square was detached (or computed under no_grad): x moves it too, and
    its gradient is missing.""",
    name="detached",
    replace=".mean(-1, keepdim=True)",
    by=".mean(-1, keepdim=True).detach()",
)
norm.misconception(
    """Divided by the mean square itself: its root is missing.""",
    name="no_root",
    replace=".rsqrt()",
    by=".reciprocal()",
)
norm.misconception(
    """Divided by n - 1. The mean of the squares is over all n: no mean was estimated, so none is to be
    corrected for.""",
    name="bessel",
    replace="x.square().mean(-1, keepdim=True)",
    by="(x.square().sum(-1, keepdim=True) / max(1, x.shape[-1] - 1))",
)

norm.variant(
    "torch's own",
    name="torchs_own",
    source="""def rms_norm(x, gain, eps=1e-5):
    return F.rms_norm(x, (x.shape[-1],), weight=gain, eps=eps)
""",
)
norm.variant(
    "a division, an einsum",
    name="division",
    source="""def rms_norm(x, gain, eps=1e-5):
    mean_square = torch.einsum("...c,...c->...", x, x) / x.size(-1)
    return gain * (x / torch.sqrt(mean_square + eps)[..., None])
""",
)
