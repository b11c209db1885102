"""01.same_in_torch: the same in PyTorch, a second opinion."""

import torch

from graders.authoring import Tol, exercise

twin = exercise("same_in_torch", title="the same in PyTorch, a second opinion", points=2)


def expression(name):
    """Expressions that work on Values as on tensors."""
    return {
        "x": lambda x: x,
        "x * y": lambda x, y: x * y,
        "(x * x).tanh()": lambda x: (x * x).tanh(),
        "x / y - 3 / x": lambda x, y: x / y - 3 / x,
        "(x - y).relu() + exp(z)": lambda x, y, z: (x - y).relu() + z.exp(),
        "log(x) ** 3, and y is not used": lambda x, y: (x * x).log() ** 3,
        """f(f(f(x, y)))""": lambda x, y: (
            ((x * y + x).tanh() * x - (y * 0.5).exp()).tanh() / (y * y + 1)
        ),
    }[name]


INPUTS = {
    "x": 1,
    "x * y": 2,
    "(x * x).tanh()": 1,
    "x / y - 3 / x": 2,
    "(x - y).relu() + exp(z)": 3,
    "log(x) ** 3, and y is not used": 2,
    "f(f(f(x, y)))": 2,
}


@twin.cases
def _(rng):
    for name, n in INPUTS.items():
        yield dict(
            expression=name, inputs=[rng.choice([-1, 1]) * x for x in rng.numbers(n, 0.4, 1.6)]
        )
    yield dict(expression="x * y", inputs=[0.1, 0.1])


def watched(m, name, seen):
    """The expression, which notes what it is called with."""

    def call(*arguments):
        seen.append(arguments)
        return expression(name)(*arguments)

    return call


def steeper(m, name, ours, torchs):
    """The expression plus 1 or 2, with slopes of its own: so many times the true ones, in each engine.

    What comes backward through an engine has them; what is measured, or comes from the other engine, has not.
    """

    def call(*arguments):
        out = expression(name)(*arguments)
        if not isinstance(out, m.Value):
            return (out - out.detach()) * torchs + out.detach() + 2
        end = m.Value(out.data + 1, (out,))

        def backward():
            out.grad += ours * end.grad

        end._backward = backward
        return end

    return call


@twin.scenario
def _(m, **case):
    return m.same_in_torch(watched(m, case["expression"], []), case["inputs"])


twin.tolerance(Tol(rtol=1e-9, atol=1e-11))


@twin.oracle
def _(**case):
    x = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in case["inputs"]]
    result = expression(case["expression"])(*x)
    found = torch.autograd.grad(result, x, allow_unused=True)
    numbers = [result.item()] + [0.0 if g is None else g.item() for g in found]
    return numbers, numbers


@twin.check("both engines ran")
def _(m, **case):
    seen = []
    m.same_in_torch(watched(m, case["expression"], seen), case["inputs"])

    def kind(x):
        if isinstance(x, m.Value):
            return "Value"
        return f"tensor of {x.dtype}" if isinstance(x, torch.Tensor) else type(x).__name__

    return {"calls with": sorted({str(sorted({kind(x) for x in call})) for call in seen})}


def slopes(rng):
    for name, n in INPUTS.items():
        inputs = [rng.choice([-1, 1]) * x for x in rng.numbers(n, 0.4, 1.6)]
        ours, torchs = rng.number(2.0, 4.0), rng.number(-4.0, -2.0)
        yield dict(expression=name, inputs=inputs, ours=ours, torchs=torchs)


@twin.check("each from its own engine", cases=slopes, tol=Tol(rtol=1e-9, atol=1e-11))
def _(m, inputs, **case):
    """An expression with other slopes in each engine: whose numbers stand where?"""
    return m.same_in_torch(steeper(m, case["expression"], case["ours"], case["torchs"]), inputs)


@twin.oracle("each from its own engine")
def _(inputs, ours, torchs, **case):
    x = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in inputs]
    result = expression(case["expression"])(*x)
    found = torch.autograd.grad(result, x, allow_unused=True)
    true = [0.0 if g is None else g.item() for g in found]
    engines = ((1, ours), (2, torchs))
    return tuple([result.item() + plus] + [times * t for t in true] for plus, times in engines)


@twin.check("arguments unchanged", tol=Tol(rtol=1e-9, atol=1e-11))
def _(m, **case):
    found = m.same_in_torch(expression(case["expression"]), case["inputs"])
    return {"found": found, "inputs": case["inputs"]}


twin.hint("Do the same thing twice: make inputs, call expression, call backward, collect numbers.")
twin.hint("torch.tensor(x, dtype=torch.float64, requires_grad=True); .item() makes plain floats.")
twin.hint(
    """An unused tensor's grad is None: write 0.0 if tensor.grad is None else
    tensor.grad.item()."""
)

twin.misconception(
    """torch.tensor(0.5) has 32 bits: its numbers differ from yours from the seventh digit on. Ask
    for dtype=torch.float64.""",
    replace="dtype=torch.float64, ",
    by="",
    name="float32",
)
twin.misconception(
    """The tensors do not know that you want gradients. Ask for them with requires_grad=True.""",
    replace=", requires_grad=True",
    by="",
    name="no_requires_grad",
)
twin.misconception(
    """An input that the expression does not use has grad None in torch, and None has no .item().
    Its derivative is 0.0.""",
    replace="0.0 if tensor.grad is None else tensor.grad.item()",
    by="tensor.grad.item()",
    name="none_grad",
)
twin.misconception(
    """Both lists come from your own engine, so they agree by construction. The second opinion has
    to come from torch tensors.""",
    name="one_engine",
    source="""
def same_in_torch(expression, inputs):
    values = [Value(x) for x in inputs]
    result = expression(*values)
    result.backward()
    ours = [result.data] + [value.grad for value in values]
    return ours, list(ours)
""",
)
twin.misconception(
    """The results are missing: each list begins with the value of the expression, then come the
    gradients.""",
    edits=[("ours = [result.data] +", "ours ="), ("torchs = [result.item()]", "torchs = []")],
    name="no_result",
)
twin.misconception(
    """Your own side never went backward, so its gradients are all still 0.""",
    name="no_backward",
    source="""
def same_in_torch(expression, inputs):
    values = [Value(x) for x in inputs]
    ours = [expression(*values).data] + [value.grad for value in values]
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in inputs]
    result = expression(*tensors)
    result.backward()
    torchs = [result.item()]
    return ours, torchs + [0.0 if t.grad is None else t.grad.item() for t in tensors]
""",
)
twin.misconception(
    """backward was called twice on the same leaves, and leaves accumulate: all your gradients are
    doubled.""",
    name="twice",
    source="""
def same_in_torch(expression, inputs):
    values = [Value(x) for x in inputs]
    expression(*values).backward()
    result = expression(*values)
    result.backward()
    ours = [result.data] + [value.grad for value in values]
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in inputs]
    result = expression(*tensors)
    result.backward()
    torchs = [result.item()]
    return ours, torchs + [0.0 if t.grad is None else t.grad.item() for t in tensors]
""",
)

twin.misconception(
    """The second result is torch's, but the derivatives behind it are your own engine's once more. Let torch
    go backward, too, and take what its tensors have in grad.""",
    name="own_gradients",
    source="""
def same_in_torch(expression, inputs):
    values = [Value(x) for x in inputs]
    result = expression(*values)
    result.backward()
    gradients = [value.grad for value in values]
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in inputs]
    return [result.data] + gradients, [expression(*tensors).item()] + gradients
""",
)

twin.variant(
    "autograd.grad",
    name="functional",
    source="""
def same_in_torch(expression, inputs):
    leaves = list(map(Value, inputs))
    root = expression(*leaves)
    root.backward()
    xs = [torch.tensor(x, dtype=torch.double) for x in inputs]
    for x in xs:
        x.requires_grad_()
    y = expression(*xs)
    gs = torch.autograd.grad(y, xs, allow_unused=True)
    theirs = [float(y), *(0.0 if g is None else float(g) for g in gs)]
    return [root.data, *(leaf.grad for leaf in leaves)], theirs
""",
)
