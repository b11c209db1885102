"""07.batched_heads: EX1 of the lecture, all heads in one tensor."""

import torch

from graders.authoring import Operations, differentiate, exercise

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


def many_heads(rng):
    for sizes in [(2, 5, 7, 9, 2, 3, 6), (1, 4, 6, 8, 3, 5, 4)]:
        yield dict(weights(rng, sizes, torch.float64), n_head=sizes[3])


def first_heads(n, n_head, w_key, w_query, w_value, w_proj, **rest):
    """The same with the first n heads alone."""
    size = len(w_key) // n_head * n
    heads = dict(w_key=w_key[:size], w_query=w_query[:size], w_value=w_value[:size])
    return dict(heads, w_proj=w_proj[:, :size].clone(), n_head=n, **rest)


@batched_heads.check("all at once", cases=many_heads)
def _(m, **case):
    found, counts = [], []
    for n in (2, case["n_head"]):
        some = first_heads(n, **case)
        with Operations(some["x"]) as ops:
            found.append(m.batched_heads(**some))
        counts.append(ops.count)
    return {"out": found, "head by head": counts[1] - counts[0] >= case["n_head"] - 2}


@batched_heads.oracle("all at once")
def _(tril, **case):
    some = [first_heads(n, **case) for n in (2, case["n_head"])]
    return {"out": [torchs_own(**one) for one in some], "head by head": False}


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
batched_heads.misconception(
    """That computes one head after the other. The heads are one more dimension, (B, n_head, T, head_size),
    and every product and the softmax run over it at once.""",
    name="loop",
    source="""
    def batched_heads(x, w_key, w_query, w_value, w_proj, b_proj, tril, n_head):
        T, outs = x.shape[1], []
        for key, query, value in zip(w_key.chunk(n_head), w_query.chunk(n_head), w_value.chunk(n_head)):
            k, q, v = x @ key.T, x @ query.T, x @ value.T
            wei = (q @ k.mT * k.shape[-1] ** -0.5).masked_fill(tril[:T, :T] == 0, float("-inf"))
            outs.append(F.softmax(wei, dim=-1) @ v)
        return torch.cat(outs, dim=-1) @ w_proj.T + b_proj
""",
)

batched_heads.misconception(
    """The heads were split by a view to (B, n_head, T, head_size): it cuts the numbers in the order they lie
    in, and a head then holds pieces of other positions. First (B, T, n_head, head_size), then transpose:
    split_heads.""",
    name="split_by_view",
    edits=[
        (
            f"split_heads(x @ w_{name}.T, n_head)",
            f"(x @ w_{name}.T).reshape(x.shape[0], n_head, T, -1)",
        )
        for name in ("key", "query", "value")
    ],
)

batched_heads.misconception(
    """Nothing was transposed: a view to (B, n_head, T, head_size) cuts the numbers in the order they lie in,
    so that a head holds pieces of other positions, and the reshape at the end lays them back as they
    were. Both ways dimensions 1 and 2 change places.""",
    name="views_only",
    edits=[
        *(
            (
                f"split_heads(x @ w_{name}.T, n_head)",
                f"(x @ w_{name}.T).reshape(x.shape[0], n_head, T, -1)",
            )
            for name in ("key", "query", "value")
        ),
        ("merge_heads(out)", "out.reshape(x.shape[0], T, -1)"),
    ],
)
batched_heads.misconception(
    """One head did all the work: n_head is not used, and softmax shares out the attention once for all.""",
    name="one_head",
    edits=[
        (f"split_heads(x @ w_{name}.T, n_head)", f"split_heads(x @ w_{name}.T, 1)")
        for name in ("key", "query", "value")
    ],
)

batched_heads.variant(
    "the heads cut out one by one, then everything at once",
    name="stacked",
    source="""
    def batched_heads(x, w_key, w_query, w_value, w_proj, b_proj, tril, n_head):
        T, hs = x.shape[1], len(w_key) // n_head

        def heads(w):
            whole = x @ w.T
            return torch.stack([whole[..., i * hs : (i + 1) * hs] for i in range(n_head)], 1)

        k, q, v = heads(w_key), heads(w_query), heads(w_value)
        wei = (q @ k.mT * k.shape[-1] ** -0.5).masked_fill(tril[:T, :T] == 0, float("-inf"))
        out = (F.softmax(wei, dim=-1) @ v).transpose(1, 2)
        return out.reshape(x.shape[0], T, -1) @ w_proj.T + b_proj
""",
)
batched_heads.variant(
    "torch's fused attention, linear",
    name="fused",
    edits=[
        ("F.softmax(wei, dim=-1) @ v", "F.scaled_dot_product_attention(q, k, v, is_causal=True)"),
        ("merge_heads(out) @ w_proj.T + b_proj", "F.linear(merge_heads(out), w_proj, b_proj)"),
    ],
)

batched_heads.equivalent("-2  ->  2", "of four dimensions, the last but one is number 2")
