"""01.tanh_from_exp: tanh, in small steps."""

import math

from graders.authoring import exercise, real, value_data

from .part import GRADIENTS, true_slope

recomposed = exercise("tanh_from_exp", title="tanh, in small steps")


@recomposed.cases
def _(rng):
    for low, high in (
        (-1.5, -0.5), (0.5, 1.5), (0.0, 0.0), (-6.0, -5.0), (149.0, 150.0), (-150.0, -149.0),
    ):  # fmt: skip
        x = rng.number(low, high) if low < high else low
        yield dict(x=x, upstream=rng.number(1.5, 3.0), held=rng.number(5.0, 9.0))


@recomposed.scenario
def _(m, x, upstream, held):
    x = m.Value(x)
    x.grad = held
    out = m.tanh_from_exp(x)
    return {"result": value_data(m, out), "x afterwards": [x.data, x.grad]}


@recomposed.check("gradients", tol=GRADIENTS)
def _(m, x, upstream, held):
    x = m.Value(x)
    x.grad = held
    out = m.tanh_from_exp(x)
    if not isinstance(out, m.Value):
        return value_data(m, out)
    (out * upstream).backward()
    return real(x.grad)


@recomposed.oracle("gradients")
def _(x, upstream, held):
    return true_slope("tanh", x, upstream, held)


def bases(rng):
    for low, high in ((-1.5, -0.5), (0.5, 1.5), (0.0, 0.0), (3.0, 4.0)):
        x = rng.number(low, high) if low < high else low
        yield dict(x=x, rate=rng.choice([rng.number(0.4, 0.7), rng.number(1.3, 1.6)]))


@recomposed.check("made of x.exp()", cases=bases, tol=GRADIENTS)
def _(m, x, rate):
    """While exp is a power of another number than e, all that is composed of it is tanh(rate * x)."""
    power = m.Value.exp
    m.Value.exp = lambda self: power(self * rate)
    try:
        start = m.Value(x)
        out = m.tanh_from_exp(start)
    finally:
        m.Value.exp = power
    if not isinstance(out, m.Value):
        return value_data(m, out)
    out.backward()
    return {"with another number for e": value_data(m, out), "its slope": real(start.grad)}


@recomposed.oracle("made of x.exp()")
def _(x, rate):
    t = math.tanh(rate * x)
    return {"with another number for e": t, "its slope": rate * (1 - t * t)}


def in_one_step(node, start):
    """Whether a node is all of tanh: of a child, or of half of one; or nobody's child, and yet tanh(x)."""
    if not 0.1 < abs(start.data) < 10:  # else small steps come to the same number
        return False
    whole = [child.data * part for child in node._prev for part in (1.0, 0.5)]
    if not node._prev and node is not start:
        whole = [start.data]
    return any(math.isclose(node.data, math.tanh(u), rel_tol=1e-12) for u in whole)


def small(node):
    """Whether a node is a sum, product, difference, quotient, power or exp of its children."""
    numbers = [child.data for child in node._prev]
    if not numbers:
        return True
    if len(numbers) == 1:
        u = numbers[0]
        powers = [abs(u) ** (n / 2) for n in range(-16, 17) if u]
        steps = [math.exp(min(u, 700.0)), u + u, *powers]
    elif len(numbers) == 2:
        a, b = numbers
        steps = [a + b, a * b, a - b, *(x / y for x, y in ((a, b), (b, a)) if y)]
    else:
        steps = [sum(numbers), math.prod(numbers)]
    return any(math.isclose(abs(node.data), abs(s), rel_tol=1e-9, abs_tol=1e-12) for s in steps)


@recomposed.check("made of small steps")
def _(m, x, upstream, held):
    finished, number, calls = getattr(m.Value, "tanh", None), math.tanh, []
    m.Value.tanh = lambda self: (calls.append(1), finished(self))[1]
    math.tanh = lambda x: (calls.append(1), number(x))[1]
    try:
        start = m.Value(x)
        out = m.tanh_from_exp(start)
    finally:
        m.Value.tanh, math.tanh = finished, number
    if not isinstance(out, m.Value):
        return value_data(m, out)
    if calls:
        return "the finished tanh"
    nodes, queue = {id(out)}, [out]
    for node in queue:
        for child in node._prev:
            if id(child) not in nodes:
                nodes.add(id(child))
                queue.append(child)
    if abs(x) < 10 and not all(small(node) for node in queue):
        return "a step that is neither exp nor arithmetic"
    whole = any(in_one_step(node, start) for node in queue)
    return "several steps" if len(nodes) > 3 and not whole else "one step"  # x.tanh() has two nodes


recomposed.hint("Everything in the formula is an operator that Values have.")
recomposed.hint("Compute e^(2x) once and keep it: it appears twice.")
recomposed.hint("e = (2 * x).exp(); return (e - 1) / (e + 1)")

recomposed.misconception(
    """That calls the finished tanh. Here take it apart: exp and arithmetic only.""",
    name="calls_tanh",
    source="""
def tanh_from_exp(x):
    return x.tanh()
""",
)
recomposed.misconception(
    """All of tanh is one node here, with a slope of its own. Compose it of x.exp() and arithmetic on
    Values: then each step has its slope already.""",
    name="one_node",
    source="""
def tanh_from_exp(x):
    e = math.exp(2 * x.data)
    t = (e - 1) / (e + 1)
    return x._node(t, "tanh", (x, 1 - t * t)) * 1.0 + 0.0
""",
)
recomposed.misconception(
    """The formula has e^(2x), not e^x: (e^x - 1) / (e^x + 1) is tanh(x / 2).""",
    replace="(2 * x).exp()",
    by="x.exp()",
    name="half",
)
recomposed.misconception(
    """The quotient is upside down: e^(2x) - 1 goes on top, e^(2x) + 1 below.""",
    replace="(e - 1) / (e + 1)",
    by="(e + 1) / (e - 1)",
    name="upside_down",
)
recomposed.misconception(
    """This is the logistic sigmoid, which runs from 0 to 1: in the numerator 1 is to be
    subtracted.""",
    replace="(e - 1) / (e + 1)",
    by="e / (e + 1)",
    name="sigmoid",
)
recomposed.misconception(
    """math.exp(x.data) leaves the graph: e is a plain number, and no gradient gets back to x. Call
    .exp() on the Value.""",
    replace="(2 * x).exp()",
    by="Value(math.exp(2 * x.data))",
    name="cut",
)
recomposed.misconception(
    """The sign is turned around: 1 - e^(2x) on top gives -tanh(x).""",
    replace="(e - 1)",
    by="(1 - e)",
    name="negated",
)


@recomposed.variant("two exponentials")
def two_exponentials(x):
    up, down = x.exp(), (-x).exp()
    return (up - down) / (up + down)


@recomposed.variant("one minus something")
def one_minus(x):
    return 1 - 2 / ((x + x).exp() + 1)


@recomposed.variant("from the logistic sigmoid")
def from_sigmoid(x):
    share = 1 / (1 + (-2 * x).exp())
    return share - (1 - share)
