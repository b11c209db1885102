"""09.attend_past: attention of new queries over old and new keys."""

import torch

from graders.authoring import differentiate, exercise

ex = exercise("attend_past", title="attention over a past", points=2)

# B, n_head, T_q, T_k, head_size, value_size
SIZES = [
    (2, 3, 2, 5, 4, 6),
    (1, 2, 1, 6, 5, 3),
    (3, 1, 4, 4, 2, 5),
    (2, 4, 5, 7, 1, 2),
    (4, 2, 3, 4, 6, 1),
    (2, 2, 1, 1, 3, 4),
]


@ex.cases
def _(rng):
    for i, (B, nh, T_q, T_k, hs, hv) in enumerate([*SIZES, (2, 3, 3, 8, 4, 5)]):
        dtype = torch.float64 if i < len(SIZES) else torch.float32
        yield dict(
            q=rng.normal(B, T_q, nh, hs, std=1.5, dtype=dtype).transpose(1, 2),
            k=rng.normal(B, T_k, nh, hs, std=1.5, dtype=dtype).transpose(1, 2),
            v=rng.normal(B, T_k, nh, hv, std=2.0, dtype=dtype).transpose(1, 2),
        )
    # scores in the hundred thousands: nothing but minus infinity hides a key
    yield dict(
        q=rng.normal(2, 2, 3, 4, std=2e5), k=rng.normal(2, 2, 5, 4), v=rng.normal(2, 2, 5, 3)
    )


def query_by_query(q, k, v):
    """Each query alone, with exactly the keys that it may see."""
    T_q, T_k, rows = q.shape[2], k.shape[2], []
    for i in range(T_q):
        upto = T_k - T_q + i + 1
        scores = torch.einsum("bhd,bhjd->bhj", q[:, :, i], k[:, :, :upto]) / q.shape[-1] ** 0.5
        shares = torch.exp(scores - scores.max(-1, keepdim=True).values)
        shares = shares / shares.sum(-1, keepdim=True)
        rows.append(torch.einsum("bhj,bhjd->bhd", shares, v[:, :, :upto]))
    return torch.stack(rows, dim=2)


@ex.oracle
def _(q, k, v):
    return query_by_query(q, k, v)


@ex.check("gradients")
def _(m, **case):
    leaves = {name: t.requires_grad_() for name, t in case.items()}
    out = m.attend_past(**leaves)
    upstream = torch.linspace(-1, 2, out.numel(), dtype=out.dtype).view(out.shape)
    return dict(differentiate(out, leaves, upstream))


@ex.oracle("gradients")
def _(**case):
    leaves = {name: t.requires_grad_() for name, t in case.items()}
    out = query_by_query(**leaves)
    upstream = torch.linspace(-1, 2, out.numel(), dtype=out.dtype).view(out.shape)
    return dict(differentiate(out, leaves, upstream))


ex.hint("How many positions are past? The keys know, and the queries: T_k - T_q.")
ex.hint(
    "Scores (B, n_head, T_q, T_k), masked_fill where the mask is False, softmax over the keys, times v."
)
ex.hint(
    "mask = shifted_mask(T_k - T_q, T_q); F.softmax(scores.masked_fill(~mask, float('-inf')), dim=-1) @ v"
)

ex.misconception(
    "The triangle stands at the upper left (is_causal=True does that too): with a past the first new "
    "query sees one key only, "
    "the oldest. Shift the mask by T_k - T_q.",
    name="upper_left",
    replace="shifted_mask(T_k - T_q, T_q)",
    by="torch.ones(T_q, T_k, dtype=torch.bool).tril()",
)
ex.misconception(
    "There is no mask. For one new query that is right; of several, the first sees the later ones.",
    name="no_mask",
    replace='scores.masked_fill(~mask, float("-inf"))',
    by="scores",
)
ex.misconception(
    "As soon as there is a past, the mask is dropped: right for single tokens, wrong for a piece of "
    "several (chunked "
    "prefill).",
    name="mask_only_without_past",
    replace="shifted_mask(T_k - T_q, T_q)",
    by="(shifted_mask(0, T_q) if T_q == T_k else torch.ones(T_q, T_k, dtype=torch.bool))",
)
ex.misconception(
    "The scores are not divided by sqrt(head_size).",
    name="no_scale",
    replace=" * q.shape[-1] ** -0.5",
    by="",
)
ex.misconception(
    "The scores are divided by head_size itself: the square root is missing.",
    name="no_root",
    replace="q.shape[-1] ** -0.5",
    by="q.shape[-1] ** -1.0",
)
ex.misconception(
    "The scale uses the size of the values. The dot product runs over the features of query and key.",
    name="scaled_by_values",
    replace="q.shape[-1] ** -0.5",
    by="v.shape[-1] ** -0.5",
)
ex.misconception(
    "The softmax runs over the queries. Each query shares out its attention among the keys: dim=-1.",
    name="over_queries",
    replace="dim=-1) @ v",
    by="dim=-2).nan_to_num(0.0) @ v",
)
ex.misconception(
    "Forbidden scores are set to 0, and e^0 = 1: the future gets a share. They must be minus infinity.",
    name="zero_fill",
    replace="-inf",
    by="0",
)
ex.misconception(
    "The old keys are hidden: the queries see only the new ones. What is a cache for?",
    name="new_keys_only",
    replace="shifted_mask(T_k - T_q, T_q)",
    by="(shifted_mask(T_k - T_q, T_q) & (torch.arange(T_k) >= T_k - T_q))",
)
ex.misconception(
    "Softmax before the mask: the shares of the future are cut off, and what is left no longer adds up "
    "to 1.",
    name="mask_after_softmax",
    replace='F.softmax(scores.masked_fill(~mask, float("-inf")), dim=-1) @ v',
    by="F.softmax(scores, dim=-1).masked_fill(~mask, 0.0) @ v",
)
ex.misconception(
    "exp of the scores as they are: e^710 is more than a float64 holds, and inf / inf is nan. F.softmax "
    "subtracts each row's largest score first.",
    name="overflow",
    replace='return F.softmax(scores.masked_fill(~mask, float("-inf")), dim=-1) @ v',
    by="shares = scores.exp() * mask\n    return shares / shares.sum(-1, keepdim=True) @ v",
)

ex.variant(
    "torch's fused attention with a mask",
    name="fused",
    source="""
    def attend_past(q, k, v):
        past = k.shape[2] - q.shape[2]
        return F.scaled_dot_product_attention(q, k, v, attn_mask=shifted_mask(past, q.shape[2]))
""",
)
ex.variant(
    "a large negative number added",
    name="added",
    source="""
    def attend_past(q, k, v):
        T_q, T_k = q.size(2), k.size(2)
        att = torch.einsum("bhid,bhjd->bhij", q, k) / q.size(-1) ** 0.5
        i = torch.arange(T_k - T_q, T_k).unsqueeze(1)
        att = att + torch.where(torch.arange(T_k) > i, -1e30, 0.0).to(q.dtype)
        return torch.softmax(att, 3) @ v
""",
)

ex.equivalent(
    "-2  ->  2",
    "of four dimensions, the last but one is number 2",
)
