"""The graph as nodes and edges, and where to draw them."""

from graders.authoring import exercise, instead


def grow(m, steps, leaves):
    """All nodes of a graph: the leaves, then one per step, ("+", i, j), ("*", i, j), ("tanh",
    i)."""
    nodes = [m.Value(1.0 + i) for i in range(leaves)]
    for op, *at in steps:
        x = [nodes[i] for i in at]
        nodes.append(x[0].tanh() if op == "tanh" else x[0] + x[1] if op == "+" else x[0] * x[1])
    return nodes


class Counted(tuple):
    """Children that note how often somebody goes through them."""

    visits = 0

    def __iter__(self):
        Counted.visits += 1
        return super().__iter__()


def effort(m, function, steps, leaves):
    """Whether a function walks the graph once, or every path of it."""
    nodes = grow(m, steps, leaves)
    for node in nodes:
        node._prev = Counted(node._prev)
    Counted.visits = 0
    function(nodes[-1])
    few = Counted.visits <= 30 * len(nodes)
    return "each node a few times" if few else "many paths, the same nodes again and again"


def graphs(rng):
    yield dict(steps=[], leaves=1)
    yield dict(steps=[("*", 0, 0)], leaves=1)
    yield dict(steps=[("*", 0, 1), ("+", 2, 0)], leaves=2)
    yield dict(steps=[("tanh", 0), ("+", 0, 1)], leaves=1)
    yield dict(steps=[("tanh", 0), ("+", 1, 0)], leaves=1)
    yield dict(steps=[("tanh", 0), ("tanh", 2), ("*", 3, 1), ("+", 0, 4), ("*", 2, 5)], leaves=2)
    yield dict(steps=[("tanh", 0), ("tanh", 2), ("*", 1, 3), ("+", 4, 0), ("*", 5, 2)], leaves=2)
    # whichever of the last two operands is walked first, the other one brings the shorter path
    crossed = [("tanh", 0), ("tanh", 2), ("tanh", 1), ("tanh", 4), ("+", 0, 5), ("+", 1, 3)]
    yield dict(steps=[*crossed, ("*", 6, 7)], leaves=2)
    yield dict(steps=[("+", i, i) for i in range(4)], leaves=1)
    for _ in range(3):
        steps = []
        for n in range(3, 3 + rng.integer(5, 9)):
            i, j = n - 1, rng.integer(0, n)
            steps.append(rng.choice([("+", i, j), ("*", j, i), ("tanh", i)]))
        yield dict(steps=steps, leaves=3)


def doublings(rng):
    yield dict(steps=[("+", i, i) for i in range(11)], leaves=1)
    yield dict(steps=[("+", i, max(0, i - 1)) for i in range(16)], leaves=1)


# ---------------------------------------------------------------------------------------------

trace = exercise("trace", title="nodes and edges")
trace.hint("Start with root. A node that is new goes into the set, and its children are next.")
trace.hint("An edge is a tuple (child, parent): one for each child in node._prev.")
trace.hint(
    """A stack [root]; pop a node; if it is in nodes, continue; add it; for each child:
    edges.add((child, node)) and push the child."""
)
trace.cases(graphs)


@trace.scenario
def _(m, steps, leaves):
    nodes = grow(m, steps, leaves)
    names = {id(node): i for i, node in enumerate(nodes)}
    found, edges = m.trace(nodes[-1])
    return {
        "nodes": sorted(names.get(id(node), -1) for node in found),
        "edges": sorted((names.get(id(c), -1), names.get(id(p), -1)) for c, p in edges),
    }


@trace.check("effort", cases=doublings)
def _(m, steps, leaves):
    return effort(m, m.trace, steps, leaves)


trace.misconception(
    """The sets are right, but shared nodes are walked once per *path*, and the number of paths
    doubles with every floor. Skip a node that is in the set already.""",
    name="no_seen",
    source="""
def trace(root):
    nodes, edges = set(), set()

    def visit(node):
        nodes.add(node)
        for child in node._prev:
            edges.add((child, node))
            visit(child)

    visit(root)
    return nodes, edges
""",
)
trace.misconception(
    """Edges point from child to parent, in the direction of the computation. Yours point back.""",
    replace="edges.add((child, node))",
    by="edges.add((node, child))",
    name="turned",
)
trace.misconception(
    """root is missing among the nodes: begin with it, not with its children.""",
    name="no_root",
    source="""
def trace(root):
    nodes, edges = set(), set()

    def visit(node):
        for child in node._prev:
            edges.add((child, node))
            if child not in nodes:
                nodes.add(child)
                visit(child)

    visit(root)
    return nodes, edges
""",
)
trace.misconception(
    """The walk stops at root's own children. They have children, too.""",
    replace="stack.append(child)",
    by="nodes.add(child)",
    name="one_level",
)
trace.misconception(
    """The edge is only noted when the child is *new*. A child that is used twice has two parents,
    and so two edges: note the edge first, then ask whether the child is new.""",
    name="edge_if_new",
    source="""
def trace(root):
    nodes, edges, stack = {root}, set(), [root]
    while stack:
        node = stack.pop()
        for child in node._prev:
            if child not in nodes:
                edges.add((child, node))
                nodes.add(child)
                stack.append(child)
    return nodes, edges
""",
)
trace.misconception(
    """A list keeps the same edge twice when a node is used twice, as in a * a. The edges are to be
    a set.""",
    edits=[
        ("nodes, edges = set(), set()", "nodes, edges = set(), []"),
        ("edges.add(", "edges.append("),
    ],
    name="edge_list",
)
trace.misconception(
    """Swapped: the nodes come first, then the edges.""",
    replace="return nodes, edges",
    by="return edges, nodes",
    name="swapped",
)
trace.variant(
    "recursive, as lists without repeats",
    name="recursive",
    source="""
def trace(root):
    nodes, edges = [], []

    def build(v):
        if v in nodes:
            return
        nodes.append(v)
        for child in dict.fromkeys(v._prev):
            edges.append([child, v])
            build(child)

    build(root)
    return [nodes, edges]
""",
)
trace.variant(
    "level by level",
    name="levels",
    source="""
def trace(root):
    nodes, level = set(), {root}
    while level:
        nodes |= level
        level = {child for node in level for child in node._prev} - nodes
    return frozenset(nodes), {(child, node) for node in nodes for child in node._prev}
""",
)


# ---------------------------------------------------------------------------------------------

steps = exercise("steps_to_root", title="who stands in which column", points=2)
steps.hint("A node's number is one more than the largest number among its parents.")
steps.hint(
    """So a node can be numbered only when all its parents are: the order that backward uses, from
    root down."""
)
steps.hint(
    """Line up the nodes with every parent before its children (a reversed topological order).
    Start with steps[root] = 0; for each node in this line and each child: steps[child] =
    max(steps.get(child, 0), steps[node] + 1)."""
)
steps.cases(graphs)


@steps.scenario
def _(m, steps, leaves):
    nodes = grow(m, steps, leaves)
    names = {id(node): i for i, node in enumerate(nodes)}
    found = m.steps_to_root(nodes[-1])
    if not isinstance(found, dict):
        return instead(found, "a dict")
    return {names.get(id(node), -1): number for node, number in found.items()}


@steps.oracle
def _(steps, leaves):
    far = {leaves + len(steps) - 1: 0}
    for parent in range(leaves + len(steps) - 1, leaves - 1, -1):
        if parent in far:
            for child in steps[parent - leaves][1:]:
                far[child] = max(far.get(child, 0), far[parent] + 1)
    return far


@steps.check("effort", cases=doublings)
def _(m, steps, leaves):
    return effort(m, m.steps_to_root, steps, leaves)


steps.misconception(
    """Level by level, each node keeps the first number it gets: that is the *shortest* path. A
    node that is used early and late must make room for the longest.""",
    name="shortest",
    source="""
def steps_to_root(root):
    steps, queue = {root: 0}, [root]
    for node in queue:
        for child in node._prev:
            if child not in steps:
                steps[child] = steps[node] + 1
                queue.append(child)
    return steps
""",
)
steps.misconception(
    """The numbers are right, but every *path* is walked, and their number doubles with every
    floor. Number a node once, when all its parents have theirs.""",
    name="every_path",
    source="""
def steps_to_root(root):
    steps = {}

    def visit(node, number):
        steps[node] = max(steps.get(node, 0), number)
        for child in node._prev:
            visit(child, number + 1)

    visit(root, 0)
    return steps
""",
)
steps.misconception(
    """You counted from the leaves (how much was computed before this node). Asked for is how far
    it still is to root, so root has 0.""",
    name="from_leaves",
    source="""
def steps_to_root(root):
    height = {}

    def visit(node):
        if node not in height:
            height[node] = max((visit(child) + 1 for child in node._prev), default=0)
        return height[node]

    visit(root)
    return height
""",
)
steps.misconception(
    """The count starts at 1. root itself is 0 steps from root.""",
    replace="steps = {root: 0}",
    by="steps = {root: 1}",
    name="starts_at_one",
)
steps.misconception(
    """A later, shorter path overwrites the longer one. Keep the larger of the two numbers: max.""",
    replace="max(steps.get(child, 0), steps[node] + 1)",
    by="steps[node] + 1",
    name="overwrites",
)
steps.misconception(
    """Depth first, each node keeps the number of the first path that found it, be it short or
    long. Take the maximum over all parents.""",
    name="first_path",
    source="""
def steps_to_root(root):
    steps = {}

    def visit(node, number):
        if node not in steps:
            steps[node] = number
            for child in node._prev:
                visit(child, number + 1)

    visit(root, 0)
    return steps
""",
)
steps.variant(
    "along a topological order",
    name="topological",
    source="""
def steps_to_root(root):
    line, seen = [], set()

    def add(node):
        if node not in seen:
            seen.add(node)
            for child in node._prev:
                add(child)
            line.append(node)

    add(root)
    number = dict.fromkeys(line, 0)
    for node in reversed(line):
        for child in node._prev:
            number[child] = max(number[child], 1 + number[node])
    return number
""",
)
steps.variant(
    "asks the parents, and remembers",
    name="memo",
    source="""
def steps_to_root(root):
    nodes, edges = trace(root)
    parents = {node: [] for node in nodes}
    for child, parent in edges:
        parents[child].append(parent)
    known = {root: 0}

    def number(node):
        if node not in known:
            known[node] = 1 + max(number(parent) for parent in parents[node])
        return known[node]

    return {node: number(node) for node in nodes}
""",
)
