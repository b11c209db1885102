"""01.value_init: the node."""

from graders.authoring import exercise, real, value_data

init = exercise("value_init", target="Value.__init__", title="the node")


@init.cases
def _(rng):
    yield dict(number=rng.number(), children="none", op="", label="")
    yield dict(number=rng.number(), children="a, b", op="+", label="sum")
    yield dict(number=rng.number(-9, -1), children="a, a", op="*", label="square")
    yield dict(number=rng.number() * 1e9, children="a", op="tanh", label="o")
    yield dict(number=3, children="a, b as a list", op="?", label="L")
    yield dict(number=rng.number(), children="a, b, a as a list", op="+", label="twice")


def make(m, number, children, op, label):
    """The children, the node, and how many there are in what it was given, after the call."""
    a, b = m.Value(1.5), m.Value(-2.0)
    given = {
        "none": (),
        "a": (a,),
        "a, b": (a, b),
        "a, a": (a, a),
        "a, b as a list": [a, b],
        "a, b, a as a list": [a, b, a],
    }[children]
    if children == "none":
        return a, b, m.Value(number), 0
    value = m.Value(number, given, op, label)
    count = len(given)
    if isinstance(given, list):
        given.clear()  # the caller's own, who may go on with it
    return a, b, value, count


@init.scenario
def _(m, number, children, op, label):
    _, _, value, _ = make(m, number, children, op, label)
    return {
        "data": value_data(m, value),
        "grad": real(value.grad),
        "_op": value._op,
        "label": value.label,
    }


@init.check("children")
def _(m, number, children, op, label):
    a, b, value, given = make(m, number, children, op, label)
    found = list(value._prev)
    return {
        "a in _prev": any(child is a for child in found),
        "b in _prev": any(child is b for child in found),
        "how many": len(found),
        "how many were given": given,
    }


@init.check("_backward")
def _(m, number, children, op, label):
    a, b, value, _ = make(m, number, children, op, label)
    value.grad = 7.0
    returned = value._backward()
    return {"returned": returned, "grads": [real(v.grad) for v in (a, b, value)]}


@init.check("nodes share nothing")
def _(m, number, children, op, label):
    a, b, value, _ = make(m, number, children, op, label)
    value.grad = 3.0
    leaf = m.Value(0.5, label="leaf")
    return [real(a.grad), real(b.grad), len(list(leaf._prev)), value.label, leaf.label]


@init.check("keywords", cases=lambda rng: [dict(number=rng.number())])
def _(m, number):
    value = m.Value(number, label="by keyword", _op="tanh")
    unnamed = m.Value(number, _op="tanh")
    return [value_data(m, value), value._op, value.label, unnamed.label]


init.legal("answer: float for int", "a float or int")

init.hint("Six attributes, each set on self; three of them are simply the arguments.")
init.hint("A leaf's _backward must be callable and do nothing: a function that returns None.")
init.hint("self._prev = set(_children); self.grad = 0.0; self._backward = lambda: None")

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
