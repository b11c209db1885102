"""01.mul: * and its backward."""

from graders.authoring import exercise

from .part import (
    arithmetic_cases,
    autograd_backward,
    backward,
    forward,
    graph,
    two_operands,
    two_uses,
)

mul = exercise("mul", target="Value.__mul__", title="* and its backward")

mul.cases(arithmetic_cases)


@mul.scenario
def _(m, **case):
    return forward(m, lambda x, y: x * y, **case)


@mul.check("graph")
def _(m, **case):
    return graph(m, lambda x, y: x * y, **case)


@mul.check("gradients")
def _(m, **case):
    return backward(m, lambda x, y: x * y, **case)


@mul.check("a node used twice")
def _(m, **case):
    return two_uses(m, lambda x, y: x * y, **case)


@mul.oracle("gradients")
def _(**case):
    return autograd_backward(lambda x, y: x * y, **case)


mul.hint("The same two jobs as in __add__; only the data and the local slopes differ.")
mul.hint("If b is 7 and a moves by 1, a * b moves by 7: a's local slope is b's data.")
mul.hint("self.grad += other.data * out.grad; other.grad += self.data * out.grad")


two_operands(
    mul,
    "*",
    "self.grad += other.data * out.grad",
    "other.grad += self.data * out.grad",
    "other.data",
    "self.data",
)


mul.misconception(
    """Each operand used its own data. It is the other way around: how far a * b moves with a
    depends on b.""",
    edits=[
        ("self.grad += other.data", "self.grad += self.data"),
        ("other.grad += self.data", "other.grad += other.data"),
    ],
    name="own_data",
)
mul.misconception(
    """The gradient passes through unchanged, as in a sum. The local slope of a product is the other
    operand's data.""",
    edits=[
        ("self.grad += other.data * out.grad", "self.grad += out.grad"),
        ("other.grad += self.data * out.grad", "other.grad += out.grad"),
    ],
    name="sum_rule",
)
mul.misconception(
    """You multiplied by out.data, which already is a * b. The local slope of a is b alone.""",
    edits=[
        ("self.grad += other.data * out.grad", "self.grad += out.data * out.grad"),
        ("other.grad += self.data * out.grad", "other.grad += out.data * out.grad"),
    ],
    name="out_data",
)
mul.misconception(
    """You multiplied by the other operand's *grad*. The local slope is its data; the only gradient
    in the formula is the one from upstream.""",
    edits=[
        ("self.grad += other.data * out.grad", "self.grad += other.grad * out.grad"),
        ("other.grad += self.data * out.grad", "other.grad += self.grad * out.grad"),
    ],
    name="other_grad",
)
mul.misconception(
    """This adds where it should multiply.""",
    replace="self.data * other.data, (",
    by="self.data + other.data, (",
    name="adds",
)

mul.variant(
    "local slopes remembered from the forward pass",
    source="""
def __mul__(self, other):
    other = Value(other) if isinstance(other, (int, float)) else other
    slopes = ((self, other.data), (other, self.data))
    out = Value(other.data * self.data, {self, other}, "*")

    def _backward():
        for child, slope in slopes:
            child.grad += out.grad * slope

    out._backward = _backward
    return out
""",
)
