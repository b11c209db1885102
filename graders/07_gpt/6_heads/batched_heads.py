"""07.batched_heads: EX1 of the lecture, all heads in one tensor."""

import torch

from graders.authoring import differentiate, exercise

from .part import SETTINGS, torchs_own, weights

batched_heads = exercise("batched_heads", title="EX1: all heads in one tensor", points=2)


@batched_heads.cases
def _(rng):
    for sizes, dtype in SETTINGS:
        yield dict(weights(rng, sizes, dtype), n_head=sizes[3])


@batched_heads.oracle
def _(tril, **case):
    return torchs_own(**case)


@batched_heads.check("gradients")
def _(m, tril, n_head, **case):
    leaves = {name: tensor.requires_grad_() for name, tensor in case.items()}
    out = m.batched_heads(**leaves, tril=tril, n_head=n_head)
    upstream = torch.linspace(-1, 2, out.numel(), dtype=out.dtype).view(out.shape)
    return dict(differentiate(out, leaves, upstream))


batched_heads.hint(
    "Your split_heads and merge_heads do the shapes; between them stands one head's code."
)
batched_heads.hint("q @ k.transpose(-2, -1) works on the last two dimensions: (B, nh, T, T).")
batched_heads.hint(
    "The scale is k.shape[-1] ** -0.5 *after* splitting; at the end, merge and project."
)

batched_heads.misconception(
    """The scores are not divided by sqrt(head_size): their variance grows with the head, and softmax
    saturates.""",
    name="no_scale",
    replace=" * k.shape[-1] ** -0.5",
    by="",
)
batched_heads.misconception(
    """You scaled with the width of the input (n_embd). The dot product runs over head_size terms, so the
    scale is 1 / sqrt(head_size).""",
    name="scaled_by_n_embd",
    replace="k.shape[-1] ** -0.5",
    by="x.shape[-1] ** -0.5",
)
batched_heads.misconception(
    """The mask is not cut to T: with a sequence shorter than block_size the shapes do not fit. Use
    tril[:T, :T].""",
    name="mask_not_cropped",
    replace="tril[:T, :T]",
    by="tril",
)
batched_heads.misconception(
    """There is no mask: every position sees the future.""",
    name="no_mask",
    replace='wei = wei.masked_fill(tril[:T, :T] == 0, float("-inf"))\n',
    by="\n",
)
batched_heads.misconception(
    """The softmax runs over the queries. Each query shares out its attention among the keys: dim=-1.""",
    name="softmax_over_queries",
    replace="F.softmax(wei, dim=-1)",
    by="F.softmax(wei, dim=-2)",
)
batched_heads.misconception(
    """The output projection's bias is left out: add b_proj at the end.""",
    name="no_bias",
    replace=" @ w_proj.T + b_proj",
    by=" @ w_proj.T",
)

batched_heads.misconception(
    """You scaled with the size of all heads together. After splitting each dot product runs over one head's
    head_size terms.""",
    name="scaled_by_all_heads",
    replace="k.shape[-1] ** -0.5",
    by="(k.shape[-1] * n_head) ** -0.5",
)
batched_heads.misconception(
    """The heads are glued by a reshape without moving time back in front: a position's row holds pieces of
    other positions. Transpose dimensions 1 and 2 first.""",
    name="merged_by_reshape",
    replace="merge_heads(out)",
    by="out.reshape(x.shape[0], T, -1)",
)
batched_heads.misconception(
    """Query and key have changed places: row t of the scores belongs to query t, q @ k.transpose(-2, -1).""",
    name="q_and_k_swapped",
    replace="q @ k.transpose(-2, -1)",
    by="k @ q.transpose(-2, -1)",
)
batched_heads.variant(
    "torch's fused attention, linear",
    name="fused",
    edits=[
        ("F.softmax(wei, dim=-1) @ v", "F.scaled_dot_product_attention(q, k, v, is_causal=True)"),
        ("merge_heads(out) @ w_proj.T + b_proj", "F.linear(merge_heads(out), w_proj, b_proj)"),
    ],
)
