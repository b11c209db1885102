"""01.manual_L: L = (a*b + c) * f, backward by hand."""

import torch

from graders.authoring import exercise

manual = exercise("manual_L", title="L = (a*b + c) * f, backward by hand", forbid=("autograd",))


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


manual.hint("Start at L with 1.0 and walk left. Only ever look at one operation.")
manual.hint("L = d * f: d's slope is f, f's slope is d. d = e + c hands its gradient on unchanged.")
manual.hint("d: f.  f: a*b + c.  e and c: the same as d.  a: b times e's.  b: a times e's.")

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
manual.misconception(
    """torch's autograd did that. You are about to build it: here each step of the chain rule is yours.""",
    name="autograd",
    source="""
def manual_L(a, b, c, f):
    import torch
    a, b, c, f = (torch.tensor(float(x), dtype=torch.float64, requires_grad=True) for x in (a, b, c, f))
    e = a * b
    d = e + c
    nodes = {"L": d * f, "d": d, "f": f, "e": e, "c": c, "a": a, "b": b}
    found = torch.autograd.grad(nodes["L"], [*nodes.values()])
    return {name: slope.item() for name, slope in zip(nodes, found)}
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


manual.equivalent("f * grad['L']  ->  f / grad['L']", "grad['L'] is 1.0")
manual.equivalent("f * grad['L']  ->  f", "grad['L'] is 1.0")
manual.equivalent("d * grad['L']  ->  d / grad['L']", "grad['L'] is 1.0")
manual.equivalent("d * grad['L']  ->  d", "grad['L'] is 1.0")
