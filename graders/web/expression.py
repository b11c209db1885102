"""What may be typed as an expression, and nothing else: numbers, names, + - * / **, tanh, exp, relu.

The text is parsed, never evaluated: what goes on to the learner's code is a tree of lists.

    >>> parse("-a * tanh(b) + 2")
    (['+', ['*', ['neg', ['name', 'a']], ['tanh', ['name', 'b']]], ['number', 2.0]], ['a', 'b'])
"""

from __future__ import annotations

import ast
import math
from typing import Any

from graders.errors import UserError
from graders.ground.shown import shown_text

MAX_TEXT, MAX_NODES, MAX_NAME, LARGEST = 400, 80, 12, 1e6
FUNCTIONS = ("tanh", "exp", "relu")
OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
ALLOWED = "numbers, names, + - * / **, and tanh(...), exp(...), relu(...)"


def parse(text: str) -> tuple[list[Any], list[str]]:
    """(the tree, the names in it, in the order in which they stand). Raises UserError, with a sentence."""
    if not text.strip():
        raise UserError("Type an expression, such as a * b + c.")
    if len(text) > MAX_TEXT:
        raise UserError(
            f"An expression may have at most {MAX_TEXT} characters; this has {len(text):,}."
        )
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        raise UserError(f"This is no expression yet. It may have {ALLOWED}.") from None
    except (ValueError, RecursionError, MemoryError):
        raise UserError(
            "This expression cannot be read: it is nested too deeply, or odd."
        ) from None
    if sum(1 for node in ast.walk(tree) if isinstance(node, ast.expr)) > MAX_NODES:
        raise UserError(f"An expression may have at most {MAX_NODES} parts.")
    names: list[str] = []
    return _node(tree, names), names


def _node(node: ast.expr, names: list[str]) -> list[Any]:
    if isinstance(node, ast.Constant):
        return ["number", number(node.value)]
    if isinstance(node, ast.Name):
        if node.id in FUNCTIONS:
            raise UserError(f"`{node.id}` is a function: write {node.id}(a).")
        if len(node.id) > MAX_NAME or not node.id.isidentifier() or not node.id.isascii():
            raise UserError(f"A name is at most {MAX_NAME} letters of a to z.")
        if node.id not in names:
            names.append(node.id)
        return ["name", node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.UAdd):
        return _node(node.operand, names)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        if isinstance(node.operand, ast.Constant):
            return ["number", -number(node.operand.value)]
        return ["neg", _node(node.operand, names)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        return ["**", _node(node.left, names), _exponent(node.right)]
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        return [OPERATORS[type(node.op)], _node(node.left, names), _node(node.right, names)]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS:
        if len(node.args) != 1 or node.keywords or isinstance(node.args[0], ast.Starred):
            raise UserError(f"`{node.func.id}` takes one argument.")
        return [node.func.id, _node(node.args[0], names)]
    raise UserError(f"`{_what(node)}` may not stand here: an expression has {ALLOWED}.")


def _exponent(node: ast.expr) -> float | int:
    sign = 1
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        sign, node = -1, node.operand
    if not isinstance(node, ast.Constant):
        raise UserError(
            "An exponent is a plain number, such as a**2: micrograd's __pow__ takes no Value."
        )
    value = sign * number(node.value)
    if abs(value) > 100:
        raise UserError("An exponent lies between -100 and 100.")
    return int(value) if value == int(value) else value


def number(value: object) -> float:
    """A number that may stand in an expression, or be a name's value. Raises UserError."""
    if type(value) not in (int, float):
        raise UserError(f"{shown_text(repr(value), 40)} is no number.")
    assert isinstance(value, (int, float))
    if not -LARGEST <= value <= LARGEST or not math.isfinite(value):
        raise UserError("A number lies between minus a million and a million.")
    return float(value)


def _what(node: ast.expr) -> str:
    return shown_text(ast.unparse(node), 40)


# -- the same without micrograd ----------------------------------------------------------------------------


def value_of(tree: list[Any], values: dict[str, float]) -> float:
    """What the expression is, by plain arithmetic. Raises ArithmeticError, ValueError."""
    kind, *rest = tree
    if kind == "name":
        return values[rest[0]]
    if kind == "number":
        return float(rest[0])
    a = value_of(rest[0], values)
    if kind == "**":
        found = a ** rest[1]
        if isinstance(found, complex):
            raise ValueError("a negative number has no such power")
        return float(found)
    if kind == "neg":
        return -a
    if kind == "relu":
        return max(0.0, a)
    if kind in ("tanh", "exp"):
        return math.tanh(a) if kind == "tanh" else math.exp(a)
    b = value_of(rest[1], values)
    if kind == "+":
        return a + b
    if kind == "-":
        return a - b
    return a * b if kind == "*" else a / b


def nudged(tree: list[Any], values: dict[str, float], h: float = 1e-5) -> dict[str, float | None]:
    """The slope of the expression in each name, measured by nudging it; None where that cannot be."""
    found: dict[str, float | None] = {}
    for name, x in values.items():
        step = h * max(1.0, abs(x))
        try:
            up = value_of(tree, {**values, name: x + step})
            down = value_of(tree, {**values, name: x - step})
            slope = (up - down) / (2 * step)
            found[name] = slope if math.isfinite(slope) else None
        except (ArithmeticError, ValueError):
            found[name] = None
    return found
