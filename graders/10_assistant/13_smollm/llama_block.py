"""10.llama_block: norms, turned heads, a cache, two residuals."""

import torch

from graders.authoring import Tol, exercise

from .part import block_weights, plain_block

ex = exercise("llama_block", title="the block of a Llama", points=2, pure=False, stretch=True)

# B, T in pieces, C, n_head, n_kv, hs, hidden, eps, base
SIZES = [
    (2, [5], 6, 4, 2, 4, 7, 0.01, 50.0),
    (1, [3, 1, 1, 4], 5, 3, 1, 2, 4, 0.2, 10.0),
    (3, [1, 2, 3], 4, 2, 2, 6, 5, 0.1, 1000.0),
    (1, [1], 1, 1, 1, 2, 1, 0.3, 20.0),
    (2, [4, 2], 12, 6, 3, 2, 3, 1e-5, 100000.0),
]


@ex.cases
def _(rng):
    for i, (B, pieces, C, n_head, n_kv, hs, hidden, eps, base) in enumerate(SIZES):
        dtype = torch.float32 if i == 4 else torch.float64
        yield dict(
            x=rng.normal(B, sum(pieces), C, mean=0.3, dtype=dtype),
            w=block_weights(rng, C, n_head, n_kv, hs, hidden, dtype),
            pieces=pieces,
            sizes=[n_head, n_kv],
            eps=eps,
            base=base,
        )


@ex.scenario
def _(m, x, w, pieces, sizes, eps, base):
    """A text in pieces through one cache, then its beginning again through a new one."""
    config, cache = m.Config(*sizes, eps, base), m.Cache()
    before = x.clone(), {name: t.clone() for name, t in w.items()}
    out = [m.llama_block(part, w, config, cache) for part in x.split(pieces, dim=1)]
    again = m.llama_block(x[:, :1], w, config, m.Cache())
    return {
        "x and w as before": torch.equal(x, before[0])
        and all(torch.equal(t, before[1][name]) for name, t in w.items()),
        "out": out,
        "a second text": again,
        "keys in the cache": cache.k,
        "values in the cache": cache.v,
    }


@ex.oracle
def _(x, w, pieces, sizes, eps, base):
    whole, k, v = plain_block(x, w, *sizes, eps, base)
    return {
        "x and w as before": True,
        "out": list(whole.split(pieces, dim=1)),
        "a second text": whole[:, :1],
        "keys in the cache": k,
        "values in the cache": v,
    }


@ex.check("gradients")
def _(m, x, w, pieces, sizes, eps, base):
    leaves = {"x": x, **w}
    for leaf in leaves.values():
        leaf.requires_grad_()
    out = m.llama_block(x, w, m.Config(*sizes, eps, base), m.Cache())
    up = torch.linspace(-1.5, 2.5, out.numel(), dtype=out.dtype).reshape(out.shape)
    if out.requires_grad:
        (out * up).sum().backward()
    return {name: leaf.grad for name, leaf in leaves.items()}


@ex.oracle("gradients")
def _(x, w, pieces, sizes, eps, base):
    leaves = {"x": x, **w}
    for leaf in leaves.values():
        leaf.requires_grad_()
    out = plain_block(x, w, *sizes, eps, base)[0]
    (
        out * torch.linspace(-1.5, 2.5, out.numel(), dtype=out.dtype).reshape(out.shape)
    ).sum().backward()
    return {name: leaf.grad for name, leaf in leaves.items()}


# angles may be computed in float32, and pass through two softmaxes and products
for check in ("values", "gradients"):
    ex.tolerance(Tol(rtol=2e-4), check)

ex.hint(
    "In this order: norm, q k v in heads, positions, cache, attention, heads side by side, output."
)
ex.hint(
    "positions = torch.arange(len(cache), len(cache) + T), asked *before* cache.update. q has n_head "
    "heads, k and v have n_kv."
)
ex.hint(
    "k, v = cache.update(rope(k, positions, config.base), v); grouped_attention(rope(q, positions, "
    "config.base), k, v); x + ...; then x + swiglu(rms_norm(x, ...), ...)."
)

ex.misconception(
    """Positions start at 0 for every piece. They go on where the cache ends.""",
    name="positions_restart",
    replace="torch.arange(len(cache), len(cache) + T)",
    by="torch.arange(T)",
)
ex.misconception(
    """Keys went into the cache as they came, and nothing turned them: turn them first, by their own
    positions.""",
    name="keys_not_turned",
    replace="cache.update(rope(k, positions, config.base), v)",
    by="cache.update(k, v)",
)
ex.misconception(
    """The queries are not turned. Only turned queries and turned keys together know their distance.""",
    name="queries_not_turned",
    replace="grouped_attention(rope(q, positions, config.base), k, v)",
    by="grouped_attention(q, k, v)",
)
ex.misconception(
    """The values were turned, too. Positions belong to queries and keys only: they say where to look, not
    what is there.""",
    name="values_turned",
    replace="config.base), v)",
    by="config.base), rope(v, positions, config.base))",
)
ex.misconception(
    """Heads were cut without the transpose: positions and heads are mixed up. (B, T, heads, hs), then
    exchange the middle two.""",
    name="no_transpose",
    replace=".view(B, T, heads, -1).transpose(1, 2)  # (B, heads, T, hs)",
    by=".view(B, heads, T, -1)",
)
ex.misconception(
    """Heads were cut, and put together again, without a transpose: positions and heads are mixed up. (B, T,
    heads, hs), then exchange the middle two; and back.""",
    name="no_transposes",
    edits=[
        (
            ".view(B, T, heads, -1).transpose(1, 2)  # (B, heads, T, hs)",
            ".view(B, heads, T, -1)",
        ),
        ("y.transpose(1, 2).reshape(B, T, -1)", "y.reshape(B, T, -1)"),
    ],
)
ex.misconception(
    """Heads were put together without the transpose back: a reshape mixes positions and heads.""",
    name="merged_wrong",
    replace="y.transpose(1, 2).reshape(B, T, -1)",
    by="y.reshape(B, T, -1)",
)
ex.misconception(
    """The output projection is missing or wrong. The heads side by side are multiplied with
    attn_output.""",
    name="no_output",
    replace='F.linear(y.transpose(1, 2).reshape(B, T, -1), w["attn_output"])',
    by="F.pad(y.transpose(1, 2).reshape(B, T, -1), (0, 99))[..., : x.shape[-1]]",
)
ex.misconception(
    """The residual around the attention is missing: x + attention.""",
    name="no_residual",
    replace="x = x + F.linear(y",
    by="x = F.linear(y",
)
ex.misconception(
    """The residual around the MLP is missing, or starts from the normalised input: h + swiglu(...).""",
    name="no_second_residual",
    replace='return x + swiglu(h, w["ffn_gate"]',
    by='return h + swiglu(h, w["ffn_gate"]',
)
ex.misconception(
    """The MLP reads x without its norm: rms_norm with ffn_norm comes first.""",
    name="no_ffn_norm",
    replace='h = rms_norm(x, w["ffn_norm"], config.eps)',
    by="h = x",
)
ex.misconception(
    """Attention reads x without its norm: rms_norm with attn_norm comes first.""",
    name="no_attn_norm",
    replace='h = rms_norm(x, w["attn_norm"], config.eps)',
    by="h = x",
)
ex.misconception(
    """eps of the config is not handed on. rms_norm falls back on its default.""",
    name="eps_default",
    edits=[
        ('rms_norm(x, w["attn_norm"], config.eps)', 'rms_norm(x, w["attn_norm"])'),
        ('rms_norm(x, w["ffn_norm"], config.eps)', 'rms_norm(x, w["ffn_norm"])'),
    ],
)
ex.misconception(
    """base of the config is not handed on. rope falls back on its default.""",
    name="base_default",
    edits=[
        ("rope(k, positions, config.base)", "rope(k, positions)"),
        ("rope(q, positions, config.base)", "rope(q, positions)"),
    ],
)
ex.misconception(
    """gate and up are exchanged: swiglu(x, gate, up, down).""",
    name="gate_up",
    replace='w["ffn_gate"], w["ffn_up"]',
    by='w["ffn_up"], w["ffn_gate"]',
)
ex.misconception(
    """Nothing was kept in the cache, or what it returned was not used: each piece saw only itself.""",
    name="cache_unused",
    replace="k, v = cache.update(rope(k, positions, config.base), v)",
    by="k = rope(k, positions, config.base)\n    cache.update(k, v)",
)
ex.misconception(
    """MLP and attention ran side by side on the same input, as in some other models. Here the MLP reads
    what attention has added to.""",
    name="parallel",
    edits=[
        ("    x = x + F.linear(y", "    z = x\n    x = x + F.linear(y"),
        (
            'h = rms_norm(x, w["ffn_norm"], config.eps)',
            'h = rms_norm(z, w["ffn_norm"], config.eps)',
        ),
    ],
)
ex.misconception(
    """The output is right, but the keys lie in the cache as they came and are turned anew at every call.
    Turn each once, before it goes in: its position never changes.""",
    name="turned_later",
    replace="    k, v = cache.update(rope(k, positions, config.base), v)\n",
    by="    k, v = cache.update(k, v)\n    k = rope(k, torch.arange(k.shape[2]), config.base)\n",
)
ex.misconception(
    """The queries' positions were counted when their keys were in the cache already, so they stand too far
    to the right. Ask len(cache) before update.""",
    name="counted_after_update",
    replace="grouped_attention(rope(q, positions, config.base)",
    by="grouped_attention(rope(q, torch.arange(T) + len(cache), config.base)",
)
ex.misconception(
    """The second residual starts from the block's input: what attention has added is lost. With h = x +
    attention, it is h + swiglu(...).""",
    name="second_residual_from_x",
    edits=[
        ("    x = x + F.linear(y", "    first = x\n    x = x + F.linear(y"),
        ("    return x + swiglu", "    return first + swiglu"),
    ],
)
ex.misconception(
    """The two norms are exchanged: attn_norm stands before the attention, ffn_norm before the MLP.""",
    name="norms_exchanged",
    edits=[
        ('rms_norm(x, w["attn_norm"]', 'rms_norm(x, w["ffn_norm"] '),
        ('rms_norm(x, w["ffn_norm"],', 'rms_norm(x, w["attn_norm"],'),
    ],
)
ex.misconception(
    """The rows of attn_q and attn_k were brought to the half-split once more. Here they are in that order
    already.""",
    name="split_again",
    replace='F.linear(h, w[f"attn_{name}"])',
    by='F.linear(h, w["attn_v"] if name == "v" else half_split_rows(w[f"attn_{name}"], heads))',
)
ex.misconception(
    """x += ... changes the tensor of whoever called. x = x + ... makes a new one.""",
    name="in_place",
    replace="x = x + F.linear(y",
    by="x.data += F.linear(y",
)

ex.variant(
    "head by head shapes by unflatten",
    name="unflatten",
    source="""
    def llama_block(x, w, config, cache):
        past = len(cache)
        where = past + torch.arange(x.shape[1])
        h = rms_norm(x, w["attn_norm"], config.eps)
        cut = lambda y, n: y.unflatten(2, (n, y.shape[2] // n)).transpose(1, 2)
        q = rope(cut(h @ w["attn_q"].T, config.n_head), where, config.base)
        k = rope(cut(h @ w["attn_k"].T, config.n_kv), where, config.base)
        cache.update(k, cut(h @ w["attn_v"].T, config.n_kv))
        y = grouped_attention(q, cache.k, cache.v)
        h = x + y.transpose(1, 2).flatten(2) @ w["attn_output"].T
        n = rms_norm(h, w["ffn_norm"], config.eps)
        return h + swiglu(n, w["ffn_gate"], w["ffn_up"], w["ffn_down"])
""",
)
