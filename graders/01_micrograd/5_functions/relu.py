"""01.relu: the gate."""

from graders.authoring import exercise

from .part import GRADIENTS, cases_at, chain_of, slope_of, value_of

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
    relu, "relu", (-2.0, -0.5), (0.5, 2.0), (0.0, 0.0), (-1e-9, -1e-12), (1e-6, 1e-5), (30.0, 60.0),
    (1e-200, 1e-199),
)  # fmt: skip


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

relu.misconception(
    """You asked for the sign of the gradient that arrives. The gate looks at self.data: where that is
    positive, negative gradients get through, too.""",
    name="gate_on_gradient",
    source="""
def relu(self):
    out = Value(max(0.0, self.data), (self,), "relu")

    def _backward():
        self.grad += max(0.0, out.grad) * (self.data > 0)

    out._backward = _backward
    return out
""",
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

relu.equivalent(
    "'relu'  ->  'relu?'", "the name of an operation is for drawings; no docstring gives it"
)
relu.equivalent("float(self.data > 0)  ->  self.data > 0", "True counts as 1.0 in a product")
