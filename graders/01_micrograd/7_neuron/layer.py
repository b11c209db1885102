"""01.layer: neurons side by side."""

import random

from graders.authoring import exercise, real
from graders.instead import instead

from .part import all_data

layer = exercise("layer", target="Layer", title="neurons side by side", points=2)


@layer.cases
def _(rng):
    for nin, nout, activation in [
        (2, 3, "tanh"), (3, 1, "linear"), (1, 4, "relu"), (4, 2, "linear"), (1, 1, "tanh"),
    ]:  # fmt: skip
        yield dict(nin=nin, nout=nout, seed=rng.seed(), activation=activation, x=rng.numbers(nin))


@layer.scenario
def _(m, nin, nout, seed, activation, x):
    rng = random.Random(seed)
    made = m.Layer(nin, nout, rng, activation)
    outputs = made(x)
    others = made([v + 1.0 for v in x])  # in a list of their own
    return {
        "outputs": all_data(m, outputs),
        "outputs for x + 1": all_data(m, others),
        "the next draw": rng.random(),
    }


@layer.check("parameters")
def _(m, nin, nout, seed, activation, x):
    made = m.Layer(nin, nout, random.Random(seed), activation)
    found = made.parameters()
    own = {id(v) for neuron in made.neurons for v in [*neuron.w, neuron.b]}
    if not isinstance(found, (list, tuple)):
        return instead(found, "a list")
    return {
        "parameters": all_data(m, found),
        "the layer's own": all(id(p) in own for p in found),
        "different ones": len({id(p) for p in found}),
    }


@layer.check("other neurons")
def _(m, nin, nout, seed, activation, x):
    """Outputs and parameters are those of the neurons that it has by then."""
    rng = random.Random(seed)
    made = m.Layer(nin, nout, rng, activation)
    made(x), made.parameters()
    made.neurons = [m.Neuron(nin, rng, activation) for _ in range(nout)]
    return {"outputs": all_data(m, made(x)), "parameters": all_data(m, made.parameters())}


@layer.check("gradients")
def _(m, nin, nout, seed, activation, x):
    made = m.Layer(nin, nout, random.Random(seed), activation)
    inputs = [m.Value(v) for v in x]
    outputs = made(inputs)
    if not isinstance(outputs, (list, tuple)):
        return all_data(m, outputs)
    total = m.Value(0.0)
    for i, out in enumerate(outputs):
        total = total + out * (i + 1.5)
    total.backward()
    return {
        "neurons": [[real(v.grad) for v in [*n.w, n.b]] for n in made.neurons],
        "x": [real(v.grad) for v in inputs],
    }


@layer.check("default activation")
def _(m, nin, nout, seed, activation, x):
    return all_data(m, m.Layer(nin, nout, random.Random(seed))(x))


layer.hint("Three methods of one line each: a list of Neurons, a list of outputs, a flat list.")
layer.hint(
    """Each neuron is called with the whole of x. And pass rng and activation on to every one."""
)
layer.hint(
    """[Neuron(nin, rng, activation) for _ in range(nout)]; [neuron(x) for neuron in self.neurons];
    [p for neuron in self.neurons for p in neuron.parameters()]"""
)

layer.misconception(
    """nin and nout are swapped: a layer has nout neurons, each with nin inputs.""",
    name="swapped",
    replace="Neuron(nin, rng, activation) for _ in range(nout)",
    by="Neuron(nout, rng, activation) for _ in range(nin)",
)
layer.misconception(
    """The activation does not reach the neurons: pass it on.""",
    name="activation_lost",
    replace="Neuron(nin, rng, activation)",
    by="Neuron(nin, rng)",
)
layer.misconception(
    """This is one neuron, nout times over: all outputs are equal and stay equal. Make a new one
    each time.""",
    name="one_neuron",
    replace="[Neuron(nin, rng, activation) for _ in range(nout)]",
    by="[Neuron(nin, rng, activation)] * nout",
)
layer.misconception(
    """With one neuron you return the Value itself. A hidden layer of width 1 then breaks the next
    layer, which expects a list. Always return a list; MLP unwraps the last one.""",
    name="unwraps",
    source="""
class Layer:
    def __init__(self, nin, nout, rng, activation="tanh"):
        self.neurons = [Neuron(nin, rng, activation) for _ in range(nout)]

    def __call__(self, x):
        outs = [neuron(x) for neuron in self.neurons]
        return outs[0] if len(outs) == 1 else outs

    def parameters(self):
        return [p for neuron in self.neurons for p in neuron.parameters()]
""",
)
layer.misconception(
    """The parameters come as a list per neuron. Make one flat list.""",
    name="nested",
    replace="[p for neuron in self.neurons for p in neuron.parameters()]",
    by="[neuron.parameters() for neuron in self.neurons]",
)
layer.misconception(
    """Only the weights are collected; the biases would never be trained.""",
    name="no_biases",
    replace="for p in neuron.parameters()",
    by="for p in neuron.w",
)
layer.misconception(
    """Only one neuron's parameters come back: the return stands inside the loop.""",
    name="first_only",
    replace="[p for neuron in self.neurons for p in neuron.parameters()]",
    by="[p for neuron in self.neurons[:1] for p in neuron.parameters()]",
)
layer.misconception(
    """Each neuron saw only one of the inputs. In a layer every neuron sees all of x.""",
    name="one_input_each",
    replace="[neuron(x) for neuron in self.neurons]",
    by="[neuron([xi] * len(neuron.w)) for neuron, xi in zip(self.neurons, x)]",
)
layer.misconception(
    """The neurons are in a row here, each fed with the one before. In a layer they stand side by
    side.""",
    name="in_a_row",
    source="""
class Layer:
    def __init__(self, nin, nout, rng, activation="tanh"):
        self.neurons = [Neuron(nin, rng, activation) for _ in range(nout)]

    def __call__(self, x):
        outs = []
        for neuron in self.neurons:
            outs.append(neuron(x))
            x = [outs[-1]] * len(x)
        return outs

    def parameters(self):
        return [p for neuron in self.neurons for p in neuron.parameters()]
""",
)
layer.misconception(
    """The parameters were collected once, in __init__. Put another neuron into self.neurons, and
    parameters() still gives the old one's: collect them anew in each call.""",
    name="collected_once",
    source="""
class Layer:
    def __init__(self, nin, nout, rng, activation="tanh"):
        self.neurons = [Neuron(nin, rng, activation) for _ in range(nout)]
        self.found = [p for neuron in self.neurons for p in neuron.parameters()]

    def __call__(self, x):
        return [neuron(x) for neuron in self.neurons]

    def parameters(self):
        return list(self.found)
""",
)

layer.variant(
    "loops",
    name="loops",
    source='''
class Layer:
    """nout neurons."""

    def __init__(self, nin, nout, rng, activation="tanh"):
        self.nin, self.neurons = nin, []
        for _ in range(nout):
            self.neurons.append(Neuron(nin, rng, activation=activation))

    def __call__(self, x):
        return list(map(lambda neuron: neuron(x), self.neurons))

    def parameters(self):
        found = []
        for neuron in self.neurons:
            found.extend(neuron.parameters())
        return found
''',
)
