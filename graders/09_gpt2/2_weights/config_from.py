"""09.config_from: sizes, read off the tensors."""

from dataclasses import asdict, is_dataclass

from graders.authoring import Raises, exercise, instead

from .part import checkpoint, ours, sizes_of

config = exercise("config_from", title="the sizes, from the tensors")


@config.cases
def _(rng):
    for block_size, vocab_size, n_layer, n_head, C in rng.shuffled(
        [
            (5, 9, 2, 3, 6),
            (7, 3, 12, 1, 2),
            (1, 8, 1, 5, 5),
            (4, 1, 3, 2, 8),
            (3, 6, 11, 1, 1),
            (4, 7, 1, 4, 6),
            (4, 7, 1, 12, 6),
        ]
    ):
        weights = ours(checkpoint(rng, block_size, vocab_size, n_layer, C))
        yield dict(weights={k: weights[k] for k in rng.shuffled(weights)}, n_head=n_head)


@config.scenario
def _(m, weights, n_head):
    found = m.config_from(weights, n_head)
    return asdict(found) if is_dataclass(found) else instead(found, "a GPTConfig")


@config.oracle
def _(weights, n_head):
    plain = {name.removeprefix("transformer."): t for name, t in weights.items()}
    sizes = sizes_of(plain)
    return Raises("ValueError") if sizes["n_embd"] % n_head else sizes | {"n_head": n_head}


config.hint("wte's shape gives two sizes, wpe's a third. What do the names give?")
config.hint('"transformer.h.10.ln_1.bias".split(".")[2] is "10": a string; compare as ints.')
config.hint("n_layer = max(int(name.split('.')[2]) for names that begin with 'transformer.h.') + 1")

config.misconception(
    """n_layer is the largest number among the names. Counting starts at 0: one more.""",
    name="off_by_one",
    replace="max(layers) + 1",
    by="max(layers)",
)
config.misconception(
    """The layers' numbers were compared as text, where "9" is larger than "11", or only one digit was read.
    Make them ints.""",
    name="as_text",
    replace='int(name.split(".")[2])',
    by='int(name.split(".h.")[1][0])',
)
config.misconception(
    """Tensors were counted, not layers: each layer has twelve of them.""",
    name="counts_tensors",
    replace="max(layers) + 1",
    by="len(layers)",
)
config.misconception(
    """vocab_size and block_size are swapped: wte has a row for each token, wpe for each position.""",
    name="swapped",
    replace="GPTConfig(block_size, vocab_size,",
    by="GPTConfig(vocab_size, block_size,",
)
config.misconception(
    """n_head was not asked for what it divides: n_embd must be a multiple of it, or raise ValueError.""",
    name="no_check",
    replace="if n_embd % n_head:",
    by="if False:",
)
config.misconception(
    """n_head was guessed (heads of 64, or the default 12). It cannot be seen in the tensors: use the
    argument.""",
    name="guessed",
    replace="max(layers) + 1, n_head, n_embd",
    by="max(layers) + 1, 12, n_embd",
)
config.variant(
    "counted",
    name="counted",
    source="""
    def config_from(weights, n_head):
        V, C = weights["lm_head.weight"].shape
        if C % n_head != 0:
            raise ValueError("heads")
        n_layer = len({k.split(".")[2] for k in weights if ".h." in k})
        S = len(weights["transformer.wpe.weight"])
        return GPTConfig(block_size=S, vocab_size=V, n_layer=n_layer, n_head=n_head, n_embd=C)
    """,
)
