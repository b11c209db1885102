"""01.manual_neuron: a neuron, backward by hand."""

import math

import torch

from graders.authoring import exercise

neuron = exercise("manual_neuron", title="a neuron, backward by hand", forbid=("autograd",))


@neuron.cases
def _(rng):
    yield dict(x1=2.0, x2=0.0, w1=-3.0, w2=1.0, b=6.8813735870195432)
    for _ in range(3):
        yield dict(x1=rng.number(0.3, 1), x2=rng.number(-1, -0.3), w1=rng.number(0.2, 1),
                   w2=rng.number(0.2, 1), b=rng.number(-1, 1))  # fmt: skip
    yield dict(x1=rng.number(), x2=rng.number(), w1=rng.number(), w2=rng.number(), b=-5.0)


@neuron.oracle
def _(x1, x2, w1, w2, b):
    v = {n: torch.tensor(x, dtype=torch.float64, requires_grad=True)
         for n, x in dict(x1=x1, x2=x2, w1=w1, w2=w2, b=b).items()}  # fmt: skip
    v["x1w1"], v["x2w2"] = v["x1"] * v["w1"], v["x2"] * v["w2"]
    v["x1w1x2w2"] = v["x1w1"] + v["x2w2"]
    v["n"] = v["x1w1x2w2"] + v["b"]
    v["o"] = torch.tanh(v["n"])
    for node in v.values():
        node.retain_grad()
    v["o"].backward()
    return {name: node.grad.item() for name, node in v.items()}


neuron.hint("First run it forward: you need o. Then start with 1.0 at o and walk left.")
neuron.hint(
    """n's gradient is 1 - o². Both sums hand theirs on unchanged, to all five nodes on the way."""
)
neuron.hint("x1: w1 times that number. w1: x1 times it. The same for x2 and w2.")

neuron.misconception(
    """The slope of tanh is 1 - tanh(n)² = 1 - o². You squared n, the number *before* tanh.""",
    replace="1 - o**2",
    by="1 - (x1 * w1 + x2 * w2 + b) ** 2",
    name="n_squared",
)
neuron.misconception(
    """The square is missing: the slope of tanh is 1 - o².""",
    replace="1 - o**2",
    by="1 - o",
    name="not_squared",
)
neuron.misconception(
    """o already is tanh(n): you took tanh once more before squaring.""",
    replace="1 - o**2",
    by="1 - math.tanh(o) ** 2",
    name="tanh_twice",
)
neuron.misconception(
    """o * (1 - o) is the slope of the logistic sigmoid. That of tanh is 1 - o².""",
    replace="1 - o**2",
    by="o * (1 - o)",
    name="sigmoid",
)
neuron.misconception(
    """The gradient went straight through tanh, as if it were not there. Multiply by its slope, 1 -
    o².""",
    replace="(1 - o**2) * ",
    by="",
    name="no_tanh",
)
neuron.misconception(
    """Inputs and weights are swapped: how far x1 * w1 moves with x1 depends on w1.""",
    edits=[
        ('grad["x1"] = w1 *', 'grad["x1"] = x1 *'),
        ('grad["w1"] = x1 *', 'grad["w1"] = w1 *'),
        ('grad["x2"] = w2 *', 'grad["x2"] = x2 *'),
        ('grad["w2"] = x2 *', 'grad["w2"] = w2 *'),
    ],
    name="swapped_xw",
)
neuron.misconception(
    """For the products you gave the local slope only. Multiply it by the gradient that has arrived
    at the product.""",
    edits=[
        ('= w1 * grad["x1w1"]', "= w1"),
        ('= x1 * grad["x1w1"]', "= x1"),
        ('= w2 * grad["x2w2"]', "= w2"),
        ('= x2 * grad["x2w2"]', "= x2"),
    ],
    name="local_products",
)
neuron.misconception(
    """The bias is an input like any other: it is added to the sum *inside* tanh, so it gets n's
    gradient, not 1.""",
    replace='    grad["x1"] = w1',
    by='    grad["b"] = 1.0\n    grad["x1"] = w1',
    name="b_is_one",
)

neuron.misconception(
    """torch's autograd did that. You are about to build it: here each step of the chain rule is yours.""",
    name="autograd",
    source="""
def manual_neuron(x1, x2, w1, w2, b):
    import torch
    x1, x2, w1, w2, b = (torch.tensor(float(x), dtype=torch.float64, requires_grad=True)
                         for x in (x1, x2, w1, w2, b))
    x1w1, x2w2 = x1 * w1, x2 * w2
    both = x1w1 + x2w2
    n = both + b
    nodes = {"o": n.tanh(), "n": n, "x1w1x2w2": both, "b": b, "x1w1": x1w1, "x2w2": x2w2,
             "x1": x1, "w1": w1, "x2": x2, "w2": w2}
    found = torch.autograd.grad(nodes["o"], [*nodes.values()])
    return {name: slope.item() for name, slope in zip(nodes, found)}
""",
)


@neuron.variant("closed formulas, with cosh")
def with_cosh(x1, x2, w1, w2, b):
    slope = 1 / math.cosh(x1 * w1 + x2 * w2 + b) ** 2
    grad = {"o": 1.0, "x1": w1 * slope, "w1": x1 * slope, "x2": w2 * slope, "w2": x2 * slope}
    return grad | dict.fromkeys(["n", "b", "x1w1", "x2w2", "x1w1x2w2"], slope)


neuron.equivalent("(1 - o ** 2) * grad['o']  ->  (1 - o ** 2) / grad['o']", "grad['o'] is 1.0")
neuron.equivalent("(1 - o ** 2) * grad['o']  ->  1 - o ** 2", "grad['o'] is 1.0")
