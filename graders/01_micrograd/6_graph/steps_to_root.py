"""01.steps_to_root: who stands in which column."""

from graders.authoring import exercise
from graders.instead import instead

from .part import doublings, effort, graphs, grow

steps = exercise("steps_to_root", title="who stands in which column", points=2)

steps.cases(graphs)


@steps.scenario
def _(m, steps, leaves):
    nodes = grow(m, steps, leaves)
    whole = by_number(nodes, m.steps_to_root(nodes[-1]))
    # of another root in the same graph: nothing may be left of the first
    return [whole, by_number(nodes, m.steps_to_root(nodes[-2])) if len(nodes) > 1 else {}]


def by_number(nodes, found):
    names = {id(node): i for i, node in enumerate(nodes)}
    if not isinstance(found, dict):
        return instead(found, "a dict")
    return {names.get(id(node), -1): number for node, number in found.items()}


@steps.oracle
def _(steps, leaves):
    last = leaves + len(steps) - 1
    return [numbers(steps, leaves, last), numbers(steps, leaves, last - 1) if last else {}]


def numbers(steps, leaves, root):
    far = {root: 0}
    for parent in range(root, leaves - 1, -1):
        if parent in far:
            for child in steps[parent - leaves][1:]:
                far[child] = max(far.get(child, 0), far[parent] + 1)
    return far


@steps.check("effort", cases=doublings)
def _(m, steps, leaves):
    said, nodes, found = effort(m, m.steps_to_root, steps, leaves)
    return {"the walk": said, "steps": by_number(nodes, found)}


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

steps.equivalent(
    "0  ->  1", "one more than the parent is 1 or more: a start of 1 or -1 gives the same maximum"
)
steps.equivalent(
    "0  ->  -1", "one more than the parent is 1 or more: a start of 1 or -1 gives the same maximum"
)
