"""What the reference lends to a learner's file, and whether the learner has begun at all."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection
from typing import Any

from graders.core.faults import GraderBug
from graders.core.loaded import LoadedPart
from graders.ground.definitions import definition

DOCUMENTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def targets_of(part: LoadedPart) -> dict[str, tuple[str, ...]]:
    """What each exercise of a part asks for: {exercise: targets}."""
    return {name: card.targets for name, card in part.cards.items()}


def lent(part: LoadedPart, name: str) -> dict[str, str]:
    """{target: the reference's definition} of an exercise, to stand in for the learner's."""
    return {target: _definition(part, target) for target in targets_of(part)[name]}


def _definition(part: LoadedPart, target: str) -> str:
    node = definition(part.bare_tree, target)
    if node is None:
        raise GraderBug(f"{part.ref.file}: the reference has no {target}")
    return ast.unparse(node)


def at_lines(
    tree: ast.Module, targets: dict[str, tuple[str, ...]], lines: Collection[int]
) -> list[str]:
    """The exercises of a file in whose code these lines stand."""
    found = []
    for name, asked in targets.items():
        nodes = [definition(tree, target) for target in asked]
        spans = [(n.lineno, n.end_lineno or n.lineno) for n in nodes if n is not None]
        if any(first <= line <= last for line in lines for first, last in spans):
            found.append(name)
    return found


def is_todo(tree: ast.Module, stub: Callable[[], ast.Module], targets: tuple[str, ...]) -> bool:
    """Whether the code for some targets is the stub's, untouched; the stub is made if there is a TODO."""
    mine = [definition(tree, t) for t in targets]
    if not any(_has_todo(m) for m in mine):
        return False
    begun = stub()
    return all(same_code(m, definition(begun, t)) for m, t in zip(mine, targets, strict=True))


def _has_todo(node: ast.stmt | None) -> bool:
    if node is None:
        return False
    for inner in ast.walk(node):
        if isinstance(inner, ast.Raise) and inner.exc is not None:
            call = inner.exc
            name = call.func if isinstance(call, ast.Call) else call
            if isinstance(name, ast.Name) and name.id == "NotImplementedError":
                return True
    return False


def same_code(a: ast.AST | None, b: ast.AST | None) -> bool:
    """Whether two definitions are the same but for layout, comments and docstrings.

    Compares trees, not texts, and does not recurse: a learner's code may be nested too deeply, or
    hold numbers too long, to be written out again.
    """
    if a is None or b is None:
        return False
    pairs: list[tuple[Any, Any]] = [(a, b)]
    while pairs:
        x, y = pairs.pop()
        if type(x) is not type(y):
            return False
        if isinstance(x, ast.AST):
            pairs += [(_field(x, f), _field(y, f)) for f in x._fields]
        elif isinstance(x, list):
            if len(x) != len(y):
                return False
            pairs += zip(x, y, strict=True)
        elif x != y:
            return False
    return True


def _field(node: ast.AST, name: str) -> Any:
    value = getattr(node, name, None)
    if isinstance(node, ast.Raise) and isinstance(value, ast.Call):
        # a notebook's stub does not say which exercise it is
        return value.func if getattr(value.func, "id", "") == "NotImplementedError" else value
    if name != "body" or not isinstance(value, list) or not isinstance(node, DOCUMENTED):
        return value
    return value[1:] if ast.get_docstring(node, clean=False) is not None else value
