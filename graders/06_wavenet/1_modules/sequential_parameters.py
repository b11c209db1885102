"""06.sequential_parameters: who learns."""

import torch

from graders.authoring import exercise

from .part import every_kind

parameters = exercise(
    "sequential_parameters", target="Sequential.parameters", title="who learns", pure=False
)


@parameters.cases
def _(rng):
    for nested, (v, d, h) in enumerate([(5, 3, 4), (4, 2, 6), (3, 1, 2)]):
        yield dict(v=v, d=d, h=h, step=rng.number(0.5, 2), nested=nested)
    yield dict(v=6, d=2, h=3, step=-1.5, nested=2)


def own_tensors(layers):
    """The tensors that learn, read from the layers' attributes: independent of parameters()."""
    names = ("weight", "bias", "gamma", "beta")
    found = [getattr(layer, name, None) for layer in layers for name in names]
    return [t for t in found if t is not None]


@parameters.scenario
def _(m, v, d, h, step, nested):
    model, layers = every_kind(m, v, d, h, nested)
    own = own_tensors(layers)
    for i, tensor in enumerate(own):
        tensor.copy_(torch.arange(tensor.numel()).view(tensor.shape) + 100.0 * i)
    got = model.parameters()
    first = [p.detach().clone() for p in got]  # some may require a gradient already
    with torch.no_grad():
        for p in got:
            p -= step  # must be seen by the layers: the very tensors, each once
    return {
        "a list": isinstance(got, list),
        "values": first,
        "after a step": [t.detach().clone() for t in own_tensors(layers)],
        # not tensors that share their numbers: the gradient arrives at the layers' own
        "the layers' own tensors": [any(p is t for t in own) for p in got],
    }


@parameters.check("none")
def _(m, v, d, h, step, nested):
    return [m.Sequential([]).parameters(), m.Sequential([m.Tanh(), m.Tanh()]).parameters()]


@parameters.check("later layers")
def _(m, v, d, h, step, nested):
    """Layers are asked at each call, not once."""
    model = m.Sequential([m.Linear(d, h)])
    before = [tuple(p.shape) for p in model.parameters()]
    model.layers.append(m.Linear(h, v, bias=False))
    found, own = model.parameters(), own_tensors(model.layers)
    return [before, [tuple(p.shape) for p in found], [any(p is t for t in own) for p in found]]


parameters.hint("Each layer knows its own parameters. What is left to do for the container?")
parameters.hint("One flat list: go through the layers, and through each layer's parameters().")
parameters.hint("[p for layer in self.layers for p in layer.parameters()]")

parameters.misconception(
    "A list of lists, one for each layer. Whoever trains goes through tensors: make it one flat "
    "list.",
    name="list_of_lists",
    replace="[p for layer in self.layers for p in layer.parameters()]",
    by="[layer.parameters() for layer in self.layers]",
)
parameters.misconception(
    "You collected the layers' `weight` only. Biases and BatchNorm's gamma and beta learn, too: "
    "ask each layer for its parameters().",
    name="weights_only",
    replace="[p for layer in self.layers for p in layer.parameters()]",
    by="[layer.weight for layer in self.layers if hasattr(layer, 'weight')]",
)
parameters.misconception(
    "You collected weights and biases by name; BatchNorm's gamma and beta are missing. Do not look "
    "into the layers: ask each for its parameters().",
    name="weights_and_biases",
    replace="[p for layer in self.layers for p in layer.parameters()]",
    by="[\n            t for layer in self.layers\n"
    "            for t in (getattr(layer, 'weight', None), getattr(layer, 'bias', None))\n"
    "            if t is not None\n        ]",
)
parameters.misconception(
    "The embedding is missing. It is a layer like any other, and its table learns.",
    name="no_embedding",
    replace="for p in layer.parameters()]",
    by="for p in layer.parameters() if not isinstance(layer, Embedding)]",
)
parameters.misconception(
    "Containers inside the container were left out. A Sequential is a layer, too, and answers "
    "parameters() like the others.",
    name="not_nested",
    replace="for p in layer.parameters()]",
    by="for p in layer.parameters() if not isinstance(layer, Sequential)]",
)
parameters.misconception(
    "That is a generator, not a list: it can be gone through once, and len() fails. Build a list.",
    name="generator",
    replace="[p for layer in self.layers for p in layer.parameters()]",
    by="(p for layer in self.layers for p in layer.parameters())",
)
parameters.misconception(
    "These are copies: a step on them never reaches the layers. Hand out the very tensors.",
    name="copies",
    replace="[p for layer",
    by="[p.clone() for layer",
)
parameters.misconception(
    "These are cut off from the layers (.data or detach): the same numbers, but other tensors. "
    "Gradients arrive at the layers' own, and whoever trains looks for them in yours. Hand out the "
    "very tensors.",
    name="cut_off",
    replace="[p for layer",
    by="[p.data for layer",
)
parameters.misconception(
    "Parameters were kept only where requires_grad is on. A new layer's is off: it is switched on "
    "for what this list holds.",
    name="requiring",
    replace="for p in layer.parameters()]",
    by="for p in layer.parameters() if p.requires_grad]",
)
parameters.misconception(
    "`return` stands inside the loop, so only the first layer's parameters came back.",
    name="returns_early",
    replace="return [p for layer in self.layers for p in layer.parameters()]",
    by="for layer in self.layers:\n            return list(layer.parameters())\n        return []",
)
parameters.misconception(
    "Only one tensor of each layer came back: take all that the layer's parameters() holds.",
    name="first_of_each",
    replace="[p for layer in self.layers for p in layer.parameters()]",
    by="[p for layer in self.layers for p in layer.parameters()[:1]]",
)
parameters.misconception(
    "You collected every tensor that a layer owns, running statistics included. They follow the "
    "batches and have no gradient: ask each layer for its parameters().",
    name="all_tensors",
    source="""def parameters(self):
    found = []
    for layer in self.layers:
        if isinstance(layer, Sequential):
            found += layer.parameters()
        else:
            found += [t for t in vars(layer).values() if isinstance(t, torch.Tensor)]
    return found
""",
)
parameters.misconception(
    "That is a tuple. A list is promised, so that lists of parameters can be added up.",
    name="a_tuple",
    replace="[p for layer in self.layers for p in layer.parameters()]",
    by="tuple(p for layer in self.layers for p in layer.parameters())",
)
parameters.misconception(
    "The list was kept from the first call. Layers can be added: ask them anew each time.",
    name="kept",
    replace="        return [p for",
    by="        if hasattr(self, 'found'):\n            return self.found\n"
    "        self.found = [p for layer in self.layers for p in layer.parameters()]\n"
    "        return [p for",
)
parameters.misconception(
    "Only the last layer's parameters came back: the list is made anew for each layer. Make it "
    "once, before the loop, and add to it.",
    name="last_layer",
    replace="return [p for layer in self.layers for p in layer.parameters()]",
    by="for layer in self.layers:\n            found = list(layer.parameters())\n"
    "        return found if self.layers else []",
)
parameters.misconception(
    "All tensors were glued into one long vector (a copy). Return the list of the tensors "
    "themselves, each in its shape.",
    name="glued",
    replace="return [p for layer in self.layers for p in layer.parameters()]",
    by="found = [p.flatten() for layer in self.layers for p in layer.parameters()]\n"
    "        return [torch.cat(found)] if found else []",
)

parameters.variant(
    "a loop",
    name="loop",
    source="""def parameters(self):
    found = []
    for layer in self.layers:
        found.extend(layer.parameters())
    return found
""",
)
parameters.variant(
    "sum of lists",
    name="sum_of_lists",
    source="""def parameters(self):
    return sum((layer.parameters() for layer in self.layers), [])
""",
)
parameters.variant(
    "switched on for autograd on the way",
    name="requires_grad",
    replace="[p for layer",
    by="[p.requires_grad_() for layer",
)
