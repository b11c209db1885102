"""Value: the node, + and *, and two backward passes by hand."""

import math
import numbers

import torch

from graders.authoring import exercise, instead


def number(x):
    """A plain number as a float; for anything else, what it is."""
    return float(x) if isinstance(x, numbers.Real) else instead(x, "a number", returned=False)


def data(m, value):
    """A Value's number; for anything else, what it is."""
    if not isinstance(value, m.Value):
        return instead(value, "a Value")
    return number(value.data)


def children(value, **named):
    """Which of the named Values are children of a value, whatever container holds them."""
    return [name for name, v in named.items() if any(child is v for child in value._prev)]


# ---------------------------------------------------------------------------------------------

init = exercise("value_init", target="Value.__init__", title="the node")
init.hint("Six attributes, each set on self; three of them are simply the arguments.")
init.hint("A leaf's _backward must be callable and do nothing: a function that returns None.")
init.hint("self._prev = set(_children); self.grad = 0.0; self._backward = lambda: None")


@init.cases
def _(rng):
    yield dict(number=rng.number(), children="none", op="", label="")
    yield dict(number=rng.number(), children="a, b", op="+", label="sum")
    yield dict(number=rng.number(-9, -1), children="a, a", op="*", label="square")
    yield dict(number=rng.number() * 1e9, children="a", op="tanh", label="o")
    yield dict(number=3, children="a, b as a list", op="?", label="L")


def make(m, number, children, op, label):
    a, b = m.Value(1.5), m.Value(-2.0)
    given = {
        "none": (),
        "a": (a,),
        "a, b": (a, b),
        "a, a": (a, a),
        "a, b as a list": [a, b],
    }[children]
    if children == "none":
        return a, b, m.Value(number)
    return a, b, m.Value(number, given, op, label)


@init.scenario
def _(m, number, children, op, label):
    _, _, value = make(m, number, children, op, label)
    return {
        "data": float(value.data),
        "grad": float(value.grad),
        "_op": value._op,
        "label": value.label,
    }


@init.check("children")
def _(m, number, children, op, label):
    a, b, value = make(m, number, children, op, label)
    found = list(value._prev)
    return {
        "a in _prev": any(child is a for child in found),
        "b in _prev": any(child is b for child in found),
        "how many": len({id(child) for child in found}),
    }


@init.check("_backward")
def _(m, number, children, op, label):
    a, b, value = make(m, number, children, op, label)
    value.grad = 7.0
    returned = value._backward()
    return {"returned": returned, "grads": [float(v.grad) for v in (a, b, value)]}


@init.check("nodes share nothing")
def _(m, number, children, op, label):
    a, b, value = make(m, number, children, op, label)
    value.grad = 3.0
    leaf = m.Value(0.5, label="leaf")
    return [float(a.grad), float(b.grad), len(list(leaf._prev)), value.label, leaf.label]


@init.check("keywords", cases=lambda rng: [dict(number=rng.number())])
def _(m, number):
    value = m.Value(number, label="by keyword", _op="tanh")
    return [float(value.data), value._op, value.label]


init.misconception(
    """grad starts at 1. Until a backward pass says otherwise, nothing is known to depend on this
    node: start at 0, and let `backward` put the 1 at the output only.""",
    replace="self.grad = 0.0",
    by="self.grad = 1.0",
    name="grad_one",
)
init.misconception(
    """grad starts as None, as in PyTorch. Here gradients are *added* to it, so it has to start as
    a number: 0.0.""",
    replace="self.grad = 0.0",
    by="self.grad = None",
    name="grad_none",
)
init.misconception(
    """The children are not recorded, so nobody can ever walk from a result back to what it was
    made from. Keep _children in _prev.""",
    replace="set(_children)",
    by="set()",
    name="no_children",
)
init.misconception(
    """A leaf's _backward is called like any other. None is not callable: give it a function that
    does nothing.""",
    replace="lambda: None",
    by="None",
    name="backward_none",
)
init.misconception(
    """The operation is not stored: set self._op to the argument _op.""",
    replace="self._op = _op",
    by='self._op = ""',
    name="no_op",
)
init.misconception(
    """The label is not stored: set self.label to the argument.""",
    replace="self.label = label",
    by='self.label = ""',
    name="no_label",
)
init.misconception(
    """int() throws away everything behind the decimal point. Keep the number as it is.""",
    replace="self.data = data",
    by="self.data = int(data)",
    name="to_int",
)
init.misconception(
    """_prev holds one thing, the collection, instead of the children in it: set((a, b)) has two
    elements, {(a, b)} has one.""",
    replace="set(_children)",
    by="{tuple(_children)}",
    name="set_of_tuple",
)
init.misconception(
    """You set attributes of the class, not of the node, so all nodes share them: write self.grad,
    not Value.grad.""",
    edits=[("self.grad = 0.0", "Value.grad = 0.0"), ("self.label = label", "Value.label = label")],
    name="class_attributes",
)
init.variant(
    "children as a tuple, numbers as floats",
    source="""
def __init__(self, data, _children=(), _op="", label=""):
    def nothing():
        pass

    self.label, self._op = label, _op
    self._backward = nothing
    self._prev = tuple(dict.fromkeys(_children))
    self.data, self.grad = float(data), 0
""",
)


# ---------------------------------------------------------------------------------------------

text = exercise("value_repr", target="Value.__repr__", title="how it shows itself")
text.hint("An f-string with two holes.")
text.hint("__repr__ returns the string; Python prints it.")
text.hint('return f"Value(data={self.data}, grad={self.grad})"')


@text.cases
def _(rng):
    yield dict(data=-2.5, grad=0.0)
    yield dict(data=rng.number(), grad=rng.number())
    yield dict(data=1e-12, grad=-3e20)
    yield dict(data=0.1 + 0.2, grad=float("inf"))


@text.scenario
def _(m, data, grad):
    value = m.Value(data)
    value.grad = grad
    return repr(value)


@text.check("in a list")
def _(m, data, grad):
    value = m.Value(data)
    value.grad = grad
    return f"{[value]}"


text.misconception(
    """You printed the text. __repr__ has to *return* it; Python does the printing.""",
    name="prints",
    source="""
def __repr__(self):
    print(f"Value(data={self.data}, grad={self.grad})")
""",
)
text.misconception(
    """This shows data only. The gradient is what you will want to see all the time.""",
    replace=", grad={self.grad}",
    by="",
    name="no_grad",
)
text.misconception(
    """Without the f in front of the quotes, the braces stay as they are: f"...".""",
    replace='return f"',
    by='return "',
    name="no_f",
)
text.misconception(
    """Rounding hides what you may be looking for: a gradient of 1e-12 is not 0. Show the numbers
    as they are.""",
    replace="data={self.data}, grad={self.grad}",
    by="data={self.data:.4f}, grad={self.grad:.4f}",
    name="rounded",
)
text.variant(
    "put together from pieces",
    source="""
def __repr__(self):
    return "Value(data=" + repr(self.data) + ", grad=%r)" % (self.grad,)
""",
)


# ---------------------------------------------------------------------------------------------

add = exercise("add", target="Value.__add__", title="+ and its backward")
add.hint("Two jobs: make the new node, and give it a _backward of its own.")
add.hint("When the sum moves by 1 because a moved by 1: what is the local slope, for a and for b?")
add.hint(
    """out = Value(self.data + other.data, (self, other), "+"); inside _backward:
    self.grad += out.grad; other.grad += out.grad. First turn a number into a Value."""
)

mul = exercise("mul", target="Value.__mul__", title="* and its backward")
mul.hint("The same two jobs as in __add__; only the data and the local slopes differ.")
mul.hint("If b is 7 and a moves by 1, a * b moves by 7: a's local slope is b's data.")
mul.hint("self.grad += other.data * out.grad; other.grad += self.data * out.grad")


def arithmetic_cases(rng):
    for operands in ("two Values", "the same Value twice"):
        for _ in range(2):
            yield dict(operands=operands, a=rng.number(-3, -0.5), b=rng.number(2, 5),
                       upstream=rng.number(1.5, 4.0), held=rng.number(5.0, 9.0))  # fmt: skip
    yield dict(operands="two Values", a=rng.number(), b=0.0, upstream=-2.5, held=0.0)
    yield dict(operands="Value and float", a=rng.number(), b=rng.number(2, 5), upstream=-1.5,
               held=rng.number())  # fmt: skip
    yield dict(operands="Value and int", a=rng.number(), b=3, upstream=0.5, held=rng.number())


add.cases(arithmetic_cases)
mul.cases(arithmetic_cases)


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
        "result": data(m, out),
        "a and b after": [a.data, b.data, a.grad, b.grad],
        "what came back": "a new node" if out is not a and out is not b else "an operand itself",
    }


def graph(m, operator, operands, a, b, upstream, held):
    a, b, right = operands_of(m, operands, a, b, held)
    out = operator(a, right)
    return {"_op": out._op, "children": children(out, a=a, b=b), "grad": float(out.grad)}


def backward(m, operator, operands, a, b, upstream, held):
    a, b, right = operands_of(m, operands, a, b, held)
    out = operator(a, right)
    out.grad = upstream
    out._backward()
    return {
        "a.grad": float(a.grad),
        "b.grad": float(b.grad),
        "out.grad": float(out.grad),
        "data": [a.data, b.data],
    }


def two_uses(m, operator, operands, a, b, upstream, held):
    a, b, right = operands_of(m, operands, a, b, held)
    first = operator(a, right)
    second = operator(first, a)  # a again
    second.grad = upstream
    second._backward()
    first._backward()
    return {"a.grad": float(a.grad), "b.grad": float(b.grad), "first.grad": float(first.grad)}


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


def autograd_backward(operator, operands, a, b, upstream, held):
    """What backward() returns, from torch."""
    x, y = (torch.tensor(float(v), dtype=torch.float64, requires_grad=True) for v in (a, b))
    out = operator(x, {"two Values": y, "the same Value twice": x}.get(operands, float(b)))
    (out * upstream).backward()
    slope = 0.0 if y.grad is None else y.grad.item()
    return {
        "a.grad": held + x.grad.item(),
        "b.grad": 2 * held + slope,
        "out.grad": upstream,
        "data": [a, float(b)],
    }


@add.oracle("gradients")
def _(**case):
    return autograd_backward(lambda x, y: x + y, **case)


@mul.oracle("gradients")
def _(**case):
    return autograd_backward(lambda x, y: x * y, **case)


for ex, sign, own, others, own_local, others_local in (
    (add, "+", "self.grad += out.grad", "other.grad += out.grad", "1.0", "1.0"),
    (mul, "*", "self.grad += other.data * out.grad", "other.grad += self.data * out.grad",
     "other.data", "self.data"),
):  # fmt: skip
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


# ---------------------------------------------------------------------------------------------

manual = exercise("manual_L", title="L = (a*b + c) * f, backward by hand")
manual.hint("Start at L with 1.0 and walk left. Only ever look at one operation.")
manual.hint("L = d * f: d's slope is f, f's slope is d. d = e + c hands its gradient on unchanged.")
manual.hint("d: f.  f: a*b + c.  e and c: the same as d.  a: b times e's.  b: a times e's.")


@manual.cases
def _(rng):
    yield dict(a=2.0, b=-3.0, c=10.0, f=-2.0)
    for _ in range(3):
        yield dict(a=rng.number(), b=rng.number(3, 5), c=rng.number(6, 9), f=rng.number(-5, -3))
    yield dict(a=0.0, b=rng.number(), c=rng.number(), f=rng.number())
    yield dict(a=rng.number(), b=rng.number(), c=rng.number(), f=0.0)


@manual.oracle
def _(a, b, c, f):
    nodes = {n: torch.tensor(x, dtype=torch.float64, requires_grad=True)
             for n, x in dict(a=a, b=b, c=c, f=f).items()}  # fmt: skip
    nodes["e"] = nodes["a"] * nodes["b"]
    nodes["d"] = nodes["e"] + nodes["c"]
    nodes["L"] = nodes["d"] * nodes["f"]
    for node in nodes.values():
        node.retain_grad()
    nodes["L"].backward()
    return {name: node.grad.item() for name, node in nodes.items()}


manual.misconception(
    """dL/dL is not 0 and not L: if L moves by 1, then L moves by 1.""",
    replace='grad = {"L": 1.0}',
    by='grad = {"L": d * f}',
    name="seeded_with_L",
)
manual.misconception(
    """These are local slopes only: a's gradient says how e moves, not how L moves. Multiply by the
    gradient that arrives from the right: dL/da = de/da * dL/de.""",
    edits=[('b * grad["e"]', "b"), ('a * grad["e"]', "a")],
    name="local_only",
)
manual.misconception(
    """d and f are swapped: how far d * f moves with d depends on f.""",
    edits=[('f * grad["L"]', 'd * grad["L"] + 0'), ('= d * grad["L"]\n', '= f * grad["L"]\n')],
    name="swapped_df",
)
manual.misconception(
    """a and b are swapped: how far a * b moves with a depends on b.""",
    edits=[('b * grad["e"]', 'a * grad["e"] + 0'), ('= a * grad["e"]\n', '= b * grad["e"]\n')],
    name="swapped_ab",
)
manual.misconception(
    """f's slope is all of d = a*b + c, not e alone: c is in the sum that f multiplies.""",
    replace='= d * grad["L"]',
    by='= e * grad["L"]',
    name="f_without_c",
)
manual.misconception(
    """c is added inside the parentheses, so it is multiplied by f afterwards. Its local slope is
    1, but L moves f times as much.""",
    replace='grad["c"] = grad["d"]',
    by='grad["c"] = 1.0',
    name="c_is_one",
)
manual.misconception(
    """A sum does not split its gradient: e and c each get the whole of d's.""",
    edits=[
        ('grad["e"] = grad["d"]', 'grad["e"] = grad["d"] / 2'),
        ('grad["c"] = grad["d"]', 'grad["c"] = grad["d"] / 2'),
    ],
    name="split_sum",
)
manual.misconception(
    """Those are the numbers in the nodes (the forward pass). Asked for is how L moves with
    each.""",
    name="values",
    source="""
def manual_L(a, b, c, f):
    e = a * b
    d = e + c
    return {"L": d * f, "d": d, "f": f, "e": e, "c": c, "a": a, "b": b}
""",
)


@manual.variant("closed formulas")
def closed(a, b, c, f):
    return dict(a=b * f, b=a * f, c=f, e=f, d=f, f=a * b + c, L=1)


@manual.variant("by a nudge, exactly: L is linear in each variable")
def linear(a, b, c, f):
    def L(a, b, c, f):
        return (a * b + c) * f

    grad = {"L": 1.0, "d": f, "e": f, "c": f, "f": L(a, b, c, 1.0)}
    grad["a"] = L(1.0, b, 0.0, f)
    grad["b"] = L(a, 1.0, 0.0, f)
    return grad


# ---------------------------------------------------------------------------------------------

neuron = exercise("manual_neuron", title="a neuron, backward by hand")
neuron.hint("First run it forward: you need o. Then start with 1.0 at o and walk left.")
neuron.hint(
    """n's gradient is 1 - o². Both sums hand theirs on unchanged, to all five nodes on the way."""
)
neuron.hint("x1: w1 times that number. w1: x1 times it. The same for x2 and w2.")


@neuron.cases
def _(rng):
    yield dict(x1=2.0, x2=0.0, w1=-3.0, w2=1.0, b=6.8813735870195432)
    for _ in range(3):
        yield dict(x1=rng.number(0.3, 1), x2=rng.number(-1, -0.3), w1=rng.number(0.2, 1),
                   w2=rng.number(0.2, 1), b=rng.number(-1, 1))  # fmt: skip
    yield dict(x1=rng.number(), x2=rng.number(), w1=rng.number(), w2=rng.number(), b=-5.0)


@neuron.oracle
def _(x1, x2, w1, w2, b):
    v = {n: torch.tensor(x, dtype=torch.float64, requires_grad=True)
         for n, x in dict(x1=x1, x2=x2, w1=w1, w2=w2, b=b).items()}  # fmt: skip
    v["x1w1"], v["x2w2"] = v["x1"] * v["w1"], v["x2"] * v["w2"]
    v["x1w1x2w2"] = v["x1w1"] + v["x2w2"]
    v["n"] = v["x1w1x2w2"] + v["b"]
    v["o"] = torch.tanh(v["n"])
    for node in v.values():
        node.retain_grad()
    v["o"].backward()
    return {name: node.grad.item() for name, node in v.items()}


neuron.misconception(
    """The slope of tanh is 1 - tanh(n)² = 1 - o². You squared n, the number *before* tanh.""",
    replace="1 - o**2",
    by="1 - (x1 * w1 + x2 * w2 + b) ** 2",
    name="n_squared",
)
neuron.misconception(
    """The square is missing: the slope of tanh is 1 - o².""",
    replace="1 - o**2",
    by="1 - o",
    name="not_squared",
)
neuron.misconception(
    """o already is tanh(n): you took tanh once more before squaring.""",
    replace="1 - o**2",
    by="1 - math.tanh(o) ** 2",
    name="tanh_twice",
)
neuron.misconception(
    """o * (1 - o) is the slope of the logistic sigmoid. That of tanh is 1 - o².""",
    replace="1 - o**2",
    by="o * (1 - o)",
    name="sigmoid",
)
neuron.misconception(
    """The gradient went straight through tanh, as if it were not there. Multiply by its slope, 1 -
    o².""",
    replace="(1 - o**2) * ",
    by="",
    name="no_tanh",
)
neuron.misconception(
    """Inputs and weights are swapped: how far x1 * w1 moves with x1 depends on w1.""",
    edits=[
        ('grad["x1"] = w1 *', 'grad["x1"] = x1 *'),
        ('grad["w1"] = x1 *', 'grad["w1"] = w1 *'),
        ('grad["x2"] = w2 *', 'grad["x2"] = x2 *'),
        ('grad["w2"] = x2 *', 'grad["w2"] = w2 *'),
    ],
    name="swapped_xw",
)
neuron.misconception(
    """For the products you gave the local slope only. Multiply it by the gradient that has arrived
    at the product.""",
    edits=[
        ('= w1 * grad["x1w1"]', "= w1"),
        ('= x1 * grad["x1w1"]', "= x1"),
        ('= w2 * grad["x2w2"]', "= w2"),
        ('= x2 * grad["x2w2"]', "= x2"),
    ],
    name="local_products",
)
neuron.misconception(
    """The bias is an input like any other: it is added to the sum *inside* tanh, so it gets n's
    gradient, not 1.""",
    replace='    grad["x1"] = w1',
    by='    grad["b"] = 1.0\n    grad["x1"] = w1',
    name="b_is_one",
)


@neuron.variant("closed formulas, with cosh")
def with_cosh(x1, x2, w1, w2, b):
    slope = 1 / math.cosh(x1 * w1 + x2 * w2 + b) ** 2
    grad = {"o": 1.0, "x1": w1 * slope, "w1": x1 * slope, "x2": w2 * slope, "w2": x2 * slope}
    return grad | dict.fromkeys(["n", "b", "x1w1", "x2w2", "x1w1x2w2"], slope)
