"""09.gpt_layers: the model's layers under their names, and one table under two."""

import torch

from graders.authoring import exercise

from .part import CONFIGS, FIELDS, names, shapes

layers = exercise(
    "gpt_layers",
    target="GPT.__init__",
    title="all layers, and the tied table",
    points=2,
    pure=False,
)


@layers.cases
def _(rng):
    for sizes in CONFIGS:
        yield dict(zip(FIELDS, sizes, strict=True))
    yield dict(zip(FIELDS, (3, rng.integer(12, 20), 4, 5, 5), strict=True))


@layers.scenario
def _(m, **sizes):
    config = m.GPTConfig(**sizes)
    model = m.GPT(config)
    t = model.transformer
    return {
        "names": names(model, [*shapes(**sizes), "lm_head.weight"]),
        "the config is kept": model.config is config,
        "n_layer Blocks": [isinstance(block, m.Block) for block in t.h],
        "eps of ln_f": t.ln_f.eps,
        # an Embedding knows its sizes apart from its table, which is another one once it is tied
        "num_embeddings of wte": getattr(t.wte, "num_embeddings", len(t.wte.weight)),
    }


@layers.check("one table")
def _(m, **sizes):
    """What is done to one table is done to the other, and every block is its own."""
    model = m.GPT(m.GPTConfig(**sizes))
    head, table = model.lm_head.weight, model.transformer.wte.weight
    before = table.detach().clone()
    with torch.no_grad():
        head += 1.0
    return {
        "lm_head.weight is transformer.wte.weight": head is table,
        "wte follows lm_head": bool(torch.equal(table, before + 1.0)),
        "how many parameters": len(list(model.parameters())),
    }


@layers.check("the last line")
def _(m, **sizes):
    """Whether init_weights is called, and with what; it is another exercise, and not asked here."""
    plain, came = m.GPT.init_weights, []
    given = torch.Generator().manual_seed(sizes["vocab_size"])
    try:
        m.GPT.init_weights = lambda self, generator=None: came.append(generator)
        m.GPT(m.GPTConfig(**sizes), given)
        m.GPT(m.GPTConfig(**sizes))
    finally:
        m.GPT.init_weights = plain
    return {
        "seed of the generator that init_weights got": [
            g.initial_seed() if isinstance(g, torch.Generator) else g for g in came
        ]
    }


@layers.oracle("the last line")
def _(vocab_size, **sizes):
    return {"seed of the generator that init_weights got": [vocab_size, None]}


# who draws a matrix twice has drawn more
layers.legal("the generator drawn from once more", "The order of the draws is up to you")

layers.hint("Two Embeddings, a ModuleList of Blocks, a LayerNorm, and a Linear without bias.")
layers.hint(
    "A ModuleDict (or an empty nn.Module) called transformer holds wte, wpe, h and ln_f. A plain Python "
    "list hides its blocks from torch: nn.ModuleList."
)
layers.hint("Tying is one assignment: self.transformer.wte.weight = self.lm_head.weight.")

TIE = "self.transformer.wte.weight = self.lm_head.weight"

layers.misconception(
    """wte and lm_head have a table each. Equal numbers at the start are not enough, since each would go its
    own way: assign the Parameter itself, self.transformer.wte.weight = self.lm_head.weight.""",
    name="untied",
    replace=TIE,
    by="self.transformer.wte.weight.data.copy_(self.lm_head.weight.data)",
)
layers.misconception(
    """Both tables share their memory but are two Parameters (`.data` was assigned): each has its own
    gradient, half of the whole, and optimizers treat them as two. Assign the Parameter itself.""",
    name="tied_by_data",
    replace=TIE,
    by="self.transformer.wte.weight.data = self.lm_head.weight.data",
)
layers.misconception(
    """All layers are one and the same Block (`[Block(config)] * n_layer`). Make a new one for each.""",
    name="one_block",
    replace="[Block(config) for _ in range(config.n_layer)]",
    by="[Block(config)] * config.n_layer",
)
layers.misconception(
    """The blocks stand in a plain list. torch does not look into lists: their parameters would never be
    saved, moved or trained. Use nn.ModuleList.""",
    name="plain_list",
    replace="nn.ModuleList([Block(config) for _ in range(config.n_layer)])",
    by="[Block(config) for _ in range(config.n_layer)]",
)
layers.misconception(
    """lm_head has a bias. In GPT-2 it has none: bias=False.""",
    name="head_with_bias",
    replace=", bias=False",
    by="",
)
layers.misconception(
    """wpe has a row for each token of the vocabulary. It needs one for each position: block_size.""",
    name="wpe_by_vocabulary",
    replace="nn.Embedding(config.block_size,",
    by="nn.Embedding(config.vocab_size + 0,",
)
layers.misconception(
    """ln_f is missing: one more LayerNorm stands between the last block and the head.""",
    name="no_ln_f",
    replace="        t.ln_f = nn.LayerNorm(config.n_embd)\n",
    by="",
)
layers.misconception(
    """init_weights is not called, so the numbers stay as torch's layers draw them. The line that calls it,
    given, belongs behind yours.""",
    name="not_initialized",
    replace="        self.init_weights(generator)\n",
    by="",
)
layers.misconception(
    """The generator does not reach init_weights: the same seed would give another model each time.""",
    name="without_the_generator",
    replace="self.init_weights(generator)",
    by="self.init_weights()",
)
layers.variant(
    "the dict at once, tied the other way round",
    name="module_dict",
    source="""
    def __init__(self, config, generator=None):
        super().__init__()
        self.config = config
        self.transformer = nn.ModuleDict(dict(
            wte=nn.Embedding(config.vocab_size, config.n_embd),
            wpe=nn.Embedding(config.block_size, config.n_embd),
            h=nn.ModuleList(Block(config) for _ in range(config.n_layer)),
            ln_f=nn.LayerNorm(config.n_embd),
        ))
        self.lm_head = nn.Linear(config.n_embd, config.vocab_size, bias=False)
        self.lm_head.weight = self.transformer.wte.weight
        self.init_weights(generator)
    """,
)
