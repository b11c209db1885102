"""01.add: + and its backward."""

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

add = exercise("add", target="Value.__add__", title="+ and its backward")

add.cases(arithmetic_cases)


@add.scenario
def _(m, **case):
    return forward(m, lambda x, y: x + y, **case)


@add.check("graph")
def _(m, **case):
    return graph(m, lambda x, y: x + y, **case)


@add.check("gradients")
def _(m, **case):
    return backward(m, lambda x, y: x + y, **case)


@add.check("a node used twice")
def _(m, **case):
    return two_uses(m, lambda x, y: x + y, **case)


@add.oracle("gradients")
def _(**case):
    return autograd_backward(lambda x, y: x + y, **case)


add.hint("Two jobs: make the new node, and give it a _backward of its own.")
add.hint("When the sum moves by 1 because a moved by 1: what is the local slope, for a and for b?")
add.hint(
    """out = Value(self.data + other.data, (self, other), "+"); inside _backward:
    self.grad += out.grad; other.grad += out.grad. First turn a number into a Value."""
)


two_operands(add, "+", "self.grad += out.grad", "other.grad += out.grad", "1.0", "1.0")


add.misconception(
    """You multiplied by the other operand, as in the product rule. The local slope of a sum is 1
    for each operand: the gradient passes through unchanged.""",
    edits=[
        ("self.grad += out.grad", "self.grad += other.data * out.grad"),
        ("other.grad += out.grad", "other.grad += self.data * out.grad"),
    ],
    name="product_rule",
)
add.misconception(
    """The gradient is not *split* between the operands. If a moves by 1, the sum moves by 1, and
    if b moves by 1, so does it: each gets the whole of out.grad.""",
    edits=[
        ("self.grad += out.grad", "self.grad += out.grad / 2"),
        ("other.grad += out.grad", "other.grad += out.grad / 2"),
    ],
    name="split",
)
add.misconception(
    """You added the sum's data. What flows backward is its gradient: out.grad.""",
    edits=[
        ("self.grad += out.grad", "self.grad += out.data"),
        ("other.grad += out.grad", "other.grad += out.data"),
    ],
    name="adds_data",
)
add.misconception(
    """You loop over a *set* of the operands. In a + a it has one element, so a gets one share
    where it should get two.""",
    name="set_of_operands",
    source="""
def __add__(self, other):
    other = other if isinstance(other, Value) else Value(other)
    out = Value(self.data + other.data, (self, other), "+")

    def _backward():
        for operand in out._prev:
            operand.grad += out.grad

    out._backward = _backward
    return out
""",
)
add.misconception(
    """This changes self in place: after a + b, a itself is another number. Return a new node.""",
    name="in_place",
    source="""
def __add__(self, other):
    other = other if isinstance(other, Value) else Value(other)
    self.data += other.data
    return self
""",
)

add.variant(
    "a lambda, a loop, the children as a list",
    source="""
def __add__(self, other):
    if not isinstance(other, Value):
        other = Value(float(other))
    pair = [self, other]
    total = Value(sum(v.data for v in pair), pair, "+")

    def spread():
        for v in pair:
            v.grad = v.grad + 1.0 * total.grad

    total._backward = spread
    return total
""",
)
add.variant(
    "constants are not recorded as children",
    source="""
def __add__(self, other):
    if not isinstance(other, Value):
        out = Value(self.data + other, (self,), "+")

        def _backward():
            self.grad += out.grad

    else:
        out = Value(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad += out.grad
            other.grad += out.grad

    out._backward = _backward
    return out
""",
)
