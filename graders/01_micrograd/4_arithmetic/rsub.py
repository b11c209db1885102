"""01.rsub: 2 - a."""

from graders.authoring import exercise

from .part import GRADIENTS, ask, gradients_of, values_of

rsub = exercise("rsub", target="Value.__rsub__", title="2 - a")


@rsub.scenario
def _(m, **case):
    return values_of(m, **case)


@rsub.check("gradients", tol=GRADIENTS)
def _(m, **case):
    return gradients_of(m, **case)


ask(rsub, "2 - a", "0.5 - a * b", "1 - (3 - a)", "(0 - a) * b", "-1 - a")


rsub.hint("Which of the two is the number on the left: self or other?")
rsub.hint("other - self is (-self) + other, and both of these operators you have.")
rsub.hint("return -self + other")

rsub.misconception(
    """Swapped: for 2 - a Python calls a.__rsub__(2), so `other` is the *left* operand. This
    computes a - 2.""",
    replace="self * -1 + other",
    by="self + -other",
    name="swapped",
)
rsub.misconception(
    """`other - self` asks the number first, which does not know Values and asks __rsub__ again: an
    endless circle.""",
    replace="self * -1 + other",
    by="other - self",
    name="circle",
)
rsub.misconception(
    """A fresh Value from plain numbers remembers nothing, so no gradient reaches self.""",
    replace="self * -1 + other",
    by="Value(other - self.data)",
    name="cut",
)
rsub.misconception(
    """Both got a minus: this is -a - 2.""",
    replace="self * -1 + other",
    by="-self + -other",
    name="two_minuses",
)
rsub.misconception(
    """The value is right and the slope has the wrong sign: when a rises, 2 - a falls.""",
    name="slope_one",
    source="""
def __rsub__(self, other):
    return self._node(other - self.data, "-", (self, 1.0))
""",
)

rsub.variant("as the formula says", name="formula", replace="self * -1", by="-self")
rsub.variant(
    "wraps the number",
    name="wraps",
    source="""
def __rsub__(self, other):
    return Value(other) - self
""",
)
rsub.variant(
    "turns the difference around",
    name="turned",
    source="""
def __rsub__(self, other):
    return (self - other) * -1
""",
)
