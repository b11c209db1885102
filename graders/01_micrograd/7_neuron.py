"""Neuron, Layer, MLP: what they hold, what they compute, what they let train."""

import numbers
import random

import torch

from graders.authoring import exercise, instead


def data(m, value):
    """A Value's number; for anything else, what it is."""
    if not isinstance(value, m.Value):
        return instead(value, "a Value")
    if not isinstance(value.data, numbers.Real):
        return instead(value.data, "a number in .data", returned=False)
    return float(value.data)


def all_data(m, values):
    """The numbers of a list of Values; for anything else, what it is."""
    if not isinstance(values, (list, tuple)):
        return instead(values, "a list")
    return [data(m, value) for value in values]


def as_inputs(m, x, kind):
    """A list of inputs as plain numbers, as Values, or some of each."""
    if kind == "numbers":
        return list(x)
    return [m.Value(v) if kind == "Values" or i % 2 else v for i, v in enumerate(x)]


ACTIVATIONS = ["tanh", "relu", "linear"]


# ---------------------------------------------------------------------------------------------

init = exercise("neuron_init", target="Neuron.__init__", title="a neuron's parameters")
init.hint("w is a list comprehension: one Value per input, each with its own draw.")
init.hint(
    """Draw from the rng you were given, rng.uniform(-1, 1), and for b in the same way, after w."""
)
init.hint(
    """self.w = [Value(rng.uniform(-1, 1)) for _ in range(nin)]; self.b = Value(rng.uniform(-1, 1));
    self.activation = activation"""
)


@init.cases
def _(rng):
    for nin, activation in [(1, "tanh"), (2, "linear"), (5, "relu"), (9, "tanh")]:
        yield dict(nin=nin, seed=rng.seed(), activation=activation)


@init.scenario
def _(m, nin, seed, activation):
    rng = random.Random(seed)
    neuron = m.Neuron(nin, rng, activation)
    return {
        "w": all_data(m, neuron.w),
        "b": data(m, neuron.b),
        "activation": neuron.activation,
        "the next draw": rng.random(),
    }


@init.check("Values of their own")
def _(m, nin, seed, activation):
    rng = random.Random(seed)
    first, second = m.Neuron(nin, rng, activation), m.Neuron(nin, rng, activation)
    first.w[0].data = 77.0
    return {
        "different Values": len({id(v) for v in [*first.w, first.b, *second.w, second.b]}),
        "w after w[0] was changed": [*all_data(m, first.w), *all_data(m, second.w)],
    }


@init.check("default activation")
def _(m, nin, seed, activation):
    neuron = m.Neuron(nin, random.Random(seed))
    return [neuron.activation, len(neuron.w)]


init.misconception(
    """You drew from the global `random`. The generator to use is the argument rng: only then does
    the same seed give the same network.""",
    name="global_random",
    source="""
def __init__(self, nin, rng, activation="tanh"):
    import random

    self.w = [Value(random.uniform(-1, 1)) for _ in range(nin)]
    self.b = Value(random.uniform(-1, 1))
    self.activation = activation
""",
)
init.misconception(
    """One draw for all weights: equal weights get equal gradients and stay equal. Draw once per
    weight, inside the comprehension.""",
    name="one_draw",
    replace="[Value(rng.uniform(-1, 1)) for _ in range(nin)]",
    by="[Value(rng.uniform(-1, 1))] * nin",
)
init.misconception(
    """The bias was drawn first. The order is a convention, but with another one the same seed
    gives another network: w first, then b.""",
    name="bias_first",
    source="""
def __init__(self, nin, rng, activation="tanh"):
    self.b = Value(rng.uniform(-1, 1))
    self.w = [Value(rng.uniform(-1, 1)) for _ in range(nin)]
    self.activation = activation
""",
)
init.misconception(
    """The bias starts at 0, without a draw. That is a good habit elsewhere; here it is drawn like
    the weights.""",
    name="zero_bias",
    replace="self.b = Value(rng.uniform(-1, 1))",
    by="self.b = Value(0.0)",
)
init.misconception(
    """random() and uniform(0, 1) are never negative. The weights are to lie between -1 and 1.""",
    name="only_positive",
    edits=[
        ("Value(rng.uniform(-1, 1)) for", "Value(rng.uniform(0, 1)) for"),
        ("self.b = Value(rng.uniform(-1, 1))", "self.b = Value(rng.uniform(0, 1))"),
    ],
)
init.misconception(
    """That is the normal distribution (the bell). Here: uniform between -1 and 1.""",
    name="normal",
    edits=[
        ("Value(rng.uniform(-1, 1)) for", "Value(rng.gauss(0, 1)) for"),
        ("self.b = Value(rng.uniform(-1, 1))", "self.b = Value(rng.gauss(0, 1))"),
    ],
)
init.misconception(
    """These are plain numbers. Training needs gradients, so every parameter is a Value.""",
    name="floats",
    edits=[
        ("Value(rng.uniform(-1, 1)) for", "rng.uniform(-1, 1) for"),
        ("self.b = Value(rng.uniform(-1, 1))", "self.b = rng.uniform(-1, 1)"),
    ],
)
init.misconception(
    """The activation asked for is ignored: store the argument.""",
    name="always_tanh",
    replace="self.activation = activation",
    by='self.activation = "tanh"',
)
init.misconception(
    """One weight too many: the bias is not one of the weights, it has its own attribute b.""",
    name="extra_weight",
    replace="for _ in range(nin)]",
    by="for _ in range(nin + 1)]",
)
init.variant(
    "a loop; uniform by hand",
    name="loop",
    source="""
def __init__(self, nin, rng, activation="tanh"):
    self.activation = activation
    drawn = []
    while len(drawn) < nin + 1:
        drawn.append(Value(2 * rng.random() - 1))
    *self.w, self.b = drawn
""",
)


# ---------------------------------------------------------------------------------------------

call = exercise("neuron_call", target="Neuron.__call__", title="what a neuron computes")
call.hint(
    """Multiply pairs of weight and input, sum them up, add the bias once, then the activation."""
)
call.hint("sum() takes a start: sum((wi * xi for wi, xi in zip(self.w, x)), self.b).")
call.hint(
    """Then total.tanh() if self.activation is "tanh", total.relu() if "relu", else total itself."""
)


@call.cases
def _(rng):
    for nin, kind in [(1, "numbers"), (2, "Values"), (3, "some of each"), (6, "numbers")]:
        for activation in ACTIVATIONS:
            yield dict(
                w=rng.numbers(nin, -1, 1),
                b=rng.choice([-1, 1]) * rng.number(0.2, 0.9),
                x=rng.numbers(nin),
                kind=kind,
                activation=activation,
                upstream=rng.number(1.5, 3.0),
            )
    for b in (0.4, -0.4):  # a gate that is surely open, one that is surely shut
        yield dict(w=[0.1, -0.1], b=b, x=[1, 2], kind="numbers", activation="relu", upstream=2.0)
    yield dict(w=[9.0, 8.0], b=-3.0, x=[1, 2], kind="numbers", activation="tanh", upstream=2.0)


def neuron_of(m, w, b, activation):
    neuron = m.Neuron(len(w), random.Random(0), activation)
    neuron.w, neuron.b = [m.Value(v) for v in w], m.Value(b)
    neuron.activation = activation
    return neuron


@call.scenario
def _(m, w, b, x, kind, activation, upstream):
    neuron = neuron_of(m, w, b, activation)
    inputs = as_inputs(m, x, kind)
    return [data(m, neuron(inputs)), data(m, neuron(inputs))]  # the second call finds all as it was


@call.check("gradients")
def _(m, w, b, x, kind, activation, upstream):
    neuron = neuron_of(m, w, b, activation)
    inputs = as_inputs(m, x, kind)
    out = neuron(inputs)
    if not isinstance(out, m.Value):
        return data(m, out)
    (out * upstream).backward()
    return {
        "w": [float(v.grad) for v in neuron.w],
        "b": float(neuron.b.grad),
        "x": [float(v.grad) if isinstance(v, m.Value) else "a number" for v in inputs],
    }


@call.oracle("gradients")
def _(w, b, x, kind, activation, upstream):
    w, b, t = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (w, b, x))
    n = (w * t).sum() + b
    out = n.tanh() if activation == "tanh" else n.relu() if activation == "relu" else n
    (out * upstream).backward()
    values = [kind == "Values" or (kind == "some of each" and i % 2) for i in range(len(x))]
    grads = [g if v else "a number" for g, v in zip(t.grad.tolist(), values, strict=True)]
    return {"w": w.grad.tolist(), "b": b.grad.item(), "x": grads}


call.misconception(
    """The bias is missing: w . x + b. Without it every neuron says 0 to an input of zeros.""",
    name="no_bias",
    replace=", self.b)",
    by=", Value(0.0))",
)
call.misconception(
    """The bias is added once per input: it stands inside the sum. Add it once, outside.""",
    name="bias_in_sum",
    replace="(wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b",
    by="wi * xi + self.b for wi, xi in zip(self.w, x, strict=True)",
)
call.misconception(
    """The activation is applied to w . x before the bias comes in. The bias belongs inside: it
    shifts where the neuron switches.""",
    name="bias_outside",
    source="""
def __call__(self, x):
    total = sum(wi * xi for wi, xi in zip(self.w, x))
    if self.activation == "tanh":
        return total.tanh() + self.b
    if self.activation == "relu":
        return total.relu() + self.b
    return total + self.b
""",
)
call.misconception(
    """There is no activation at all: without one, a stack of layers is one linear function.""",
    name="never",
    edits=[("return total.tanh()", "return total"), ("return total.relu()", "return total")],
)
call.misconception(
    """tanh every time, whatever self.activation says.""",
    name="always_tanh",
    source="""
def __call__(self, x):
    return sum((wi * xi for wi, xi in zip(self.w, x)), self.b).tanh()
""",
)
call.misconception(
    """"linear" means no activation: the sum itself. You took the tanh of it.""",
    name="linear_is_tanh",
    source="""
def __call__(self, x):
    total = sum((wi * xi for wi, xi in zip(self.w, x)), self.b)
    return total.relu() if self.activation == "relu" else total.tanh()
""",
)
call.misconception(
    """The sum is computed from .data: a right number that forgot the weights. No gradient will
    reach them.""",
    name="cut",
    replace="wi * xi for wi, xi in zip(self.w, x, strict=True)",
    by="Value(wi.data) * xi for wi, xi in zip(self.w, x, strict=True)",
)
call.misconception(
    """The inputs may be Values, too: the outputs of the layer before. Through .data they lose
    their memory, and nothing before this neuron will ever learn.""",
    name="inputs_cut",
    source="""
def __call__(self, x):
    x = [xi.data if isinstance(xi, Value) else xi for xi in x]
    total = sum((wi * xi for wi, xi in zip(self.w, x)), self.b)
    return total if self.activation == "linear" else getattr(total, self.activation)()
""",
)
call.misconception(
    """Each product went through the activation by itself. First the whole sum, then one
    activation.""",
    name="activation_inside",
    source="""
def __call__(self, x):
    kind = self.activation
    terms = [wi * xi for wi, xi in zip(self.w, x)]
    terms = [t if kind == "linear" else getattr(t, kind)() for t in terms]
    return sum(terms, self.b)
""",
)
call.misconception(
    """The sum wanders into self.b: the second call starts where the first one ended. Make a new
    number for the total.""",
    name="bias_grows",
    source="""
def __call__(self, x):
    for wi, xi in zip(self.w, x):
        self.b += wi * xi
    total = self.b
    return total if self.activation == "linear" else getattr(total, self.activation)()
""",
)
call.variant(
    "a loop, getattr",
    name="loop",
    source="""
def __call__(self, x):
    total = 0.0
    for i in range(len(x)):
        total = total + x[i] * self.w[i]
    total = self.b + total
    return getattr(total, self.activation)() if self.activation != "linear" else total
""",
)


# ---------------------------------------------------------------------------------------------

params = exercise(
    "neuron_parameters", target="Neuron.parameters", title="parameters: all that may change"
)
params.hint("One flat list, nin + 1 long.")
params.hint(
    """The Values themselves, not their data and no copies: training will change them in place."""
)
params.hint("return [*self.w, self.b]")


@params.cases
def _(rng):
    for nin in (1, 2, 5):
        yield dict(nin=nin, seed=rng.seed())


@params.scenario
def _(m, nin, seed):
    neuron = m.Neuron(nin, random.Random(seed))
    names = {id(v): f"w[{i}]" for i, v in enumerate(neuron.w)} | {id(neuron.b): "b"}
    found = neuron.parameters()
    if not isinstance(found, (list, tuple)):
        return instead(found, "a list")
    return [names.get(id(v), f"a {type(v).__name__} that is not the neuron's own") for v in found]


@params.check("twice")
def _(m, nin, seed):
    neuron = m.Neuron(nin, random.Random(seed))
    neuron.parameters()
    return [len(neuron.parameters()), len(neuron.w)]


params.misconception(
    """The bias is missing. It is a parameter like the weights; left out here, it will never be
    trained, and nothing will tell you.""",
    name="no_bias",
    replace="[*self.w, self.b]",
    by="self.w",
)
params.misconception(
    """This is a list in a list. Make it flat: w + [b].""",
    name="nested",
    replace="[*self.w, self.b]",
    by="[self.w, self.b]",
)
params.misconception(
    """These are the numbers. Training needs the Values, which have the gradients.""",
    name="numbers",
    replace="[*self.w, self.b]",
    by="[p.data for p in [*self.w, self.b]]",
)
params.misconception(
    """These are copies: training would change them, and the neuron would stay as it is.""",
    name="copies",
    replace="[*self.w, self.b]",
    by="[Value(p.data) for p in [*self.w, self.b]]",
)
params.misconception(
    """append changes self.w itself (and returns None): the bias is now a weight, too. Build a new
    list.""",
    name="append",
    source="""
def parameters(self):
    self.w.append(self.b)
    return self.w
""",
)
params.misconception(
    """All of them, but in another order than promised: the weights first, then the bias.""",
    name="bias_first",
    replace="[*self.w, self.b]",
    by="[self.b, *self.w]",
)
params.variant("concatenation", name="plus", replace="[*self.w, self.b]", by="self.w + [self.b]")
params.variant("a tuple", name="tuple", replace="[*self.w, self.b]", by="(*self.w, self.b)")


# ---------------------------------------------------------------------------------------------

layer = exercise("layer", target="Layer", title="neurons side by side", points=2)
layer.hint("Three methods of one line each: a list of Neurons, a list of outputs, a flat list.")
layer.hint(
    """Each neuron is called with the whole of x. And pass rng and activation on to every one."""
)
layer.hint(
    """[Neuron(nin, rng, activation) for _ in range(nout)]; [neuron(x) for neuron in self.neurons];
    [p for neuron in self.neurons for p in neuron.parameters()]"""
)


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
    return {"outputs": all_data(m, made(x)), "the next draw": rng.random()}


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
        "neurons": [[float(v.grad) for v in [*n.w, n.b]] for n in made.neurons],
        "x": [float(v.grad) for v in inputs],
    }


@layer.check("default activation")
def _(m, nin, nout, seed, activation, x):
    return all_data(m, m.Layer(nin, nout, random.Random(seed))(x))


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


# ---------------------------------------------------------------------------------------------

mlp = exercise("mlp", target="MLP", title="layers in a row", points=2)
mlp.hint("Write the sizes in one list, [nin, *nouts]: layer i goes from sizes[i] to sizes[i + 1].")
mlp.hint(
    """Only the layer with the last index is linear. In __call__, x becomes each layer's output."""
)
mlp.hint(
    """Layer(sizes[i], sizes[i + 1], rng, "linear" if i == len(nouts) - 1 else activation); then
    for layer in self.layers: x = layer(x); return x[0] if len(x) == 1 else x"""
)


@mlp.cases
def _(rng):
    for nin, nouts, activation in [
        (3, [4, 4, 1], "tanh"), (2, [5, 1, 3], "relu"), (2, [1], "tanh"), (1, [2, 1, 1], "relu"),
        (4, [3, 2], "tanh"), (2, [3, 1, 2, 1], "linear"),
    ]:  # fmt: skip
        yield dict(nin=nin, nouts=nouts, seed=rng.seed(), activation=activation,
                   x=rng.numbers(nin))  # fmt: skip


def output_of(m, out):
    return all_data(m, out) if isinstance(out, (list, tuple)) else data(m, out)


@mlp.scenario
def _(m, nin, nouts, seed, activation, x):
    rng = random.Random(seed)
    model = m.MLP(nin, nouts, rng, activation)
    return {"output": output_of(m, model(x)), "the next draw": rng.random()}


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
    return {
        "layers": len(model.layers),
        "parameters": [data(m, p) for p in m.MLP(nin, nouts, random.Random(seed)).parameters()],
        "different ones": len({id(p) for p in found}),
        "output before": before,
        "output when all parameters are 0": output_of(m, model(x)),
    }


@mlp.check("gradients")
def _(m, nin, nouts, seed, activation, x):
    model = m.MLP(nin, nouts, random.Random(seed), activation)
    out = model(x)
    total = m.Value(0.0)
    for i, value in enumerate(out if isinstance(out, (list, tuple)) else [out]):
        total = total + value * (i + 1.5)
    total.backward()
    return [float(p.grad) for p in model.parameters()]


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
