"""09.where_parameters: how many are where."""

from graders.authoring import exercise
from graders.counting import Layers

from .part import CONFIGS, FIELDS, shapes

where = exercise("where_parameters", title="where the parameters are")


@where.cases
def _(rng):
    for sizes in CONFIGS:
        yield dict(zip(FIELDS, sizes, strict=True))
    yield dict(zip(FIELDS, (1024, 50257, 12, 12, 768), strict=True))
    hs = rng.integer(1, 6)
    sizes = (rng.integer(1, 40), rng.integer(1, 90), rng.integer(4, 9), 7, 7 * hs)
    yield dict(zip(FIELDS, sizes, strict=True))


@where.scenario
def _(m, **sizes):
    return m.where_parameters(m.GPTConfig(**sizes))


@where.oracle
def _(**sizes):
    """Every tensor of the model, one by one."""
    found = dict.fromkeys(("wte", "wpe", "attn", "mlp", "ln"), 0)
    for name, shape in shapes(**sizes).items():
        count = shape[0] if len(shape) == 1 else shape[0] * shape[1]
        for key in found:
            if f".{key}." in name or (key == "ln" and ".ln_" in name):
                found[key] += count
    return found


def some(rng):
    for sizes in CONFIGS[:2]:
        yield dict(zip(FIELDS, sizes, strict=True)) | {"n_layer": rng.integer(2, 9), "n_embd": 60}


@where.check("without a model", cases=some)
def _(m, **sizes):
    with Layers(m) as layers:
        found = m.where_parameters(m.GPTConfig(**sizes))
    return {"found": found, "a layer, or a tensor as large, was made": layers.made}


where.hint("A Linear from a to b: a * b weights and b biases. A LayerNorm: 2 * n_embd.")
where.hint("attn, per layer: (C * 3 C + 3 C) + (C * C + C); mlp: (C * 4 C + 4 C) + (4 C * C + C).")
where.hint("Two LayerNorms in each layer and ln_f at the end: (2 * n_layer + 1) * 2 * n_embd.")

where.misconception(
    """The biases of attn and mlp are missing: every Linear there has one for each column that comes out.""",
    name="no_biases",
    edits=[
        ("((C * 3 * C + 3 * C) + (C * C + C))", "(C * 3 * C + C * C)"),
        ("((C * 4 * C + 4 * C) + (4 * C * C + C))", "(C * 4 * C + 4 * C * C)"),
    ],
)
where.misconception(
    """ln_f is missing: besides the two LayerNorms of each layer there is one at the end.""",
    name="no_ln_f",
    replace="(2 * L + 1) * 2 * C",
    by="2 * L * 2 * C",
)
where.misconception(
    """Each LayerNorm was counted with n_embd numbers. It has a weight and a bias: 2 * n_embd.""",
    name="half_a_norm",
    replace="(2 * L + 1) * 2 * C",
    by="(2 * L + 1) * C",
)
where.misconception(
    """The table was counted twice. wte and lm_head are tied: they are the same numbers.""",
    name="head_twice",
    replace="config.vocab_size * C",
    by="2 * config.vocab_size * C",
)
where.misconception(
    """These are the numbers of one layer. attn, mlp and ln count all n_layer of them.""",
    name="one_layer",
    edits=[
        ("L * ((C * 3", "((C * 3"),
        ("L * ((C * 4", "((C * 4"),
        ("(2 * L + 1) * 2 * C", "3 * 2 * C"),
    ],
)
where.misconception(
    """c_proj of attn is missing: after the 3 C columns of q, k and v comes another (C, C), with a bias.""",
    name="no_attn_projection",
    replace=" + (C * C + C)",
    by="",
)
where.misconception(
    """wpe has a row for each position: block_size rows, not vocab_size.""",
    name="wpe_by_vocabulary",
    replace="config.block_size * C",
    by="config.vocab_size * C * 1",
)
where.misconception(
    """Right, but a model was built, or a part of one, and its tensors counted. Go by the sizes in the
    configuration alone: then you know the size of a model that you could not build.""",
    name="built",
    source="""
    def where_parameters(config):
        found = dict.fromkeys(("wte", "wpe", "attn", "mlp", "ln"), 0)
        with torch.device("meta"):
            named = list(GPT(config).named_parameters())
        for name, p in named:
            for key in found:
                if f".{key}." in name or (key == "ln" and ".ln_" in name):
                    found[key] += p.numel()
        return found
    """,
)
where.variant(
    "collected in terms of C",
    name="collected",
    source="""
    def where_parameters(config):
        C, L = config.n_embd, config.n_layer
        return dict(
            ln=4 * C * L + 2 * C, mlp=L * (8 * C**2 + 5 * C), attn=4 * L * C * (C + 1),
            wpe=C * config.block_size, wte=C * config.vocab_size,
        )
    """,
)
