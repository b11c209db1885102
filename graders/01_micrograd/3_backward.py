"""The backward pass: an order, one call, any depth."""

import sys

import torch

from graders.authoring import Tol, exercise, instead


def grow(leaves, program):
    """All nodes of a graph: the leaves, then one per step of the program.

    A step is ("+", i, j), ("*", i, j) or ("tanh", i), its numbers the nodes it is made from.
    Works on Values as on tensors.
    """
    nodes = list(leaves)
    for op, *at in program:
        x = [nodes[i] for i in at]
        nodes.append(x[0].tanh() if op == "tanh" else x[0] + x[1] if op == "+" else x[0] * x[1])
    return nodes


def random_graph(rng, leaves, steps):
    """Numbers for the leaves, and a program whose nodes stay of moderate size."""
    numbers = rng.numbers(leaves)
    nodes = [torch.tensor(x) for x in numbers]
    program = []
    for _ in range(steps):
        recent = len(nodes) - 1 - min(rng.integer(0, 3), len(nodes) - 1)
        op = rng.choice(["+", "*", "tanh"])
        if op == "*" and max(abs(float(x)) for x in nodes) > 20:
            op = "tanh"
        step = (op, recent) if op == "tanh" else (op, recent, rng.integer(0, len(nodes)))
        program.append(step)
        nodes = grow([torch.tensor(x) for x in numbers], program)
    return dict(leaves=numbers, program=program)


# a, b on two paths, one short and one long; the same twice; a long way round
DIAMOND = dict(leaves=[0.5, -1.5], program=[("*", 0, 1), ("tanh", 2), ("+", 3, 1), ("*", 4, 2)])
SQUARE = dict(leaves=[3.0], program=[("*", 0, 0)])
DETOUR = dict(
    leaves=[0.7, 1.1],
    program=[("tanh", 0), ("*", 2, 1), ("tanh", 3), ("+", 4, 1), ("*", 0, 5), ("+", 6, 0)],
)
DETOUR_FIRST = dict(
    leaves=[0.7, 1.1],
    program=[("tanh", 0), ("*", 2, 1), ("tanh", 3), ("+", 1, 4), ("*", 5, 0), ("+", 0, 6)],
)
EQUAL_NUMBERS = dict(leaves=[1.0, 1.0, 2.0], program=[("+", 0, 1), ("*", 3, 2), ("+", 4, 2)])
DOUBLINGS = dict(leaves=[1.0], program=[("+", i, i) for i in range(8)])
LEAF = dict(leaves=[4.0], program=[])


def graphs(rng):
    yield LEAF
    yield SQUARE
    yield DIAMOND
    yield DETOUR
    yield DETOUR_FIRST
    yield EQUAL_NUMBERS
    yield DOUBLINGS
    for steps in (6, 12, 20):
        yield random_graph(rng, 3, steps)


def line_up(order_of, nodes):
    """What matters about an order of the graph that ends in the last of the nodes."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(1000)  # whatever an earlier call may have left behind
    try:
        order = order_of(nodes[-1])
        limit = sys.getrecursionlimit()
    finally:
        sys.setrecursionlimit(before)
    if not isinstance(order, (list, tuple)):
        return instead(order, "a list")
    names = {id(node): i for i, node in enumerate(nodes)}
    line = [names.get(id(node), "no node of this graph") for node in order]
    first = {name: at for at, name in reversed(list(enumerate(line)))}
    pairs = [
        (names[id(child)], name)
        for name in line
        if isinstance(name, int)
        for child in nodes[name]._prev
    ]
    both = [(first[child], first[parent]) for child, parent in pairs if child in first]
    return {
        "nodes": sorted(line, key=str),
        "each child before its parents": all(child < parent for child, parent in both),
        "root stands last": line[-1:] == [len(nodes) - 1],
        "each parent before its children": all(child > parent for child, parent in both),
        "recursion limit": limit,
    }


# ---------------------------------------------------------------------------------------------

order = exercise("topological_order", title="children before parents")
order.hint(
    """Think of getting dressed: before the shoes, everything that must be on before the shoes."""
)
order.hint("An inner function add(node): add all children first, then append the node itself.")
order.hint(
    """Keep a set `seen`; add(node) does nothing for a node in it. Otherwise: put it in, call add on
    every child in node._prev, then order.append(node)."""
)
order.cases(graphs)


@order.scenario
def _(m, leaves, program):
    found = line_up(m.topological_order, grow([m.Value(x) for x in leaves], program))
    if isinstance(found, dict):
        del found["recursion limit"]  # no concern of this exercise
    return found


order.misconception(
    """Nobody notes who was there already: a node is added once per path that leads to it. Keep a
    set of visited nodes.""",
    replace="if node not in seen:",
    by="if True:",
    name="no_seen",
)
order.misconception(
    """The node is appended before its children. Turned around this is no topological order either:
    a child on a short and a long path comes too early. Append *after* the loop over the
    children.""",
    name="preorder",
    source="""
def topological_order(root):
    order, seen = [], set()

    def add(node):
        if node not in seen:
            seen.add(node)
            order.append(node)
            for child in node._prev:
                add(child)

    add(root)
    return order
""",
)
order.misconception(
    """Parents stand before children here. The list should begin with leaves and end with root;
    turning it around is backward's job.""",
    replace="return order",
    by="return order[::-1]",
    name="reversed",
)
order.misconception(
    """root itself is missing. It, too, has a _backward, the first one to be called.""",
    replace="    return order",
    by="    return order[:-1]",
    name="no_root",
)
order.misconception(
    """The leaves are missing. Nothing flows on from them, but they are nodes of the graph.""",
    replace="order.append(node)",
    by="order.append(node) if node._prev else None",
    name="no_leaves",
)
order.misconception(
    """Level by level from the root, then reversed: a node takes the level of its *shortest* path,
    so with a second, longer path it comes after a node that is computed from it.""",
    name="breadth_first",
    source="""
def topological_order(root):
    order, seen = [root], {root}
    for node in order:
        for child in node._prev:
            if child not in seen:
                seen.add(child)
                order.append(child)
    return order[::-1]
""",
)
order.misconception(
    """Visited nodes are recognized by their number, so two different nodes with equal data count
    as one. Put the nodes themselves in the set.""",
    edits=[
        ("if node not in seen:", "if node.data not in seen:"),
        ("seen.add(node)", "seen.add(node.data)"),
    ],
    name="by_number",
)
order.misconception(
    """Only root and its own children are in the list. The children have children: call the
    inner function for each of them.""",
    name="one_level",
    source="""
def topological_order(root):
    return [*dict.fromkeys(root._prev), root]
""",
)
order.variant(
    "one that ends early, children in the other order, a generator",
    name="generator",
    source="""
def topological_order(root):
    done = {}

    def walk(node):
        if id(node) in done:
            return
        done[id(node)] = True
        for child in tuple(node._prev)[::-1]:
            yield from walk(child)
        yield node

    return list(walk(root))
""",
)
order.variant(
    "counts parents instead (Kahn)",
    name="kahn",
    source="""
def topological_order(root):
    waiting, todo = {root: 0}, [root]
    while todo:
        for child in set(todo.pop()._prev):
            if child not in waiting:
                waiting[child] = 0
                todo.append(child)
            waiting[child] += 1
    ready, line = [root], []
    while ready:
        node = ready.pop()
        line.append(node)
        for child in set(node._prev):
            waiting[child] -= 1
            if not waiting[child]:
                ready.append(child)
    return tuple(reversed(line))
""",
)


# ---------------------------------------------------------------------------------------------

backward = exercise("backward", target="Value.backward", title="all gradients with one call")
backward.hint("Four steps, each of them a line or a short loop; the docstring has their order.")
backward.hint(
    """Inner nodes are those with something in _prev. Root's 1.0 comes after they were set to 0."""
)
backward.hint(
    """order = topological_order(self); node.grad = 0.0 for each node with node._prev; self.grad =
    1.0; then node._backward() for each node in reversed(order)."""
)
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
    return [float(node.grad) for node in nodes]


@backward.oracle
def _(leaves, program):
    return slopes(leaves, program, -1)


backward.tolerance(GRADIENTS)


def inner_graphs(rng):
    yield SQUARE
    yield DIAMOND
    yield DETOUR
    yield DETOUR_FIRST
    yield DOUBLINGS
    for steps in (6, 12):
        yield random_graph(rng, 3, steps)


@backward.check("twice from the same result", cases=inner_graphs, tol=GRADIENTS)
def _(m, leaves, program):
    nodes = grow([m.Value(x) for x in leaves], program)
    nodes[-1].backward()
    nodes[-1].backward()
    return [float(node.grad) for node in nodes]


@backward.oracle("twice from the same result")
def _(leaves, program):
    n = len(leaves)  # leaves accumulate, inner nodes start afresh
    return [g * (2 if i < n else 1) for i, g in enumerate(slopes(leaves, program, -1))]


@backward.check("two results, the same leaves", cases=inner_graphs, tol=GRADIENTS)
def _(m, leaves, program):
    start = [m.Value(x) for x in leaves]
    first = grow(start, program)
    second = grow(start, [*program, ("tanh", len(start)), ("+", len(start) + len(program), 0)])
    first[-1].backward()
    second[-1].backward()
    return {
        "leaves": [float(node.grad) for node in start],
        "inner nodes of the first": [float(node.grad) for node in first[len(start) :]],
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
    return [float(node.grad) for node in nodes]


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
    return {"data": [float(node.data) for node in nodes], "a node above": float(above.grad)}


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


# ---------------------------------------------------------------------------------------------

deep = exercise("deep_chains", target="topological_order_deep", title="no recursion", stretch=True)
deep.hint("Recursion keeps its to-do list on Python's call stack. Keep your own, in a list.")
deep.hint(
    """A node turns up twice: first to push its children, later, when they are done, to be
    added."""
)
deep.hint(
    """Push pairs (node, children_are_in). Pop (node, False): if it is new, push (node, True), then
    (child, False) for its children. Pop (node, True): append the node."""
)
deep.cases(graphs)


@deep.scenario
def _(m, leaves, program):
    return line_up(m.topological_order_deep, grow([m.Value(x) for x in leaves], program))


def chains(rng):
    yield dict(length=2500, skips=False)
    yield dict(length=2000 + rng.integer(0, 500), skips=True)


@deep.check("long chains", cases=chains)
def _(m, length, skips):
    nodes = [m.Value(0.5)]
    for i in range(length):
        nodes.append(nodes[-1] + nodes[-1 if i < 3 or not skips else -3])
    found = line_up(m.topological_order_deep, nodes)
    return found | {"nodes": len(found["nodes"])} if isinstance(found, dict) else found


deep.misconception(
    """This function calls itself, and Python stops at a depth of about 1000 calls. Keep a list of
    what is still to do, and loop until it is empty.""",
    name="recursive",
    source="""
def topological_order_deep(root):
    order, seen = [], set()

    def add(node):
        if node not in seen:
            seen.add(node)
            for child in node._prev:
                add(child)
            order.append(node)

    add(root)
    return order
""",
)
deep.misconception(
    """Raising the recursion limit moves the cliff and keeps it: the next graph is deeper, and on
    many systems Python then crashes for real. Use a list as your stack.""",
    name="raised_limit",
    source="""
def topological_order_deep(root):
    import sys

    sys.setrecursionlimit(10**6)
    order, seen = [], set()

    def add(node):
        if node not in seen:
            seen.add(node)
            for child in node._prev:
                add(child)
            order.append(node)

    add(root)
    return order
""",
)
deep.misconception(
    """The reverse of the order in which a stack hands out nodes is no topological order: a child
    on a short and a long path can come after its parent. Let each node come up twice.""",
    name="reversed_preorder",
    source="""
def topological_order_deep(root):
    order, seen, stack = [], set(), [root]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            order.append(node)
            stack.extend(node._prev)
    return order[::-1]
""",
)
deep.misconception(
    """A node is marked as seen when it is *pushed*. If a deeper node needs it, it is not pushed
    again, and comes too late. Mark a node when it is popped for the first time.""",
    name="marked_at_push",
    source="""
def topological_order_deep(root):
    order, seen, stack = [], {root}, [(root, False)]
    while stack:
        node, children_are_in = stack.pop()
        if children_are_in:
            order.append(node)
            continue
        stack.append((node, True))
        for child in node._prev:
            if child not in seen:
                seen.add(child)
                stack.append((child, False))
    return order
""",
)
deep.misconception(
    """Level by level from the root, then reversed: a node takes the level of its shortest path,
    and may come after a node that is computed from it.""",
    name="breadth_first",
    source="""
def topological_order_deep(root):
    order, seen = [root], {root}
    for node in order:
        for child in node._prev:
            if child not in seen:
                seen.add(child)
                order.append(child)
    return order[::-1]
""",
)
deep.misconception(
    """Parents come first here: the node is added when it is popped for the first time. Add it when
    it comes up again, after its children.""",
    name="preorder",
    source="""
def topological_order_deep(root):
    order, seen, stack = [], set(), [root]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            order.append(node)
            stack.extend(node._prev)
    return order
""",
)
deep.variant(
    "an iterator per open node",
    name="iterators",
    source="""
def topological_order_deep(root):
    order, seen, open_nodes = [], {root}, [(root, iter(root._prev))]
    while open_nodes:
        node, rest = open_nodes[-1]
        child = next((c for c in rest if c not in seen), None)
        if child is None:
            order.append(node)
            open_nodes.pop()
        else:
            seen.add(child)
            open_nodes.append((child, iter(child._prev)))
    return order
""",
)
deep.variant(
    "counts parents instead (Kahn)",
    name="kahn",
    source="""
def topological_order_deep(root):
    waiting, todo = {root: 0}, [root]
    while todo:
        for child in set(todo.pop()._prev):
            if child not in waiting:
                waiting[child] = 0
                todo.append(child)
            waiting[child] += 1
    ready, line = [root], []
    while ready:
        node = ready.pop()
        line.append(node)
        for child in set(node._prev):
            waiting[child] -= 1
            if not waiting[child]:
                ready.append(child)
    line.reverse()
    return line
""",
)
