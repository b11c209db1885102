"""exp, log, tanh, relu; expressions made of them; torch as the judge."""

import numbers

import torch

from graders.authoring import Tol, exercise, instead

# Slopes are products of functions that may be large, or sums of terms that cancel.
GRADIENTS = Tol(rtol=1e-9, atol=1e-9)


def data(m, value):
    """A Value's number; for anything else, what it is."""
    if not isinstance(value, m.Value):
        return instead(value, "a Value")
    if not isinstance(value.data, numbers.Real):
        return instead(value.data, "a number in .data", returned=False)
    return float(value.data)


def value_of(m, function, x, upstream, held):
    """function(x), and x afterwards."""
    x = m.Value(x)
    x.grad = held
    out = getattr(x, function)()
    return {"result": data(m, out), "x afterwards": [x.data, x.grad]}


def slope_of(m, function, x, upstream, held):
    """The gradient of upstream * function(x), on top of what x holds."""
    x = m.Value(x)
    x.grad = held
    out = getattr(x, function)()
    if not isinstance(out, m.Value):
        return data(m, out)
    (out * upstream).backward()
    return float(x.grad)


def chain_of(m, function, x, upstream, held):
    """The gradient through function(2x) * x + function(2x), where x is used on two paths."""
    x = m.Value(x)
    inner = 2 * x
    out = getattr(inner, function)()
    if not isinstance(out, m.Value):
        return data(m, out)
    (out * x + out * upstream).backward()
    return {"x.grad": float(x.grad), "(2x).grad": float(inner.grad)}


def true_slope(function, x, upstream, held):
    x = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    (getattr(x, function)() * upstream).backward()
    return held + x.grad.item()


def true_chain(function, x, upstream, held):
    x = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    inner = 2 * x
    inner.retain_grad()
    out = getattr(inner, function)()
    (out * x + out * upstream).backward()
    return {"x.grad": x.grad.item(), "(2x).grad": inner.grad.item()}


def cases_at(ex, function, *places):
    @ex.cases
    def _(rng):
        for low, high in places:
            yield dict(
                function=function,
                x=rng.number(low, high) if low < high else low,
                upstream=rng.choice([-1, 1]) * rng.number(1.5, 3.0),
                held=rng.number(5.0, 9.0),
            )

    ex.oracle("gradients")(true_slope)
    ex.oracle("in an expression")(true_chain)


# ---------------------------------------------------------------------------------------------

exp = exercise("exp", target="Value.exp", title="e to the power of a")


@exp.scenario
def _(m, **case):
    return value_of(m, **case)


@exp.check("gradients", tol=GRADIENTS)
def _(m, **case):
    return slope_of(m, **case)


@exp.check("in an expression", tol=GRADIENTS)
def _(m, **case):
    return chain_of(m, **case)


cases_at(exp, "exp", (-2.0, -0.5), (0.5, 2.0), (0.0, 0.0), (3.0, 5.0), (-9.0, -8.0))
exp.hint("One number for the value. For the slope you need no second one.")
exp.hint("exp is its own derivative: the local slope is the *result*.")
exp.hint('e = math.exp(self.data); return self._node(e, "exp", (self, e))')
exp.misconception(
    """A fresh Value remembers nothing: no gradient gets through to self. Name self as its
    child.""",
    name="cut",
    source="""
def exp(self):
    return Value(math.exp(self.data))
""",
)
exp.misconception(
    """This is a plain number, not a Value: the graph ends here.""",
    name="plain",
    source="""
def exp(self):
    return math.exp(self.data)
""",
)
exp.misconception(
    """The chain rule's second factor is missing: the local slope times out.grad.""",
    name="no_upstream",
    source="""
def exp(self):
    t = math.exp(self.data)
    out = Value(t, (self,), "exp")

    def _backward():
        self.grad += t

    out._backward = _backward
    return out
""",
)
exp.misconception(
    """`=` for `+=`: shares from other uses of the same node are thrown away.""",
    name="assigns",
    source="""
def exp(self):
    t = math.exp(self.data)
    out = Value(t, (self,), "exp")

    def _backward():
        self.grad = t * out.grad

    out._backward = _backward
    return out
""",
)
exp.misconception(
    """self is not recorded as a child, so backward() never comes past this node: what self itself
    was computed from gets nothing.""",
    name="no_child",
    source="""
def exp(self):
    t = math.exp(self.data)
    out = Value(t, (), "exp")

    def _backward():
        self.grad += t * out.grad

    out._backward = _backward
    return out
""",
)
exp.misconception(
    """The slope of e^u is e^u itself, not u. You used the input where the result belongs.""",
    replace="(self, e)",
    by="(self, self.data)",
    name="slope_is_x",
)
exp.misconception(
    """The power rule is for u^n. Here the *exponent* varies, and e^u is its own slope.""",
    replace="(self, e)",
    by="(self, self.data * math.exp(self.data - 1))",
    name="power_rule",
)
exp.misconception(
    """The gradient passed through unchanged, as if exp were the identity. Its local slope is
    e^u.""",
    replace="(self, e)",
    by="(self, 1.0)",
    name="slope_one",
)
exp.misconception(
    """This is 2^u or 10^u; asked for is the power of e.""",
    replace="math.exp(self.data)",
    by="2**self.data",
    name="base_two",
)
exp.misconception(
    """This changes self in place: afterwards x itself is another number, and there is no node that
    knows it was made by exp. Return a new node.""",
    name="in_place",
    source="""
def exp(self):
    self.data = math.exp(self.data)
    return self
""",
)
exp.variant(
    "a closure; e as a power",
    name="closure",
    source="""
def exp(self):
    out = Value(math.e**self.data, (self,), "exp")

    def _backward():
        self.grad += out.data * out.grad

    out._backward = _backward
    return out
""",
)

# ---------------------------------------------------------------------------------------------

log = exercise("log", target="Value.log", title="natural logarithm")


@log.scenario
def _(m, **case):
    return value_of(m, **case)


@log.check("gradients", tol=GRADIENTS)
def _(m, **case):
    return slope_of(m, **case)


@log.check("in an expression", tol=GRADIENTS)
def _(m, **case):
    return chain_of(m, **case)


cases_at(log, "log", (0.2, 0.9), (1.5, 3.0), (0.5, 0.5), (1e-6, 1e-5), (1e5, 1e6))
log.hint("math.log, with one argument, is the natural logarithm.")
log.hint("The slope of log(u) is 1 / u: u is the input here, not the result.")
log.hint('return self._node(math.log(self.data), "log", (self, 1 / self.data))')
log.misconception(
    """A fresh Value remembers nothing: no gradient gets through to self. Name self as its
    child.""",
    name="cut",
    source="""
def log(self):
    return Value(math.log(self.data))
""",
)
log.misconception(
    """This is a plain number, not a Value: the graph ends here.""",
    name="plain",
    source="""
def log(self):
    return math.log(self.data)
""",
)
log.misconception(
    """The chain rule's second factor is missing: the local slope times out.grad.""",
    name="no_upstream",
    source="""
def log(self):
    t = math.log(self.data)
    out = Value(t, (self,), "log")

    def _backward():
        self.grad += 1 / self.data

    out._backward = _backward
    return out
""",
)
log.misconception(
    """`=` for `+=`: shares from other uses of the same node are thrown away.""",
    name="assigns",
    source="""
def log(self):
    t = math.log(self.data)
    out = Value(t, (self,), "log")

    def _backward():
        self.grad = 1 / self.data * out.grad

    out._backward = _backward
    return out
""",
)
log.misconception(
    """self is not recorded as a child, so backward() never comes past this node: what self itself
    was computed from gets nothing.""",
    name="no_child",
    source="""
def log(self):
    t = math.log(self.data)
    out = Value(t, (), "log")

    def _backward():
        self.grad += 1 / self.data * out.grad

    out._backward = _backward
    return out
""",
)
log.misconception(
    """The slope of log(u) is one over the *input*. You divided by the result, log(u).""",
    name="one_over_result",
    source="""
def log(self):
    t = math.log(self.data)
    return self._node(t, "log", (self, 1 / t))
""",
)
log.misconception(
    """The slope of log(u) is 1 / u. You multiplied by u where you should divide.""",
    replace="1 / self.data",
    by="self.data",
    name="slope_is_x",
)
log.misconception(
    """This is the logarithm to another base. The natural one (base e) is math.log with one
    argument; only for that one the slope is 1 / u.""",
    replace="math.log(self.data)",
    by="math.log10(self.data)",
    name="base_ten",
)
log.misconception(
    """A small number added inside the logarithm hides a log(0), and makes every other result a
    little wrong. The docstring promises a positive input: take log(u).""",
    replace="math.log(self.data)",
    by="math.log(self.data + 1e-7)",
    name="epsilon",
)
log.variant(
    "a closure; another formula",
    name="closure",
    source="""
def log(self):
    out = Value(math.log2(self.data) * math.log(2), (self,), "ln")

    def _backward():
        self.grad += out.grad * self.data**-1

    out._backward = _backward
    return out
""",
)

# ---------------------------------------------------------------------------------------------

tanh = exercise("tanh", target="Value.tanh", title="the squashing function")


@tanh.scenario
def _(m, **case):
    return value_of(m, **case)


@tanh.check("gradients", tol=GRADIENTS)
def _(m, **case):
    return slope_of(m, **case)


@tanh.check("in an expression", tol=GRADIENTS)
def _(m, **case):
    return chain_of(m, **case)


cases_at(tanh, "tanh", (-1.5, -0.5), (0.5, 1.5), (0.0, 0.0), (-9.0, -8.0), (0.001, 0.01))
tanh.hint("math.tanh gives the value. The slope is cheap once you have it.")
tanh.hint("With t = tanh(u) the slope is 1 - t squared.")
tanh.hint('t = math.tanh(self.data); return self._node(t, "tanh", (self, 1 - t**2))')
tanh.misconception(
    """A fresh Value remembers nothing: no gradient gets through to self. Name self as its
    child.""",
    name="cut",
    source="""
def tanh(self):
    return Value(math.tanh(self.data))
""",
)
tanh.misconception(
    """This is a plain number, not a Value: the graph ends here.""",
    name="plain",
    source="""
def tanh(self):
    return math.tanh(self.data)
""",
)
tanh.misconception(
    """The chain rule's second factor is missing: the local slope times out.grad.""",
    name="no_upstream",
    source="""
def tanh(self):
    t = math.tanh(self.data)
    out = Value(t, (self,), "tanh")

    def _backward():
        self.grad += (1 - t * t)

    out._backward = _backward
    return out
""",
)
tanh.misconception(
    """`=` for `+=`: shares from other uses of the same node are thrown away.""",
    name="assigns",
    source="""
def tanh(self):
    t = math.tanh(self.data)
    out = Value(t, (self,), "tanh")

    def _backward():
        self.grad = (1 - t * t) * out.grad

    out._backward = _backward
    return out
""",
)
tanh.misconception(
    """self is not recorded as a child, so backward() never comes past this node: what self itself
    was computed from gets nothing.""",
    name="no_child",
    source="""
def tanh(self):
    t = math.tanh(self.data)
    out = Value(t, (), "tanh")

    def _backward():
        self.grad += (1 - t * t) * out.grad

    out._backward = _backward
    return out
""",
)
tanh.misconception(
    """The slope is 1 - tanh(u)². You squared u, the number *before* tanh.""",
    replace="1 - t**2",
    by="1 - self.data**2",
    name="squares_input",
)
tanh.misconception(
    """t already is tanh(u): you took tanh once more before squaring.""",
    replace="1 - t**2",
    by="1 - math.tanh(t) ** 2",
    name="tanh_twice",
)
tanh.misconception(
    """The square is missing: the slope is 1 - t².""",
    replace="1 - t**2",
    by="1 - t",
    name="no_square",
)
tanh.misconception(
    """t(1 - t) is the slope of the logistic sigmoid. That of tanh is 1 - t².""",
    replace="1 - t**2",
    by="t * (1 - t)",
    name="sigmoid_slope",
)
tanh.misconception(
    """This is the logistic sigmoid, 1 / (1 + e^-u), with its slope: it runs from 0 to 1. tanh runs
    from -1 to 1.""",
    name="sigmoid",
    source="""
def tanh(self):
    t = 1 / (1 + math.exp(-self.data))
    return self._node(t, "tanh", (self, t * (1 - t)))
""",
)
tanh.misconception(
    """The formula has e^(2u), not e^u: (e^u - 1) / (e^u + 1) is tanh(u / 2).""",
    name="half",
    source="""
def tanh(self):
    e = math.exp(self.data)
    t = (e - 1) / (e + 1)
    return self._node(t, "tanh", (self, 1 - t**2))
""",
)
tanh.variant(
    "the formula with exp, in a closure",
    name="formula",
    source="""
def tanh(self):
    x = self.data
    t = (math.exp(2 * x) - 1) / (math.exp(2 * x) + 1)
    out = Value(t, (self,), "tanh")

    def _backward():
        self.grad += (1 - t**2) * out.grad

    out._backward = _backward
    return out
""",
)
tanh.variant(
    "composed of other Values",
    name="composed",
    source="""
def tanh(self):
    e, f = self.exp(), (-self).exp()
    return (e - f) / (e + f)
""",
)

# ---------------------------------------------------------------------------------------------

relu = exercise("relu", target="Value.relu", title="the gate")


@relu.scenario
def _(m, **case):
    return value_of(m, **case)


@relu.check("gradients", tol=GRADIENTS)
def _(m, **case):
    return slope_of(m, **case)


@relu.check("in an expression", tol=GRADIENTS)
def _(m, **case):
    return chain_of(m, **case)


cases_at(
    relu, "relu", (-2.0, -0.5), (0.5, 2.0), (0.0, 0.0), (-1e-9, -1e-12), (1e-6, 1e-5), (30.0, 60.0)
)
relu.hint("The value is the larger of two numbers.")
relu.hint(
    """Where the gate is open (self.data > 0) the slope is 1. Where it is shut, nothing gets
    through."""
)
relu.hint('return self._node(max(0.0, self.data), "relu", (self, float(self.data > 0)))')
relu.misconception(
    """A fresh Value remembers nothing: no gradient gets through to self. Name self as its
    child.""",
    name="cut",
    source="""
def relu(self):
    return Value(max(0.0, self.data))
""",
)
relu.misconception(
    """This is a plain number, not a Value: the graph ends here.""",
    name="plain",
    source="""
def relu(self):
    return max(0.0, self.data)
""",
)
relu.misconception(
    """The chain rule's second factor is missing: the local slope times out.grad.""",
    name="no_upstream",
    source="""
def relu(self):
    t = max(0.0, self.data)
    out = Value(t, (self,), "relu")

    def _backward():
        self.grad += (self.data > 0)

    out._backward = _backward
    return out
""",
)
relu.misconception(
    """`=` for `+=`: shares from other uses of the same node are thrown away.""",
    name="assigns",
    source="""
def relu(self):
    t = max(0.0, self.data)
    out = Value(t, (self,), "relu")

    def _backward():
        self.grad = (self.data > 0) * out.grad

    out._backward = _backward
    return out
""",
)
relu.misconception(
    """self is not recorded as a child, so backward() never comes past this node: what self itself
    was computed from gets nothing.""",
    name="no_child",
    source="""
def relu(self):
    t = max(0.0, self.data)
    out = Value(t, (), "relu")

    def _backward():
        self.grad += (self.data > 0) * out.grad

    out._backward = _backward
    return out
""",
)
relu.misconception(
    """The gate is always open for the gradient here. Where relu gave 0, moving the input moves
    nothing: the slope there is 0.""",
    replace="float(self.data > 0)",
    by="1.0",
    name="not_gated",
)
relu.misconception(
    """At exactly 0 the convention here (and in PyTorch) is a shut gate: use >, not >=.""",
    replace="self.data > 0",
    by="self.data >= 0",
    name="open_at_zero",
)
relu.misconception(
    """The slope of an open gate is 1: out rises as fast as self. You multiplied by the value.""",
    replace="float(self.data > 0)",
    by="max(0.0, self.data)",
    name="slope_is_value",
)
relu.misconception(
    """That is the smaller of the two: min where max belongs.""",
    replace="max(0.0, self.data)",
    by="min(0.0, self.data)",
    name="min",
)
relu.misconception(
    """This is a *leaky* relu: a little gets through where the gate should be shut.""",
    replace='max(0.0, self.data), "relu", (self, float(self.data > 0))',
    by='max(0.01 * self.data, self.data), "relu", (self, 1.0 if self.data > 0 else 0.01)',
    name="leaky",
)
relu.misconception(
    """This is the absolute value: negative numbers should become 0, not positive.""",
    replace='max(0.0, self.data), "relu", (self, float(self.data > 0))',
    by='abs(self.data), "relu", (self, 1.0 if self.data > 0 else -1.0)',
    name="abs",
)
relu.variant(
    "a closure that looks at the result",
    name="closure",
    source="""
def relu(self):
    out = Value(0 if self.data < 0 else self.data, (self,), "ReLU")

    def _backward():
        self.grad += (out.data > 0) * out.grad

    out._backward = _backward
    return out
""",
)
relu.variant(
    "multiplies by the gate",
    name="gate",
    source="""
def relu(self):
    return self * (1.0 if self.data > 0 else 0.0)
""",
)

# ---------------------------------------------------------------------------------------------

recomposed = exercise("tanh_from_exp", title="tanh, in small steps")
recomposed.hint("Everything in the formula is an operator that Values have.")
recomposed.hint("Compute e^(2x) once and keep it: it appears twice.")
recomposed.hint("e = (2 * x).exp(); return (e - 1) / (e + 1)")


@recomposed.cases
def _(rng):
    for low, high in ((-1.5, -0.5), (0.5, 1.5), (0.0, 0.0), (-6.0, -5.0), (100.0, 101.0)):
        x = rng.number(low, high) if low < high else low
        yield dict(x=x, upstream=rng.number(1.5, 3.0), held=rng.number(5.0, 9.0))


@recomposed.scenario
def _(m, x, upstream, held):
    x = m.Value(x)
    x.grad = held
    out = m.tanh_from_exp(x)
    return {"result": data(m, out), "x afterwards": [x.data, x.grad]}


@recomposed.check("gradients", tol=GRADIENTS)
def _(m, x, upstream, held):
    x = m.Value(x)
    x.grad = held
    out = m.tanh_from_exp(x)
    if not isinstance(out, m.Value):
        return data(m, out)
    (out * upstream).backward()
    return float(x.grad)


@recomposed.oracle("gradients")
def _(x, upstream, held):
    return true_slope("tanh", x, upstream, held)


@recomposed.check("made of small steps")
def _(m, x, upstream, held):
    out = m.tanh_from_exp(m.Value(x))
    if not isinstance(out, m.Value):
        return data(m, out)
    nodes, queue = {id(out)}, [out]
    for node in queue:
        for child in node._prev:
            if id(child) not in nodes:
                nodes.add(id(child))
                queue.append(child)
    return "several steps" if len(nodes) > 3 else "one step"  # x.tanh() alone has two nodes


recomposed.misconception(
    """That calls the finished tanh. Here take it apart: exp and arithmetic only.""",
    name="calls_tanh",
    source="""
def tanh_from_exp(x):
    return x.tanh()
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


# ---------------------------------------------------------------------------------------------

readme = exercise("readme_expression", title="the readme's expression, dozens of paths")
readme.hint("One line of Python per equation, in their order.")
readme.hint("A digit before a letter is a product; relu is a method: (b + a).relu().")
readme.hint("The last line is e**2 / 2 + 10 / e**2, with e = c - d.")


@readme.cases
def _(rng):
    yield dict(a=-4.0, b=2.0)
    for sign_sum in (1, -1):
        for sign_difference in (1, -1):  # every combination of open and shut gates
            s, d = sign_sum * rng.number(0.8, 1.5), sign_difference * rng.number(0.8, 1.5)
            yield dict(a=(s - d) / 2, b=(s + d) / 2)


@readme.scenario
def _(m, a, b):
    a, b = m.Value(a), m.Value(b)
    g = m.readme_expression(a, b)
    return {"g": data(m, g), "a, b afterwards": [a.data, b.data]}


@readme.check("gradients", tol=Tol(rtol=1e-8, atol=1e-8))  # e may be small, and 10/e**2 steep
def _(m, a, b):
    a, b = m.Value(a), m.Value(b)
    g = m.readme_expression(a, b)
    if not isinstance(g, m.Value):
        return data(m, g)
    g.backward()
    return {"dg/da": float(a.grad), "dg/db": float(b.grad)}


readme.tolerance(Tol(rtol=1e-8))


@readme.oracle("gradients")
def _(a, b):
    a, b = (torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (a, b))
    outer = 4 * (3 * (a * b + b**3) + torch.relu(a + b)) + torch.relu(b - a)
    e = 4 * (a + b) + 3 - a - outer
    (e * e / 2 + 10 / (e * e)).backward()
    return {"dg/da": a.grad.item(), "dg/db": b.grad.item()}


for name, old, new, message in (
    ("swapped_difference", "(b - a)", "(a - b)",
     "The second gate is relu(b - a), and you have relu(a - b): open where it should be shut."),
    ("no_relus", "(b - a).relu()", "(b - a)",
     "The relu of b - a is missing: without it, negative differences get through."),
    ("no_first_relu", "(b + a).relu()", "(b + a)",
     "The relu of b + a is missing: without it, negative sums get through."),
    ("relu_of_product", "(b + a).relu()", "(b * a).relu()",
     "The first gate is relu of the *sum* b + a."),
    ("c_without_a", "2 * c2 + 1 - a", "2 * c2 + 1",
     "In c the last term is missing: c = 2 c2 + 1 - a."),
    ("c1_again", "2 * c2 + 1 - a", "2 * c1 + 1 - a",
     "c is made from c2, not from c1: it doubles twice."),
    ("square", "b**3", "b**2", "d1 has b to the *third* power: b³, not b²."),
    ("e_turned", "c - d", "c + d", "You added where the equation subtracts: e is the difference c - d."),
    ("inverse", "10 / e**2", "10 / e", "The last term is 10 over e *squared*."),
    ("no_half", "e**2 / 2", "e**2", "The first term of g is e squared, divided by 2."),
    ("data_only", "(b - a).relu()", "Value((b - a).relu().data)",
     """One of your steps goes through .data: the number is right, and its share of the gradient
     lost."""),
):  # fmt: skip
    readme.misconception(message, name=name, replace=old, by=new)


@readme.variant("in place, as micrograd's readme does")
def in_place(a, b):
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    return g


# ---------------------------------------------------------------------------------------------

twin = exercise("same_in_torch", title="the same in PyTorch, a second opinion", points=2)
twin.hint("Do the same thing twice: make inputs, call expression, call backward, collect numbers.")
twin.hint("torch.tensor(x, dtype=torch.float64, requires_grad=True); .item() makes plain floats.")
twin.hint(
    """An unused tensor's grad is None: write 0.0 if tensor.grad is None else
    tensor.grad.item()."""
)


def expression(name):
    """Expressions that work on Values as on tensors."""
    return {
        "x * y": lambda x, y: x * y,
        "(x * x).tanh()": lambda x: (x * x).tanh(),
        "x / y - 3 / x": lambda x, y: x / y - 3 / x,
        "(x - y).relu() + exp(z)": lambda x, y, z: (x - y).relu() + z.exp(),
        "log(x) ** 3, and y is not used": lambda x, y: (x * x).log() ** 3,
        """f(f(f(x, y)))""": lambda x, y: (
            ((x * y + x).tanh() * x - (y * 0.5).exp()).tanh() / (y * y + 1)
        ),
    }[name]


INPUTS = {
    "x * y": 2,
    "(x * x).tanh()": 1,
    "x / y - 3 / x": 2,
    "(x - y).relu() + exp(z)": 3,
    "log(x) ** 3, and y is not used": 2,
    "f(f(f(x, y)))": 2,
}


@twin.cases
def _(rng):
    for name, n in INPUTS.items():
        yield dict(
            expression=name, inputs=[rng.choice([-1, 1]) * x for x in rng.numbers(n, 0.4, 1.6)]
        )
    yield dict(expression="x * y", inputs=[0.1, 0.1])


@twin.scenario
def _(m, **case):
    return m.same_in_torch(expression(case["expression"]), case["inputs"])


twin.tolerance(Tol(rtol=1e-9, atol=1e-11))


@twin.oracle
def _(**case):
    x = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in case["inputs"]]
    result = expression(case["expression"])(*x)
    found = torch.autograd.grad(result, x, allow_unused=True)
    numbers = [result.item()] + [0.0 if g is None else g.item() for g in found]
    return numbers, numbers


@twin.check("both engines ran")
def _(m, **case):
    seen = []

    def watched(*arguments):
        kinds = {
            "Value"
            if isinstance(x, m.Value)
            else f"tensor of {x.dtype}"
            if isinstance(x, torch.Tensor)
            else type(x).__name__
            for x in arguments
        }
        seen.append(sorted(kinds))
        return expression(case["expression"])(*arguments)

    m.same_in_torch(watched, case["inputs"])
    return {"calls with": sorted({str(kinds) for kinds in seen})}


@twin.check("arguments unchanged")
def _(m, **case):
    m.same_in_torch(expression(case["expression"]), case["inputs"])
    return case["inputs"]


twin.misconception(
    """torch.tensor(0.5) has 32 bits: its numbers differ from yours from the seventh digit on. Ask
    for dtype=torch.float64.""",
    replace="dtype=torch.float64, ",
    by="",
    name="float32",
)
twin.misconception(
    """The tensors do not know that you want gradients. Ask for them with requires_grad=True.""",
    replace=", requires_grad=True",
    by="",
    name="no_requires_grad",
)
twin.misconception(
    """An input that the expression does not use has grad None in torch, and None has no .item().
    Its derivative is 0.0.""",
    replace="0.0 if tensor.grad is None else tensor.grad.item()",
    by="tensor.grad.item()",
    name="none_grad",
)
twin.misconception(
    """Both lists come from your own engine, so they agree by construction. The second opinion has
    to come from torch tensors.""",
    name="one_engine",
    source="""
def same_in_torch(expression, inputs):
    values = [Value(x) for x in inputs]
    result = expression(*values)
    result.backward()
    ours = [result.data] + [value.grad for value in values]
    return ours, list(ours)
""",
)
twin.misconception(
    """The results are missing: each list begins with the value of the expression, then come the
    gradients.""",
    edits=[("ours = [result.data] +", "ours ="), ("torchs = [result.item()]", "torchs = []")],
    name="no_result",
)
twin.misconception(
    """Your own side never went backward, so its gradients are all still 0.""",
    name="no_backward",
    source="""
def same_in_torch(expression, inputs):
    values = [Value(x) for x in inputs]
    ours = [expression(*values).data] + [value.grad for value in values]
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in inputs]
    result = expression(*tensors)
    result.backward()
    torchs = [result.item()]
    return ours, torchs + [0.0 if t.grad is None else t.grad.item() for t in tensors]
""",
)
twin.misconception(
    """backward was called twice on the same leaves, and leaves accumulate: all your gradients are
    doubled.""",
    name="twice",
    source="""
def same_in_torch(expression, inputs):
    values = [Value(x) for x in inputs]
    expression(*values).backward()
    result = expression(*values)
    result.backward()
    ours = [result.data] + [value.grad for value in values]
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in inputs]
    result = expression(*tensors)
    result.backward()
    torchs = [result.item()]
    return ours, torchs + [0.0 if t.grad is None else t.grad.item() for t in tensors]
""",
)
twin.variant(
    "autograd.grad; tuples",
    name="functional",
    source="""
def same_in_torch(expression, inputs):
    leaves = list(map(Value, inputs))
    root = expression(*leaves)
    root.backward()
    xs = [torch.tensor(x, dtype=torch.double) for x in inputs]
    for x in xs:
        x.requires_grad_()
    y = expression(*xs)
    gs = torch.autograd.grad(y, xs, allow_unused=True)
    theirs = (float(y), *(0.0 if g is None else float(g) for g in gs))
    return (root.data, *(leaf.grad for leaf in leaves)), theirs
""",
)
