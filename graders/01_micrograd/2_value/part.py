"""Value: the node, + and *, and two backward passes by hand: what the exercises share."""

import torch

from graders.authoring import real, value_data


def children(value, **named):
    """Which of the named Values are children of a value, whatever container holds them."""
    return [name for name, v in named.items() if any(child is v for child in value._prev)]


def arithmetic_cases(rng):
    for operands in ("two Values", "the same Value twice"):
        for _ in range(2):
            yield dict(operands=operands, a=rng.number(-3, -0.5), b=rng.number(2, 5),
                       upstream=rng.number(1.5, 4.0), held=rng.number(5.0, 9.0))  # fmt: skip
    yield dict(operands="two Values", a=rng.number(), b=0.0, upstream=-2.5, held=0.0)
    yield dict(operands="Value and float", a=rng.number(), b=rng.number(2, 5), upstream=-1.5,
               held=rng.number())  # fmt: skip
    yield dict(operands="Value and int", a=rng.number(), b=3, upstream=0.5, held=rng.number())


def operands_of(m, operands, a, b, held):
    """Two Values a and b that hold gradients already, and what stands right of the operator."""
    a, b = m.Value(a), m.Value(float(b))
    a.grad, b.grad = held, 2 * held
    right = {
        "two Values": b,
        "the same Value twice": a,
        "Value and float": b.data,
        "Value and int": int(b.data),
    }[operands]
    return a, b, right


def forward(m, operator, operands, a, b, upstream, held):
    a, b, right = operands_of(m, operands, a, b, held)
    out = operator(a, right)
    return {
        "result": value_data(m, out),
        "a and b after": [a.data, b.data, a.grad, b.grad],
        "what came back": "a new node" if out is not a and out is not b else "an operand itself",
    }


def graph(m, operator, operands, a, b, upstream, held):
    a, b, right = operands_of(m, operands, a, b, held)
    out = operator(a, right)
    if not isinstance(out, m.Value):
        return value_data(m, out)
    return {"_op": out._op, "children": children(out, a=a, b=b), "grad": real(out.grad)}


def backward(m, operator, operands, a, b, upstream, held):
    a, b, right = operands_of(m, operands, a, b, held)
    out = operator(a, right)
    if not isinstance(out, m.Value):
        return value_data(m, out)
    out.grad = upstream
    out._backward()
    found = {
        "a.grad": real(a.grad),
        "b.grad": real(b.grad),
        "out.grad": real(out.grad),
        "data": [a.data, b.data],
    }
    out.grad = -3 * upstream  # as it is when _backward is called, which may be more than once
    out._backward()
    return {**found, "after a second call": [real(a.grad), real(b.grad)]}


def two_uses(m, operator, operands, a, b, upstream, held):
    a, b, right = operands_of(m, operands, a, b, held)
    first = operator(a, right)
    if not isinstance(first, m.Value):
        return value_data(m, first)
    second = operator(first, a)  # a again
    second.grad = upstream
    second._backward()
    first._backward()
    return {"a.grad": real(a.grad), "b.grad": real(b.grad), "first.grad": real(first.grad)}


def autograd_backward(operator, operands, a, b, upstream, held):
    """What backward() returns, from torch."""
    x, y = (torch.tensor(float(v), dtype=torch.float64, requires_grad=True) for v in (a, b))
    out = operator(x, {"two Values": y, "the same Value twice": x}.get(operands, float(b)))
    (out * upstream).backward()
    slope_a, slope_b = (0.0 if t.grad is None else t.grad.item() for t in (x, y))
    return {
        "a.grad": held + slope_a,
        "b.grad": 2 * held + slope_b,
        "out.grad": upstream,
        "data": [a, float(b)],
        "after a second call": [held - 2 * slope_a, 2 * held - 2 * slope_b],
    }


def two_operands(ex, sign, own, others, own_local, others_local):
    """What goes wrong in both + and *."""
    ex.misconception(
        f"""`=` for `+=`: a share from another use of the same node is thrown away. In a {sign} a
        even the second of your own two lines erases the first. Gradients of several uses add
        up.""",
        edits=[(own, own.replace("+=", "=")), (others, others.replace("+=", "="))],
        name="assigns",
    )
    ex.misconception(
        """The chain rule has two factors, and the one from upstream is missing: multiply each local
        slope by out.grad. (As long as out.grad is 1 nobody notices.)""",
        edits=[(own, f"self.grad += {own_local}"), (others, f"other.grad += {others_local}")],
        name="no_upstream",
    )
    ex.misconception(
        """Only self gets its share of the gradient. Both operands helped to make the result.""",
        replace=others,
        by="pass",
        name="self_only",
    )
    ex.misconception(
        """The children are not recorded: pass (self, other) as _children, or `backward` will never
        find its way past this node.""",
        replace=f', (self, other), "{sign}")',
        by=f', (), "{sign}")',
        name="no_children",
    )
    ex.misconception(
        """Only self is recorded as a child. The walk backward will never reach other.""",
        replace=f', (self, other), "{sign}")',
        by=f', (self,), "{sign}")',
        name="one_child",
    )
    ex.misconception(
        f"""The node does not say what made it: pass "{sign}" as _op.""",
        replace=f', "{sign}")',
        by=")",
        name="no_op",
    )
    ex.misconception(
        """A plain number on the right has no .data. Wrap it first:
        other = other if isinstance(other, Value) else Value(other).""",
        replace="other = other if isinstance(other, Value) else Value(other)",
        by="",
        name="not_wrapped",
    )
    ex.misconception(
        """You *called* _backward while building the graph, when out.grad is still 0, and stored
        what it returned: None. Store the function itself, without parentheses.""",
        replace="out._backward = _backward",
        by="out._backward = _backward()",
        name="called",
    )
    ex.misconception(
        """Nothing ever arrives at the operands. Is the function hung on the new node (out._backward =
        _backward)? And does it read out.grad when it is *called*? While the graph is built that is 0.""",
        replace="out._backward = _backward",
        by="",
        name="not_attached",
    )
    ex.misconception(
        """You made self's own _backward do this node's work. The function belongs to the *result*:
        it takes the result's gradient and hands it to the operands.""",
        replace="out._backward = _backward",
        by="self._backward = _backward",
        name="on_self",
    )
    ex.misconception(
        f"""The sum in your backward pass went to the data: `self.data += ...`. A backward pass
        changes gradients and nothing else; a {sign} b has its value already.""",
        edits=[
            (own, own.replace("self.grad +", "self.data +")),
            (others, others.replace("other.grad +", "other.data +")),
        ],
        name="into_data",
    )
    ex.misconception(
        """After handing its gradient on, the node sets it to 0. Keep it: one wants to look at it,
        and a backward pass starts inner nodes afresh by itself.""",
        replace=others,
        by=others + "; out.grad = 0.0",
        name="forgets_own",
    )  # fmt: skip
