"""07.expected_parameters: the count with a pencil."""

import math

from graders.authoring import exercise
from graders.counting import Layers

from .part import CONFIGS

pencil = exercise("expected_parameters", title="parameters, with a pencil", points=2)


def lecture(**other):
    return dict(vocab_size=65, block_size=256, n_embd=384, n_head=6, n_layer=6) | other


@pencil.cases
def _(rng):
    yield dict(config=lecture())
    for config in CONFIGS:
        yield dict(config=config)
    for switch in ("qkv_bias", "tied"):
        yield dict(config=lecture(**{switch: True}))
    yield dict(config=lecture(head_bias=False))
    yield dict(config=lecture(head_bias=False, tied=True, qkv_bias=True, dropout=0.5))
    yield dict(config=dict(vocab_size=11, block_size=3, n_embd=10, n_head=5, n_layer=0))
    big = dict(vocab_size=50257, block_size=2048, n_embd=12288, n_head=96, n_layer=96)
    yield dict(config=big | dict(head_bias=False, tied=True, qkv_bias=True))
    sizes = dict(
        vocab_size=rng.integer(20, 90), block_size=rng.integer(100, 300), n_layer=rng.integer(2, 9)
    )
    yield dict(config=sizes | dict(n_embd=16, n_head=2))


@pencil.scenario
def _(m, config):
    return m.expected_parameters(m.GPTConfig(**config))


@pencil.oracle
def _(config):
    """Every tensor's shape, written out and multiplied."""
    V, T, C = config["vocab_size"], config["block_size"], config["n_embd"]
    shapes = [(V, C), (T, C), (C,), (C,)]
    for _ in range(config["n_layer"]):
        shapes += [(C,)] * 4 + [(3 * C, C), (C, C), (C,), (4 * C, C), (4 * C,), (C, 4 * C), (C,)]
        if config.get("qkv_bias", False):
            shapes.append((3 * C,))
    if not config.get("tied", False):
        shapes.append((V, C))
    if config.get("head_bias", True):
        shapes.append((V,))
    return sum(math.prod(shape) for shape in shapes)


def some(rng):
    for config in CONFIGS[:2]:
        yield dict(config=config | dict(n_embd=48, n_layer=rng.integer(2, 9)))


@pencil.check("without a model", cases=some)
def _(m, config):
    with Layers(m) as layers:
        found = m.expected_parameters(m.GPTConfig(**config))
    return {"parameters": found, "a layer, or a tensor as large, was made": layers.made}


pencil.hint(
    "Go through __init__ of GPT, Block and Attention, and write down the shape of each weight and each bias."
)
pencil.hint(
    "nn.Linear(a, b) has a*b weights, and b more with a bias; nn.LayerNorm(C) has C gains and C biases."
)
pencil.hint("""The tables V*C + T*C; each block 12*C*C + 10*C, and 3*C more with qkv_bias; ln_f 2*C; the
    head V*C unless tied, and V more with head_bias.""")

pencil.misconception(
    """Right, but a model was built, or a part of one, and its tensors counted. Go by the sizes in the
    configuration alone: then you know the size of a model that you could not build.""",
    name="built",
    source="""
    def expected_parameters(config):
        with torch.device("meta"):
            return sum(p.numel() for p in GPT(config).parameters())
    """,
)
pencil.misconception(
    """The position table is missing: block_size * n_embd numbers learn, too.""",
    name="no_positions",
    replace="V * C + T * C + L",
    by="V * C + L",
)
pencil.misconception(
    """The final LayerNorm is missing: 2 * n_embd.""",
    name="no_ln_f",
    replace="L * block + 2 * C + head",
    by="L * block + head",
)
pencil.misconception(
    """The LayerNorms inside the blocks are missing: two for each block, with gain and bias.""",
    name="no_block_norms",
    replace="attention + feed_forward + 2 * 2 * C",
    by="attention + feed_forward",
)
pencil.misconception(
    """A LayerNorm has a gain *and* a bias: 2 * n_embd numbers each, not n_embd.""",
    name="gain_only",
    edits=[
        ("feed_forward + 2 * 2 * C", "feed_forward + 2 * C"),
        ("L * block + 2 * C", "L * block + C"),
    ],
)
pencil.misconception(
    """The output projection of attention is missing: n_embd * n_embd + n_embd in each block.""",
    name="no_projection",
    replace="3 * C * config.qkv_bias + C * C + C",
    by="3 * C * config.qkv_bias",
)
pencil.misconception(
    """The feed-forward net is four times as wide inside: n_embd to 4 * n_embd and back, not n_embd to
    n_embd.""",
    name="narrow",
    replace="C * 4 * C + 4 * C + 4 * C * C + C",
    by="C * C + C + C * C + C",
)
pencil.misconception(
    """The biases of the feed-forward net and of the projection are missing: nn.Linear has one unless
    bias=False says otherwise.""",
    name="no_biases",
    edits=[
        ("config.qkv_bias + C * C + C", "config.qkv_bias + C * C"),
        ("C * 4 * C + 4 * C + 4 * C * C + C", "8 * C * C"),
    ],
)
pencil.misconception(
    """Queries, keys and values are counted with biases always: they have them only with qkv_bias.""",
    name="qkv_bias_always",
    replace="3 * C * config.qkv_bias",
    by="3 * C",
)
pencil.misconception(
    """qkv_bias is not asked: with it, queries, keys and values have 3 * n_embd biases in each block.""",
    name="qkv_bias_never",
    replace=" + 3 * C * config.qkv_bias",
    by="",
)
pencil.misconception(
    """A tied head is counted twice. Its weight is the token table, one tensor with two names.""",
    name="tied_twice",
    replace="V * C * (not config.tied)",
    by="V * C",
)
pencil.misconception(
    """The head counts only when it is tied, which is the wrong way round: tied is when it has no matrix
    of its own.""",
    name="tied_reversed",
    replace="(not config.tied)",
    by="config.tied",
)
pencil.misconception(
    """The head's bias is missing (vocab_size numbers), unless head_bias is False.""",
    name="no_head_bias",
    replace=" + V * config.head_bias",
    by="",
)
pencil.misconception(
    """The head's bias was left out of the tied models. Tying shares the matrix; the bias is a switch of
    its own.""",
    name="bias_follows_tied",
    replace="V * config.head_bias",
    by="V * (config.head_bias and not config.tied)",
)
pencil.misconception(
    """Attention was multiplied by the number of heads. The heads share the width n_embd; their number
    changes nothing.""",
    name="times_heads",
    replace="3 * C * C + 3 *",
    by="config.n_head * 3 * C * C + 3 *",
)
pencil.misconception(
    """That is one block. There are n_layer of them.""",
    name="one_block",
    replace="L * block",
    by="block",
)


@pencil.variant("gathered up")
def gathered(config):
    C = config.n_embd
    block = 12 * C**2 + 10 * C + (3 * C if config.qkv_bias else 0)
    total = (config.vocab_size + config.block_size + 2) * C + config.n_layer * block
    if not config.tied:
        total += config.vocab_size * C
    if config.head_bias:
        total += config.vocab_size
    return total
