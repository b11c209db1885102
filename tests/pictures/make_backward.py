"""Draws backward() as it walks a small graph: python tests/pictures/make_backward.py

The numbers are the engine's own: each step calls one node's _backward() and shows what changed.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from film import ROOT, Page, part, save

from data.style import GREY, INK, ORANGE, PALE, SKY, VERMILION

TITLE = "backward(): from the end, each node hands its gradient on"
SPOT = {
    "a": (110, 110),
    "b": (110, 205),
    "c": (110, 300),
    "d": (315, 205),
    "e": (505, 250),
    "L": (695, 160),
}
WIDE, TALL = 128, 56


def graph():
    """L = (a·b + c) · a: `a` is used twice, so two gradients meet in it."""
    Value = part("01_micrograd/3_backward").Value
    a, b, c = Value(2.0, label="a"), Value(-3.0, label="b"), Value(10.0, label="c")
    d = a * b
    e = d + c
    L = e * a
    d.label, e.label, L.label = "d = a·b", "e = d + c", "L = e·a"
    return {"a": a, "b": b, "c": c, "d": d, "e": e, "L": L}


EDGES = [("e", "L"), ("a", "L"), ("d", "e"), ("c", "e"), ("a", "d"), ("b", "d")]


def ends(child, node):
    """Where the edge leaves the child's box, and where it meets the node's."""
    (x, y), (to, at) = SPOT[child], SPOT[node]
    return (x + WIDE / 2, y), (to - WIDE / 2, at + (14 if y > at else -14 if y < at else 0))


def number(x):
    return f"{x:g}".replace("-", "−")


def times(grad, other):
    """2·3, or 2·(−3)."""
    x = number(other.data)
    return f"{number(grad)}·{x if other.data >= 0 else f'({x})'}"


def draw(nodes, grads, says, active=None, done=(), moving=None):
    """One frame. moving: (node, how far along its edges, {child: what it carries})."""
    page = Page(400, TITLE)
    for child, node in EDGES:
        hot = moving is not None and node == moving[0]
        start, end = ends(child, node)
        page.arrow(start, end, color=VERMILION if hot else GREY, linewidth=2.4 if hot else 1.4)
    for name, (x, y) in SPOT.items():
        value = nodes[name]
        fill = ORANGE if name == active else SKY if name in done else "white"
        page.box(x - WIDE / 2, y - TALL / 2, WIDE, TALL, fill, linewidth=2 if name == active else 1)
        page.text(x, y - 13, f"{value.label} = {number(value.data)}", 12.5)
        known = grads.get(name)
        page.text(
            x,
            y + 13,
            "grad = ?" if known is None else f"grad = {number(known)}",
            12.5,
            weight="normal" if known is None else "bold",
            color=GREY if known is None else INK,
        )
    if moving:
        node, way, carried = moving
        for child, what in carried.items():
            (x, y), (to, at) = ends(child, node)
            px, py = to + way * (x - to), at + way * (y - at)
            page.box(px - 22, py - 13, 44, 26, VERMILION, edgecolor="white", linewidth=1.5)
            page.text(px, py, number(what), 12.5, color="white", weight="bold")
    page.box(24, 345, 752, 40, PALE, linewidth=0)
    page.text(400, 365, says, 13.5)
    return page


def film():
    module, nodes = part("01_micrograd/3_backward"), graph()
    names = {id(value): name for name, value in nodes.items()}
    order = [names[id(v)] for v in reversed(module.topological_order(nodes["L"])) if v._prev]
    parents = {"L": "ea", "e": "dc", "d": "ab"}
    grads, done = {}, []
    frames = [
        (
            draw(
                nodes,
                grads,
                "Forward is done: every node knows its value, and what it was made from.",
            ),
            2200,
        )
    ]
    nodes["L"].grad = 1.0
    grads["L"] = 1.0
    frames.append((draw(nodes, grads, "Start at the end: ∂L/∂L = 1.", "L"), 1800))
    for name in order:
        node = nodes[name]
        before = {child: nodes[child].grad for child in parents[name]}
        node._backward()
        carried = {child: nodes[child].grad - before[child] for child in parents[name]}
        g, (left, right) = number(node.grad), parents[name]
        if "+" in node.label:
            says = f"{name}: a sum hands its {g} on to both, as it is."
        else:
            shares = f"{left} gets {times(node.grad, nodes[right])},"
            shares += f"  {right} gets {times(node.grad, nodes[left])}."
            says = f"{name}: a product hands each its {g} times the other:  {shares}"
        for way in (0.12, 0.37, 0.62, 0.88):
            frames.append(
                (
                    draw(nodes, grads, says, name, done, (name, way, carried)),
                    900 if way == 0.12 else 260,
                )
            )
        twice = [child for child in parents[name] if child in grads]
        for child in parents[name]:
            grads[child] = nodes[child].grad
        done.append(name)
        if twice:
            child = twice[0]
            says = (
                f"{child} was used twice, so its gradients add up: "
                f"{number(before[child])} + ({number(carried[child])}) = {number(grads[child])}."
            )
            frames.append((draw(nodes, grads, says, child, done), 3000))
        else:
            frames.append((draw(nodes, grads, says, None, done), 1400))
    says = "Done, in one walk. In a two gradients met, 4 − 6 = −2: raise a, and L falls."
    assert grads["a"] == -2
    frames.append((draw(nodes, grads, says, None, list(nodes)), 4000))
    return frames


if __name__ == "__main__":
    save(film(), ROOT / "solutions/01_micrograd/pictures/backward.gif")
