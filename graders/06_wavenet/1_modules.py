"""Modules: Embedding, Flatten and Sequential, with parameters() and the training flag."""

import itertools

import torch

from graders.authoring import differentiate, exercise

# -- embedding ---------------------------------------------------------------------------------

embedding = exercise("embedding", target="Embedding", title="the lookup as a layer", pure=False)
embedding.hint("In lesson 03 the lookup was C[Xb]. What is C called here?")
embedding.hint("Indexing a tensor with an int64 tensor of any shape looks up a row for each index.")
embedding.hint("__call__ returns self.weight[ix], parameters returns [self.weight].")


@embedding.cases
def _(rng):
    for rows, dim, shape in [(5, 3, (2, 4)), (7, 2, (1, 3)), (4, 5, (6,)), (6, 1, (2, 3, 5))]:
        yield dict(
            weight=rng.normal(rows, dim),
            ix=rng.integers(0, rows, *shape),
            up=rng.normal(*shape, dim),
            step=rng.number(0.5, 1),
        )
    # the same row over and over, and a batch of one: gradients of a row add up
    yield dict(
        weight=rng.normal(3, 4),
        ix=torch.full((1, 5), 2),
        up=rng.normal(1, 5, 4),
        step=0.5,
    )


@embedding.scenario
def _(m, weight, ix, up, step):
    layer = m.Embedding(*weight.shape)
    layer.weight = weight
    return layer(ix)


@embedding.oracle
def _(weight, ix, up, step):
    return torch.nn.functional.embedding(ix, weight)


@embedding.check("gradients")
def _(m, weight, ix, up, step):
    layer = m.Embedding(*weight.shape)
    layer.weight = weight.requires_grad_()
    return dict(differentiate(layer(ix), {"weight": weight}, up))


@embedding.check("parameters")
def _(m, weight, ix, up, step):
    """A step on whatever parameters() returns must be seen by the next call."""
    layer = m.Embedding(*weight.shape)
    layer.weight = weight
    parameters = layer.parameters()
    shapes = [tuple(p.shape) for p in parameters]
    for p in parameters:
        p -= step
    return {"list": isinstance(parameters, list), "shapes": shapes, "then": layer(ix)}


@embedding.check("initial values")
def _(m, weight, ix, up, step):
    """The given constructor is still what it was: N(0, 1) from the generator."""
    g = torch.Generator().manual_seed(len(ix))
    return m.Embedding(*weight.shape, g).weight


embedding.misconception(
    "The table is no parameter: parameters() returns an empty list, so the embeddings keep their "
    "random values for ever. Return [self.weight].",
    name="no_parameter",
    replace="return [self.weight]",
    by="return []",
)
embedding.misconception(
    "parameters() returns the tensor alone. It must be a list with the tensor in it, or the "
    "container goes through the table's rows instead of through parameters.",
    name="not_a_list",
    replace="return [self.weight]",
    by="return self.weight",
)
embedding.misconception(
    "parameters() returns a copy. A step on the copy never reaches the table: hand out self.weight "
    "itself.",
    name="copied",
    replace="return [self.weight]",
    by="return [self.weight.clone()]",
)
embedding.misconception(
    "parameters() returns the rows, one by one. The table is one parameter, one tensor.",
    name="rows",
    replace="return [self.weight]",
    by="return list(self.weight)",
)
embedding.misconception(
    "The result is cut off from the table (detach, .data or no_grad): the values are right, but no "
    "gradient comes back and the table never learns.",
    name="detached",
    replace="return self.weight[ix]",
    by="return self.weight.detach()[ix]",
)
embedding.misconception(
    "You looked up columns: weight[:, ix]. Each index names a row of the table.",
    name="columns",
    replace="return self.weight[ix]",
    by="return self.weight[:, ix % self.weight.shape[1]]",
)
embedding.misconception(
    "The embeddings are already side by side. Here the last dimension is added and the others "
    "stay; putting them side by side is Flatten's work.",
    name="flattened",
    replace="return self.weight[ix]",
    by="return self.weight[ix].view(ix.shape[0], -1)",
)
embedding.misconception(
    "The embeddings of an example were averaged. An average forgets the order: keep each row.",
    name="averaged",
    replace="return self.weight[ix]",
    by="return self.weight[ix].mean(-2)",
)
embedding.misconception(
    "You moved the embedding to the front. The shape of ix comes first, embedding_dim last.",
    name="dim_first",
    replace="return self.weight[ix]",
    by="return self.weight[ix].movedim(-1, 0)",
)
embedding.variant(
    "one-hot times table",
    name="one_hot",
    replace="return self.weight[ix]",
    by="hot = F.one_hot(ix, self.weight.shape[0]).to(self.weight.dtype)\n"
    "        return hot @ self.weight",
)
embedding.variant(
    "index_select, then view",
    name="index_select",
    replace="return self.weight[ix]",
    by="rows = torch.index_select(self.weight, 0, ix.flatten())\n"
    "        return rows.view(*ix.shape, self.weight.shape[1])",
)
embedding.variant(
    "torch's own",
    name="functional",
    replace="return self.weight[ix]",
    by="self.out = F.embedding(ix, self.weight)\n        return self.out",
)

# -- flatten -----------------------------------------------------------------------------------

flatten = exercise("flatten", target="Flatten", title="the view as a layer", pure=False)
flatten.hint("Which one dimension stays as it is?")
flatten.hint("x.view(rows, -1) lets torch work out the second size. How many rows?")
flatten.hint("return x.view(x.shape[0], -1)")


@flatten.cases
def _(rng):
    for shape in [(2, 3, 5), (1, 4, 3), (3, 1, 2), (4, 2, 1), (5, 6), (1, 1, 1), (2, 3, 4, 5)]:
        yield dict(x=rng.normal(*shape))
    yield dict(x=rng.normal(3, 8, 10, dtype=torch.float32))


@flatten.scenario
def _(m, x):
    return m.Flatten()(x)


@flatten.oracle
def _(x):
    return torch.nn.Flatten()(x)


@flatten.check("gradients")
def _(m, x):
    x.requires_grad_()
    out = m.Flatten()(x)
    up = torch.linspace(-1, 2, out.numel(), dtype=x.dtype).view(out.shape)
    return dict(differentiate(out, {"x": x}, up))


@flatten.check("no parameters")
def _(m, x):
    """The base class answers; two calls in a row with different batches must both work."""
    layer = m.Flatten()
    layer(x)
    return {"parameters": layer.parameters(), "half": layer(x[: len(x) // 2 + 1])}


flatten.misconception(
    "You averaged over the characters. An average forgets their order, and the next Linear expects "
    "T * C numbers: put them side by side.",
    name="averaged",
    replace="return x.view(x.shape[0], -1)",
    by="return x.mean(1)",
)


flatten.misconception(
    "The whole batch became one long row: keep the first dimension, B.",
    name="batch_too",
    replace="return x.view(x.shape[0], -1)",
    by="return x.view(-1)",
)


flatten.misconception(
    "The whole batch became one row of a matrix. Each example keeps a row of its own: B rows.",
    name="one_row",
    replace="return x.view(x.shape[0], -1)",
    by="return x.view(1, -1)",
)


flatten.misconception(
    "Time and channel are swapped: all first channels come first, then all second ones. "
    "The numbers of one character belong together, in the order in which they lie in memory.",
    name="swapped",
    replace="return x.view(x.shape[0], -1)",
    by="return x.transpose(1, -1).reshape(x.shape[0], -1)",
)


flatten.misconception(
    "`squeeze()` removes every dimension of size 1, a batch of one and a single number included. "
    "The result always has two dimensions, (B, the rest).",
    name="squeezed",
    replace="return x.view(x.shape[0], -1)",
    by="return x.view(x.shape[0], -1).squeeze()",
)


flatten.misconception(
    "You flattened only the first two dimensions: batch and time became one. It is the dimensions "
    "after the batch that are put together.",
    name="wrong_end",
    replace="return x.view(x.shape[0], -1)",
    by="return x.view(-1, x.shape[-1])",
)


flatten.misconception(
    "Only dimensions 1 and 2 were put together. There may be more, or fewer: everything after the "
    "batch goes into one row.",
    name="three_only",
    replace="return x.view(x.shape[0], -1)",
    by="return x.flatten(1, 2)",
)


flatten.misconception(
    "The values are right but the result is cut off from x, so no gradient flows back to the "
    "embedding. Leave out .data and detach().",
    name="detached",
    replace="return x.view(x.shape[0], -1)",
    by="return x.detach().view(x.shape[0], -1)",
)


flatten.misconception(
    "x comes back unchanged: view returns a new tensor; return that one.",
    name="unchanged",
    replace="return x.view(x.shape[0], -1)",
    by="x.view(x.shape[0], -1)\n        return x",
)


flatten.variant(
    "flatten",
    name="torch_flatten",
    replace="return x.view(x.shape[0], -1)",
    by="return x.flatten(1)",
)


flatten.variant(
    "reshape with the product",
    name="product",
    replace="return x.view(x.shape[0], -1)",
    by="return x.reshape(x.shape[0], math.prod(x.shape[1:]))",
)


flatten.variant(
    "row by row",
    name="stack",
    replace="return x.view(x.shape[0], -1)",
    by="return torch.stack([example.reshape(-1) for example in x])",
)


# -- Sequential ---------------------------------------------------------------------------------
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


forward = exercise(
    "sequential", target="Sequential.__call__", title="layer after layer", pure=False
)
forward.hint("What does the second layer get: x, or what the first one made of it?")
forward.hint(
    "Go through self.layers with a loop, and let the name x always mean the latest result."
)
forward.hint("for layer in self.layers: x = layer(x); then, after the loop, return x.")


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
    return [first, model(x), len(model.layers)]


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
    "later (part 5); here each result replaces the one before.",
    name="residual",
    replace="x = layer(x)",
    by="y = layer(x)\n            x = x + y if x.shape == y.shape else y",
)
forward.misconception(
    "The forward pass ran without gradients: fine for evaluation, but through this container "
    "nothing could be trained.",
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

# -- parameters ---------------------------------------------------------------------------------

parameters = exercise(
    "sequential_parameters", target="Sequential.parameters", title="who learns", pure=False
)
parameters.hint("Each layer knows its own parameters. What is left to do for the container?")
parameters.hint("One flat list: go through the layers, and through each layer's parameters().")
parameters.hint("[p for layer in self.layers for p in layer.parameters()]")


@parameters.cases
def _(rng):
    for nested, (v, d, h) in enumerate([(5, 3, 4), (4, 2, 6), (3, 1, 2)]):
        yield dict(v=v, d=d, h=h, step=rng.number(0.5, 2), nested=nested)
    yield dict(v=6, d=2, h=3, step=-1.5, nested=2)


def every_kind(m, v, d, h, nested):
    """(model, all its layers): every kind of layer, the inner ones in up to two containers."""
    inner = [m.Linear(d, h, bias=False), m.BatchNorm1d(h), m.Tanh()]
    outer = [m.Embedding(v, d), m.Flatten()]
    last = m.Linear(h, v)
    flat = [*outer, *inner, last]
    middle = m.Sequential(list(inner))
    if nested == 0:
        return m.Sequential(list(flat)), flat
    if nested == 1:
        return m.Sequential([*outer, middle, last]), flat
    return m.Sequential([*outer, m.Sequential([middle]), m.Sequential([]), last]), flat


def own_tensors(layers):
    """The tensors that learn, read from the layers' attributes: independent of parameters()."""
    names = ("weight", "bias", "gamma", "beta")
    found = [getattr(layer, name, None) for layer in layers for name in names]
    return [t for t in found if t is not None]


@parameters.scenario
def _(m, v, d, h, step, nested):
    model, layers = every_kind(m, v, d, h, nested)
    for i, tensor in enumerate(own_tensors(layers)):
        tensor.copy_(torch.arange(tensor.numel()).view(tensor.shape) + 100.0 * i)
    got = model.parameters()
    first = [p.clone() for p in got]
    for p in got:
        p -= step  # must be seen by the layers: the very tensors, each once
    return {
        "list": isinstance(got, list),
        "values": first,
        "after a step": [t.clone() for t in own_tensors(layers)],
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
    return [before, [tuple(p.shape) for p in model.parameters()]]


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

# -- train ---------------------------------------------------------------------------------------

switch = exercise(
    "sequential_train", target="Sequential.train", title="the switch reaches everyone", pure=False
)
switch.hint("Who has to know? The container, and who else?")
switch.hint("Call train(mode) of each layer, do not set its flag: it may be a container itself.")
switch.hint("self.training = mode; for layer in self.layers: layer.train(mode); return self")


@switch.cases
def _(rng):
    for nested in (0, 1, 2):
        sizes = dict(v=rng.integer(3, 6), d=rng.integer(1, 4), h=rng.integer(2, 6))
        yield dict(**sizes, nested=nested, modes=[False, True, False])
        yield dict(**sizes, nested=nested, modes=rng.shuffled([True, True, False, False]))


@switch.scenario
def _(m, v, d, h, nested, modes):
    model, layers = every_kind(m, v, d, h, nested)
    for layer in layers:
        layer.training = False  # nobody's flag may be taken for granted
    seen = []
    for mode in modes:
        model.train(mode)
        # through the attribute, as BatchNorm1d will see it
        seen.append([model.training, *[layer.training for layer in layers]])
    return seen


@switch.check("returns itself")
def _(m, v, d, h, nested, modes):
    model, layers = every_kind(m, v, d, h, nested)
    answers = []
    ways = [model.eval, model.train, lambda: model.train(False), lambda: model.train(mode=True)]
    for way in ways:
        answers += [way() is model, model.training, layers[0].training]
    return answers


@switch.check("other models")
def _(m, v, d, h, nested, modes):
    """A second model in another mode is not touched, nor is one made later."""
    first, _ = every_kind(m, v, d, h, nested)
    second, layers = every_kind(m, v, d, h, nested)
    first.train(False)
    third, later = every_kind(m, v, d, h, nested)
    flags = [layer.training for layer in [second, third, *layers, *later]]
    first.train(True)
    return flags


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
    return [difference < 1e-4, unchanged, model.training]


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

# -- count_parameters ----------------------------------------------------------------------------

count = exercise("count_parameters", title="how many numbers learn", pure=False)
count.hint("A (80, 200) tensor is one parameter in the list, but how many numbers?")
count.hint("Every tensor tells its number of elements: p.numel().")
count.hint("sum(p.numel() for p in model.parameters())")


@count.cases
def _(rng):
    for i, (v, d, h) in enumerate([(5, 3, 4), (4, 2, 6), (27, 10, 20), (3, 1, 1)]):
        yield dict(v=v, d=d, h=h, nested=i % 3)
    yield dict(v=2, d=1, h=0, nested=0)


@count.scenario
def _(m, v, d, h, nested):
    model = every_kind(m, v, d, h, nested)[0] if h else m.Sequential([m.Tanh()])
    return m.count_parameters(model)


@count.oracle
def _(v, d, h, nested):
    return v * d + d * h + 2 * h + h * v + v if h else 0


@count.check("any model")
def _(m, v, d, h, nested):
    """Whoever has parameters() can be counted: a single layer, and one that is no Sequential."""

    class Other:
        def parameters(self):
            return [torch.zeros(v, d, 3), torch.tensor(1.0)]

    return [m.count_parameters(m.Linear(d, v)), m.count_parameters(Other())]


@count.misconception(
    "That is the number of tensors. Each holds many numbers: add up their numel()."
)
def tensors(model):
    return len(model.parameters())


@count.misconception(
    "`len(p)` is the size of the first dimension only; p.numel() counts all elements."
)
def first_dimension(model):
    return sum(len(p) if p.dim() else 1 for p in model.parameters())


@count.misconception(
    "You added up the parameters' values. How many there are is asked, not what they are."
)
def values(model):
    return sum(p.sum().item() for p in model.parameters())


@count.misconception(
    "Only matrices were counted; biases, gamma and beta are vectors and learn, too."
)
def matrices(model):
    return sum(p.numel() for p in model.parameters() if p.dim() > 1)


@count.misconception(
    "Rows plus columns is not the number of elements: multiply the sizes (p.numel() does)."
)
def sizes_added(model):
    return sum(sum(p.shape) for p in model.parameters())


@count.misconception(
    "Parameters were counted only where requires_grad is on. Here everything in parameters() "
    "learns, whether autograd has been switched on yet or not."
)
def requiring(model):
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


@count.variant("products of the shapes")
def products(model):
    return sum(p.shape.numel() for p in model.parameters())


@count.variant("a loop with nelement")
def loop(model):
    total = 0
    for p in model.parameters():
        total += p.nelement()
    return total
