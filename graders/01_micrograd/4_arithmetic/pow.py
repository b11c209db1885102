"""01.pow: a ** n."""

from graders.authoring import Tol, exercise

from .part import GRADIENTS, ask, autograd, gradients_of, values_of

power = exercise("pow", target="Value.__pow__", title="a ** n")


@power.scenario
def _(m, **case):
    return values_of(m, **case)


@power.check("gradients", tol=GRADIENTS)
def _(m, **case):
    return gradients_of(m, **case)


ask(power, "a**2", "a**3", "a**1", "a**-1", "b**0.5", "b**-1.5", "(a * b) ** -2 * a", "a**2 * a**3",
    "a**0", "b**2.5 + a**2", "a**10")  # fmt: skip


def at_zero(rng):
    for n in (1, 2, 3):
        yield dict(expression=f"a**{n}", a=0.0, b=1.0, upstream=rng.number(1.5, 3), held=2.0)
    yield dict(expression="a**1.5 + b", a=0.0, b=1.0, upstream=rng.number(1.5, 3), held=2.0)


@power.check("at zero", cases=at_zero)
def _(m, **case):
    return gradients_of(m, **case)


power.oracle("at zero")(autograd)


def far_powers(rng):  # the ends of the promised range
    for expression, a in (("a**-1", 1e-50), ("a**-1", -1e100), ("a**0.5", 1e100), ("a**2", 1e-50)):
        yield dict(expression=expression, a=a, b=1.0, upstream=rng.number(1.5, 3), held=0.0)


@power.check("far sizes", cases=far_powers, tol=Tol(rtol=1e-9))
def _(m, **case):
    return gradients_of(m, **case)


power.oracle("far sizes")(autograd)


power.hint("The value is self.data**exponent. The slope is the power rule; nothing else is new.")
power.hint("d(u^n)/du = n u^(n-1). _node takes pairs (child, local slope).")
power.hint(
    """return self._node(self.data**exponent, "**", (self, exponent * self.data ** (exponent -
    1)))"""
)

power.misconception(
    """The factor n is missing: the slope of u^n is *n* u^(n-1).""",
    replace="exponent * self.data **",
    by="self.data **",
    name="no_factor",
)
power.misconception(
    """The exponent did not go down: the slope of u^n is n u^(n-1).""",
    replace="self.data ** (exponent - 1)",
    by="self.data**exponent",
    name="not_decremented",
)
power.misconception(
    """The factor in front is the old exponent n, before it goes down by one.""",
    replace="exponent * self.data ** (exponent - 1)",
    by="(exponent - 1) * self.data ** (exponent - 1)",
    name="factor_decremented",
)
power.misconception(
    """The exponent went up: that is how powers are *integrated*. The slope of u^n is n u^(n-1).""",
    replace="(exponent - 1)",
    by="(exponent + 1)",
    name="integrated",
)
power.misconception(
    """A fresh Value remembers nothing, so no gradient reaches self.""",
    name="cut",
    source="""
def __pow__(self, exponent):
    return Value(self.data**exponent)
""",
)
power.misconception(
    """Multiplying n times works for whole positive n only. a ** -1 and a ** 0.5 are powers, too:
    give the power a node and a slope of its own.""",
    name="repeated",
    source="""
def __pow__(self, exponent):
    out = self
    for _ in range(exponent - 1):
        out = out * self
    return out
""",
)
power.misconception(
    """out.data / self.data saves a power, but divides by zero where self is 0; there, u² has the
    slope 0, no problem at all. Compute self.data ** (n - 1).""",
    replace="exponent * self.data ** (exponent - 1)",
    by="exponent * self.data**exponent / self.data",
    name="divides_by_zero",
)
power.misconception(
    """The chain rule's second factor is missing: the local slope times out.grad.""",
    name="no_upstream",
    source="""
def __pow__(self, exponent):
    out = Value(self.data**exponent, (self,), "**")

    def _backward():
        self.grad += exponent * self.data ** (exponent - 1)

    out._backward = _backward
    return out
""",
)
power.misconception(
    """`=` for `+=`: shares from other uses of the same node are thrown away.""",
    name="assigns",
    source="""
def __pow__(self, exponent):
    out = Value(self.data**exponent, (self,), "**")

    def _backward():
        self.grad = exponent * self.data ** (exponent - 1) * out.grad

    out._backward = _backward
    return out
""",
)
power.misconception(
    """This multiplies self *by* the exponent: 3 * a, and not a to the power of 3.""",
    name="times",
    source="""
def __pow__(self, exponent):
    return self * exponent
""",
)
power.misconception(
    """A shortcut for self.data == 0 loses the slope there: the derivative of a**1 is 1 at 0, too,
    and it is a node like any other.""",
    name="zero_shortcut",
    source="""
def __pow__(self, exponent):
    if self.data == 0:
        return Value(0.0)
    return self._node(
        self.data**exponent, f"**{exponent}", (self, exponent * self.data ** (exponent - 1))
    )
""",
)

power.variant(
    "a closure, the power computed in the backward pass",
    name="closure",
    source="""
def __pow__(self, exponent):
    assert isinstance(exponent, (int, float))
    out = Value(pow(self.data, exponent), [self], f"^{exponent}")

    def _backward():
        self.grad += out.grad * exponent * pow(self.data, exponent - 1)

    out._backward = _backward
    return out
""",
)
