"""07.rotary_attention: queries and keys are turned, values are not."""

import torch
import torch.nn.functional as F

from graders.authoring import differentiate, exercise

from .part import ANGLES, turned, upstream

attention = exercise("rotary_attention", title="EX4: attention with rotary positions")


def qkv(rng, B, nh, T, hs, hv, dtype=torch.float64):
    q, k = rng.normal(B, nh, T, hs, std=1.5, dtype=dtype), rng.normal(B, nh, T, hs, dtype=dtype)
    return dict(q=q, k=k, v=rng.normal(B, nh, T, hv, dtype=dtype))


@attention.cases
def _(rng):
    yield dict(qkv(rng, 2, 3, 5, 6, 4), positions=torch.arange(5))
    yield dict(qkv(rng, 1, 2, 4, 8, 6), positions=torch.tensor([2, 9, 11, 31]), theta=50.0)
    yield dict(qkv(rng, 3, 1, 6, 4, 2), positions=torch.arange(6) + 17, theta=20.0)
    yield dict(qkv(rng, 3, 2, 1, 4, 8), positions=torch.tensor([7]), theta=20.0)
    # later rows at earlier positions: the mask goes by rows
    yield dict(qkv(rng, 2, 4, 5, 2, 2), positions=torch.tensor([9, 4, 4, 0, 6]), theta=30.0)
    yield dict(
        qkv(rng, 2, 3, 4, 6, 10, torch.float32), positions=rng.integers(0, 30, 4), theta=70.0
    )
    large = qkv(rng, 2, 2, 4, 6, 3)  # scores in the thousands, and nothing is turned
    yield dict(large, q=large["q"] * 2000, positions=torch.zeros(4, dtype=torch.int64), theta=20.0)
    # the first row has no choice, however low its own score is
    low = qkv(rng, 2, 2, 4, 6, 3)
    low["q"][:, :, 0] = -1e12 * low["k"][:, :, 0]
    yield dict(low, positions=torch.zeros(4, dtype=torch.int64), theta=20.0)


@attention.oracle
def _(q, k, v, positions, theta=10000.0):
    q, k = turned(q, positions, theta), turned(k, positions, theta)
    return F.scaled_dot_product_attention(q, k, v, is_causal=True)


attention.tolerance(ANGLES)


def two_sizes(rng):
    yield dict(qkv(rng, 2, 3, 4, 6, 4), positions=torch.tensor([3, 8, 9, 20]), theta=50.0)


@attention.check("gradients", cases=two_sizes, tol=ANGLES)
def _(m, q, k, v, positions, theta):
    leaves = {"q": q.requires_grad_(), "k": k.requires_grad_(), "v": v.requires_grad_()}
    out = m.rotary_attention(q, k, v, positions, theta)
    return dict(differentiate(out, leaves, upstream(out)))


@attention.check("moved along", cases=two_sizes, tol=ANGLES)
def _(m, q, k, v, positions, theta):
    """All positions moved by the same amount: distances are what they were. Then q and k change places."""
    moved = [m.rotary_attention(q, k, v, positions + shift, theta) for shift in (0, 1, 30)]
    return [*moved, m.rotary_attention(k, q, v, positions, theta)]


@attention.oracle("moved along")
def _(q, k, v, positions, theta):
    q, k = turned(q, positions, theta), turned(k, positions, theta)
    attend = F.scaled_dot_product_attention
    return [attend(q, k, v, is_causal=True)] * 3 + [attend(k, q, v, is_causal=True)]


attention.hint("Your rotary goes over q and over k, with the same positions. What about v?")
attention.hint("After that it is the attention you know: scores, scale, mask, softmax, @ v.")
attention.hint(
    "The scale is q.shape[-1] ** -0.5; the mask torch.ones(T, T).tril() == 0, filled with -inf."
)

attention.misconception(
    """Only the queries were turned. A score then depends on the query's position alone, and not on the
    distance: turn the keys too.""",
    name="queries_only",
    replace="rotary(q, positions, theta), rotary(k, positions, theta)",
    by="rotary(q, positions, theta), k",
)
attention.misconception(
    """Only the keys were turned. Turn the queries too: the score depends on the difference of the angles.""",
    name="keys_only",
    replace="rotary(q, positions, theta), rotary(k, positions, theta)",
    by="q, rotary(k, positions, theta)",
)
attention.misconception(
    """The values were turned too. They are what is handed over, not what is compared: leave them.""",
    name="values_too",
    replace="dim=-1) @ v",
    by="dim=-1) @ rotary(v, positions, theta)",
)
attention.misconception(
    """Nothing was turned: this attention does not know the positions.""",
    name="nothing_turned",
    replace="q, k = rotary(q, positions, theta), rotary(k, positions, theta)\n",
    by="\n",
)
attention.misconception(
    """The output was turned, too. Only queries and keys are.""",
    name="output_turned",
    replace='return F.softmax(scores.masked_fill(~past, float("-inf")), dim=-1) @ v',
    by='out = F.softmax(scores.masked_fill(~past, float("-inf")), dim=-1) @ v\n'
    "    return rotary(out, positions, theta)",
)
attention.misconception(
    """theta is not handed on to rotary: it stays 10000.""",
    name="fixed_theta",
    replace="rotary(q, positions, theta), rotary(k, positions, theta)",
    by="rotary(q, positions), rotary(k, positions)",
)
attention.misconception(
    """The given positions are not used; rows are counted 0, 1, 2, ... instead. Where positions have gaps the
    distances are others.""",
    name="counts_itself",
    replace="rotary(q, positions, theta), rotary(k, positions, theta)",
    by="(rotary(z, torch.arange(len(positions)), theta) for z in (q, k))",
)
attention.misconception(
    """The scale comes from the size of the values. A score sums over hs products: 1 / sqrt(hs).""",
    name="scaled_by_values",
    replace="hs**-0.5",
    by="v.shape[-1] ** -0.5",
)
attention.misconception(
    """The scores are not divided by sqrt(hs).""",
    name="no_scale",
    replace=" * hs**-0.5",
    by="",
)
attention.misconception(
    """There is no mask: rows see what comes after them.""",
    name="no_mask",
    replace='scores.masked_fill(~past, float("-inf"))',
    by="scores",
)
attention.misconception(
    """The mask goes by the positions. Row t sees the rows 0 ... t, whatever their positions are.""",
    name="mask_by_positions",
    replace="torch.ones(T, T, dtype=torch.bool, device=q.device).tril()",
    by="positions[:, None] >= positions",
)
attention.misconception(
    """Queries were turned one way and keys the other: the score then depends on the sum of the positions.
    Turn both the same way.""",
    name="opposite_ways",
    replace="rotary(k, positions, theta)",
    by="rotary(k, -positions, theta)",
)
attention.misconception(
    """exp of the scores as they are: e^710 is more than a float64 holds, and inf / inf is nan. F.softmax
    subtracts each row's largest score first.""",
    name="overflow",
    replace='return F.softmax(scores.masked_fill(~past, float("-inf")), dim=-1) @ v',
    by="shares = scores.exp().tril()\n    return shares / shares.sum(-1, keepdim=True) @ v",
)

attention.misconception(
    """Queries and keys were numbered in two ways: one by the given positions, the other 0, 1, 2, ... The
    distance is that of the positions: turn both by them.""",
    name="keys_counted",
    replace="rotary(k, positions, theta)",
    by="rotary(k, torch.arange(len(positions)), theta)",
)

attention.variant(
    "torch's fused attention",
    name="fused",
    source="""def rotary_attention(q, k, v, positions, theta=10000.0):
    q, k = (rotary(z, positions, theta) for z in (q, k))
    return F.scaled_dot_product_attention(q, k, v, is_causal=True)
""",
)

attention.equivalent("-2  ->  2", "of four dimensions, the last but one is number 2")
attention.equivalent(
    "torch.ones(T, T, dtype=torch.bool, device=q.device)  ->  torch.ones(T, T, dtype=torch.bool)",
    "on the CPU there is one device",
)
