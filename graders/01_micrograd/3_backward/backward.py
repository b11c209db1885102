"""01.backward: all gradients with one call."""

import torch

from graders.authoring import Tol, exercise, real

from .part import DETOUR, DETOUR_FIRST, DIAMOND, DOUBLINGS, LEAF, SQUARE, graphs, grow, random_graph

backward = exercise("backward", target="Value.backward", title="all gradients with one call")


# Gradients add up many terms, which may cancel; different orders of adding differ by rounding.
GRADIENTS = Tol(rtol=1e-9, atol=1e-9)


def slopes(leaves, program, root):
    """d(node number root) / d(every node), from torch."""
    start = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in leaves]
    nodes = grow(start, program)
    found = torch.autograd.grad(nodes[root], nodes, allow_unused=True)
    return [0.0 if g is None else g.item() for g in found]


backward.cases(graphs)


@backward.scenario
def _(m, leaves, program):
    nodes = grow([m.Value(x) for x in leaves], program)
    nodes[-1].backward()
    return [real(node.grad) for node in nodes]


@backward.oracle
def _(leaves, program):
    return slopes(leaves, program, -1)


backward.tolerance(GRADIENTS)


def roots(rng):
    yield LEAF  # a leaf that is the root is set to 1, not added to
    yield from inner_graphs(rng)


def inner_graphs(rng):
    yield SQUARE
    yield DIAMOND
    yield DETOUR
    yield DETOUR_FIRST
    yield DOUBLINGS
    for steps in (6, 12):
        yield random_graph(rng, 3, steps)


@backward.check("twice from the same result", cases=roots, tol=GRADIENTS)
def _(m, leaves, program):
    nodes = grow([m.Value(x) for x in leaves], program)
    for i, node in enumerate(nodes):  # what a node is called does not say whether it has children
        node._op = "x" if i < len(leaves) else ""
    nodes[-1].backward()
    nodes[-1].backward()
    return [real(node.grad) for node in nodes]


@backward.oracle("twice from the same result")
def _(leaves, program):
    n = len(leaves) if program else 0  # leaves accumulate; inner nodes and root start afresh
    return [g * (2 if i < n else 1) for i, g in enumerate(slopes(leaves, program, -1))]


@backward.check("two results, the same leaves", cases=inner_graphs, tol=GRADIENTS)
def _(m, leaves, program):
    start = [m.Value(x) for x in leaves]
    first = grow(start, program)
    second = grow(start, [*program, ("tanh", len(start)), ("+", len(start) + len(program), 0)])
    first[-1].backward()
    second[-1].backward()
    return {
        "leaves": [real(node.grad) for node in start],
        "inner nodes of the first": [real(node.grad) for node in first[len(start) :]],
    }


@backward.oracle("two results, the same leaves")
def _(leaves, program):
    n = len(leaves)
    one = slopes(leaves, program, -1)
    two = slopes(leaves, [*program, ("tanh", n), ("+", n + len(program), 0)], -1)
    return {
        "leaves": [x + y for x, y in zip(one[:n], two[:n], strict=True)],
        "inner nodes of the first": one[n:],
    }


@backward.check("from the middle, then from the end", cases=inner_graphs, tol=GRADIENTS)
def _(m, leaves, program):
    nodes = grow([m.Value(x) for x in leaves], [*program, ("tanh", len(leaves)), ("*", -1, -2)])
    nodes[len(leaves)].backward()
    nodes[-1].backward()
    return [real(node.grad) for node in nodes]


@backward.oracle("from the middle, then from the end")
def _(leaves, program):
    n, program = len(leaves), [*program, ("tanh", len(leaves)), ("*", -1, -2)]
    middle, end = slopes(leaves, program, n), slopes(leaves, program, -1)
    return [e + m if i < n else e for i, (m, e) in enumerate(zip(middle, end, strict=True))]


@backward.check("nothing else changes")
def _(m, leaves, program):
    nodes = grow([m.Value(x) for x in leaves], program)
    above = nodes[-1] + nodes[0]  # computed from the root, not part of its graph
    above.grad = 5.0
    nodes[-1].backward()
    return {
        "data": [float(node.data) for node in nodes],
        "a node above": real(above.grad),
        "gradients": [real(node.grad) for node in nodes],
    }


backward.hint("Four steps, each of them a line or a short loop; the docstring has their order.")
backward.hint(
    """Inner nodes are those with something in _prev. Root's 1.0 comes after they were set to 0."""
)
backward.hint(
    """order = topological_order(self); node.grad = 0.0 for each node with node._prev; self.grad =
    1.0; then node._backward() for each node in reversed(order)."""
)

backward.misconception(
    """The walk starts at the leaves, whose gradients nobody knows yet. Go through the order
    from its end: reversed(order).""",
    replace="in reversed(order)",
    by="in order",
    name="not_reversed",
)
backward.misconception(
    """The output's own gradient is never set. It is d(self)/d(self) = 1, and without that seed
    every product of the chain rule is 0.""",
    replace="self.grad = 1.0",
    by="pass",
    name="not_seeded",
)
backward.misconception(
    """You set self.grad to 1 and then set it back to 0 with the other inner nodes. Seed after the
    cleaning.""",
    name="seeded_too_early",
    source="""
def backward(self):
    self.grad = 1.0
    order = topological_order(self)
    for node in order:
        if node._prev:
            node.grad = 0.0
    for node in reversed(order):
        node._backward()
""",
)
backward.misconception(
    """Leaves are set to 0 too, so a second backward() *overwrites* what the first one found.
    Leaves accumulate: that is how the gradients of several results add up. Set only the nodes with
    children to 0.""",
    replace="if node._prev:",
    by="if True:",
    name="zeroes_leaves",
)
backward.misconception(
    """Inner nodes keep the gradient of the last call, and this call hands the old and the new one
    down together: on the second call the leaves get too much. (The engine of the lecture does so,
    too.) Set inner nodes to 0 first.""",
    replace="node.grad = 0.0",
    by="pass",
    name="inner_not_zeroed",
)
backward.misconception(
    """Nothing is cleaned, and self.grad is *increased* by 1: on the second call the seed is 2, and
    all that flows down is too much. Inner nodes start at 0, self at 1.""",
    edits=[("node.grad = 0.0", "pass"), ("self.grad = 1.0", "self.grad += 1.0")],
    name="nothing_zeroed",
)
backward.misconception(
    """A root that is a leaf gets 1 *added* to what it held. (So PyTorch does it.) Here the root is
    set to 1, whatever it is.""",
    replace="self.grad = 1.0",
    by="self.grad = 1.0 if self._prev else self.grad + 1.0",
    name="adds_at_a_leaf",
)
backward.misconception(
    """Only the last operation is undone: the gradient reaches self's children and stops there. Call
    _backward of every node in the order.""",
    name="one_step",
    source="""
def backward(self):
    self.grad = 1.0
    self._backward()
""",
)
backward.misconception(
    """You walk down from each node to its children at once, so a node on two paths hands on its
    gradient before it is complete, and again for the second path. Use the topological order.""",
    name="recursive_walk",
    source="""
def backward(self):
    for node in topological_order(self):
        if node._prev:
            node.grad = 0.0
    self.grad = 1.0

    def walk(node):
        node._backward()
        for child in node._prev:
            walk(child)

    walk(self)
""",
)
backward.misconception(
    """Each node is visited once, but level by level from the output. A node on a short and a long
    path hands on its gradient before the share of the long path has arrived.""",
    name="breadth_first",
    source="""
def backward(self):
    order = [self]
    for node in order:
        order += [c for c in dict.fromkeys(node._prev) if c not in order]
    for node in order:
        if node._prev:
            node.grad = 0.0
    self.grad = 1.0
    for node in order:
        node._backward()
""",
)
backward.misconception(
    """The inner nodes are set to 0 *after* the pass: on the second call all is well, but nobody
    can look at their gradients. Set them to 0 before.""",
    name="zeroes_afterwards",
    source="""
def backward(self):
    order = topological_order(self)
    self.grad = 1.0
    for node in reversed(order):
        node._backward()
    for node in order:
        if node._prev:
            node.grad = 0.0
""",
)
backward.misconception(
    """The seed is d(self)/d(self), which is 1, not the value of self.""",
    replace="self.grad = 1.0",
    by="self.grad = self.data",
    name="seeded_with_data",
)
backward.misconception(
    """self's own _backward is left out, and it is the one that starts everything.""",
    replace="in reversed(order)",
    by="in reversed(order[:-1])",
    name="root_left_out",
)

backward.variant(
    "its own order, without the function; adds the seed",
    name="own_order",
    source="""
def backward(self):
    line, seen, stack = [], set(), [self]
    while stack:
        node = stack[-1]
        new = [c for c in node._prev if id(c) not in seen]
        if new:
            stack.append(new[0])
            continue
        stack.pop()
        if id(node) not in seen:
            seen.add(id(node))
            line.append(node)
    inner = [node for node in line if len(node._prev) > 0]
    for node in inner:
        node.grad = 0
    self.grad += 1 if self._prev else 1 - self.grad
    for node in inner[::-1]:
        node._backward()
    return self
""",
)
