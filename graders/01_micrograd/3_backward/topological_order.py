"""01.topological_order: children before parents."""

from graders.authoring import exercise

from .part import compared, graphs, grow, line_up, looked_up, out_of_order, positions, sums

order = exercise("topological_order", title="children before parents")

order.cases(graphs)


@order.scenario
def _(m, leaves, program):
    found = line_up(m.topological_order, grow([m.Value(x) for x in leaves], program))
    if isinstance(found, dict):
        del found["recursion limit"]  # no concern of this exercise
    return found


@order.check("the order itself", judge=out_of_order)
def _(m, leaves, program):
    return positions(m.topological_order, grow([m.Value(x) for x in leaves], program))


@order.effort
def _(rng):
    for n in (5, 10):
        yield dict(leaves=[1.0], program=[("+", i, i) for i in range(n)])
    for n in (5, 11):
        yield dict(leaves=[1.0], program=[("+", i, max(0, i - 1)) for i in range(n)])
    for n in (12, 36):  # a long line
        yield dict(leaves=[0.5], program=[("tanh", i) for i in range(n)])


@order.check("looking up", cases=sums, judge=looked_up)
def _(m, leaves, program):
    return compared(m, m.topological_order, leaves, program)


order.hint(
    """Think of getting dressed: before the shoes, everything that must be on before the shoes."""
)
order.hint("An inner function add(node): add all children first, then append the node itself.")
order.hint(
    """Keep a set `seen`; add(node) does nothing for a node in it. Otherwise: put it in, call add on
    every child in node._prev, then order.append(node)."""
)

order.misconception(
    """Nobody notes who was there already: a node is added once per path that leads to it. Keep a
    set of visited nodes.""",
    replace="if node not in seen:",
    by="if True:",
    name="no_seen",
)
order.misconception(
    """A node that comes again is put further back, with all that is below it once more: it is walked once for
    each path, and ten doublings have a thousand. Note who was there, and go on only from who is new.""",
    name="again_and_again",
    source="""
def topological_order(root):
    order, queue = {}, [root]
    while queue:
        node = queue.pop(0)
        order.pop(node, None)
        order[node] = True
        queue.extend(node._prev)
    return list(order)[::-1]
""",
)
order.misconception(
    """`node in order` goes through the list, so the work grows with the square of the nodes: ten thousand of
    them take minutes. Keep those that are in it in a set besides.""",
    name="looked_up_in_the_list",
    source="""
def topological_order(root):
    order = []

    def add(node):
        if node not in order:
            for child in node._prev:
                add(child)
            order.append(node)

    add(root)
    return order
""",
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
    return list(reversed(line))
""",
)
