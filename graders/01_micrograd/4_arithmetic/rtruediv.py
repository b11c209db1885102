"""01.rtruediv: 2 / a."""

from graders.authoring import exercise

from .part import GRADIENTS, ask, gradients_of, values_of

rdiv = exercise("rtruediv", target="Value.__rtruediv__", title="2 / a")


@rdiv.scenario
def _(m, **case):
    return values_of(m, **case)


@rdiv.check("gradients", tol=GRADIENTS)
def _(m, **case):
    return gradients_of(m, **case)


ask(rdiv, "2 / a", "-0.5 / a", "3 / (a * b) + a", "1 / (1 / a)", "0 / a + b")


rdiv.hint("Which of the two is the number on the left: self or other?")
rdiv.hint("other / self is other times the inverse of self.")
rdiv.hint("return other * self**-1")

rdiv.misconception(
    """Swapped: for 2 / a Python calls a.__rtruediv__(2), so `other` is the *left* operand. This
    computes a / 2.""",
    replace="other * self**-1",
    by="self * other**-1",
    name="swapped",
)
rdiv.misconception(
    """`other / self` asks the number first, which does not know Values and asks __rtruediv__
    again: an endless circle.""",
    replace="other * self**-1",
    by="other / self",
    name="circle",
)
rdiv.misconception(
    """A fresh Value from plain numbers remembers nothing, so no gradient reaches self.""",
    replace="other * self**-1",
    by="Value(other / self.data)",
    name="cut",
)
rdiv.misconception(
    """This is 1 / a. The number on the left is forgotten.""",
    replace="other * self**-1",
    by="self**-1",
    name="one_over",
)
rdiv.misconception(
    """The value is right; the slope of c / a is -c / a², and here the minus is missing.""",
    name="plus_slope",
    source="""
def __rtruediv__(self, other):
    return self._node(other / self.data, "/", (self, other / self.data**2))
""",
)

rdiv.variant(
    "wraps the number",
    name="wraps",
    source="""
def __rtruediv__(self, other):
    return Value(other) / self
""",
)
rdiv.variant(
    "a node of its own",
    name="own_node",
    source="""
def __rtruediv__(self, other):
    q = other / self.data
    return self._node(q, "/", (self, -q / self.data))
""",
)
