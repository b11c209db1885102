"""06.sequential_train: the switch reaches everyone."""

import torch

from graders.authoring import exercise

from .part import every_kind

switch = exercise(
    "sequential_train", target="Sequential.train", title="the switch reaches everyone", pure=False
)


@switch.cases
def _(rng):
    for nested in (0, 1, 2):
        for d, modes in enumerate(
            [[False, True, False], [True, False], [True, True, False, False]], 1
        ):
            sizes = dict(v=rng.integer(3, 6), d=d, h=rng.integer(2, 6))
            yield dict(**sizes, nested=nested, modes=rng.shuffled(modes) if d == 3 else modes)


def containers(m, model):
    """The containers inside a model, at any depth."""
    inner = [layer for layer in model.layers if isinstance(layer, m.Sequential)]
    return inner + [found for layer in inner for found in containers(m, layer)]


@switch.scenario
def _(m, v, d, h, nested, modes):
    model, layers = every_kind(m, v, d, h, nested)
    inside = containers(m, model)
    for layer in layers:
        layer.training = not modes[0]  # nobody's flag may be taken for granted
    seen = []
    for mode in modes:
        model.train(mode)
        # through the attribute, as BatchNorm1d will see it
        seen.append(
            {
                "the container": model.training,
                "its layers": [layer.training for layer in layers],
                "containers inside": [layer.training for layer in inside],
            }
        )
    return seen


@switch.check("returns itself")
def _(m, v, d, h, nested, modes):
    model, layers = every_kind(m, v, d, h, nested)
    answers = {}
    ways = [model.eval, model.train, lambda: model.train(False), lambda: model.train(mode=True)]
    for way, text in zip(
        ways, ["eval()", "train()", "train(False)", "train(mode=True)"], strict=True
    ):
        answers[f"{text} returns the model"] = way() is model
        answers[f"training after {text}"] = [model.training, layers[0].training]
    late = m.Tanh()
    model.layers.append(late)
    model.train(False)
    answers["training of a layer that came later"] = late.training
    return answers


@switch.check("other models")
def _(m, v, d, h, nested, modes):
    """A second model in another mode is not touched, nor is one made later."""
    first, _ = every_kind(m, v, d, h, nested)
    second, layers = every_kind(m, v, d, h, nested)
    first.train(False)
    third, later = every_kind(m, v, d, h, nested)
    flags = [layer.training for layer in [second, third, *layers, *later]]
    switched = first.training
    first.train(True)
    return {"the model itself": switched, "others": flags}


@switch.check("statistics")
def _(m, v, d, h, nested, modes):
    """What it is for: in eval mode, BatchNorm answers for each example alone."""
    model, layers = every_kind(m, v, d, h, nested)
    norm = next(layer for layer in layers if isinstance(layer, m.BatchNorm1d))
    ix = torch.arange(v).view(-1, 1)
    for p in model.parameters():
        p.copy_(torch.linspace(-1, 1, p.numel()).view(p.shape))
    model.train(True)
    model(ix)
    kept = norm.running_mean.clone()
    model.train(False)
    together = model(ix)
    alone = torch.cat([model(ix[i : i + 1]) for i in range(v)])
    difference = (together - alone).abs().max().item()
    unchanged = torch.equal(kept, norm.running_mean)
    return {
        "in eval mode one example alone gives the same": difference < 1e-4,
        "in eval mode running_mean stays": unchanged,
        "model.training": model.training,
    }


switch.hint("Who has to know? The container, and who else?")
switch.hint("Call train(mode) of each layer, do not set its flag: it may be a container itself.")
switch.hint("self.training = mode; for layer in self.layers: layer.train(mode); return self")

switch.misconception(
    "Only the container's own flag changed. BatchNorm1d looks at its own: pass the mode on to "
    "every layer.",
    name="top_only",
    replace="        for layer in self.layers:\n            layer.train(mode)\n",
    by="",
)
switch.misconception(
    "The layers' flags were set, but a container inside only had its own flag set, and its layers "
    "heard nothing. Call layer.train(mode) instead.",
    name="one_level",
    replace="layer.train(mode)",
    by="layer.training = mode",
)
switch.misconception(
    "The layers are told, but the container itself is not: set self.training, too, since whoever "
    "evaluates asks model.training.",
    name="self_forgotten",
    replace="self.training = mode",
    by="pass",
)
switch.misconception(
    "The mode is ignored for the layers: layer.train() without an argument always means training "
    "mode, so eval() leaves them as they are. Pass mode on.",
    name="mode_not_passed",
    replace="layer.train(mode)",
    by="layer.train()",
)
switch.misconception(
    "The mode is ignored: train(False) means eval mode. Use the argument.",
    name="mode_ignored",
    edits=[
        ("self.training = mode", "self.training = True"),
        ("layer.train(mode)", "layer.train()"),
    ],
)
switch.misconception(
    "The mode is the wrong way round: mode=True means training mode.",
    name="inverted",
    edits=[
        ("self.training = mode", "self.training = not mode"),
        ("layer.train(mode)", "layer.train(not mode)"),
    ],
)
switch.misconception(
    "train() without an argument means training mode: the default of mode is True.",
    name="default",
    replace="mode=True):",
    by="mode=False):",
)
switch.misconception(
    "You flipped the flag. train(mode) sets it: calling train(False) twice must leave eval mode "
    "on.",
    name="flipped",
    edits=[
        ("self.training = mode", "self.training = not self.training"),
        ("layer.train(mode)", "layer.train(self.training)"),
    ],
)
switch.misconception(
    "Nothing is returned. Return self, so that model = Sequential(...).eval() works.",
    name="returns_nothing",
    replace="return self",
    by="return None",
)
switch.misconception(
    "`return self` stands inside the loop, so only the first layer is told.",
    name="returns_early",
    replace="            layer.train(mode)\n",
    by="            layer.train(mode)\n            return self\n",
)
switch.misconception(
    "You set the flag of the class, which all modules share: other models switched as well. Set it "
    "on the object.",
    name="on_the_class",
    edits=[
        ("self.training = mode", "Module.training = mode"),
        (
            "        for layer in self.layers:\n            layer.train(mode)\n",
            "",
        ),
    ],
)
switch.misconception(
    "Only layers of the type BatchNorm1d were told, so that containers inside the container are "
    "skipped, with the BatchNorm1d in them. Tell every layer, of any type.",
    name="batchnorm_only",
    replace="            layer.train(mode)\n",
    by="            if isinstance(layer, BatchNorm1d):\n                layer.train(mode)\n",
)
switch.misconception(
    "You stopped because the container was in this mode already. Its layers need not be: one may "
    "have been switched on its own, or added later. Always pass the mode on.",
    name="already",
    replace="        self.training = mode\n",
    by="        if self.training == mode:\n            return self\n        self.training = mode\n",
)
switch.misconception(
    "The layers at the bottom were told, the containers between were not: they are in a mode, too. "
    "Call train(mode) of each of your own layers, and let a container pass it on.",
    name="leaves_only",
    source="""def train(self, mode=True):
    self.training = mode
    todo = list(self.layers)
    while todo:
        layer = todo.pop()
        if isinstance(layer, Sequential):
            todo += layer.layers
        else:
            layer.training = mode
    return self
""",
)
switch.misconception(
    "Layers without parameters were left out. Each has a flag (a Dropout has nothing else), and an "
    "empty container has one, too: tell every layer.",
    name="with_parameters",
    replace="            layer.train(mode)\n",
    by="            if layer.parameters():\n                layer.train(mode)\n",
)
switch.misconception(
    "The layers are told about eval mode only, so they never come back: pass on mode, whatever it "
    "is.",
    name="eval_only",
    replace="            layer.train(mode)\n",
    by="            if not mode:\n                layer.eval()\n",
)

switch.variant(
    "through the base class",
    name="super",
    source="""def train(self, mode=True):
    for layer in self.layers:
        layer.train(mode)
    return super(Sequential, self).train(mode)
""",
)
switch.variant(
    "a work list, no recursion",
    name="work_list",
    source="""def train(self, mode=True):
    todo = [self]
    while todo:
        module = todo.pop()
        module.training = mode
        todo += getattr(module, "layers", [])
    return self
""",
)
