"""01.trace: nodes and edges."""

from graders.authoring import exercise

from .part import doublings, effort, graphs, grow

trace = exercise("trace", title="nodes and edges")

trace.cases(graphs)


@trace.scenario
def _(m, steps, leaves):
    nodes = grow(m, steps, leaves)
    first = m.trace(nodes[-1])
    m.trace(nodes[0])  # another graph, in sets of its own
    found, again = by_number(nodes, first), by_number(nodes, m.trace(nodes[-1]))
    return {**found, "a second call gives the same": again == found}


def by_number(nodes, found):
    names = {id(node): i for i, node in enumerate(nodes)}
    found, edges = found
    return {
        "nodes": sorted(names.get(id(node), -1) for node in found),
        "edges": sorted((names.get(id(c), -1), names.get(id(p), -1)) for c, p in edges),
    }


@trace.check("effort", cases=doublings)
def _(m, steps, leaves):
    said, nodes, found = effort(m, m.trace, steps, leaves)
    return {"the walk": said, **(by_number(nodes, found) if found is not None else {})}


trace.hint("Start with root. A node that is new goes into the set, and its children are next.")
trace.hint("An edge is a tuple (child, parent): one for each child in node._prev.")
trace.hint(
    """A stack [root]; pop a node; if it is in nodes, continue; add it; for each child:
    edges.add((child, node)) and push the child."""
)

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
            edges.append((child, v))
            build(child)

    build(root)
    return set(nodes), set(edges)
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
