"""04.build_layers: bricks into a wall."""

import torch

from graders.authoring import exercise

build = exercise("build_layers", title="bricks into a wall", points=2, pure=False)


@build.cases
def _(rng):
    for sizes, gain, batchnorm in [
        ([3, 5, 4, 2], 5 / 3, True),
        ([3, 5, 4, 2], 1.4, False),
        ([6, 2], 0.7, True),
        ([2, 6], 2.5, False),
        ([4, 4, 4, 4, 4], 0.5, True),
        ([5, 3, 6], -0.8, False),
    ]:
        yield dict(sizes=sizes, gain=gain, batchnorm=batchnorm, seed=rng.seed())


def numbers_in(layer):
    """(kind, its weight, gamma or beta); not whether there is a bias, which is checked by itself."""
    names = ("weight", "gamma", "beta", "running_mean", "running_var")
    found = {n: getattr(layer, n).detach() for n in names if hasattr(layer, n)}
    found.update({n: getattr(layer, n) for n in ("eps", "momentum") if hasattr(layer, n)})
    return [type(layer).__name__, found]


@build.scenario
def _(m, sizes, gain, batchnorm, seed):
    g = torch.Generator().manual_seed(seed)
    layers = m.build_layers(sizes, gain=gain, batchnorm=batchnorm, generator=g)
    return [numbers_in(layer) for layer in layers]


@build.check("defaults and positions")
def _(m, sizes, gain, batchnorm, seed):
    g = torch.Generator().manual_seed(seed)
    plain = [numbers_in(layer) for layer in m.build_layers(sizes, generator=g)]
    layers = m.build_layers(sizes, gain, batchnorm, g)
    return [plain, [numbers_in(layer) for layer in layers], len(m.build_layers(sizes))]


@build.check("biases")
def _(m, sizes, gain, batchnorm, seed):
    """Without BatchNorm each Linear needs one; before a BatchNorm either way is right."""
    layers = m.build_layers(sizes, gain, False, torch.Generator().manual_seed(seed))
    return [layer.bias.detach() for layer in layers if hasattr(layer, "bias")]


@build.check("new objects")
def _(m, sizes, gain, batchnorm, seed):
    """Each layer stands once in the list; a second network shares nothing; sizes stays as it is."""
    held = list(sizes)
    first = m.build_layers(sizes, gain, batchnorm)
    second = m.build_layers(sizes, gain, batchnorm)
    different = len({id(layer) for layer in [*first, *second]})
    return [isinstance(first, list), different == len(first) + len(second), sizes == held]


@build.check("it runs")
def _(m, sizes, gain, batchnorm, seed):
    g = torch.Generator().manual_seed(seed)
    layers = m.build_layers(sizes, gain, batchnorm, g)
    x = torch.linspace(-1, 2, 4 * sizes[0]).view(4, sizes[0]).sin()
    for layer in layers:
        x = layer(x)
    return x.detach()


build.hint("A loop over neighbors in sizes. What is different for the last pair?")
build.hint(
    "Hidden: linear.weight *= gain, then BatchNorm1d, then Tanh. Last: no gain, no Tanh; gamma *= 0.1, or "
    "without BatchNorm weight *= 0.1."
)
build.hint(
    "for i, (fan_in, fan_out) in enumerate(zip(sizes, sizes[1:])): hidden = i < len(sizes) - 2; make "
    "a Linear, scale it, append it, then BatchNorm1d(fan_out) if batchnorm, then Tanh() if hidden."
)

build.misconception(
    "The gain is forgotten: tanh squeezes in each layer, and nothing makes up for it.",
    name="no_gain",
    replace="linear.weight *= gain",
    by="pass",
)
build.misconception(
    "The gain is 5/3 whatever the argument says.",
    name="own_gain",
    replace="linear.weight *= gain",
    by="linear.weight *= 5 / 3",
)
build.misconception(
    "The last Linear got the gain, too. No tanh follows it.",
    name="gain_on_the_last",
    replace="        if hidden:\n            linear.weight *= gain\n        elif not batchnorm:\n",
    by="        linear.weight *= gain\n        if not hidden and not batchnorm:\n",
)
build.misconception(
    "The first layer did not get the gain. It is followed by a tanh like every hidden layer.",
    name="first_without_gain",
    replace="linear.weight *= gain",
    by="linear.weight *= gain if i else 1",
)
build.misconception(
    "Multiplied by the root of the gain, or by its square: the weight is multiplied by the gain itself.",
    name="gain_squared",
    replace="linear.weight *= gain",
    by="linear.weight *= gain * gain",
)
build.misconception(
    "The output layer is not made humble: the first loss is far above ln 27.",
    name="not_humble",
    edits=[
        ("linear.weight *= 0.1", "pass"),
        ("layers[-1].gamma *= 0.1", "pass"),
    ],
)
build.misconception(
    "With BatchNorm behind it, the last *weight* was made small. BatchNorm divides that out again: it "
    "is gamma that counts.",
    name="weight_before_batchnorm",
    edits=[
        ("elif not batchnorm:", "else:"),
        ("layers[-1].gamma *= 0.1", "pass"),
    ],
)
build.misconception(
    "Every gamma was multiplied by 0.1. Only the output layer is to be humble.",
    name="all_humble",
    replace="            if not hidden:\n                layers[-1].gamma *= 0.1\n",
    by="            layers[-1].gamma *= 0.1\n",
)
build.misconception(
    "A Tanh stands at the end as well. Logits may be any number; between -1 and 1 the network can never be "
    "sure.",
    name="tanh_at_the_end",
    replace="        if hidden:\n            layers.append(Tanh())",
    by="        if True:\n            layers.append(Tanh())",
)
build.misconception(
    "There is no BatchNorm1d after the last Linear. Here every Linear has one.",
    name="no_batchnorm_at_the_end",
    replace="        if batchnorm:\n            layers.append(BatchNorm1d(sizes[i + 1]))\n",
    by="        if batchnorm and hidden:\n            layers.append(BatchNorm1d(sizes[i + 1]))\n",
)
build.misconception(
    "BatchNorm1d comes after the Tanh. It belongs between Linear and Tanh, to keep the tanh from saturating.",
    name="batchnorm_after_tanh",
    edits=[
        ("        if batchnorm:\n",
         "        if hidden:\n            layers.append(Tanh())\n        if batchnorm:\n"),
        ("        if hidden:\n            layers.append(Tanh())\n    return", "    return"),
    ],
)  # fmt: skip
build.misconception(
    "The Tanh layers are missing: without them, all matrices together are one.",
    name="no_tanh",
    replace="        if hidden:\n            layers.append(Tanh())\n",
    by="",
)
build.misconception(
    "batchnorm=False is ignored: no BatchNorm1d at all is wanted then.",
    name="always_batchnorm",
    replace="        if batchnorm:\n            layers",
    by="        if True:\n            layers",
)
build.misconception(
    "The generator is not handed to the Linears: no run can be repeated.",
    name="generator_ignored",
    replace="generator=generator)",
    by="generator=torch.Generator().manual_seed(i))",
)
build.misconception(
    "Without BatchNorm the Linears have no bias either. Then nothing in the network can shift.",
    name="never_bias",
    replace="bias=not batchnorm",
    by="bias=False",
)
build.misconception(
    "One Tanh object stands in the list several times: its .out is overwritten by the next use. Make a new "
    "one for each layer.",
    name="one_tanh",
    edits=[
        ("    layers = []\n", "    layers, tanh = [], Tanh()\n"),
        ("layers.append(Tanh())", "layers.append(tanh)"),
    ],
)
build.misconception(
    "The last pair of sizes was left out: three sizes make two Linears.",
    name="one_too_few",
    edits=[
        ("range(len(sizes) - 1)", "range(len(sizes) - 2)"),
        ("len(sizes) - 2\n", "len(sizes) - 3\n"),
    ],
)
build.misconception(
    "The list is nested, one list for each layer. Make it flat.",
    name="nested",
    replace="    return layers",
    by="    return [[layer] for layer in layers]",
)

build.variant(
    "hidden layers first, with a bias before BatchNorm",
    name="pairs",
    source="""
def build_layers(sizes, gain=5 / 3, batchnorm=True, generator=None):
    layers = []
    *hidden, last = list(zip(sizes[:-1], sizes[1:]))
    for fan_in, fan_out in hidden:
        linear = Linear(fan_in, fan_out, generator=generator)
        linear.weight = linear.weight * gain
        layers += [linear] + [BatchNorm1d(fan_out)] * batchnorm + [Tanh()]
    layers += [Linear(*last, generator=generator)]
    if batchnorm:
        layers += [BatchNorm1d(last[1])]
        layers[-1].gamma = 0.1 * layers[-1].gamma
    else:
        layers[-1].weight = layers[-1].weight / 10
    return layers
""",
)
build.variant(
    "built, then scaled",
    name="scaled_afterwards",
    source="""
def build_layers(sizes, gain=5 / 3, batchnorm=True, generator=None):
    layers = []
    for i in range(1, len(sizes)):
        layers.append(Linear(sizes[i - 1], sizes[i], True, generator))
        if batchnorm:
            layers.append(BatchNorm1d(sizes[i]))
        layers.append(Tanh())
    layers.pop()
    with torch.no_grad():
        linears = [layer for layer in layers if isinstance(layer, Linear)]
        for layer in linears[:-1]:
            layer.weight.mul_(gain)
        layers[-1].parameters()[0].mul_(0.1)
    return layers
""",
)

build.equivalent(
    "Linear(sizes[i], sizes[i + 1], bias=not batchnorm, generator=generator)  ->  "
    "Linear(sizes[i], sizes[i + 1], generator=generator)",
    'before a BatchNorm, a bias is right as well (see the check "biases")',
)

build.equivalent(
    "Linear(sizes[i], sizes[i + 1], bias=not batchnorm, generator=generator)  ->  "
    "Linear(sizes[i], sizes[i + 1], generator=generator)",
    'before a BatchNorm, a bias is right as well (see the check "biases")',
)
