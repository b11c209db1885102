"""01.deep_chains: no recursion."""

import sys
import threading

from graders.authoring import exercise

from .part import compared, graphs, grow, line_up, looked_up, out_of_order, positions, sums

deep = exercise("deep_chains", target="topological_order_deep", title="no recursion", stretch=True)

deep.cases(graphs)


@deep.scenario
def _(m, leaves, program):
    return line_up(m.topological_order_deep, grow([m.Value(x) for x in leaves], program))


@deep.check("the order itself", judge=out_of_order)
def _(m, leaves, program):
    return positions(m.topological_order_deep, grow([m.Value(x) for x in leaves], program))


def chains(rng):
    yield dict(length=5000, skips=False)
    yield dict(length=1200 + rng.integer(0, 300), skips=True)


class Depth:
    """``with calls: ...; calls.most``: how many calls were open at once, in all threads together.

    The recursion limit says less: it can be raised and put back, in many ways.
    """

    def __enter__(self):
        self.open = self.most = 0
        self.were = sys.getprofile(), threading.getprofile()
        threading.setprofile(self.see)
        sys.setprofile(self.see)
        return self

    def __exit__(self, *exc):
        sys.setprofile(self.were[0])
        threading.setprofile(self.were[1])

    def see(self, frame, event, arg):
        if event == "call":
            self.open += 1
            self.most = max(self.most, self.open)
        elif event == "return":
            self.open -= 1


def watched(nodes):
    """A list that is empty until a node's children are looked at from more than 100 calls within one another.

    Nobody is told of a thread that threading did not start.
    """
    here, found = sys._getframe(1), []

    def look():
        frame, depth = sys._getframe(), 0
        while not found and frame is not None and frame is not here:
            frame, depth = frame.f_back, depth + 1
            if depth > 100:
                found.append(depth)

    def looking(kind, name):
        def asked(self, *given):
            look()
            return getattr(kind, name)(self, *given)

        return asked

    kinds = {}
    for kind in (tuple, list, set, frozenset):
        names = [n for n in ("__iter__", "__getitem__", "__reversed__") if hasattr(kind, n)]
        kinds[kind] = type(kind.__name__, (kind,), {n: looking(kind, n) for n in names})
    for node in nodes:
        if type(node._prev) in kinds:
            node._prev = kinds[type(node._prev)](node._prev)
    return found


@deep.check("long chains", cases=chains)
def _(m, length, skips):
    nodes = [m.Value(0.5)]
    for i in range(length):
        nodes.append(nodes[-1] + nodes[-1 if i < 3 or not skips else -3])
    deep = watched(nodes)
    calls = Depth()

    def watched_order(root):
        with calls:
            return m.topological_order_deep(root)

    found = line_up(watched_order, nodes)
    if not isinstance(found, dict):
        return found
    nested = bool(deep) or calls.most > 100
    return found | {"nodes": len(found["nodes"]), "calls nested more than 100 deep": nested}


@deep.check("looking up", cases=sums, judge=looked_up)
def _(m, leaves, program):
    return compared(m, m.topological_order_deep, leaves, program)


deep.hint("Recursion keeps its to-do list on Python's call stack. Keep your own, in a list.")
deep.hint(
    """A node turns up twice: first to push its children, later, when they are done, to be
    added."""
)
deep.hint(
    """Push pairs (node, children_are_in). Pop (node, False): if it is new, push (node, True), then
    (child, False) for its children. Pop (node, True): append the node."""
)

deep.misconception(
    """`node in order` goes through the list, so the work grows with the square of the nodes: ten thousand of
    them take minutes. Keep those that are in it in a set besides.""",
    name="looked_up_in_the_list",
    edits=[
        ("    seen = set()\n", ""),
        ("elif node not in seen:", "elif node not in order:"),
        ("            seen.add(node)\n", ""),
    ],
)
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
