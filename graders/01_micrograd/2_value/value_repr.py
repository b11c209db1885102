"""01.value_repr: how it shows itself."""

from graders.authoring import exercise

text = exercise("value_repr", target="Value.__repr__", title="how it shows itself")


@text.cases
def _(rng):
    yield dict(data=-2.5, grad=0.0)
    yield dict(data=rng.number(), grad=rng.number())
    yield dict(data=1e-12, grad=-3e20)
    yield dict(data=0.1 + 0.2, grad=float("inf"))
    yield dict(data=3, grad=-2)  # whole numbers are shown as such, too


def node(m, data, grad):
    """Set afterwards: a Value may keep the number it is made of as a float."""
    value = m.Value(0.0)
    value.data, value.grad = data, grad
    return value


@text.scenario
def _(m, data, grad):
    return repr(node(m, data, grad))


@text.check("in a list")
def _(m, data, grad):
    return f"{[node(m, data, grad)]}"


text.hint("An f-string with two holes.")
text.hint("__repr__ returns the string; Python prints it.")
text.hint('return f"Value(data={self.data}, grad={self.grad})"')

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
