"""01.neuron_call: what a neuron computes."""

import random

import torch

from graders.authoring import exercise, real, value_data

call = exercise("neuron_call", target="Neuron.__call__", title="what a neuron computes")


def as_inputs(m, x, kind):
    """A list of inputs as plain numbers, as Values, or some of each."""
    if kind == "numbers":
        return list(x)
    return [m.Value(v) if kind == "Values" or i % 2 else v for i, v in enumerate(x)]


ACTIVATIONS = ["tanh", "relu", "linear"]


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
    # a weight or a bias of 0 still has a gradient, and so has an input of 0
    for x in ([3.0, 2.0], [0.0, -2.0]):
        yield dict(w=[0.0, 0.5], b=0.0, x=x, kind="Values", activation="linear", upstream=2.0)
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
    others = as_inputs(m, [v + 0.5 for v in x], kind)
    return [
        value_data(m, neuron(inputs)),
        value_data(m, neuron(others)),
    ]  # the second call finds all as it was, and is about what it is given


@call.check("as it is by then")
def _(m, w, b, x, kind, activation, upstream):
    """Weights, bias and activation are those of the moment, not those of the first call."""
    neuron = neuron_of(m, w, b, activation)
    neuron(as_inputs(m, x, kind))
    neuron.w, neuron.b = [m.Value(v + 0.25) for v in w], m.Value(-b)
    second = value_data(m, neuron(as_inputs(m, x, kind)))
    neuron.activation = ACTIVATIONS[ACTIVATIONS.index(activation) - 1]
    return {"other weights": second, "another activation": value_data(m, neuron(list(x)))}


@call.check("one Value twice", cases=lambda rng: iter([dict(w=rng.number(), x=rng.numbers(3))]))
def _(m, w, x):
    """Each pair counts, be its weight an object that was there before."""
    neuron = neuron_of(m, [w, 0.5, w], 0.25, "linear")
    neuron.w[2] = neuron.w[0]
    return value_data(m, neuron(x))


@call.check("gradients")
def _(m, w, b, x, kind, activation, upstream):
    neuron = neuron_of(m, w, b, activation)
    inputs = as_inputs(m, x, kind)
    out = neuron(inputs)
    if not isinstance(out, m.Value):
        return value_data(m, out)
    (out * upstream).backward()
    return {
        "w": [real(v.grad) for v in neuron.w],
        "b": float(neuron.b.grad),
        "x": [real(v.grad) if isinstance(v, m.Value) else "a number" for v in inputs],
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


call.hint(
    """Multiply pairs of weight and input, sum them up, add the bias once, then the activation."""
)
call.hint("sum() takes a start: sum((wi * xi for wi, xi in zip(self.w, x)), self.b).")
call.hint(
    """Then total.tanh() if self.activation is "tanh", total.relu() if "relu", else total itself."""
)

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

call.equivalent(
    "zip(self.w, x, strict=True)  ->  zip(x, self.w, strict=True)", "a product has no order"
)
