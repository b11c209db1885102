"""07.gpt_embed: token plus position."""

import torch
from torch.overrides import TorchFunctionMode

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


def elsewhere(rng):
    config = CONFIGS[0]
    yield dict(config=config, w=weights(rng, config), idx=rng.integers(0, 7, 2, 5))


class Elsewhere(TorchFunctionMode):
    """Pretends that the tensors it was given, and what is made of them, lie on a GPU: no mixture."""

    def __init__(self, *tensors):
        super().__init__()
        self.there = {id(t): t for t in tensors}  # kept, so that no other gets the same id
        self.device = torch.device("cuda", 3)

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs, name = dict(kwargs or {}), getattr(func, "__name__", "")
        given = [*args, *kwargs.values()]
        given += [x for several in given if isinstance(several, (list, tuple)) for x in several]
        tensors = [x for x in given if isinstance(x, torch.Tensor)]
        there = [id(t) in self.there for t in tensors]
        if func == torch.Tensor.device.__get__:
            return self.device if there[0] else func(*args)
        asked = [torch.device(x) for x in given if isinstance(x, torch.device)]
        asked += [torch.device(x) for x in given if isinstance(x, str) and x[:4] in ("cuda", "cpu")]
        # a GPU's tensor may be indexed from the CPU
        moves = bool(asked) or name in ("to", "type_as", "copy_", "__getitem__")
        if not moves and len({t for t, x in zip(there, tensors, strict=True) if x.ndim}) > 1:
            raise RuntimeError(
                "Expected all tensors to be on the same device, cpu and cuda:3 found"
            )
        swap = lambda x: torch.device("cpu") if isinstance(x, torch.device) else x
        made = func(*map(swap, args), **{key: swap(x) for key, x in kwargs.items()})
        on_gpu = asked[0].type == "cuda" if asked else there[-1] if name == "to" else any(there)
        if isinstance(made, torch.Tensor):
            self.there.pop(id(made), None)  # brought back: torch gives the very tensor, here
            if on_gpu and name != "cpu":
                self.there[id(made)] = made
        return made


@embed.check("another device", cases=elsewhere)
def _(m, config, w, idx):
    """Without a GPU: tensors that say they lie on one, and cannot be mixed with others."""
    model = build(m, config, w)
    gpu = Elsewhere(idx, *model.parameters())
    with gpu:
        vectors = model.embed(idx)
        return {"vectors": vectors.clone(), "device": str(vectors.device)}


@embed.oracle("another device")
def _(config, w, idx):
    return {"vectors": embedded(w, idx), "device": "cuda:3"}


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
