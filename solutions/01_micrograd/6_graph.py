# %% [markdown]
# # 6. Seeing the graph
#
# A computation is a picture, and your engine has stored it: follow `_prev` from the result
# and you meet every node. This part turns that into a drawing. All you write is the geometry; the
# drawing itself is given, in SVG, the picture format that is made of text and that every
# browser can show.
#
#     [ a |  2 | ∂  6 ] ---\
#                           (*)-- [ e | -6 | ∂ -2 ] --- ...
#     [ b | -3 | ∂ -4 ] ---/

# %%
import argparse
import html
import itertools
import math
import sys

from data import picture


# %%
class Value:
    """A number, its gradient, and the nodes it was computed from."""

    def __init__(self, data, _children=(), _op="", label=""):
        self.data = data
        self.grad = 0.0
        self._backward = lambda: None
        self._prev = tuple(_children)
        self._op = _op
        self.label = label

    def _node(self, data, op, *edges):
        """The result of an operation; edges are pairs (child, d result / d child)."""
        out = Value(data, [child for child, _ in edges], op)

        def _backward():
            for child, slope in edges:
                child.grad += slope * out.grad

        out._backward = _backward
        return out

    def backward(self):
        """Fills in all gradients: those of inner nodes anew, those of leaves by adding."""
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            node, children_are_in = stack.pop()
            if children_are_in:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack.extend((child, False) for child in node._prev)
        for node in order:
            if node._prev:
                node.grad = 0.0
        self.grad = 1.0
        for node in reversed(order):
            node._backward()

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return self._node(self.data + other.data, "+", (self, 1.0), (other, 1.0))

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return self._node(self.data * other.data, "*", (self, other.data), (other, self.data))

    def tanh(self):
        t = math.tanh(self.data)
        return self._node(t, "tanh", (self, 1 - t * t))


# %% [markdown]
# ## Nodes and edges
#
# A graph is a set of nodes and a set of edges. An edge here is a pair (child, parent), in the
# direction of the computation. What will go wrong: without a note of who was there, shared nodes
# are visited once per path. The sets stay right, and the time explodes.


# %%
def trace(root):
    """The nodes and edges of the graph that ends in root.

    Args:
        root: a Value. A node's children are in its `_prev`, which names a child twice when
            it was used twice (a * a).

    Returns:
        (nodes, edges): nodes is a set of Values, root included; edges is a set of pairs
        (child, parent), one for each child of each node. Each node is visited once, however
        many paths lead to it.

    Example:
        >>> a = Value(3.0)
        >>> b = a * a
        >>> trace(b) == ({a, b}, {(a, b)})
        True
    """
    ### BEGIN SOLUTION
    nodes, edges = set(), set()
    stack = [root]
    while stack:
        node = stack.pop()
        if node in nodes:
            continue
        nodes.add(node)
        for child in node._prev:
            edges.add((child, node))
            stack.append(child)
    return nodes, edges
    ### END SOLUTION


# %% [markdown]
# ## Who stands in which column?
#
# Time should run from left to right, with the result at the right edge: *every* edge must
# point to the right. So a node stands as many columns left of the root as there are steps on the
# **longest** path between them. With the shortest path, a node that is used early and late
# would stand beside, or even right of, something computed from it:
#
#     a ------------ + --- root         shortest: a is 1 step away, as is tanh(a): the edge
#      \--- tanh ---/                   between them has no room.  longest: a is 2 away.
#
# A node's number is one more than the largest among its parents (the nodes computed from it), so it
# is known only once *all* of them have theirs. That is the order of part 3's backward pass: a
# topological order, walked from root. Part 3's function is not in this file: write one in a few
# lines, or count for each node the parents that still wait for their turn.


# %%
def steps_to_root(root):
    """For each node, the number of edges on the longest path from it to root.

    Args:
        root: a Value.

    Returns:
        dict from each Value of the graph that ends in root to an int; root has 0. For each
        edge (child, parent) the child's number is larger than its parent's. The time grows
        with the number of edges, not of paths (the graph of thirty doublings takes no time).

    Example:
        >>> a = Value(0.5)
        >>> root = a + a.tanh()
        >>> steps_to_root(root)[a]
        2
    """
    ### BEGIN SOLUTION
    nodes, edges = trace(root)
    waiting_for = dict.fromkeys(nodes, 0)  # parents that have not had their turn yet
    for child, _ in edges:
        waiting_for[child] += 1
    steps = {root: 0}
    ready = [root]
    while ready:
        node = ready.pop()
        for child in dict.fromkeys(node._prev):
            steps[child] = max(steps.get(child, 0), steps[node] + 1)
            waiting_for[child] -= 1
            if waiting_for[child] == 0:
                ready.append(child)
    return steps
    ### END SOLUTION


# %% [markdown]
# ## The drawing (given)
#
# Boxes show label, data and gradient; the color tells the gradient's sign (blue: raising this
# raises the result; orange: lowers it) and its strength. A long edge gets a free lane in every column
# it passes. A few sweeps pull every box and lane toward its neighbors' height, then push apart what
# overlaps.


# %%
WIDTH, HEIGHT, GAP_X, GAP_Y = 184, 32, 56, 14  # a box, and the room between boxes


def layout(root, nodes, edges, steps):
    """Where things stand: {node: (x, y of its middle)}, {edge: [(x, y) of its lanes]}."""
    columns = [[] for _ in range(steps[max(nodes, key=steps.get)] + 1)]
    lanes = {edge: [] for edge in edges}
    neighbors = {node: [] for node in nodes}
    seen, queue = {root}, [root]  # a fixed order to start from: breadth first
    for node in queue:
        columns[steps[node]].append(node)
        for child in dict.fromkeys(node._prev):
            edge = (child, node)
            lanes[edge] = [(*edge, k) for k in range(steps[child] - 1, steps[node], -1)]
            for k, lane in enumerate(lanes[edge], 1):
                columns[steps[child] - k].append(lane)
                neighbors[lane] = []
            chain = [child, *lanes[edge], node]
            for left, right in itertools.pairwise(chain):
                neighbors[left].append(right)
                neighbors[right].append(left)
            if child not in seen:
                seen.add(child)
                queue.append(child)
    size = {item: HEIGHT if item in nodes else 0 for item in neighbors}
    y = {item: i * HEIGHT for column in columns for i, item in enumerate(column)}
    for _ in range(60):
        for column in columns:
            wish = {i: sum(y[j] for j in neighbors[i]) / max(1, len(neighbors[i])) for i in column}
            column.sort(key=wish.__getitem__)
            floor = -math.inf
            for item in column:
                y[item] = max(wish[item], floor + size[item] / 2)
                floor = y[item] + size[item] / 2 + GAP_Y
            drift = sum(y[i] - wish[i] for i in column) / len(column)
            for item in column:
                y[item] -= drift
    top = min(y[i] - size[i] / 2 for i in y)
    pitch = WIDTH + GAP_X
    x = {item: (len(columns) - 1 - k) * pitch for k, col in enumerate(columns) for item in col}
    spot = {item: (x[item], y[item] - top) for item in y}
    return {n: spot[n] for n in nodes}, {e: [spot[i] for i in lanes[e]] for e in edges}


def draw(root, title):
    """The graph that ends in root, as the text of an SVG picture."""
    nodes, edges = trace(root)
    steps = steps_to_root(root)
    place, lanes = layout(root, nodes, edges, steps)
    largest = max(abs(node.grad) for node in nodes) or 1.0
    margin, radius, headline = 24, 15, 30

    width = max(max(x for x, _ in place.values()) + WIDTH, 8 * len(title)) + 2 * margin
    height = max(y for _, y in place.values()) + HEIGHT / 2 + 2 * margin + headline
    top = -margin - headline
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="{-margin} {top} {width:.0f} {height:.0f}" '
        'font-family="DejaVu Sans, Verdana, sans-serif" font-size="14">',
        f'<rect x="{-margin}" y="{top}" width="100%" height="100%" fill="white"/>',
        f'<text y="{-headline}" font-weight="bold" fill="#22303C">{html.escape(title)}</text>',
    ]

    def entry(node):  # where the operation's circle stands: left of the node's box
        x, y = place[node]
        return x - radius - 10, y

    for child, parent in sorted(edges, key=lambda edge: (place[edge[0]], place[edge[1]])):
        x, y = place[child]
        x += WIDTH
        route = f"M{x:.0f} {y:.1f}"
        last_x, last_y = entry(parent)
        for x2, y2 in [*lanes[child, parent], (last_x - radius, last_y)]:
            half = (x + x2) / 2
            route += f" C{half:.0f} {y:.1f} {half:.0f} {y2:.1f} {x2:.0f} {y2:.1f}"
            x, y = x2 + WIDTH, y2
            route += f" H{x:.0f}" if (x2, y2) != (last_x - radius, last_y) else ""
        parts.append(f'<path d="{route}" fill="none" stroke="#8A949E" stroke-width="1.3"/>')
    for node in sorted(nodes, key=place.__getitem__):
        x, y = place[node]
        color = "#0072B2" if node.grad > 0 else "#D55E00"
        strength = 0.5 * abs(node.grad) / largest
        parts.append(
            f'<rect x="{x}" y="{y - HEIGHT / 2:.1f}" width="{WIDTH}" height="{HEIGHT}" '
            f'rx="6" fill="{color}" fill-opacity="{strength:.3f}" stroke="#22303C" '
            'stroke-width="1.2"/>'
        )
        texts = (
            (25, html.escape(node.label), "bold"),
            (81, f"{node.data:.4g}", "normal"),
            (147, f"∂ {node.grad:.4g}", "normal"),
        )
        for offset, text, weight in texts:
            parts.append(
                f'<text x="{x + offset}" y="{y + 5:.1f}" text-anchor="middle" '
                f'font-weight="{weight}" fill="#22303C">{text}</text>'
            )
        for offset in (50, 112):
            parts.append(
                f'<line x1="{x + offset}" x2="{x + offset}" y1="{y - HEIGHT / 2:.1f}" '
                f'y2="{y + HEIGHT / 2:.1f}" stroke="#22303C" stroke-width="0.6"/>'
            )
        if node._op:
            cx, cy = entry(node)
            parts.append(
                f'<line x1="{cx:.0f}" x2="{x}" y1="{cy:.1f}" y2="{cy:.1f}" stroke="#8A949E"/>'
                f'<circle cx="{cx:.0f}" cy="{cy:.1f}" r="{radius}" fill="#E8ECEF" '
                'stroke="#22303C"/>'
                f'<text x="{cx:.0f}" y="{cy + 5:.1f}" text-anchor="middle" '
                f'font-size="{13 if len(node._op) < 4 else 10}">{html.escape(node._op)}</text>'
            )
    return "\n".join([*parts, "</svg>", ""])


# %% [markdown]
# ## Look at it
#
# `main` draws the neuron of part 2, and a tower in which every floor is used twice: by the tanh
# above it, and by the sum that jumps over that tanh. (Such a jump is a *residual connection*; GPT
# is full of them. On its way back to x all of the gradient takes the jump, and what comes through
# the tanh is added: it strengthens it where w is positive, and weakens it or turns its sign where w
# is negative.)


# %%
def neuron():
    """The neuron o = tanh(x1*w1 + x2*w2 + b), with labels and gradients."""

    def named(value, label):
        value.label = label
        return value

    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    b = Value(6.8813735870195432, label="b")
    both = named(named(x1 * w1, "x1w1") + named(x2 * w2, "x2w2"), "sum")
    o = named(named(both + b, "n").tanh(), "o")
    o.backward()
    return o


def tower(floors):
    """x + tanh(w*x), again and again: every floor has a direct way past its tanh."""
    x = Value(0.4, label="x")
    for i in range(floors):
        w = Value((-1) ** i * 1.5, label=f"w{i}")
        h = (x * w).tanh()
        h.label = f"h{i}"
        x = x + h
        x.label = f"x{i + 1}"
    x.backward()
    return x


def main():
    parser = argparse.ArgumentParser(description="Draws computation graphs.")
    parser.add_argument("--floors", type=int, default=3, help="of the tower")
    floors = parser.parse_args([] if "ipykernel" in sys.modules else None).floors
    if not 0 <= floors <= 300:
        parser.error("--floors: a number from 0 to 300")
    drawings = (
        ("neuron", neuron(), "o = tanh(x1·w1 + x2·w2 + b): label, data, ∂o/∂data"),
        ("tower", tower(floors), "x + tanh(w·x), again and again: label, data, ∂root/∂data"),
    )
    for name, root, title in drawings:
        nodes, edges = trace(root)
        path = picture(f"01_micrograd/{name}.svg")
        path.write_text(draw(root, title), encoding="utf-8")
        print(f"Look at {path} in a browser: {len(nodes)} nodes, {len(edges)} edges.")


if __name__ == "__main__":
    main()
