"""Arithmetic on Values: every operator, its value and its gradients."""

import numbers

import torch

from graders.authoring import Tol, exercise, instead

# Slopes of quotients and powers are sums of terms that may cancel.
GRADIENTS = Tol(rtol=1e-9, atol=1e-9)


def data(m, value):
    """A Value's number; for anything else, what it is."""
    if not isinstance(value, m.Value):
        return instead(value, "a Value")
    if not isinstance(value.data, numbers.Real):
        return instead(value.data, "a number in .data", returned=False)
    return float(value.data)


def values_of(m, expression, a, b, upstream, held):
    """The result of an expression in a and b, and a and b afterwards."""
    a, b = m.Value(a), m.Value(b)
    a.grad = b.grad = held
    out = eval(expression, {"a": a, "b": b})
    return {"result": data(m, out), "a, b afterwards": [a.data, b.data, a.grad, b.grad]}


def gradients_of(m, expression, a, b, upstream, held):
    """The gradients of upstream * expression, on top of what a and b hold."""
    a, b = m.Value(a), m.Value(b)
    a.grad = b.grad = held
    out = eval(expression, {"a": a, "b": b})
    if not isinstance(out, m.Value):
        return data(m, out)
    (out * upstream).backward()
    return {"a.grad": float(a.grad), "b.grad": float(b.grad)}


def autograd(expression, a, b, upstream, held):
    """What gradients_of returns, from torch."""
    a, b = (torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (a, b))
    out = eval(expression, {"a": a, "b": b})
    (out * upstream).backward()
    grads = [held + (0.0 if x.grad is None else x.grad.item()) for x in (a, b)]
    return dict(zip(["a.grad", "b.grad"], grads, strict=True))


def evaluate(expression, a, b, upstream, held):
    """What values_of returns, from Python's own floats."""
    out = eval(expression, {"a": a, "b": b})
    return {"result": float(out), "a, b afterwards": [a, b, held, held]}


def ask(ex, *expressions, low=0.3):
    """Cases and both checks for expressions in a and b, of which b is positive."""

    @ex.cases
    def _(rng):
        for expression in expressions:
            for sign in (1, -1):
                yield dict(
                    expression=expression,
                    a=sign * rng.number(low, 2.0),
                    b=rng.number(2.5, 4.0),
                    upstream=rng.number(1.5, 3.0) * -sign,
                    held=rng.number(5.0, 9.0),
                )

    ex.oracle(evaluate)
    ex.oracle("gradients")(autograd)


neg = exercise("neg", target="Value.__neg__", title="-a")
sub = exercise("sub", target="Value.__sub__", title="a - b")
radd = exercise("radd", target="Value.__radd__", title="2 + a")
rmul = exercise("rmul", target="Value.__rmul__", title="2 * a")
rsub = exercise("rsub", target="Value.__rsub__", title="2 - a")
power = exercise("pow", target="Value.__pow__", title="a ** n")
div = exercise("truediv", target="Value.__truediv__", title="a / b")
rdiv = exercise("rtruediv", target="Value.__rtruediv__", title="2 / a")

# ---------------------------------------------------------------------------------------------


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
    """Value(-self.data) has the right number and no memory: it is a fresh leaf, so no gradient ever
    gets through to self. Compute with self, not with self.data.""",
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

# ---------------------------------------------------------------------------------------------


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
rsub.variant("as the formula says", name="formula", replace="self * -1", by="-self")
sub.variant(
    "through multiplication",
    name="times_minus_one",
    source="""
def __sub__(self, other):
    return other * -1 + self if isinstance(other, Value) else self + (-1 * other)
""",
)

# ---------------------------------------------------------------------------------------------


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

# ---------------------------------------------------------------------------------------------


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

# ---------------------------------------------------------------------------------------------


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

# ---------------------------------------------------------------------------------------------


@power.scenario
def _(m, **case):
    return values_of(m, **case)


@power.check("gradients", tol=GRADIENTS)
def _(m, **case):
    return gradients_of(m, **case)


ask(power, "a**2", "a**3", "a**1", "a**-1", "b**0.5", "b**-1.5", "(a * b) ** -2 * a", "a**2 * a**3",
    "a**0", "b**2.5 + a**2")  # fmt: skip


def at_zero(rng):
    for n in (1, 2, 3):
        yield dict(expression=f"a**{n}", a=0.0, b=1.0, upstream=rng.number(1.5, 3), held=2.0)
    yield dict(expression="a**1.5 + b", a=0.0, b=1.0, upstream=rng.number(1.5, 3), held=2.0)


@power.check("at zero", cases=at_zero)
def _(m, **case):
    return gradients_of(m, **case)


power.oracle("at zero")(autograd)
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

# ---------------------------------------------------------------------------------------------


@div.scenario
def _(m, **case):
    return values_of(m, **case)


@div.check("gradients", tol=GRADIENTS)
def _(m, **case):
    return gradients_of(m, **case)


ask(div, "a / b", "a / 2", "a / 0.25", "b / a", "a / a", "(a * b) / (b + 5)", "b / (a / b) + a")


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

# ---------------------------------------------------------------------------------------------


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
