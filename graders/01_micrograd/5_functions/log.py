"""01.log: natural logarithm."""

from graders.authoring import exercise

from .part import GRADIENTS, cases_at, chain_of, slope_of, value_of

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


cases_at(log, "log", (0.2, 0.9), (1.5, 3.0), (0.5, 0.5), (1e-6, 1e-5), (1e5, 1e6),
         (1e-300, 1e-300))  # fmt: skip


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

log.equivalent(
    "'log'  ->  'log?'", "the name of an operation is for drawings; no docstring gives it"
)
