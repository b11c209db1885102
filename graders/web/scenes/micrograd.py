"""Drives lesson 01: builds an expression out of the learner's Values, and watches backward() go through it.

The expression comes as a tree of lists (graders/web/expression.py makes it); nothing of what was typed is
executed. What this returns is read by graders/web/graph.py, which believes none of it.
"""

from __future__ import annotations

import types
from typing import Any

from graders.authoring import exercise

MOST = 200  # nodes of a graph

micrograd = exercise("micrograd")


@micrograd.check("graph")
def graph(m: types.ModuleType, tree: list[Any], values: dict[str, float]) -> Any:
    """The nodes, children before parents, and the gradients after each step of backward()."""
    leaves = {name: m.Value(value) for name, value in values.items()}
    names = {id(leaf): name for name, leaf in leaves.items()}
    root = _built(m, tree, leaves)
    if not isinstance(root, m.Value):
        return {"nonsense": f"the result is a {type(root).__name__}, no Value"}
    nodes = _nodes(root)
    if nodes is None:
        return {"nonsense": f"the graph has more than {MOST} nodes, or runs in a circle"}
    at = {id(node): number for number, node in enumerate(nodes)}
    told = [
        {
            "name": names.get(id(node), ""),
            "op": str(node._op)[:24],
            "data": float(node.data),
            "children": [at[id(child)] for child in node._prev],
        }
        for node in nodes
    ]
    steps: list[list[Any]] = []
    for number, node in enumerate(nodes):
        if node._prev:  # a leaf hands nothing on
            node._backward = _watched(node._backward, number, nodes, steps)
    root.backward()
    return {"nodes": told, "steps": steps[: 2 * MOST], "grads": _grads(nodes)}


def _watched(handing_on: Any, number: int, nodes: list[Any], steps: list[list[Any]]) -> Any:
    """The same _backward, which notes what all gradients are after it."""

    def backward() -> None:
        before = _grads(nodes)
        handing_on()
        steps.append([number, before, _grads(nodes)])

    return backward


def _grads(nodes: list[Any]) -> list[float]:
    return [float(node.grad) for node in nodes]


def _built(m: types.ModuleType, tree: list[Any], leaves: dict[str, Any]) -> Any:
    kind, *rest = tree
    if kind == "name":
        return leaves[rest[0]]
    if kind == "number":
        return m.Value(rest[0])
    if kind == "**":
        return _built(m, rest[0], leaves) ** rest[1]
    made = [_built(m, part, leaves) for part in rest]
    if kind == "neg":
        return -made[0]
    if kind in ("tanh", "exp", "relu"):
        return getattr(made[0], kind)()
    left, right = made
    if kind == "+":
        return left + right
    if kind == "-":
        return left - right
    return left * right if kind == "*" else left / right


def _nodes(root: Any) -> list[Any] | None:
    """Every node once, children before parents; None if there are too many, or they run in a circle."""
    order: list[Any] = []
    state: dict[int, int] = {}  # 1: its children are being looked at, 2: it is in line
    stack = [(root, False)]
    while stack:
        node, children_are_in = stack.pop()
        if children_are_in:
            state[id(node)] = 2
            order.append(node)
        elif state.get(id(node)) == 1 or len(state) > MOST:
            return None
        elif id(node) not in state:
            state[id(node)] = 1
            stack.append((node, True))
            stack.extend(
                (child, False) for child in list(node._prev)[:MOST] if state.get(id(child)) != 2
            )
    return order
