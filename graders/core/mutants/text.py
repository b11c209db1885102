"""Mutants of the reference's text: another constant, operator or boundary, a statement or keyword left out.

Each is one change of one place, called by what was changed, "i < n  ->  i <= n".
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from encodings.aliases import aliases
from typing import Any

from graders.authoring import Exercise
from graders.core.loaded import LoadedPart
from graders.ground.definitions import definition

OPERATORS: dict[type, list[type]] = {
    ast.Add: [ast.Sub],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.Div],
    ast.Div: [ast.Mult],
    ast.FloorDiv: [ast.Div],
    ast.Mod: [ast.FloorDiv],
    ast.Pow: [ast.Mult],
    ast.BitOr: [ast.BitAnd],
    ast.BitAnd: [ast.BitOr],
}
COMPARISONS: dict[type, list[type]] = {
    ast.Lt: [ast.LtE, ast.GtE],
    ast.LtE: [ast.Lt, ast.Gt],
    ast.Gt: [ast.GtE, ast.LtE],
    ast.GtE: [ast.Gt, ast.Lt],
    ast.Eq: [ast.NotEq],
    ast.NotEq: [ast.Eq],
    ast.In: [ast.NotIn],
    ast.NotIn: [ast.In],
    ast.Is: [ast.IsNot],
    ast.IsNot: [ast.Is],
}
NAMES = {
    "sum": "mean", "mean": "sum", "max": "min", "min": "max", "any": "all", "all": "any",
    "argmax": "argmin", "floor": "ceil", "ceil": "floor", "zeros": "ones", "ones": "zeros",
    "zeros_like": "ones_like", "ones_like": "zeros_like", "append": "extend", "triu": "tril", "tril": "triu",
    "clone": "detach", "amax": "amin", "rand": "randn", "randn": "rand",
}  # fmt: skip
DROPPED = ast.Expr, ast.AugAssign, ast.Raise, ast.If, ast.For, ast.While, ast.Assign, ast.Assert

SYMMETRIC = "transpose", "swapaxes", "swapdims", "max", "min", "maximum", "minimum", "gcd", "equal"
CAUTION = "strict", "weights_only", "encoding"  # of no consequence where nothing goes wrong


@dataclass(frozen=True)
class TextMutant:
    """One change. ``change`` names it, ``line`` shows the line as it reads with it."""

    target: str
    change: str
    line: str
    number: int
    source: str


def mutants(part: LoadedPart, exercise: Exercise) -> list[TextMutant]:
    """Every mutant of the text of an exercise's targets; of a class, of its methods."""
    found: list[TextMutant] = []
    for target in exercise.targets:
        node = definition(part.bare_tree, target)
        if node is None:
            continue
        known = {ast.unparse(node)}
        for mutant in _of(target, node):
            if mutant.source not in known:
                known.add(mutant.source)
                found.append(mutant)
    return found


def _of(target: str, whole: ast.stmt) -> Iterator[TextMutant]:
    paths = list(_paths(whole, ()))
    for path, statement in paths:
        for new in _changed(_at(whole, path), path, whole):
            tree = copy.deepcopy(whole)
            old = _at(tree, path)
            _set(tree, path, new)
            try:
                source = ast.unparse(ast.fix_missing_locations(tree))
                before = _short(old)
                after = "(left out)" if isinstance(new, ast.Pass) else _short(new)
                line = _line(_at(tree, statement))
            except Exception:
                continue
            number = getattr(_at(whole, statement), "lineno", 0)
            yield TextMutant(target, f"{before}  ->  {after}", line, number, source)


def _short(node: Any) -> str:
    return _line(node)[:100]


def _line(node: Any) -> str:
    if isinstance(node, list):
        return " ".join(_line(n) for n in node)
    text = ast.unparse(node)
    return " ".join(text.split("\n", 1)[0].split()) + (" ..." if "\n" in text else "")


# -- where something can be changed ------------------------------------------------------------------

Path = tuple[tuple[str, int | None], ...]


def _paths(node: Any, path: Path, statement: Path = ()) -> Iterator[tuple[Path, Path]]:
    """(path, path of the statement around it) of every node but texts, annotations and what is raised."""
    if isinstance(node, ast.Raise):  # how a message reads is nobody's mistake
        return
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "ctx", "type_comment", "op", "ops"):
            continue
        items = enumerate(value) if isinstance(value, list) else [(None, value)]
        for i, item in items:
            cautious = isinstance(item, ast.keyword) and item.arg in CAUTION
            if not isinstance(item, ast.AST) or _is_text(item) or cautious:
                continue
            here = (*path, (name, i))
            around = here if isinstance(item, ast.stmt) else statement
            yield here, around
            yield from _paths(item, here, around)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, (ast.JoinedStr,)) or (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _at(node: Any, path: Path) -> Any:
    for name, i in path:
        node = getattr(node, name)
        if i is not None:
            node = node[i]
    return node


def _set(node: Any, path: Path, new: Any) -> None:
    parent = _at(node, path[:-1])
    name, i = path[-1]
    if i is None:
        setattr(parent, name, new)
    else:
        getattr(parent, name)[i] = new


# -- what it is changed to ---------------------------------------------------------------------------


def _changed(node: ast.AST, path: Path, whole: ast.stmt) -> Iterator[ast.AST]:
    if isinstance(node, DROPPED) and _may_go(node, whole):
        yield ast.Pass()
    if isinstance(node, ast.Constant):
        yield from _constants(node, path, whole)
    elif isinstance(node, ast.BinOp):
        same = ast.unparse(node.right) in ("1", "-1")  # x * -1 is x / -1, to the bit
        for kind in OPERATORS.get(type(node.op), ()):
            if not (same and isinstance(node.op, (ast.Mult, ast.Div))):
                yield ast.BinOp(node.left, kind(), node.right)
        if isinstance(node.op, (ast.Add, ast.Sub, ast.Mult, ast.Div)):
            yield node.left
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        for kind in COMPARISONS.get(type(node.ops[0]), ()):
            yield ast.Compare(node.left, [kind()], node.comparators)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        yield from node.values
    elif isinstance(node, ast.IfExp):
        yield node.body
        yield node.orelse
    elif isinstance(node, (ast.If, ast.While)):
        if not isinstance(node.test, (ast.Compare, ast.UnaryOp)):
            new = copy.copy(node)
            new.test = ast.UnaryOp(ast.Not(), node.test)
            yield new
        if isinstance(node, ast.If):
            new_if = copy.copy(node)
            new_if.test = ast.Constant(True)
            yield new_if
    elif isinstance(node, ast.comprehension):
        for i in range(len(node.ifs)):
            made = copy.copy(node)
            made.ifs = node.ifs[:i] + node.ifs[i + 1 :]
            yield made
    elif isinstance(node, ast.AugAssign):
        yield ast.Assign([node.target], node.value, lineno=node.lineno)
    elif isinstance(node, ast.Slice):
        yield from _slices(node)
    elif isinstance(node, ast.Call):
        yield from _calls(node)


def _may_go(node: ast.AST, whole: ast.stmt) -> bool:
    """An assignment only where its name has a value without it, or is no plain name."""
    if not isinstance(node, ast.Assign):
        return True
    names = [n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)
             and isinstance(n.ctx, ast.Store)]  # fmt: skip
    if not names:
        return True
    stored = [n.id for n in ast.walk(whole) if isinstance(n, ast.Name)
              and isinstance(n.ctx, ast.Store)] + [a.arg for a in ast.walk(whole)
              if isinstance(a, ast.arg)]  # fmt: skip
    return all(stored.count(n) > 1 for n in names)


def _constants(node: ast.Constant, path: Path, whole: ast.stmt) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
        yield ast.Constant(value - 1) if value > 0 else ast.UnaryOp(ast.USub(), ast.Constant(1))
    elif isinstance(value, float):
        yield ast.Constant(value * 2 if value else 1.0)
        if 0 < value < 1e-3:
            yield ast.Constant(0.0)
    elif isinstance(value, str) and value and not _is_codec(value):
        yield ast.Constant(value + "?")


def _is_codec(name: str) -> bool:
    """Whether a text names an encoding, as "utf-8?" does as well: Python looks at letters and digits only.

    One of Python's own: an installed package may take any name for one (future_typing does).
    """
    plain = re.sub(r"\W+", "_", name.lower())
    return plain in aliases or plain in aliases.values()


def _slices(node: ast.Slice) -> Iterator[ast.AST]:
    one = ast.Constant(1)
    for lower, upper in ((1, 0), (0, 1)):
        edge = node.lower if lower else node.upper
        if edge is None:
            continue
        if not isinstance(edge, ast.Constant):
            moved = ast.BinOp(edge, ast.Add(), one)
            yield ast.Slice(
                moved if lower else node.lower, moved if upper else node.upper, node.step
            )
        if ast.unparse(edge) != "0" or upper:  # 0:: is ::
            yield ast.Slice(None if lower else node.lower, None if upper else node.upper, node.step)


def _calls(node: ast.Call) -> Iterator[ast.AST]:
    for i in range(len(node.keywords)):
        if node.keywords[i].arg in CAUTION:
            continue
        yield ast.Call(node.func, node.args, node.keywords[:i] + node.keywords[i + 1 :])
    plain = [a for a in node.args if not isinstance(a, ast.Starred)]
    of = getattr(node.func, "id", getattr(node.func, "attr", ""))
    if len(plain) == len(node.args) and len(plain) > 1 and of not in SYMMETRIC:
        for i in range(len(plain) - 1):
            swapped = [*plain]
            swapped[i], swapped[i + 1] = swapped[i + 1], swapped[i]
            yield ast.Call(node.func, swapped, node.keywords)
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    if name == "range":
        last = min(1, len(node.args) - 1)
        for operator in (ast.Add(), ast.Sub()):
            if isinstance(node.args[last], ast.Constant):
                break
            edge = ast.BinOp(node.args[last], operator, ast.Constant(1))
            yield ast.Call(node.func, node.args[:last] + [edge] + node.args[last + 1 :], [])
    if name in NAMES:
        func = copy.copy(node.func)
        setattr(func, "id" if isinstance(func, ast.Name) else "attr", NAMES[name])
        yield ast.Call(func, node.args, node.keywords)
    if isinstance(node.func, ast.Attribute):
        if (len(node.args) == 0 and not node.keywords) or name in ("contiguous", "detach", "clone"):
            yield node.func.value  # without the method: x.clone() -> x
    elif (
        name in ("sorted", "list", "tuple", "float", "int", "abs", "set", "reversed") and node.args
    ):
        yield node.args[0]
