"""09.fused_attention: q, k and v by one matrix, attention by one call."""

from graders.authoring import exercise, fill

from .part import SETTINGS, gradients, layer_shapes, names, plain_attention, weights

attention = exercise(
    "fused_attention",
    target=("CausalSelfAttention.__init__", "CausalSelfAttention.forward"),
    title="causal self-attention, fused",
    points=3,
    pure=False,
)


@attention.cases
def _(rng):
    for (n_head, hs, B, T), dtype in SETTINGS:
        C = n_head * hs
        x = rng.normal(T, B, C, dtype=dtype).transpose(0, 1)  # not contiguous
        yield dict(n_head=n_head, x=x, w=weights(rng, layer_shapes(C), "attn.", dtype))
    # scores in the hundred thousands: nothing but minus infinity hides a key, and exp alone overflows
    x = rng.normal(2, 5, 6, std=1e3)
    yield dict(n_head=2, x=x, w=weights(rng, layer_shapes(6), "attn.", x.dtype))


def made(m, n_head, C):
    return m.CausalSelfAttention(m.GPTConfig(block_size=7, n_head=n_head, n_embd=C))


@attention.scenario
def _(m, n_head, x, w):
    return fill(made(m, n_head, x.shape[-1]), w)(x)


@attention.oracle
def _(n_head, x, w):
    return plain_attention(x, w, n_head)


@attention.check("names")
def _(m, n_head, x, w):
    module = made(m, n_head, x.shape[-1])
    return [names(module, w), module.n_head]


@attention.check("gradients")
def _(m, n_head, x, w):
    module = fill(made(m, n_head, x.shape[-1]), w)
    return gradients(module, x, w, module)


@attention.oracle("gradients")
def _(n_head, x, w):
    return gradients(lambda x: plain_attention(x, w, n_head), x, w)


@attention.check("two calls")
def _(m, n_head, x, w):
    """A shorter sequence, then the whole one: nothing is left over from a call."""
    module = fill(made(m, n_head, x.shape[-1]), w)
    return [module(x[:, :1]), module(x), module.training]


attention.hint("c_attn(x) is (B, T, 3 C). Cut its last dimension in three pieces of C: q, k, v.")
attention.hint(
    "Each to (B, T, n_head, hs), then transpose(1, 2). After scaled_dot_product_attention the way back: "
    "transpose(1, 2), then one row of C per position, then c_proj."
)
attention.hint(
    "q, k, v = self.c_attn(x).split(C, dim=2); q = q.view(B, T, self.n_head, C // self.n_head)"
    ".transpose(1, 2), k and v alike; y = F.scaled_dot_product_attention(q, k, v, is_causal=True); "
    "return self.c_proj(y.transpose(1, 2).reshape(B, T, C))"
)

SPLIT = "q, k, v = self.c_attn(x).split(C, dim=2)"
CUT = ".view(B, T, self.n_head, C // self.n_head).transpose(1, 2)"

attention.misconception(
    """c_attn's columns were cut into heads first, and each head's piece into q, k and v. In GPT-2's layout
    all of q comes first, then all of k, then all of v: cut in three first.""",
    name="heads_first",
    replace=SPLIT,
    by="q, k, v = (t.reshape(B, T, C) for t in "
    "self.c_attn(x).view(B, T, self.n_head, 3, C // self.n_head).unbind(3))",
)
attention.misconception(
    """The three pieces are in another order: k comes first here. In c_attn's columns it is q, k, v.""",
    name="k_first",
    replace=SPLIT,
    by="k, q, v = self.c_attn(x).split(C, dim=2)",
)
attention.misconception(
    """(B, T, C) was viewed as (B, n_head, T, hs) at once. The shape is right, but memory is read in order: a
    head gets whole positions instead of its own columns. View (B, T, n_head, hs), then transpose.""",
    name="viewed_at_once",
    edits=[
        (f"{n} = {n}{CUT}", f"{n} = {n}.reshape(B, self.n_head, T, C // self.n_head)")
        for n in "qkv"
    ],
)
attention.misconception(
    """(B, T, C) was viewed as (B, n_head, T, hs) at once, and back in the same way. The shapes are right, but
    memory is read in order: a head gets whole positions instead of its columns. Transpose, both times.""",
    name="viewed_both_ways",
    edits=[
        (f"{n} = {n}{CUT}", f"{n} = {n}.reshape(B, self.n_head, T, C // self.n_head)")
        for n in "qkv"
    ]
    + [("y.transpose(1, 2).contiguous().view(B, T, C)", "y.contiguous().view(B, T, C)")],
)
attention.misconception(
    """Time was never moved behind the heads: with (B, T, n_head, hs) the heads of one position attend to each
    other, and no position sees another. Transpose dimensions 1 and 2 before, and back after.""",
    name="heads_attend",
    edits=[
        (f"{n} = {n}{CUT}", f"{n} = {n}.view(B, T, self.n_head, C // self.n_head)") for n in "qkv"
    ]
    + [("y.transpose(1, 2).contiguous().view(B, T, C)", "y.contiguous().view(B, T, C)")],
)
attention.misconception(
    """Every position sees the future: is_causal=True is missing.""",
    name="not_causal",
    replace=", is_causal=True",
    by="",
)
attention.misconception(
    """The heads are merged without moving time back to the front: a position's row holds pieces of other
    positions. First transpose(1, 2), then the view.""",
    name="merged_by_view",
    replace="y.transpose(1, 2).contiguous().view(B, T, C)",
    by="y.contiguous().view(B, T, C)",
)
attention.misconception(
    """The output projection is left out: what the heads found is never mixed. Return c_proj of it.""",
    name="no_projection",
    replace="return self.c_proj(y)",
    by="return y",
)
attention.misconception(
    """The scores are not scaled: divide by sqrt(hs), the size of one head (the fused call does that by
    itself).""",
    name="no_scale",
    replace="is_causal=True",
    by="is_causal=True, scale=1.0",
)
attention.misconception(
    """The scores are scaled by the width of the model. Each dot product runs over one head: 1 / sqrt(hs).""",
    name="scaled_by_n_embd",
    replace="is_causal=True",
    by="is_causal=True, scale=C**-0.5",
)
attention.variant(
    "by hand, with a mask; q, k, v by one view",
    name="explicit",
    source="""
    def forward(self, x):
        B, T, C = x.shape
        hs = C // self.n_head
        q, k, v = self.c_attn(x).view(B, T, 3, self.n_head, hs).permute(2, 0, 3, 1, 4)
        att = q @ k.transpose(-2, -1) / hs**0.5
        mask = torch.tril(torch.ones(T, T, dtype=torch.bool))
        att = att.masked_fill(~mask, float("-inf")).softmax(-1)
        return self.c_proj((att @ v).transpose(1, 2).reshape(B, T, C))
    """,
)
attention.variant(
    "chunks, and head by head",
    name="head_by_head",
    source="""
    def forward(self, x):
        q, k, v = self.c_attn(x).chunk(3, dim=-1)
        parts = zip(*(t.chunk(self.n_head, -1) for t in (q, k, v)), strict=True)
        heads = [F.scaled_dot_product_attention(*part, is_causal=True) for part in parts]
        return self.c_proj(torch.cat(heads, -1))
    """,
)

attention.equivalent(
    "y.transpose(1, 2).contiguous()  ->  y.transpose(1, 2)",
    "the fused kernel lays its answer out so that view fits",
)
