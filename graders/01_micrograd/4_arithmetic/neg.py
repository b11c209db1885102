"""01.neg: -a."""

from graders.authoring import exercise

from .part import GRADIENTS, ask, gradients_of, values_of

neg = exercise("neg", target="Value.__neg__", title="-a")


@neg.scenario
def _(m, **case):
    return values_of(m, **case)


@neg.check("gradients", tol=GRADIENTS)
def _(m, **case):
    return gradients_of(m, **case)


ask(neg, "-a", "-a * b", "-(a * b) + a", "-(-a)", "a + a * -a")


neg.hint("Which operation that you already have turns a number around?")
neg.hint("Multiply by a constant. __mul__ accepts plain numbers and brings its own backward.")
neg.hint("return self * -1")

neg.misconception(
    """The number is right, but no gradient ever gets through to self: Value(-self.data) alone is a
    fresh leaf without a _backward. Compute with self, not with self.data.""",
    replace="self * -1",
    by="Value(-self.data)",
    name="cut",
)
neg.misconception(
    """This turns self around in place: after -a, a itself is another number. Return a new node.""",
    name="in_place",
    source="""
def __neg__(self):
    self.data = -self.data
    return self
""",
)
neg.misconception(
    """This is a plain number, not a Value: the graph ends here.""",
    replace="self * -1",
    by="-self.data",
    name="plain",
)
neg.misconception(
    """The value is turned around, the gradient is not. The local slope of -a is -1.""",
    name="slope_one",
    source="""
def __neg__(self):
    return self._node(-self.data, "neg", (self, 1.0))
""",
)
neg.misconception(
    """The gradient is *stored* in self.grad instead of added to it, so shares from other uses of
    self are lost.""",
    name="assigns",
    source="""
def __neg__(self):
    out = Value(-self.data, (self,), "neg")

    def _backward():
        self.grad = -out.grad

    out._backward = _backward
    return out
""",
)
neg.misconception(
    """1 / a and -a are both called an inverse; asked for is the one that adds up to 0.""",
    replace="self * -1",
    by="self**-1",
    name="reciprocal",
)

neg.variant(
    "a node of its own",
    name="own_node",
    source="""
def __neg__(self):
    out = Value(-self.data, {self}, "neg")

    def _backward():
        self.grad -= out.grad

    out._backward = _backward
    return out
""",
)
neg.variant(
    "a Value for the factor",
    name="factor",
    source="""
def __neg__(self):
    return Value(-1.0) * self
""",
)
neg.variant(
    "through a difference",
    name="difference",
    source="""
def __neg__(self):
    return 0 - self
""",
)
