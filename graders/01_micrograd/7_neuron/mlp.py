"""01.mlp: layers in a row."""

import random

import torch

from graders.authoring import exercise, real, value_data
from graders.instead import instead

from .part import all_data

mlp = exercise("mlp", target="MLP", title="layers in a row", points=2)


@mlp.cases
def _(rng):
    for nin, nouts, activation in [
        (3, [4, 4, 1], "tanh"), (2, [5, 1, 3], "relu"), (2, [1], "tanh"), (1, [2, 1, 1], "relu"),
        (4, [3, 2], "tanh"), (2, [3, 1, 2, 1], "linear"), (3, [2, 1, 2], "tanh"), (1, [3, 2], "relu"),
        (3, [1, 3, 2, 4], "tanh"), (4, [2, 3], "linear"), (3, [2, 2], "relu"),
        (2, [1, 2, 1, 2, 1, 3, 2], "tanh"),
    ]:  # fmt: skip
        yield dict(nin=nin, nouts=nouts, seed=rng.seed(), activation=activation,
                   x=rng.numbers(nin))  # fmt: skip


def output_of(m, out):
    return all_data(m, out) if isinstance(out, (list, tuple)) else value_data(m, out)


@mlp.scenario
def _(m, nin, nouts, seed, activation, x):
    rng = random.Random(seed)
    model = m.MLP(nin, nouts, rng, activation)
    out = model(x)
    data = output_of(m, out)
    return {"output": data, "a list": isinstance(out, list), "the next draw": rng.random()}


@mlp.check("parameters")
def _(m, nin, nouts, seed, activation, x):
    model = m.MLP(nin, nouts, random.Random(seed), activation)
    found = model.parameters()
    if not isinstance(found, (list, tuple)):
        return instead(found, "a list")
    before = output_of(m, model(x))
    for p in found:
        if isinstance(p, m.Value):
            p.data = 0.0
    zeros = output_of(m, model(x))
    many, layers = len(model.parameters()), len(model.layers)
    model.layers = model.layers[:1]  # it is asked for what it has by then
    return {
        "layers": layers,
        "parameters": [
            value_data(m, p) for p in m.MLP(nin, nouts, random.Random(seed)).parameters()
        ],
        "different ones": len({id(p) for p in found}),
        "output before": before,
        "output when all parameters are 0": zeros,
        "parameters when all are 0": many,  # none may pass for another
        "parameters of the first layer alone": len(model.parameters()),
    }


@mlp.check("gradients")
def _(m, nin, nouts, seed, activation, x):
    model = m.MLP(nin, nouts, random.Random(seed), activation)
    out = model(x)
    total = m.Value(0.0)
    for i, value in enumerate(out if isinstance(out, (list, tuple)) else [out]):
        total = total + value * (i + 1.5)
    total.backward()
    return [real(p.grad) for p in model.parameters()]


@mlp.oracle("gradients")
def _(nin, nouts, seed, activation, x):
    rng = random.Random(seed)
    h, weights = torch.tensor(x, dtype=torch.float64), []
    for i, nout in enumerate(nouts):
        W = torch.tensor([[rng.uniform(-1, 1) for _ in range(len(h) + 1)] for _ in range(nout)],
                         dtype=torch.float64, requires_grad=True)  # (nout, nin + 1)  # fmt: skip
        weights.append(W)
        h = W[:, :-1] @ h + W[:, -1]
        if i < len(nouts) - 1 and activation != "linear":
            h = getattr(h, activation)()
    sum(v * (i + 1.5) for i, v in enumerate(h)).backward()
    return [g for W in weights for g in W.grad.flatten().tolist()]


@mlp.check("default activation")
def _(m, nin, nouts, seed, activation, x):
    return output_of(m, m.MLP(nin, nouts, random.Random(seed))(x))


@mlp.check("arguments unchanged")
def _(m, nin, nouts, seed, activation, x):
    m.MLP(nin, nouts, random.Random(seed), activation)(x)
    return [nouts, x]


mlp.hint("Write the sizes in one list, [nin, *nouts]: layer i goes from sizes[i] to sizes[i + 1].")
mlp.hint(
    """Only the layer with the last index is linear. In __call__, x becomes each layer's output."""
)
mlp.hint(
    """Layer(sizes[i], sizes[i + 1], rng, "linear" if i == len(nouts) - 1 else activation); then
    for layer in self.layers: x = layer(x); return x[0] if len(x) == 1 else x"""
)

mlp.misconception(
    """The output layer has an activation, too: with tanh no score can ever leave (-1, 1), with
    relu none can be negative. The last layer is "linear".""",
    name="activated_output",
    replace='"linear" if i == last else activation',
    by="activation",
)
mlp.misconception(
    """No layer has an activation: the whole stack is one linear function, however deep.""",
    name="all_linear",
    replace='"linear" if i == last else activation',
    by='"linear"',
)
mlp.misconception(
    """It is the other way around: hidden layers get the activation, the last one none.""",
    name="reversed",
    replace='"linear" if i == last else activation',
    by='activation if i == last else "linear"',
)
mlp.misconception(
    """The argument `activation` is ignored: the hidden layers are always tanh.""",
    name="always_tanh",
    replace='"linear" if i == last else activation',
    by='"linear" if i == last else "tanh"',
)
mlp.misconception(
    """You made every layer of width 1 linear. The output layer is the *last* one, whatever its
    width; a hidden layer may be one neuron wide.""",
    name="linear_by_width",
    replace='"linear" if i == last else activation',
    by='"linear" if nouts[i] == 1 else activation',
)
mlp.misconception(
    """You made every layer linear that is as wide as the last one. The output layer is the *last* one:
    compare its number, not its width.""",
    name="linear_by_last_width",
    replace='"linear" if i == last else activation',
    by='"linear" if nouts[i] == nouts[-1] else activation',
)
mlp.misconception(
    """A hidden layer of one neuron was unwrapped, too: the next layer expects a list. Only the network's
    own output becomes a Value.""",
    name="unwrapped_inside",
    edits=[
        (
            "            x = layer(x)\n",
            "            x = layer(x)\n            x = x[0] if len(x) == 1 else x\n",
        ),
        ("return x[0] if len(x) == 1 else x", "return x"),
    ],
)
mlp.misconception(
    """The first layer is linear, too. Every layer but the last has the activation.""",
    name="first_linear",
    replace='"linear" if i == last else activation',
    by='"linear" if i in (0, last) else activation',
)
mlp.misconception(
    """Off by one: the layer before the last is linear, the last one is not.""",
    name="off_by_one",
    replace="last = len(nouts) - 1",
    by="last = len(nouts) - 2",
)
mlp.misconception(
    """Every layer gets nin inputs. From the second on, a layer's inputs are the outputs of the one
    before: as many as that has neurons.""",
    name="sizes",
    replace="Layer(sizes[i], sizes[i + 1]",
    by="Layer(nin, sizes[i + 1]",
)
mlp.misconception(
    """Each layer is called with the original x, so only the last one counts. Hand each
    layer's output on: x = layer(x).""",
    name="not_handed_on",
    source="""
class MLP:
    def __init__(self, nin, nouts, rng, activation="tanh"):
        sizes = [nin, *nouts]
        last = len(nouts) - 1
        self.layers = [
            Layer(sizes[i], sizes[i + 1], rng, "linear" if i == last else activation)
            for i in range(len(nouts))
        ]

    def __call__(self, x):
        for layer in self.layers:
            out = layer(x)
        return out[0] if len(out) == 1 else out

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]
""",
)
mlp.misconception(
    """With one output neuron the network should return its Value, not a list of one.""",
    name="not_unwrapped",
    replace="return x[0] if len(x) == 1 else x",
    by="return x",
)
mlp.misconception(
    """Only the first output comes back. With several output neurons return the whole list.""",
    name="always_first",
    replace="return x[0] if len(x) == 1 else x",
    by="return x[0]",
)
mlp.misconception(
    """The parameters come as a list per layer. Make one flat list.""",
    name="nested",
    replace="[p for layer in self.layers for p in layer.parameters()]",
    by="[layer.parameters() for layer in self.layers]",
)
mlp.misconception(
    """Only the last layer's parameters come back. The others would never be trained.""",
    name="last_only",
    replace="[p for layer in self.layers for p in layer.parameters()]",
    by="self.layers[-1].parameters()",
)

mlp.variant(
    "pairs of sizes; unpacking",
    name="pairs",
    source='''
class MLP:
    """Hidden layers, then a linear one."""

    def __init__(self, nin, nouts, rng, activation="tanh"):
        self.layers = []
        for n, nout in enumerate(nouts, start=1):
            kind = activation if n < len(nouts) else "linear"
            self.layers.append(Layer(nin, nout, rng, activation=kind))
            nin = nout

    def __call__(self, x):
        h = x
        for layer in self.layers:
            h = layer(h)
        if len(h) > 1:
            return h
        (score,) = h
        return score

    def parameters(self):
        return sum((layer.parameters() for layer in self.layers), [])
''',
)

mlp.equivalent(
    "'linear'  ->  'linear?'", "an activation that is neither tanh nor relu does nothing"
)
mlp.equivalent("0  ->  -1", "the first of one is the last of one")
