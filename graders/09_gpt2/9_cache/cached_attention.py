"""09.cached_attention: fused attention whose keys and values go through the cache."""

import torch

from graders.authoring import differentiate, exercise

from .part import attention_weights, in_pieces, loaded, plain_attention

ex = exercise(
    "cached_attention", target="Attention.forward", title="attention with a cache", points=3
)

# B, T, n_head, head_size, how the text is fed
SETTINGS = [
    (2, 5, 3, 4, [3, 1, 1]),  # prefill and decode
    (1, 6, 2, 5, [1, 1, 1, 1, 1, 1]),
    (3, 7, 2, 3, [2, 3, 2]),  # chunked prefill
    (2, 4, 1, 6, [4]),
    (4, 3, 5, 1, [1, 2]),
    (2, 1, 2, 2, [1]),
]


@ex.cases
def _(rng):
    for B, T, n_head, hs, pieces in SETTINGS:
        C = n_head * hs
        yield dict(
            weights=attention_weights(rng, C),
            n_head=n_head,
            x=rng.normal(T, B, C).transpose(0, 1),
            other=rng.normal(B + 1, T, C),
            pieces=pieces,
        )


@ex.scenario
def _(m, weights, n_head, x, other, pieces):
    attention = loaded(m.Attention(x.shape[2], n_head), weights)
    before = x.clone()
    cache, second = m.KVCache(), m.KVCache()
    seen = {
        "without a cache": attention(x),
        "through a cache": in_pieces(attention, x, pieces, cache),
        "kept": [len(cache), len(second)],
        "keys": cache.k,
        "values": cache.v,
    }
    seen["another text"] = in_pieces(attention, other, pieces, second)
    seen["without a cache, again"] = attention(other)
    seen["x as it was"] = bool(torch.equal(x, before))
    return seen


@ex.oracle
def _(weights, n_head, x, other, pieces):
    full, more = (plain_attention(t, weights, n_head) for t in (x, other))
    T = x.shape[1]
    _, k, v = torch.nn.functional.linear(x, weights["c_attn.weight"], weights["c_attn.bias"]).chunk(
        3, -1
    )
    return {
        "without a cache": full,
        "through a cache": list(full.split(pieces, 1)),
        "kept": [T, 0],
        "keys": torch.stack(k.chunk(n_head, -1), 1),
        "values": torch.stack(v.chunk(n_head, -1), 1),
        "another text": list(more.split(pieces, 1)),
        "without a cache, again": more,
        "x as it was": True,
    }


@ex.check("gradients")
def _(m, weights, n_head, x, other, pieces):
    attention = loaded(m.Attention(x.shape[2], n_head), weights)
    leaves = {"x": x.requires_grad_(), **dict(attention.named_parameters())}
    out = attention(x)
    upstream = torch.linspace(-1, 2, out.numel(), dtype=out.dtype).view(out.shape)
    return dict(differentiate(out, leaves, upstream))


@ex.oracle("gradients")
def _(weights, n_head, x, other, pieces):
    leaves = {"x": x, **weights}
    for leaf in leaves.values():
        leaf.requires_grad_()
    out = plain_attention(x, weights, n_head)
    upstream = torch.linspace(-1, 2, out.numel(), dtype=out.dtype).view(out.shape)
    return dict(differentiate(out, leaves, upstream))


ex.hint("Write the attention without a cache first. Then: which two of q, k, v must have a past?")
ex.hint(
    "After cutting into heads: if cache is not None: k, v = cache.update(k, v). Then attend_past(q, k, v)."
)
ex.hint(
    "Glue the heads with y.transpose(1, 2).reshape(B, T, C): T of the new positions, not of all keys."
)

ex.misconception(
    "The cache is not used: new positions see only each other. Let k and v go through cache.update.",
    name="cache_ignored",
    replace="            k, v = cache.update(k, v)  # (B, nh, T_k, hs)\n",
    by="            pass\n",
)
ex.misconception(
    "The cache was filled, but what it returned was thrown away: the queries see only the new keys. "
    "k, v = cache.update(k, v).",
    name="result_dropped",
    replace="k, v = cache.update(k, v)",
    by="cache.update(k, v)",
)
ex.misconception(
    "The cache was updated twice in one call: every position is in it twice.",
    name="updated_twice",
    replace="            k, v = cache.update(k, v)  # (B, nh, T_k, hs)\n",
    by="            cache.update(k, v)\n            k, v = cache.update(k, v)\n",
)
ex.misconception(
    "Keys and values have changed places on their way through the cache.",
    name="swapped_in_cache",
    replace="k, v = cache.update(k, v)",
    by="v, k = cache.update(v, k)",
)
ex.misconception(
    "The three parts of c_attn are taken in another order: q, then k, then v.",
    name="order",
    replace="q, k, v = (t.view",
    by="k, q, v = (t.view",
)
ex.misconception(
    "x was cut into heads by view alone, without moving the heads before time: a head then holds pieces "
    "of other positions.",
    name="view_only",
    replace="t.view(B, T, self.n_head, -1).transpose(1, 2) for",
    by="t.reshape(B, self.n_head, T, -1) for",
)
ex.misconception(
    "The heads were glued without moving time back in front: transpose(1, 2) first, then reshape.",
    name="glued_without_transpose",
    replace="y.transpose(1, 2).reshape(B, T, C)",
    by="y.reshape(B, T, C)",
)
ex.misconception(
    "The output projection self.c_proj is missing.",
    name="no_projection",
    replace="self.c_proj(y.transpose(1, 2).reshape(B, T, C))",
    by="y.transpose(1, 2).reshape(B, T, C)",
)
ex.misconception(
    "One triangle at the upper left for everything (is_causal=True): with a past, a new query sees only "
    "the oldest key. "
    "attend_past shifts it.",
    name="is_causal",
    replace="attend_past(q, k, v)",
    by="F.scaled_dot_product_attention(q, k, v, is_causal=True)",
)
ex.misconception(
    "The mask was left out as soon as there is a cache. That is right for single tokens; a piece of "
    "several, such as the "
    "prompt, must not look ahead.",
    name="no_mask_with_cache",
    replace="attend_past(q, k, v)",
    by="F.scaled_dot_product_attention(q, k, v, is_causal=cache is None)",
)
ex.misconception(
    "The keys are taken out of the graph, which costs c_attn its gradient where the model is trained "
    "without a cache.",
    name="detached",
    replace="        y = attend_past(q, k, v)",
    by="        y = attend_past(q, k.detach(), v.detach())",
)

ex.variant(
    "einsum, chunk, and torch's fused attention",
    name="fused",
    source="""
    def forward(self, x, cache=None):
        B, T, C = x.shape
        q, k, v = self.c_attn(x).chunk(3, dim=-1)
        q, k, v = [t.unflatten(-1, (self.n_head, C // self.n_head)).movedim(2, 1) for t in (q, k, v)]
        n_past = 0
        if cache is not None:
            n_past = len(cache)
            k, v = cache.update(k, v)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=shifted_mask(n_past, T))
        return self.c_proj(y.movedim(1, 2).flatten(2))
""",
)
