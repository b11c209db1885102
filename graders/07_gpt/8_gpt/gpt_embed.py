"""07.gpt_embed: token plus position."""

import torch

from graders.authoring import Raises, differentiate, exercise

from .part import CONFIGS, SHAPES, build, embedded, weights

embed = exercise("gpt_embed", target="GPT.embed", title="token plus position", pure=False)


@embed.cases
def _(rng):
    for config, (B, T) in zip(CONFIGS, SHAPES, strict=True):
        idx = rng.integers(0, config["vocab_size"], B, T)
        yield dict(config=config, w=weights(rng, config), idx=idx)
    # at block_size, one more, and many more
    config = CONFIGS[0]
    for B, T in [(3, 6), (2, 7), (1, 12)]:
        yield dict(config=config, w=weights(rng, config), idx=rng.integers(0, 7, T, B).T)


@embed.scenario
def _(m, config, w, idx):
    """Twice: a second, shorter text must not be read with what was kept from the first."""
    model, before = build(m, config, w), idx.clone()
    vectors = model.embed(idx)
    return {
        "vectors": vectors,
        "of the last token alone": model.embed(idx[:1, -1:]),
        "idx unchanged": torch.equal(idx, before),
        "weights unchanged": all(torch.equal(p, w[name]) for name, p in model.state_dict().items()),
    }


@embed.oracle
def _(config, w, idx):
    if idx.shape[1] > config["block_size"]:
        return Raises("ValueError")
    return {
        "vectors": embedded(w, idx),
        "of the last token alone": embedded(w, idx[:1, -1:]),
        "idx unchanged": True,
        "weights unchanged": True,
    }


def fitting(rng):
    for config, (B, T) in zip(CONFIGS[:3], SHAPES[:3], strict=True):
        idx = rng.integers(0, config["vocab_size"], B, T)
        upstream = rng.normal(B, T, config["n_embd"])
        yield dict(config=config, w=weights(rng, config), idx=idx, upstream=upstream)


@embed.check("gradients", cases=fitting)
def _(m, config, w, idx, upstream):
    model = build(m, config, w)
    tables = {"token": model.token.weight, "position": model.position.weight}
    return dict(differentiate(model.embed(idx), tables, upstream))


@embed.oracle("gradients")
def _(config, w, idx, upstream):
    token, position = torch.zeros_like(w["token.weight"]), torch.zeros_like(w["position.weight"])
    for b, row in enumerate(idx.tolist()):
        for t, i in enumerate(row):
            token[i] += upstream[b, t]
            position[t] += upstream[b, t]
    return {"token": token, "position": position}


def on_meta(rng):
    yield dict(config=CONFIGS[0], shape=(2, 5))


@embed.check("another device", cases=on_meta)
def _(m, config, shape):
    """torch's "meta" device holds shapes without numbers: it refuses to be mixed with the CPU."""
    model = m.GPT(m.GPTConfig(**config)).to("meta")
    seen = []
    model.position.register_forward_pre_hook(lambda _, args: seen.append(str(args[0].device)))
    vectors = model.embed(torch.zeros(shape, dtype=torch.int64, device="meta"))
    devices = sorted({str(vectors.device), *seen})
    return {"shape": list(vectors.shape), "devices": devices}


embed.hint("Two look-ups, one sum. What are the indices of the second look-up?")
embed.hint("torch.arange(T, device=idx.device): 0, 1, ..., T - 1, and idx.shape[1] is T.")
embed.hint(
    "(B, T, C) + (T, C) broadcasts over the batch. Before that: if T is too large, raise ValueError(...)."
)

embed.misconception(
    """The position is missing: the same token gives the same vector everywhere, and attention cannot
    tell the order of the text.""",
    name="no_position",
    replace=" + self.position(torch.arange(idx.shape[1], device=idx.device))",
    by="",
)
embed.misconception(
    """The token is missing: the vectors say where something stands, and not what.""",
    name="no_token",
    replace="self.token(idx) + self.position(torch.arange(idx.shape[1], device=idx.device))",
    by="self.position(torch.arange(idx.shape[1], device=idx.device)).expand(*idx.shape, -1)",
)
embed.misconception(
    """The position table was looked up with the tokens. Its row number is the place, torch.arange(T).""",
    name="position_of_idx",
    replace="self.position(torch.arange(idx.shape[1], device=idx.device))",
    by="self.position(idx % self.config.block_size)",
)
embed.misconception(
    """Positions run to block_size, whatever the length of the text: they fit only when T is block_size. Use
    torch.arange(T).""",
    name="whole_table",
    replace="torch.arange(idx.shape[1], device",
    by="torch.arange(self.config.block_size, device",
)
embed.misconception(
    """Positions begin at 1. The first one is row 0 (and with a text of block_size tokens the last row
    would not exist).""",
    name="from_one",
    replace="torch.arange(idx.shape[1], device=idx.device)",
    by="torch.arange(1, idx.shape[1] + 1, device=idx.device)",
)
embed.misconception(
    """Positions are counted from the end of the table: a text begins at position 0, not at block_size -
    T.""",
    name="right_aligned",
    replace="torch.arange(idx.shape[1], device=idx.device)",
    by="torch.arange(self.config.block_size, device=idx.device)[-idx.shape[1] :]",
)
embed.misconception(
    """A text of block_size tokens is refused: it fits exactly. Only more than block_size is too much.""",
    name="one_too_strict",
    replace="idx.shape[1] > self.config",
    by="idx.shape[1] >= self.config",
)
embed.misconception(
    """A text that is too long is cut here. It must be refused with ValueError: whoever calls decides
    which end to keep.""",
    name="cut",
    replace='raise ValueError(f"{idx.shape[1]} tokens, and block_size is {self.config.block_size}")',
    by="idx = idx[:, -self.config.block_size :]",
)
embed.misconception(
    """A text that is too long ends in an IndexError of the table. Look first, and raise ValueError.""",
    name="index_error",
    replace="idx.shape[1] > self.config.block_size",
    by="False",
)
embed.misconception(
    """torch.arange without device makes its numbers on the CPU: on a GPU the look-up fails. Use
    device=idx.device.""",
    name="no_device",
    replace=", device=idx.device",
    by="",
)
embed.misconception(
    """Token and position were multiplied. They are added.""",
    name="product",
    replace="self.token(idx) + self",
    by="self.token(idx) * self",
)
embed.variant(
    "slices the table",
    name="slice",
    source="""
    def embed(self, idx):
        B, T = idx.shape
        if not T <= self.position.num_embeddings:
            raise ValueError("too long")
        return self.position.weight[:T] + self.token.weight[idx]
    """,
)
