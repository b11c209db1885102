"""01.neuron_init: a neuron's parameters."""

import random

from graders.authoring import exercise, value_data

from .part import all_data

init = exercise("neuron_init", target="Neuron.__init__", title="a neuron's parameters")


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
        "b": value_data(m, neuron.b),
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


init.hint("w is a list comprehension: one Value per input, each with its own draw.")
init.hint(
    """Draw from the rng you were given, rng.uniform(-1, 1), and for b in the same way, after w."""
)
init.hint(
    """self.w = [Value(rng.uniform(-1, 1)) for _ in range(nin)]; self.b = Value(rng.uniform(-1, 1));
    self.activation = activation"""
)

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
