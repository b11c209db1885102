"""10.grouped_attention: query heads that share keys and values."""

import torch

from graders.authoring import differentiate, exercise

from .part import attended

ex = exercise("grouped_attention", title="grouped-query attention", points=2, stretch=True)


def heads(rng, B, n_head, n_kv, T_q, T_k, hs, std=1.5, dtype=torch.float64):
    return dict(
        q=rng.normal(B, n_head, T_q, hs, std=std, dtype=dtype),
        k=rng.normal(B, n_kv, T_k, hs, std=std, dtype=dtype),
        v=rng.normal(B, n_kv, T_k, hs, dtype=dtype),
    )


@ex.cases
def _(rng):
    yield heads(rng, 2, 6, 2, 5, 5, 4)
    yield heads(rng, 1, 9, 3, 1, 7, 2)  # decoding
    yield heads(rng, 3, 4, 2, 3, 8, 6)  # a piece of a prompt
    yield heads(rng, 2, 4, 1, 4, 6, 3)  # one head of keys for all
    yield heads(rng, 2, 3, 3, 4, 4, 5)  # one for each
    yield heads(rng, 1, 1, 1, 1, 1, 1)
    yield heads(rng, 2, 6, 3, 4, 5, 2, std=400.0)  # scores far apart, by more than any mask of -1e4
    yield heads(rng, 2, 8, 2, 3, 3, 4, dtype=torch.float32)
    case = heads(rng, 2, 6, 2, 5, 7, 4)
    yield {n: x.transpose(1, 2).contiguous().transpose(1, 2) for n, x in case.items()}


@ex.oracle
def _(q, k, v):
    return attended(q, k, v)


@ex.check("gradients")
def _(m, q, k, v):
    leaves = {"q": q.requires_grad_(), "k": k.requires_grad_(), "v": v.requires_grad_()}
    out = m.grouped_attention(q, k, v)
    up = torch.linspace(-1.5, 2.5, out.numel(), dtype=out.dtype).reshape(out.shape)
    return dict(differentiate(out, leaves, up))


ex.hint("Make as many key and value heads as there are query heads. In which order?")
ex.hint("k.repeat_interleave(n_head // n_kv, dim=1) gives 0 0 0 1 1 1; repeat gives 0 1 0 1 0 1.")
ex.hint("Query t stands at T_k - T_q + t: the future is torch.ones(T_q, T_k).triu(T_k - T_q + 1).")

ex.misconception(
    """The key heads go round, 0 1 0 1: that is repeat. Neighbouring query heads share one, 0 0 1 1:
    repeat_interleave.""",
    name="repeat",
    replace="k.repeat_interleave(times, dim=1), v.repeat_interleave(times, dim=1)",
    by="k.repeat(1, times, 1, 1), v.repeat(1, times, 1, 1)",
)
ex.misconception(
    """Keys and values are handed out in different orders. Both go by i // (n_head // n_kv).""",
    name="values_go_round",
    replace="v.repeat_interleave(times, dim=1)",
    by="v.repeat(1, times, 1, 1)",
)
ex.misconception(
    """All query heads use the first head of keys and values. Query head i uses i // (n_head //
    n_kv).""",
    name="first_head",
    replace="k.repeat_interleave(times, dim=1), v.repeat_interleave(times, dim=1)",
    by="k[:, :1], v[:, :1]",
)
ex.misconception(
    """The keys stand where the values belong: softmax times v.""",
    name="keys_as_values",
    replace=".softmax(dim=-1) @ v",
    by=".softmax(dim=-1) @ k",
)
ex.misconception(
    """The triangle stands at the upper left, as if the first query were the first of the text. It is
    shifted by T_k - T_q.""",
    name="not_shifted",
    replace=".triu(T_k - T_q + 1)",
    by=".triu(1)",
)
ex.misconception(
    """There is no mask: with several new queries, the first sees the later ones.""",
    name="no_mask",
    replace='.masked_fill(future, float("-inf"))',
    by="",
)
ex.misconception(
    """A query does not see its own position. It may look at all keys up to and including itself.""",
    name="not_itself",
    replace=".triu(T_k - T_q + 1)",
    by=".triu(max(T_k - T_q, 1))",
)
ex.misconception(
    """The scale is missing: 1 / sqrt(hs). Without it the softmax is nearly one-hot.""",
    name="no_scale",
    replace=" * q.shape[-1] ** -0.5",
    by="",
)
ex.misconception(
    """The scale is 1 / hs. Its root is asked.""",
    name="no_root",
    replace="** -0.5",
    by="** -1.0",
)
ex.misconception(
    """The scale belongs to one head, sqrt(hs), not to the whole width.""",
    name="width",
    replace="q.shape[-1] ** -0.5",
    by="(q.shape[1] * q.shape[-1]) ** -0.5",
)
ex.misconception(
    """The mask was applied after the softmax: the future has taken its share of the weights by then.""",
    name="mask_after",
    replace='scores.masked_fill(future, float("-inf")).softmax(dim=-1) @ v',
    by="scores.softmax(dim=-1).masked_fill(future, 0.0) @ v",
)
ex.misconception(
    """Each query sees one key too many, the next position's. The future begins right behind the query's own
    position: triu(T_k - T_q + 1).""",
    name="one_too_many",
    replace=".triu(T_k - T_q + 1)",
    by=".triu(T_k - T_q + 2)",
)
ex.misconception(
    """What must not be seen was filled with 0, which is a score like others: e^0 is 1. Fill with -inf, whose
    weight is 0.""",
    name="zero_for_inf",
    replace='float("-inf")',
    by="0.0",
)
ex.misconception(
    """The softmax runs over the queries. The weights of one query, over all keys, sum to 1: the last
    dimension.""",
    name="over_queries",
    replace='float("-inf")).softmax(dim=-1)',
    by="-1e9).softmax(dim=-2)",
)
ex.variant(
    "a dimension for the group",
    name="group",
    source="""
    def grouped_attention(q, k, v):
        B, n, T, hs = q.shape
        q = q.reshape(B, k.shape[1], -1, T, hs)
        scores = torch.einsum("bgrth,bgsh->bgrts", q, k) / hs**0.5
        see = torch.ones(T, k.shape[2], dtype=torch.bool).tril(k.shape[2] - T)
        w = scores.masked_fill(~see, float("-inf")).softmax(-1)
        return torch.einsum("bgrts,bgsh->bgrth", w, v).reshape(B, n, T, hs)
""",
)
ex.variant(
    "torch's own attention",
    name="sdpa",
    source="""
    def grouped_attention(q, k, v):
        r = q.shape[1] // k.shape[1]
        k = k[:, :, None].expand(-1, -1, r, -1, -1).flatten(1, 2)
        v = v[:, :, None].expand(-1, -1, r, -1, -1).flatten(1, 2)
        mask = torch.ones(q.shape[2], k.shape[2], dtype=torch.bool).tril(k.shape[2] - q.shape[2])
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
""",
)

ex.equivalent("-2  ->  2", "of four dimensions, the last but one is number 2")
