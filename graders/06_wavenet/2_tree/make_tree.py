"""06.make_tree: the hierarchical model."""

import torch

from graders.authoring import exercise

tree = exercise("make_tree", title="the hierarchical model", points=2)


@tree.cases
def _(rng):
    for v, block_size, d, h in [(5, 4, 3, 4), (7, 8, 2, 5), (4, 2, 3, 6), (3, 16, 1, 2)]:
        ix = rng.integers(0, v, 3, block_size)
        yield dict(v=v, block_size=block_size, d=d, h=h, ix=ix, seed=rng.seed())


def names_of(layer, m):
    """The layer's class, and its sizes where they are not in its parameters."""
    name = type(layer).__name__
    if isinstance(layer, m.FlattenConsecutive):
        name += f"({layer.n})"
    if isinstance(layer, m.Linear):
        name += " with bias" if layer.bias is not None else " without bias"
    return name


@tree.scenario
def _(m, v, block_size, d, h, ix, seed):
    model = m.make_tree(v, block_size, d, h)
    shapes = [tuple(p.shape) for p in model.parameters()]
    # the same object twice would share its weights; a Tanh has none to share
    learning = [layer for layer in model.layers if layer.parameters()]
    distinct = len({id(layer) for layer in learning}) == len(learning)
    return {
        "layers": [names_of(layer, m) for layer in model.layers],
        "parameters": shapes,
        "layers have weights of their own": distinct,
        "training": model.training,
    }


@tree.check("forward")
def _(m, v, block_size, d, h, ix, seed):
    """With weights that everybody has, training and eval mode, and a batch of one."""
    model = m.make_tree(v, block_size, d, h)
    for layer in model.layers:  # in double precision: a BatchNorm of three examples amplifies
        for name in ("weight", "bias", "gamma", "beta", "running_mean", "running_var"):
            if getattr(layer, name, None) is not None:
                setattr(layer, name, getattr(layer, name).double())
    for i, p in enumerate(model.parameters()):
        p.data.copy_(torch.sin(torch.arange(p.numel()).double() * 1.7 + i).view(p.shape))
    trained = model(ix).detach()  # parameters may require a gradient already
    model.eval()
    few = model(ix[:1]).detach()
    return {"in training mode": trained, "in eval mode": model(ix).detach(), "batch of one": few}


@tree.check("initial values")
def _(m, v, block_size, d, h, ix, seed):
    g = torch.Generator().manual_seed(seed)
    model = m.make_tree(v, block_size, d, h, g)
    return [p.detach().clone() for p in model.parameters()], torch.rand(2, generator=g)


@tree.check("the sizes of the lecture")
def _(m, v, block_size, d, h, ix, seed):
    sizes = []
    for width in ((10, 68), (24, 128)):
        model = m.make_tree(27, 8, *width)
        sizes.append(sum(p.numel() for p in model.parameters()))
    return sizes


@tree.oracle("the sizes of the lecture")
def _(v, block_size, d, h, ix, seed):
    return [22_397, 76_579]


tree.hint(
    "How many levels does a block_size of 8 take? Of 16? What is the width that goes into each?"
)
tree.hint(
    "The first level takes in 2 * n_embd numbers, every later one 2 * n_hidden: keep a variable "
    "fan_in and let it become n_hidden after the first."
)
tree.hint(
    "layers = [Embedding(...)]; for each of log2(block_size) levels add FlattenConsecutive(2), "
    "Linear(2 * fan_in, n_hidden, bias=False, g=g), BatchNorm1d(n_hidden), Tanh(); then the last "
    "Linear, whose weight *= 0.1."
)

tree.misconception(
    "The levels' Linear layers have a bias. BatchNorm subtracts it again: bias=False.",
    name="with_bias",
    replace="n_hidden, bias=False, g=g)",
    by="n_hidden, g=g)",
)
tree.misconception(
    "The output layer has no bias. No BatchNorm comes after it, so it needs one of its own.",
    name="output_without_bias",
    replace="Linear(n_hidden, vocab_size, g=g)",
    by="Linear(n_hidden, vocab_size, bias=False, g=g)",
)
tree.misconception(
    "Three levels are written into the code. Their number follows from block_size: "
    "log2(block_size).",
    name="always_three",
    replace="range(int(math.log2(block_size)))",
    by="range(3)",
)
tree.misconception(
    "block_size // 2 is not the number of levels: each level halves the number of positions, so "
    "it is log2(block_size), 4 for 16.",
    name="half_as_many",
    replace="int(math.log2(block_size))",
    by="block_size // 2",
)
tree.misconception(
    "One level is missing: at the top more than one group is left.",
    name="one_level_short",
    replace="int(math.log2(block_size))",
    by="int(math.log2(block_size)) - 1",
)
tree.misconception(
    "All characters are merged at the first level: that is the flat network. Merge 2 at a time.",
    name="flat",
    edits=[
        ("range(int(math.log2(block_size)))", "range(1)"),
        ("FlattenConsecutive(2),\n", "FlattenConsecutive(block_size),\n"),
        ("Linear(2 * fan_in", "Linear(block_size * fan_in"),
    ],
)
tree.misconception(
    "Every level takes in n_embd channels. Only the first does; the later ones take in n_hidden.",
    name="fan_in_stays",
    replace="        fan_in = n_hidden\n",
    by="",
)
tree.misconception(
    "The width of two neighbors side by side is 2 * fan_in: the Linear layer is too small for "
    "them.",
    name="not_doubled",
    replace="Linear(2 * fan_in",
    by="Linear(fan_in",
)
tree.misconception(
    "BatchNorm is missing at the levels.",
    name="no_batchnorm",
    replace="            BatchNorm1d(n_hidden),\n",
    by="",
)
tree.misconception(
    "The nonlinearity is missing: without Tanh the whole tree is one linear function.",
    name="no_tanh",
    replace="            Tanh(),\n",
    by="",
)
tree.misconception(
    "BatchNorm and Tanh are the wrong way round: normalize what goes into the Tanh, so that it "
    "does not saturate.",
    name="tanh_first",
    replace="            BatchNorm1d(n_hidden),\n            Tanh(),\n",
    by="            Tanh(),\n            BatchNorm1d(n_hidden),\n",
)
tree.misconception(
    "The output layer's weight was not scaled: multiply it by 0.1, or the untrained model is sure "
    "of nonsense.",
    name="not_scaled",
    replace="    layers[-1].weight *= 0.1\n",
    by="",
)
tree.misconception(
    "The last level squashes the logits with a Tanh: logits are not bounded, no Tanh after the "
    "output layer.",
    name="tanh_on_top",
    replace="    return Sequential(layers)",
    by="    layers.append(Tanh())\n    return Sequential(layers)",
)
tree.misconception(
    "The embedding does not use the generator: pass g, so that a seed gives the same model each "
    "time.",
    name="embedding_without_g",
    replace="Embedding(vocab_size, n_embd, g)",
    by="Embedding(vocab_size, n_embd)",
)
tree.misconception(
    "The levels' Linear layers do not use the generator: pass g=g to every one.",
    name="levels_without_g",
    replace="n_hidden, bias=False, g=g)",
    by="n_hidden, bias=False)",
)
tree.misconception(
    "The output layer does not use the generator: pass g=g to it as well.",
    name="output_without_g",
    replace="Linear(n_hidden, vocab_size, g=g)",
    by="Linear(n_hidden, vocab_size)",
)
tree.misconception(
    "g is not used at all: pass it to the embedding and to every Linear, so that a seed gives the "
    "same model each time.",
    name="no_g",
    edits=[
        ("Embedding(vocab_size, n_embd, g)", "Embedding(vocab_size, n_embd)"),
        ("n_hidden, bias=False, g=g)", "n_hidden, bias=False)"),
        ("Linear(n_hidden, vocab_size, g=g)", "Linear(n_hidden, vocab_size)"),
    ],
)
tree.misconception(
    "Linear's third argument is bias, not g: Linear(2 * fan_in, n_hidden, g) turns the bias on and "
    "leaves the generator out. Write bias=False, g=g.",
    name="g_for_bias",
    replace="n_hidden, bias=False, g=g)",
    by="n_hidden, g)",
)
tree.misconception(
    "A generator of its own, with a fixed seed, gives the same model whatever is handed in. Use g.",
    name="own_generator",
    replace="    layers = [Embedding",
    by="    g = torch.Generator().manual_seed(42)\n    layers = [Embedding",
)
tree.misconception(
    "27 is written into the code: use vocab_size.",
    name="always_27",
    edits=[
        ("Embedding(vocab_size, n_embd, g)", "Embedding(27, n_embd, g)"),
        ("Linear(n_hidden, vocab_size, g=g)", "Linear(n_hidden, 27, g=g)"),
    ],
)
tree.misconception(
    "Every Linear's weight was multiplied by 0.1. Only the last one's is: BatchNorm undoes it in "
    "the others, and the Tanh needs numbers of the order of 1.",
    name="all_scaled",
    replace="    layers[-1].weight *= 0.1\n",
    by="    for layer in layers:\n        if isinstance(layer, Linear):\n"
    "            layer.weight *= 0.1\n",
)
tree.misconception(
    "The levels are containers inside the container. The same numbers come out, but here all "
    "layers stand in one flat list, model.layers, so that the last weight is layers[-1].weight.",
    name="nested",
    replace="return Sequential(layers)",
    by="return Sequential([layers[0], Sequential(layers[1:-1]), layers[-1]])",
)
tree.misconception(
    "One level was made and used over and over: all levels share the same weights. Positions "
    "share, levels do not: make new layers for each.",
    name="shared_levels",
    replace="        fan_in = n_hidden\n",
    by="        fan_in = n_hidden\n"
    "        if len(layers) > 9:\n"
    "            layers[-3:] = layers[-7:-4]\n",
)
tree.misconception(
    "You return the list of layers. Put it into a Sequential, so that it can be called.",
    name="a_list",
    replace="return Sequential(layers)",
    by="return layers",
)

tree.variant(
    "widths in a list",
    name="widths",
    source="""def make_tree(vocab_size, block_size, n_embd, n_hidden, g=None):
    levels = block_size.bit_length() - 1
    widths = [n_embd] + [n_hidden] * levels
    layers = [Embedding(vocab_size, n_embd, g)]
    for before, after in zip(widths[:-1], widths[1:]):
        layers.append(FlattenConsecutive(2))
        layers.append(Linear(before * 2, after, False, g))
        layers.append(BatchNorm1d(after))
        layers.append(Tanh())
    last = Linear(n_hidden, vocab_size, g=g)
    last.weight = last.weight * 0.1
    return Sequential(layers + [last])
""",
)
tree.variant(
    "halving until one is left",
    name="halving",
    source="""def make_tree(vocab_size, block_size, n_embd, n_hidden, g=None):
    layers, width, left = [Embedding(vocab_size, n_embd, g=g)], n_embd, block_size
    while left > 1:
        linear = Linear(2 * width, n_hidden, g=g, bias=False)
        layers = layers + [FlattenConsecutive(2), linear, BatchNorm1d(n_hidden), Tanh()]
        width, left = n_hidden, left // 2
    layers.append(Linear(width, vocab_size, bias=True, g=g))
    with torch.no_grad():
        layers[-1].weight.mul_(0.1)
    return Sequential(layers)
""",
)
tree.variant(
    "one Tanh and one FlattenConsecutive for all levels, and gradients switched on",
    name="shared_without_weights",
    source="""def make_tree(vocab_size, block_size, n_embd, n_hidden, g=None):
    pairs, tanh = FlattenConsecutive(2), Tanh()
    layers = [Embedding(vocab_size, n_embd, g)]
    for level in range(round(math.log(block_size, 2))):
        linear = Linear(2 * (n_hidden if level else n_embd), n_hidden, bias=False, g=g)
        layers += [pairs, linear, BatchNorm1d(n_hidden), tanh]
    layers.append(Linear(n_hidden, vocab_size, g=g))
    layers[-1].weight /= 10
    model = Sequential(layers)
    for p in model.parameters():
        p.requires_grad = True
    return model
""",
)
