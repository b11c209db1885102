"""09.cached_block: a pre-norm block that hands its cache to its attention."""

import torch

from graders.authoring import differentiate, exercise

from .part import block_weights, in_pieces, loaded, plain_block

ex = exercise("cached_block", target="Block.forward", title="a block with a cache")


@ex.cases
def _(rng):
    for B, T, n_head, hs, pieces in [
        (2, 5, 3, 2, [3, 1, 1]),
        (1, 4, 2, 3, [1, 1, 1, 1]),
        (3, 6, 1, 4, [2, 3, 1]),
        (2, 1, 2, 2, [1]),
    ]:
        C = n_head * hs
        weights = block_weights(rng, C)
        yield dict(weights=weights, n_head=n_head, x=rng.normal(B, T, C, std=2.0), pieces=pieces)


@ex.scenario
def _(m, weights, n_head, x, pieces):
    block, cache = loaded(m.Block(x.shape[2], n_head), weights), m.KVCache()
    before = x.clone()
    return {
        "without a cache": block(x),
        "through a cache": in_pieces(block, x, pieces, cache),
        "length of the cache": len(cache),
        "x as it was": bool(torch.equal(x, before)),
    }


@ex.oracle
def _(weights, n_head, x, pieces):
    full = plain_block(x, weights, n_head)
    return {
        "without a cache": full,
        "through a cache": list(full.split(pieces, 1)),
        "length of the cache": x.shape[1],
        "x as it was": True,
    }


@ex.check("gradients")
def _(m, weights, n_head, x, pieces):
    block = loaded(m.Block(x.shape[2], n_head), weights)
    leaves = {"x": x.requires_grad_(), **dict(block.named_parameters())}
    out = block(x)
    upstream = torch.linspace(-1, 2, out.numel(), dtype=out.dtype).view(out.shape)
    return dict(differentiate(out, leaves, upstream))


@ex.oracle("gradients")
def _(weights, n_head, x, pieces):
    leaves = {"x": x, **weights}
    for leaf in leaves.values():
        leaf.requires_grad_()
    out = plain_block(x, weights, n_head)
    upstream = torch.linspace(-1, 2, out.numel(), dtype=out.dtype).view(out.shape)
    return dict(differentiate(out, leaves, upstream))


ex.hint(
    "Two lines: the stream plus attention, then that plus the MLP. Only one of the two needs the cache."
)
ex.hint("Normalize what goes *into* a branch; what is added to is x itself.")
ex.hint("x = x + self.attn(self.ln_1(x), cache); return x + self.mlp(self.ln_2(x))")

ex.misconception(
    "The cache does not reach the attention: pass it on, self.attn(..., cache).",
    name="cache_not_passed",
    replace="self.attn(self.ln_1(x), cache)",
    by="self.attn(self.ln_1(x))",
)
ex.misconception(
    "The norms stand after the branches or the sum (post-norm). GPT-2 normalizes what goes into a branch.",
    name="post_norm",
    edits=[
        ("x = x + self.attn(self.ln_1(x), cache)", "x = self.ln_1(x + self.attn(x, cache))"),
        ("return x + self.mlp(self.ln_2(x))", "return self.ln_2(x + self.mlp(x))"),
    ],
)
ex.misconception(
    "The branch is added to the normalized x. The stream itself stays untouched by norms: x + ...",
    name="stream_normalized",
    replace="x = x + self.attn(self.ln_1(x), cache)",
    by="x = self.ln_1(x)\n        x = x + self.attn(x, cache)",
)
ex.misconception(
    "The residual around attention is missing.",
    name="no_residual_attention",
    replace="x = x + self.attn",
    by="x = self.attn",
)
ex.misconception(
    "The residual around the MLP is missing.",
    name="no_residual_mlp",
    replace="return x + self.mlp",
    by="return self.mlp",
)
ex.misconception(
    "Attention and MLP both read the x that came in, side by side (as GPT-J does). Here the MLP reads "
    "what attention has "
    "added to.",
    name="parallel",
    replace="        x = x + self.attn(self.ln_1(x), cache)\n        return x + self.mlp(self.ln_2(x))",
    by="        return x + self.attn(self.ln_1(x), cache) + self.mlp(self.ln_2(x))",
)
ex.misconception(
    "The two norms have changed places: ln_1 belongs to attention, ln_2 to the MLP.",
    name="norms_swapped",
    edits=[
        ("self.ln_1(x)", "self.ln_2_(x)"),
        ("self.ln_2(x)", "self.ln_1(x)"),
        ("self.ln_2_(x)", "self.ln_2(x)"),
    ],
)
ex.misconception(
    "x was changed in place: the caller's tensor is no longer what it was. Write x = x + ..., not x += ...",
    name="in_place",
    replace="x = x + self.attn(self.ln_1(x), cache)",
    by="x.data += self.attn(self.ln_1(x), cache)",
)

ex.variant(
    "named steps",
    name="named",
    source="""
    def forward(self, x, cache=None):
        attended = self.attn(self.ln_1(x), cache=cache)
        middle = torch.add(x, attended)
        return torch.add(middle, self.mlp(self.ln_2(middle)))
""",
)
