"""09.generate_topk: top-k sampling."""

import torch

from graders.authoring import exercise, instead

from .part import checkpoint, loaded, plain_gpt, ready, theirs_of

generate = exercise(
    "generate_topk", target="generate", title="top-k sampling", points=2, pure=False
)


@generate.cases
def _(rng):
    # block_size, vocab_size, n_layer, n_head, C; B, T, n_new, k
    for sizes, (B, T, n_new, k) in [
        ((5, 11, 2, 3, 6), (3, 2, 9, 4)),
        ((4, 7, 1, 1, 3), (1, 6, 3, 2)),
        ((6, 9, 1, 5, 5), (4, 1, 8, 50)),
        ((1, 8, 1, 2, 2), (2, 3, 5, 8)),
        ((3, 6, 1, 1, 4), (5, 3, 4, 1)),
        ((3, 6, 1, 1, 4), (2, 4, 0, 3)),
        ((8, 60, 1, 1, 4), (2, 4, 12, 50)),
    ]:
        block_size, vocab_size, n_layer, n_head, C = sizes
        theirs = checkpoint(rng, block_size, vocab_size, n_layer, C)
        idx = rng.integers(0, vocab_size, B, T)
        yield dict(**ready(theirs), n_head=n_head, idx=idx, n_new=n_new, k=k, seed=rng.seed())


@generate.scenario
def _(m, weights, sizes, n_head, idx, n_new, k, seed):
    """The tokens, and how far the generator has gone."""
    g, before = torch.Generator().manual_seed(seed), idx.clone()
    out = m.generate(loaded(m, weights, sizes, n_head), idx, n_new, k, g)
    if not isinstance(out, torch.Tensor):
        return instead(out, "a tensor of tokens")
    return {
        "tokens": out,
        "the generator's next number": torch.rand(1, generator=g).item(),
        "idx as it was": bool(torch.equal(before, idx)),
    }


@generate.oracle
def _(weights, sizes, n_head, idx, n_new, k, seed):
    g, block_size = torch.Generator().manual_seed(seed), sizes["block_size"]
    theirs = theirs_of(weights)
    for _ in range(n_new):
        last = plain_gpt(idx[:, -block_size:], theirs, n_head)[:, -1]
        ranked, order = last.sort(descending=True)
        drawn = torch.multinomial(ranked[:, :k].softmax(1), 1, generator=g)
        new = [order[row, place] for row, place in enumerate(drawn[:, 0].tolist())]
        idx = torch.cat([idx, torch.stack(new)[:, None]], 1)
    return {
        "tokens": idx,
        "the generator's next number": torch.rand(1, generator=g).item(),
        "idx as it was": True,
    }


@generate.check("fifty unless told otherwise")
def _(m, weights, sizes, n_head, idx, n_new, k, seed):
    """The defaults: k = 50, and torch's own generator."""
    model = loaded(m, weights, sizes, n_head)
    torch.default_generator.manual_seed(seed)
    return m.generate(model, idx, n_new)


generate.hint("The loop of lesson 07, with one line more: keep k logits and their tokens.")
generate.hint(
    "logits.topk(k) gives the values and which tokens they belong to. multinomial draws a *place* among "
    "the k; gather looks up whose place that is."
)
generate.hint(
    "top, tokens = logits.topk(min(k, logits.shape[1])); drawn = torch.multinomial(F.softmax(top, dim=-1), "
    "1, generator=generator); idx = torch.cat([idx, tokens.gather(1, drawn)], dim=1)"
)

generate.misconception(
    """The place among the k was taken for the token. multinomial says "the third of them": look up which
    token that is, with gather.""",
    name="place_as_token",
    replace="tokens.gather(1, drawn)",
    by="drawn",
)
generate.misconception(
    """All tokens can be drawn: k is not used.""",
    name="k_ignored",
    replace="min(k, logits.shape[1])",
    by="logits.shape[1]",
)
generate.misconception(
    """The logits of the first position were used. The last one predicts what comes next.""",
    name="first_position",
    replace=")[:, -1]",
    by=")[:, 0]",
)
generate.misconception(
    """The context is cut at the wrong end: the model sees the beginning forever. Take the last.""",
    name="wrong_end",
    replace="idx[:, -model.config.block_size :]",
    by="idx[:, : model.config.block_size]",
)
generate.misconception(
    """The context is not cut: after block_size tokens there is no position left. Give the model the last
    block_size.""",
    name="not_cropped",
    replace="idx[:, -model.config.block_size :]",
    by="idx",
)
generate.misconception(
    """The most likely token is taken each time. Draw, with torch.multinomial.""",
    name="greedy",
    replace="torch.multinomial(F.softmax(top, dim=-1), 1, generator=generator)",
    by="top.argmax(-1, keepdim=True)",
)
generate.misconception(
    """The generator is not passed to torch.multinomial: the same seed does not give the same text.""",
    name="generator_ignored",
    replace="F.softmax(top, dim=-1), 1, generator=generator)",
    by="F.softmax(top, dim=-1), 1)",
)
generate.misconception(
    """Only the new tokens came back. idx is part of the result.""",
    name="new_only",
    edits=[("for _ in range(n_new):", "start = idx.shape[1]\n    for _ in range(n_new):"),
           ("return idx", "return idx[:, start:]")],
)  # fmt: skip
generate.misconception(
    """A vocabulary smaller than k makes topk fail: there are only so many tokens. min(k, vocab_size).""",
    name="k_too_large",
    replace="min(k, logits.shape[1])",
    by="k",
)
generate.misconception(
    """The k largest are drawn with equal chances. They still differ: softmax of their logits.""",
    name="equal_chances",
    replace="F.softmax(top, dim=-1)",
    by="torch.ones_like(top)",
)
generate.variant(
    "softmax first, then the k largest shares",
    name="shares",
    source="""
    @torch.no_grad()
    def generate(model, idx, n_new, k=50, generator=None):
        out = idx.clone()
        while out.shape[1] < idx.shape[1] + n_new:
            shares = model(out[:, -model.config.block_size:])[:, -1, :].softmax(-1)
            top, tokens = torch.topk(shares, min(k, shares.shape[-1]), dim=-1)
            ix = torch.multinomial(top / top.sum(-1, keepdim=True), 1, generator=generator)
            out = torch.cat((out, torch.gather(tokens, -1, ix)), 1)
        return out
    """,
)

generate.equivalent("-1  ->  1", "of two dimensions, the last is number 1")
generate.equivalent(
    "F.softmax(top, dim=-1)  ->  F.softmax(top)",
    "of two dimensions, torch takes 1 where none is named",
)
