"""01.sub: a - b."""

from graders.authoring import exercise

from .part import GRADIENTS, ask, gradients_of, values_of

sub = exercise("sub", target="Value.__sub__", title="a - b")


@sub.scenario
def _(m, **case):
    return values_of(m, **case)


@sub.check("gradients", tol=GRADIENTS)
def _(m, **case):
    return gradients_of(m, **case)


ask(sub, "a - b", "a - 3", "a - 0.5", "a - a", "(a * b - a) - b", "b - (a - b) - a")


sub.hint("Subtracting is adding the opposite, and both of these you have.")
sub.hint("-other works for a Value (your __neg__) as well as for a number.")
sub.hint("return self + -other")

sub.misconception(
    """Turned around: this is other - self.""",
    replace="self + other * -1",
    by="-self + other",
    name="swapped",
)
sub.misconception(
    """The result is computed from .data, so it is a leaf without memory: no gradient reaches self
    or other. Build it from self and other themselves.""",
    name="cut",
    source="""
def __sub__(self, other):
    other = other if isinstance(other, Value) else Value(other)
    return Value(self.data - other.data)
""",
)
sub.misconception(
    """Value(-other.data) is a fresh leaf: self gets its gradient, other does not. Negate the
    Value, not its number.""",
    name="half_cut",
    source="""
def __sub__(self, other):
    other = other if isinstance(other, Value) else Value(other)
    return self + Value(-other.data)
""",
)
sub.misconception(
    """The slope of a - b with respect to b is -1: when b rises, the difference falls. Both
    operands got a plus here.""",
    name="plus_slope",
    source="""
def __sub__(self, other):
    other = other if isinstance(other, Value) else Value(other)
    return self._node(self.data - other.data, "-", (self, 1.0), (other, 1.0))
""",
)
sub.misconception(
    """This adds. The minus sign is lost.""",
    replace="self + other * -1",
    by="self + other",
    name="adds",
)
sub.misconception(
    """A plain number has no .data: a - 3 must work, too.""",
    name="only_values",
    source="""
def __sub__(self, other):
    return self._node(self.data - other.data, "-", (self, 1.0), (other, -1.0))
""",
)

sub.variant(
    "a node of its own",
    name="own_node",
    source="""
def __sub__(self, other):
    if isinstance(other, (int, float)):
        other = Value(other)
    out = Value(self.data - other.data, (self, other), "-")

    def _backward():
        self.grad += out.grad
        other.grad -= out.grad

    out._backward = _backward
    return out
""",
)
sub.variant("as the formula says", name="formula", replace="other * -1", by="-other")
sub.variant(
    "through multiplication",
    name="times_minus_one",
    source="""
def __sub__(self, other):
    return other * -1 + self if isinstance(other, Value) else self + (-1 * other)
""",
)
