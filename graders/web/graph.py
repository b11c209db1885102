"""Tab 3: an expression, its graph out of the learner's Values, and backward() step by step."""

from __future__ import annotations

import math
from typing import Any

from graders.errors import UserError
from graders.ground import wire
from graders.ground.outcomes import must
from graders.ground.shown import shown_text
from graders.web.expression import nudged, number, parse, value_of
from graders.web.jobs import Run
from graders.web.mine import Sources

DEFAULTS = (
    2.0,
    -3.0,
    7.0,
    0.5,
    1.5,
    -1.0,
)  # of names that have no value yet; no tanh is saturated by them


def asked(text: str, given: dict[str, Any]) -> tuple[list[Any], dict[str, float]]:
    """(tree, {name: value}) of what was typed. Raises UserError."""
    tree, names = parse(text)
    values = {}
    for i, name in enumerate(names):
        value = given.get(name)
        values[name] = DEFAULTS[i % len(DEFAULTS)] if value is None else number(value)
    try:
        value_of(tree, values)
    except (ArithmeticError, ValueError) as error:
        raise UserError(
            f"With these values the expression has no value: {error.args[-1]}."
        ) from None
    return tree, values


def run(sources: Sources, tree: list[Any], values: dict[str, float], tell: Any) -> Run:
    """The run that builds the graph; ``tell`` gets one message, with all that the page draws."""
    code = sources.engine()

    def take(_: str, value: bytes) -> str:
        answer = wire.decode(value)
        if "nonsense" in answer:
            return f"{code.name} makes no sense here: {shown_text(answer['nonsense'], 200)}."
        message = read(answer)
        message["whose"] = code.says
        message["nudged"] = nudged(tree, values)
        tell({"kind": "graph", "values": values, **message})
        return ""

    return Run(code, "micrograd", [("graph", "graph", {"tree": tree, "values": values})], take)


def read(answer: Any) -> dict[str, Any]:
    """The graph in an answer, held to the form that it must have, with each step explained."""
    nodes = [
        {
            "name": shown_text(node["name"], 12),
            "op": shown_text(node["op"], 12),
            "data": _float(node["data"]),
            "children": [_below(child, i) for child in node["children"][:4]],
        }
        for i, node in enumerate(answer["nodes"][:200])
    ]
    steps = []
    for which, before, after in answer["steps"][:400]:
        must(type(which) is int and 0 <= which < len(nodes))
        old, new = _floats(before, len(nodes)), _floats(after, len(nodes))
        steps.append({"node": which, "grads": new, "lines": explained(nodes, which, old, new)})
    grads = _floats(answer["grads"], len(nodes))
    start = [None] * len(nodes) if not steps else _floats(answer["steps"][0][1], len(nodes))
    return {"nodes": nodes, "steps": steps, "start": start, "grads": grads}


def _float(value: Any) -> float | str:
    """A number for JSON, which knows no infinity: those go as words."""
    must(type(value) is float)
    return value if math.isfinite(value) else str(value)


def _floats(values: Any, length: int) -> list[float | str]:
    must(type(values) is list and len(values) == length)
    return [_float(value) for value in values]


def _below(child: Any, parent: int) -> int:
    must(type(child) is int and 0 <= child < parent)
    return int(child)


# -- what a step does, in words -----------------------------------------------------------------------------


def explained(
    nodes: list[dict[str, Any]], which: int, before: list[float | str], after: list[float | str]
) -> list[str]:
    """For each child, what the rule of the operation adds, and what was added."""
    node = nodes[which]
    told = []
    children = list(dict.fromkeys(node["children"]))
    for child in children:
        rule = local(nodes, which, child)
        name = called(nodes, child)
        text = f"{name}.grad += {rule + ' * ' if rule else ''}{called(nodes, which)}.grad"
        old, new = before[child], after[child]
        if not isinstance(old, str) and not isinstance(new, str):
            text += f"    {short(old)} → {short(new)}"
        told.append(text)
    return told


def local(nodes: list[dict[str, Any]], which: int, child: int) -> str:
    """The local derivative of a node by one of its children, as one would write it; "" where it is 1."""
    node = nodes[which]
    op, children = node["op"], node["children"]
    me, name = called(nodes, which), called(nodes, child)
    twice = children.count(child) > 1 or (op in ("+", "*") and len(children) == 1)
    if op == "+":
        return "2" if twice else ""
    if op == "*":
        if twice:
            return f"2 * {name}.data"
        return f"{called(nodes, next(c for c in children if c != child))}.data"
    if op.startswith("**"):
        return f"{op[2:]} * {name}.data**({op[2:]} - 1)"
    if op == "tanh":
        return f"(1 - {me}.data**2)"
    if op == "exp":
        return f"{me}.data"
    if op.lower() == "relu":
        return f"({name}.data > 0)"
    return "(its own slope)"


def called(nodes: list[dict[str, Any]], which: int) -> str:
    """What a node is called: its name; "out" at the end; a constant by its value; else by its number."""
    node = nodes[which]
    if node["name"]:
        return str(node["name"])
    if which == len(nodes) - 1:
        return "out"
    if not node["children"]:
        return f"({short(node['data'])})"
    return f"n{which}"


def short(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.4g}"


def refuse(given: Any) -> dict[str, Any]:
    """The values that came with an expression, if they are a small dict. Raises UserError."""
    if not isinstance(given, dict) or len(given) > 80:
        raise UserError("the values are not what this page sends.")
    return given
