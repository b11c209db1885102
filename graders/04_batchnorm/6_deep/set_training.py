"""04.set_training: the switch reaches every layer."""

import torch

from graders.authoring import exercise

switch = exercise("set_training", title="the switch reaches every layer", pure=False)


@switch.cases
def _(rng):
    for dims in ([2], [3, 1], [2, 4, 3], []):
        yield dict(dims=dims, modes=[False, False, True, False])
        yield dict(dims=dims, modes=rng.shuffled([True, True, False, True]))


def mixed(m, dims):
    layers = [m.Tanh()]
    for dim in dims:
        layers += [m.Linear(dim, dim), m.BatchNorm1d(dim), m.Tanh()]
    return layers


@switch.scenario
def _(m, dims, modes):
    """The flags of all BatchNorm1d after each call; of the network, and of another one."""
    layers, others, seen = mixed(m, dims), mixed(m, dims), []
    shared = getattr(m.BatchNorm1d, "training", None)  # the class must be left alone
    for mode in modes:
        returned = m.set_training(layers, mode)
        flags = [n.training for n in [*layers, *others] if isinstance(n, m.BatchNorm1d)]
        seen.append([flags, len(layers), returned is None])
    same = getattr(m.BatchNorm1d, "training", None) is shared
    return [seen, m.BatchNorm1d(2).training, same]


@switch.check("what it is for")
def _(m, dims, modes):
    """In eval mode the running statistics are used, and left alone."""
    layers, seen = mixed(m, dims), []
    norms = [layer for layer in layers if isinstance(layer, m.BatchNorm1d)]
    for mode in modes:
        m.set_training(layers, mode)
        for norm in norms:
            dim = len(norm.running_mean)
            x = torch.arange(3.0 * dim).view(3, dim)
            seen.append([norm(x).detach(), norm.running_mean.clone()])
    return seen


switch.hint("Which layers look at a flag, and at whose?")
switch.hint("A loop that sets an attribute of each layer.")
switch.hint("for layer in layers: layer.training = mode")

switch.misconception(
    "No flag has changed. `training = mode` makes a variable of your own, `==` only compares, and no layer "
    "looks at an attribute of another name: assign to layer.training.",
    name="a_variable",
    replace="layer.training = mode",
    by="training = mode",
)
switch.misconception(
    "The mode is ignored: True means training, False eval.",
    name="mode_ignored",
    replace="layer.training = mode",
    by="layer.training = False",
)
switch.misconception(
    "The mode is the wrong way round.",
    name="inverted",
    replace="layer.training = mode",
    by="layer.training = not mode",
)
switch.misconception(
    "The flag was flipped. Calling it twice with False must leave eval mode on: set it.",
    name="flipped",
    replace="layer.training = mode",
    by="layer.training = not getattr(layer, 'training', True)",
)
switch.misconception(
    "Only the first BatchNorm1d was told. Do not stop there.",
    name="first_only",
    replace="        layer.training = mode\n",
    by="        layer.training = mode\n        if isinstance(layer, BatchNorm1d):\n            break\n",
)
switch.misconception(
    "Only the last layer was told: the assignment stands after the loop.",
    name="last_only",
    replace="        layer.training = mode\n",
    by="        pass\n    layers[-2 if len(layers) > 1 else -1].training = mode\n",
)
switch.misconception(
    "You set the flag of the *class*. Every layer has a flag of its own, and looks at that first.",
    name="on_the_class",
    replace="layer.training = mode",
    by="type(layer).training = mode",
)

switch.variant(
    "only those who look at it",
    name="batchnorm_only",
    replace="        layer.training = mode\n",
    by="        if isinstance(layer, BatchNorm1d):\n            layer.training = mode\n",
)
switch.variant(
    "setattr",
    name="setattr",
    replace="layer.training = mode",
    by='setattr(layer, "training", bool(mode))',
)
