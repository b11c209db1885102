"""01.rmul: 2 * a."""

from graders.authoring import exercise

from .part import GRADIENTS, ask, gradients_of, values_of

rmul = exercise("rmul", target="Value.__rmul__", title="2 * a")


@rmul.scenario
def _(m, **case):
    return values_of(m, **case)


@rmul.check("gradients", tol=GRADIENTS)
def _(m, **case):
    return gradients_of(m, **case)


ask(rmul, "2 * a", "-0.5 * a", "3 * (a * b) + a", "0 * a", "2 * (3 * a) * b")


rmul.hint("Does 2 * a differ from a * 2?")
rmul.hint("Here self is the Value on the right and other the number on the left. You have __mul__.")
rmul.hint("return self * other")

rmul.misconception(
    """`other * self` asks the number first, which does not know Values and asks __rmul__ again: an
    endless circle. Put self on the left.""",
    replace="self * other",
    by="other * self",
    name="circle",
)
rmul.misconception(
    """A fresh Value from plain numbers remembers nothing, so no gradient reaches self.""",
    replace="self * other",
    by="Value(other * self.data)",
    name="cut",
)
rmul.misconception(
    """This adds where it should multiply.""",
    replace="self * other",
    by="self + other",
    name="adds",
)
rmul.misconception(
    """This is a plain number, not a Value: the graph ends here.""",
    replace="self * other",
    by="self.data * other",
    name="plain",
)
rmul.misconception(
    """self is multiplied by itself; the number on the left never takes part.""",
    replace="self * other",
    by="self * self",
    name="squares",
)

rmul.variant("the same function", name="alias", source="__rmul__ = __mul__")
rmul.variant(
    "a node of its own",
    name="own_node",
    source="""
def __rmul__(self, other):
    return self._node(other * self.data, "*", (self, other))
""",
)
