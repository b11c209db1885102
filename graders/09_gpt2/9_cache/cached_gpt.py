"""09.cached_gpt: the whole model, prefill and decode equal to the full forward."""

import torch

from graders.authoring import differentiate, exercise

from .part import gpt_weights, loaded, plain_gpt

ex = exercise("cached_gpt", target="GPT.forward", title="the model with caches", points=2)

# vocab_size, block_size, n_layer, n_head, n_embd
SIZES = [(7, 6, 2, 2, 4), (5, 4, 3, 1, 6), (11, 5, 1, 3, 3)]


@ex.cases
def _(rng):
    for B, sizes in zip((2, 1, 3), SIZES, strict=True):
        for pieces in ([sizes[1]], [1] * sizes[1], [2, 1, 1], [1, 3], [1]):
            yield dict(
                sizes=sizes,
                weights=gpt_weights(rng, *sizes),
                ids=rng.integers(0, sizes[0], B, sum(pieces)),
                pieces=pieces,
            )


@ex.scenario
def _(m, sizes, weights, ids, pieces):
    """Fed in pieces; without caches; another text in new caches."""
    model = loaded(m.GPT(*sizes), weights)
    caches, others = ([m.KVCache() for _ in range(sizes[2])] for _ in range(2))
    seen = {
        "without caches": model(ids),
        "in pieces": [model(piece, caches) for piece in ids.split(pieces, 1)],
        "lengths": [len(cache) for cache in caches],
    }
    seen["another text"] = [model(piece, others) for piece in ids.flip(1).split(pieces, 1)]
    seen["without caches, again"] = model(ids[:, :1])
    return seen


@ex.oracle
def _(sizes, weights, ids, pieces):
    full, other = (plain_gpt(t, weights, *sizes[2:4]) for t in (ids, ids.flip(1)))
    return {
        "without caches": full,
        "in pieces": list(full.split(pieces, 1)),
        "lengths": [ids.shape[1]] * sizes[2],
        "another text": list(other.split(pieces, 1)),
        "without caches, again": full[:, :1],
    }


def long_texts(rng):
    for past, new in [(4, 1), (0, 5), (2, 3), (3, 4)]:
        yield dict(
            sizes=(5, 4, 2, 1, 2),
            weights=gpt_weights(rng, 5, 4, 2, 1, 2),
            past=rng.integers(0, 5, 2, past) if past else None,
            new=rng.integers(0, 5, 2, new),
        )


@ex.check("beyond block_size", cases=long_texts)
def _(m, sizes, weights, past, new):
    model = loaded(m.GPT(*sizes), weights)
    caches = [m.KVCache() for _ in range(sizes[2])]
    if past is not None:
        model(past, caches)
    try:
        model(new, caches)
        came = "nothing"
    except ValueError:
        came = "ValueError"
    return {"raised": came, "lengths of the caches": [len(cache) for cache in caches]}


@ex.oracle("beyond block_size")
def _(sizes, weights, past, new):
    length = 0 if past is None else past.shape[1]
    return {"raised": "ValueError", "lengths of the caches": [length] * sizes[2]}


def whole_texts(rng):
    return list(ex.default_cases(rng))[:: len(SIZES) + 2]


@ex.check("gradients", cases=whole_texts)
def _(m, sizes, weights, ids, pieces):
    model = loaded(m.GPT(*sizes), weights)
    out = model(ids)
    upstream = torch.linspace(-1, 2, out.numel(), dtype=out.dtype).view(out.shape)
    return dict(differentiate(out, dict(model.named_parameters()), upstream))


@ex.oracle("gradients")
def _(sizes, weights, ids, pieces):
    for leaf in weights.values():
        leaf.requires_grad_()
    out = plain_gpt(ids, weights, *sizes[2:4])
    upstream = torch.linspace(-1, 2, out.numel(), dtype=out.dtype).view(out.shape)
    # in the order of the model's parameters
    names = ["wte.weight", "wpe.weight", *(n for n in weights if n.startswith("h."))]
    names += ["ln_f.weight", "ln_f.bias"]
    return dict(differentiate(out, {n: weights[n] for n in names}, upstream))


ex.hint("Four steps: embed (from which position on?), the blocks, the last norm, the logits.")
ex.hint(
    "n_past = len(caches[0]) if caches is not None else 0, before any block has run. Block i gets "
    "caches[i]."
)
ex.hint(
    "x = embed_from(ids, self.wte.weight, self.wpe.weight, n_past); ...; F.linear(self.ln_f(x), "
    "self.wte.weight)"
)

ex.misconception(
    "Positions begin at 0 in every call. With something in the caches they go on: n_past = len(caches[0]).",
    name="restart",
    replace="n_past = len(caches[0]) if caches is not None else 0",
    by="n_past = 0",
)
ex.misconception(
    "All blocks share one cache: the second layer finds the first one's keys. Block i gets caches[i].",
    name="one_cache",
    replace="caches[i] if",
    by="caches[0] if",
)
ex.misconception(
    "The caches go to the blocks in the wrong order, or not always in the same one: block i gets caches[i].",
    name="reversed",
    replace="caches[i] if caches is not None",
    by="caches[-1 if len(caches[i]) else i] if caches is not None",
)
ex.misconception(
    "The caches do not reach the blocks: new tokens see only each other.",
    name="not_passed",
    replace="caches[i] if caches is not None else None",
    by="None",
)
ex.misconception(
    "The past was measured as the number of caches, which is the number of layers. Ask one of them how "
    "long it is: "
    "len(caches[0]).",
    name="number_of_caches",
    replace="len(caches[0]) if",
    by="len(caches) if",
)
ex.misconception(
    "The last norm, self.ln_f, is missing.",
    name="no_final_norm",
    replace="F.linear(self.ln_f(x), self.wte.weight)",
    by="F.linear(x, self.wte.weight)",
)
ex.misconception(
    "Only the logits of the last position are returned. All new positions are asked for, (B, T, "
    "vocab_size).",
    name="last_only",
    replace="return F.linear(self.ln_f(x), self.wte.weight)",
    by="return F.linear(self.ln_f(x), self.wte.weight)[:, -1:]",
)
ex.misconception(
    "Probabilities instead of logits: the softmax is the sampler's and the loss's business.",
    name="softmaxed",
    replace="return F.linear(self.ln_f(x), self.wte.weight)",
    by="return F.linear(self.ln_f(x), self.wte.weight).softmax(-1)",
)
ex.misconception(
    "Too long a text was cut to what fits. In the model that hides the mistake: raise ValueError, "
    "embed_from does.",
    name="cropped",
    replace="        x = embed_from(",
    by="        ids = ids[:, : max(1, self.block_size - n_past)]\n"
    "        n_past = min(n_past, self.block_size - ids.shape[1])\n        x = embed_from(",
)

ex.variant(
    "zip, and a matrix product at the end",
    name="zipped",
    source="""
    def forward(self, ids, caches=None):
        caches = caches or [None] * len(self.h)
        past = 0 if caches[0] is None else len(caches[0])
        if past + ids.size(1) > self.block_size:
            raise ValueError("too long")
        x = self.wte(ids) + self.wpe(torch.arange(past, past + ids.size(1)))
        for block, cache in zip(self.h, caches):
            x = block(x, cache)
        return self.ln_f(x) @ self.wte.weight.t()
""",
)

ex.equivalent("0  ->  -1", "every layer has seen the same tokens")
