"""01.radd: 2 + a."""

from graders.authoring import exercise

from .part import GRADIENTS, ask, gradients_of, values_of

radd = exercise("radd", target="Value.__radd__", title="2 + a")


@radd.scenario
def _(m, **case):
    return values_of(m, **case)


@radd.check("gradients", tol=GRADIENTS)
def _(m, **case):
    return gradients_of(m, **case)


ask(radd, "2 + a", "0.5 + a * b", "sum([a, b, a])", "-3 + a", "(1 + a) * b")


radd.hint("Does 2 + a differ from a + 2?")
radd.hint("Here self is the Value on the right and other the number on the left. You have __add__.")
radd.hint("return self + other")

radd.misconception(
    """`other + self` asks the number first, which does not know Values and asks __radd__ again: an
    endless circle. Put self on the left.""",
    replace="self + other",
    by="other + self",
    name="circle",
)
radd.misconception(
    """A fresh Value from plain numbers remembers nothing, so no gradient reaches self.""",
    replace="self + other",
    by="Value(other + self.data)",
    name="cut",
)
radd.misconception(
    """The number on the left is ignored. That is enough for sum, which starts at 0, and for
    nothing else.""",
    replace="self + other",
    by="self",
    name="ignores",
)
radd.misconception(
    """This is a plain number, not a Value: the graph ends here.""",
    replace="self + other",
    by="self.data + other",
    name="plain",
)

radd.variant("the same function", name="alias", source="__radd__ = __add__")
radd.variant(
    "called by name",
    name="by_name",
    source="""
def __radd__(self, other):
    return self.__add__(other)
""",
)
