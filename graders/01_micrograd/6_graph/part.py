"""The graph as nodes and edges, and where to draw them: what the exercises share."""


def grow(m, steps, leaves):
    """All nodes of a graph: the leaves, then one per step, ("+", i, j), ("*", i, j), ("tanh",
    i)."""
    nodes = [m.Value(1.0 + i) for i in range(leaves)]
    for op, *at in steps:
        x = [nodes[i] for i in at]
        nodes.append(x[0].tanh() if op == "tanh" else x[0] + x[1] if op == "+" else x[0] * x[1])
    return nodes


class Enough(Exception):
    """Far more visits than are needed: those that are still to come may be without end."""


class Counted(tuple):
    """Children that note how often somebody goes through them."""

    visits = most = 0

    def __iter__(self):
        Counted.visits += 1
        if Counted.visits > Counted.most:
            raise Enough
        return super().__iter__()


def effort(m, function, steps, leaves):
    """Whether a function walks the graph once, or every path of it; its nodes, and what it gave."""
    nodes = grow(m, steps, leaves)
    for node in nodes:
        node._prev = Counted(node._prev)
    Counted.visits, Counted.most = 0, 30 * len(nodes)
    try:
        found, said = function(nodes[-1]), "each node a few times"
    except Enough:
        found, said = None, "many paths, the same nodes again and again"
    return said, nodes, found


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
