"""01.truediv: a / b."""

from graders.authoring import Tol, exercise

from .part import GRADIENTS, ask, autograd, gradients_of, values_of

div = exercise("truediv", target="Value.__truediv__", title="a / b")


@div.scenario
def _(m, **case):
    return values_of(m, **case)


@div.check("gradients", tol=GRADIENTS)
def _(m, **case):
    return gradients_of(m, **case)


ask(div, "a / b", "a / 2", "a / 0.25", "b / a", "a / a", "(a * b) / (b + 5)", "b / (a / b) + a")


def far_quotients(rng):  # the ends of the promised range
    for size in (1e-100, 1e100):
        yield dict(expression="a / b", a=size, b=-size, upstream=rng.number(1.5, 3), held=0.0)


@div.check("far sizes", cases=far_quotients, tol=Tol(rtol=1e-9))
def _(m, **case):
    return gradients_of(m, **case)


div.oracle("far sizes")(autograd)


div.hint("Dividing is multiplying by the inverse, and a power can make an inverse.")
div.hint("other ** -1 works for a Value (your __pow__) as well as for a number.")
div.hint("return self * other**-1")

div.misconception(
    """Swapped: this is other / self.""",
    replace="self * other**-1",
    by="self**-1 * other",
    name="swapped",
)
div.misconception(
    """The result is computed from .data, so it is a leaf without memory: no gradient reaches self
    or other.""",
    name="cut",
    source="""
def __truediv__(self, other):
    other = other if isinstance(other, Value) else Value(other)
    return Value(self.data / other.data)
""",
)
div.misconception(
    """1 / other.data is a plain number: self gets its gradient, the denominator does not. Take the
    inverse of the Value, not of its number.""",
    name="half_cut",
    source="""
def __truediv__(self, other):
    other = other if isinstance(other, Value) else Value(other)
    return self * (1 / other.data)
""",
)
div.misconception(
    """`//` rounds down to a whole number. Division proper is `/`.""",
    name="floor",
    source="""
def __truediv__(self, other):
    other = other if isinstance(other, Value) else Value(other)
    return self._node(
        self.data // other.data, "/", (self, 1 / other.data), (other, -self.data / other.data**2)
    )
""",
)
div.misconception(
    """The slope of a / b with respect to b is -a / b²: a larger denominator makes the quotient
    smaller. The minus is missing.""",
    name="plus_slope",
    source="""
def __truediv__(self, other):
    other = other if isinstance(other, Value) else Value(other)
    return self._node(
        self.data / other.data, "/", (self, 1 / other.data), (other, self.data / other.data**2)
    )
""",
)
div.misconception(
    """The slope of a / b with respect to b is -a / b². The square is missing.""",
    name="no_square",
    source="""
def __truediv__(self, other):
    other = other if isinstance(other, Value) else Value(other)
    return self._node(
        self.data / other.data, "/", (self, 1 / other.data), (other, -self.data / other.data)
    )
""",
)
div.misconception(
    """A plain number has no .data: a / 2 must work, too.""",
    name="only_values",
    source="""
def __truediv__(self, other):
    return self._node(
        self.data / other.data, "/", (self, 1 / other.data), (other, -self.data / other.data**2)
    )
""",
)

div.variant(
    "the quotient rule",
    name="quotient_rule",
    source="""
def __truediv__(self, other):
    other = other if isinstance(other, Value) else Value(other)
    out = Value(self.data / other.data, (self, other), "/")

    def _backward():
        self.grad += out.grad / other.data
        other.grad -= out.grad * out.data / other.data

    out._backward = _backward
    return out
""",
)
