"""01.tanh: the squashing function."""

from graders.authoring import exercise

from .part import GRADIENTS, cases_at, chain_of, slope_of, value_of

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


cases_at(
    tanh,
    "tanh",
    (-1.5, -0.5),
    (0.5, 1.5),
    (0.0, 0.0),
    (-9.0, -8.0),
    (0.001, 0.01),
    (-145.0, -100.0),  # "in an expression" takes tanh of 2x: (e^(2 * 2x))² is no float anymore
    (100.0, 145.0),
)


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
    """Far out, e^(2u) squared leaves the range of floats (beyond u = 177). You have tanh(u) already,
    between -1 and 1: its slope is 1 - t².""",
    name="slope_overflows",
    source="""
def tanh(self):
    e = math.exp(2 * self.data)
    return self._node((e - 1) / (e + 1), "tanh", (self, 4 * e / (e + 1) ** 2))
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

tanh.equivalent(
    "'tanh'  ->  'tanh?'", "the name of an operation is for drawings; no docstring gives it"
)
