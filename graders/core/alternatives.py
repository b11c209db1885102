"""Other ways to do an exercise, as modules: the reference with a misconception or a variant in it.

Only builds them; ``part_judge`` runs them.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any

from graders.authoring import Alternative, Exercise
from graders.core.faults import GraderBug
from graders.core.loaded import LoadedPart
from graders.core.standins import lent
from graders.ground import runner
from graders.ground.definitions import definition


def reference_of(part: LoadedPart) -> Any:
    """The reference solution as a module; executed once."""
    if "reference" not in part.modules:
        path = str(part.reference_path)
        part.modules["reference"] = runner.load(
            part.reference, path, "reference", code=part.reference_code
        )
    return part.modules["reference"]


def noting(part: LoadedPart) -> tuple[Any, list[str]]:
    """The reference as a module that notes which exercises' code runs in it, and its notes."""
    if "noting" not in part.modules:
        notes = Notes()
        every = {name: lent(part, name) for name in part.cards}
        module = runner.load(part.reference, str(part.reference_path), "noting", every, notes)
        part.modules["noting"] = module, notes
    module, notes = part.modules["noting"]
    return module, notes


class Notes(list[str]):
    """Names, each once, however often it is noted."""

    def append(self, name: str) -> None:
        if name not in self:
            super().append(name)


def module_of(part: LoadedPart, exercise: Exercise, alternative: Alternative) -> Any:
    """The reference with one exercise done otherwise. Raises GraderBug if it does not apply.

    Kept with the part: every seed uses the same module, compiled once.
    """
    key = (exercise.name, alternative)
    if key not in part.modules:
        part.modules[key] = _make_module(part, exercise, alternative)
    return part.modules[key]


def _make_module(part: LoadedPart, exercise: Exercise, alternative: Alternative) -> Any:
    if alternative.function is not None:
        if len(exercise.targets) != 1 or "." in exercise.targets[0]:
            raise GraderBug(
                f"{exercise.name}: a function can only stand in for one plain function; "
                f"give {alternative.name} as edits or source"
            )
        module = runner.load(
            part.reference, str(part.reference_path), "other", code=part.reference_code
        )
        counted = any(check.steps for check in exercise.checks.values())
        path = str(part.reference_path) if counted else ""
        setattr(module, exercise.targets[0], as_of(alternative.function, path))
        return module
    standins = {exercise.name: _source(part, exercise, alternative)}
    return runner.load(part.reference, str(part.reference_path), "other", standins)


def as_of(function: Callable[..., Any], path: str) -> Callable[..., Any]:
    """A function whose steps count as those of the file ``path``; itself if none is given."""

    def moved(code: CodeType) -> CodeType:
        inner = tuple(moved(c) if isinstance(c, CodeType) else c for c in code.co_consts)
        return code.replace(co_filename=path, co_consts=inner)

    if not (path and isinstance(function, FunctionType)):
        return function
    made = FunctionType(
        moved(function.__code__),
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    made.__kwdefaults__ = function.__kwdefaults__
    return made


def _source(part: LoadedPart, exercise: Exercise, alternative: Alternative) -> dict[str, str]:
    if alternative.source is not None:
        result = {}
        text = textwrap.dedent(alternative.source).strip("\n")
        for node in ast.parse(text).body:
            name = getattr(node, "name", None)
            if name is None and isinstance(node, ast.Assign):
                name = getattr(node.targets[0], "id", None)
            fitting = [t for t in exercise.targets if t.rpartition(".")[2] == name]
            target = fitting[0] if fitting else (name or "")
            if not fitting and "." in exercise.targets[0]:
                raise GraderBug(f"{exercise.name}/{alternative.name}: {name} is no target")
            result[target] = ast.unparse(node)
        return result
    texts = {t: _segment(part.bare_source, definition(part.bare_tree, t)) for t in exercise.targets}
    for old, new in alternative.edits:
        places = [t for t, text in texts.items() if old in text]
        if len(places) != 1 or texts[places[0]].count(old) != 1:
            count = sum(text.count(old) for text in texts.values())
            raise GraderBug(
                f"{exercise.name}/{alternative.name}: {old!r} stands {count} times in the "
                "target, not once"
            )
        texts[places[0]] = texts[places[0]].replace(old, new)
    return {t: textwrap.dedent(text) for t, text in texts.items()}


def _segment(source: str, node: ast.stmt | None) -> str:
    assert node is not None
    lines = source.splitlines(keepends=True)
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    return "".join(lines[first - 1 : node.end_lineno])
