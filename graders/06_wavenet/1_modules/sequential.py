"""06.sequential: layer after layer."""

import itertools

import torch

from graders.authoring import differentiate, exercise

forward = exercise(
    "sequential", target="Sequential.__call__", title="layer after layer", pure=False
)


# Two linear layers with a Tanh between them, of sizes that fit only in this order. The scenarios
# build them from the part's own layers and give them these weights.
def chain(m, weights):
    """Linear, Tanh, Linear, Tanh, ... with the given (fan_in, fan_out) weights, no biases."""
    layers = []
    for weight in weights:
        layer = m.Linear(*weight.shape, bias=False)
        layer.weight = weight
        layers += [layer, m.Tanh()]
    return layers


@forward.cases
def _(rng):
    for sizes, n in [((3, 4), 2), ((2, 5, 3), 4), ((4, 4, 4, 4), 1), ((3, 3), 3)]:
        pairs = itertools.pairwise(sizes)
        weights = [rng.normal(i, j, std=i**-0.5) for i, j in pairs]
        yield dict(weights=weights, x=rng.normal(n, sizes[0]), up=rng.normal(n, sizes[-1]))
    yield dict(weights=[], x=rng.normal(2, 3), up=rng.normal(2, 3))


@forward.scenario
def _(m, weights, x, up):
    return m.Sequential(chain(m, weights))(x)


@forward.oracle
def _(weights, x, up):
    for weight in weights:
        x = torch.tanh(x @ weight)
    return x


@forward.check("nested")
def _(m, weights, x, up):
    inner = m.Sequential(chain(m, weights))
    return m.Sequential([m.Sequential([]), inner, m.Tanh()])(x)


@forward.check("gradients")
def _(m, weights, x, up):
    inputs = {"x": x.requires_grad_()}
    for i, weight in enumerate(weights):
        inputs[f"weight {i}"] = weight.requires_grad_()
    model = m.Sequential(chain(m, weights))
    return dict(differentiate(model(x), inputs, up))


@forward.check("twice")
def _(m, weights, x, up):
    """A call leaves nothing behind, and takes the layers as they are by then."""
    model = m.Sequential(chain(m, weights))
    first = model(x)
    model.layers.append(m.Tanh())
    return [first, model(x), len(model.layers), m.Sequential([])(x) is x]


forward.hint("What does the second layer get: x, or what the first one made of it?")
forward.hint(
    "Go through self.layers with a loop, and let the name x always mean the latest result."
)
forward.hint("for layer in self.layers: x = layer(x); then, after the loop, return x.")

forward.misconception(
    "Every layer got the original x. The result of one layer is what the next one gets: "
    "x = layer(x).",
    name="always_x",
    replace="            x = layer(x)\n        return x",
    by="            out = layer(x)\n        return out if self.layers else x",
)
forward.misconception(
    "x comes back as it went in: the layer's result has to be kept, x = layer(x).",
    name="result_dropped",
    replace="x = layer(x)",
    by="layer(x)",
)
forward.misconception(
    "The loop ends after the first layer: `return` stands inside it, one level too deep.",
    name="returns_early",
    replace="            x = layer(x)\n        return x",
    by="            x = layer(x)\n            return x\n        return x",
)
forward.misconception(
    "The last layer was left out: go through all of self.layers, to the end.",
    name="last_left_out",
    replace="in self.layers:",
    by="in self.layers[:-1]:  # all but the last",
)
forward.misconception(
    "The first layer was left out: begin with self.layers[0].",
    name="first_left_out",
    replace="in self.layers:",
    by="in self.layers[1:]:",
)
forward.misconception(
    "Without layers there is no first one: self.layers[0] fails. An empty container returns x "
    "itself; begin with x, not with the first layer.",
    name="empty",
    replace="        for layer in self.layers:\n",
    by="        x = self.layers[0](x)\n        for layer in self.layers[1:]:\n",
)
forward.misconception(
    "Nothing is returned: after the loop comes `return x`.",
    name="no_return",
    replace="return x",
    by="self.out = x",
)
forward.misconception(
    "The layers were applied from last to first. The first in the list comes first.",
    name="reversed",
    replace="in self.layers:",
    by="in reversed(self.layers):",
)
forward.misconception(
    "You returned all the layers' results. Only what the last layer returns is asked for.",
    name="all_results",
    replace="            x = layer(x)\n        return x",
    by="            x = layer(x)\n            outs = [*outs, x] if 'outs' in locals() else [x]\n"
    "        return outs if self.layers else []",
)
forward.misconception(
    "Layers were used up (popped from self.layers): the second call found none. Only go through "
    "the list.",
    name="popped",
    replace="        for layer in self.layers:\n            x = layer(x)\n",
    by="        while self.layers:\n            x = self.layers.pop(0)(x)\n",
)
forward.misconception(
    "You added each layer's input to its output. That is a residual connection, a fine idea for "
    "later (part 7); here each result replaces the one before.",
    name="residual",
    replace="x = layer(x)",
    by="y = layer(x)\n            x = x + y if x.shape == y.shape else y",
)
forward.misconception(
    "The forward pass ran without gradients, or each layer was cut off from the one before (no_grad, "
    "detach or .data): the values are right, but through this container nothing could be trained.",
    name="no_grad",
    replace="            x = layer(x)\n",
    by="            with torch.no_grad():\n                x = layer(x)\n",
)

forward.variant(
    "reduce",
    name="reduce",
    source="""def __call__(self, x):
    import functools

    return functools.reduce(lambda value, layer: layer(value), self.layers, x)
""",
)
forward.variant(
    "by index, keeping the result on the object",
    name="by_index",
    source="""def __call__(self, x):
    self.out = x
    for i in range(len(self.layers)):
        self.out = self.layers[i](self.out)
    return self.out
""",
)
