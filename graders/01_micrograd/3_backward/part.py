"""The backward pass: an order, one call, any depth: what the exercises share."""

import sys

import torch

from graders.instead import instead


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

# as deep as is promised; that leaves three of the 1,000 calls that Python allows for each operation (a
# comprehension that calls on is a call of its own in Python 3.11)
LONG = dict(leaves=[0.5], program=[("tanh", i) for i in range(300)])


def graphs(rng):
    yield LEAF
    yield SQUARE
    yield DIAMOND
    yield DETOUR
    yield DETOUR_FIRST
    yield EQUAL_NUMBERS
    yield DOUBLINGS
    yield LONG
    for steps in (6, 12, 20):
        yield random_graph(rng, 3, steps)


def positions(order_of, nodes):
    """The order itself, as the numbers of its nodes: who judges it has the edges, from the program."""
    names = {id(node): i for i, node in enumerate(nodes)}
    first = order_of(nodes[-1])
    found = [names.get(id(node), -1) for node in first]
    order_of(nodes[0])  # of another graph, in a list of its own
    if isinstance(first, list):
        if [names.get(id(node), -1) for node in first] != found:
            return {"the first list by now": len(first)}
        first.clear()  # it is the caller's
    again = [names.get(id(node), -1) for node in order_of(nodes[-1])]
    return found if sorted(again) == sorted(found) else {"once more": again}


def out_of_order(case, got):
    """A judge of `positions`: what is off, by the edges that the program has; None if nothing is."""
    made = {len(case["leaves"]) + i: at for i, (_, *at) in enumerate(case["program"])}
    if isinstance(got, dict) and "the first list by now" in got:
        return (
            "the list of one call was changed by the next, for another node: make a new list in each call, "
            "neither a default argument nor a global one that is emptied and filled again"
        )
    if isinstance(got, dict):
        return (
            "asked for the same root once more, it gives other nodes: nothing may stay from one call to the "
            "next, neither in a default argument nor at the nodes nor in the list that was given"
        )
    if not isinstance(got, list):
        return "no list of nodes came back"
    seen = set()
    for name in got:
        if not seen.issuperset(made.get(name, ())):
            return "a node stands before one that it was computed from"
        seen.add(name)
    todo, wanted = [len(case["leaves"]) + len(case["program"]) - 1], set()
    while todo:
        name = todo.pop()
        if name not in wanted:
            wanted.add(name)
            todo += made.get(name, ())
    return None if seen == wanted else "it does not hold just the nodes that the root comes from"


def line_up(order_of, nodes):
    """What matters about an order of the graph that ends in the last of the nodes."""
    before, put = sys.getrecursionlimit(), sys.setrecursionlimit
    put(1000)  # whatever an earlier call may have left behind
    limits = []
    sys.setrecursionlimit = lambda limit: (limits.append(limit), put(limit))[1]
    try:
        order = order_of(nodes[-1])
        limits.append(sys.getrecursionlimit())  # who raised it may have put it back
    finally:
        sys.setrecursionlimit = put
        put(before)
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
        "recursion limit": max(limits),
    }


def sums(rng):
    """One leaf after the other is added to a growing sum, from the right and from the left."""
    for n in (30, 60):
        leaves = rng.numbers(n)
        sums = [0, *range(n, 2 * n - 1)]
        yield dict(leaves=leaves, program=[("+", s, i) for i, s in enumerate(sums[:-1], 1)])
        yield dict(leaves=leaves, program=[("+", i, s) for i, s in enumerate(sums[:-1], 1)])


def looked_up(case, got):
    """In order, and found without going through all that is there already."""
    if wrong := out_of_order(case, got["order"]):
        return wrong
    nodes = len(case["leaves"]) + len(case["program"])
    if got["comparisons"] > 5 * nodes:
        return (
            f"{got['comparisons']:,} times one node was compared with another, for {nodes} nodes: each is "
            "looked for among all others. A set finds it at once"
        )
    return None


def compared(m, order_of, leaves, program):
    """`node in a_list` compares with one node after the other, where steps do not show it."""
    nodes, asked = grow([m.Value(x) for x in leaves], program), [0]
    mine = "__eq__" in vars(m.Value)

    def same(self, other):
        asked[0] += 1
        return self is other

    if not mine:
        m.Value.__eq__, m.Value.__hash__ = same, object.__hash__
    try:
        found = positions(order_of, nodes)
    finally:
        if not mine:
            del m.Value.__eq__, m.Value.__hash__
    return {"order": found, "comparisons": asked[0]}
