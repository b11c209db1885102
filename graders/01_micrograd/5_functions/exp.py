"""01.exp: e to the power of a."""

from graders.authoring import exercise

from .part import GRADIENTS, cases_at, chain_of, slope_of, value_of

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


cases_at(exp, "exp", (-2.0, -0.5), (0.5, 2.0), (0.0, 0.0), (3.0, 5.0), (-9.0, -8.0),
         (-300.0, -299.0), (299.0, 300.0))  # fmt: skip


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

exp.equivalent(
    "'exp'  ->  'exp?'", "the name of an operation is for drawings; no docstring gives it"
)
