"""What can be known of an exercise without running its grader file: its card.

Name, title, points, targets and hints stand in the file as plain text, so lists and hints need no torch. The
order of a part's exercises is that of their targets in the solution.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from graders.core.kept import kept
from graders.errors import AuthoringError
from graders.ground.definitions import definition

LESSON = "lesson"  # lesson.py above them: what several parts of a lesson share
PART = "part"  # part.py: what the exercises of a part share; no exercise can have this name
BANK = re.compile(r"^@?\w+\.(?:misconception|variant)\(", re.MULTILINE)


@dataclass(frozen=True)
class Card:
    """What lists show of an exercise; see ``graders.authoring.Exercise`` for the meaning."""

    name: str
    title: str
    points: int
    stretch: bool
    targets: tuple[str, ...]
    hints: tuple[str, ...]


def files(folder: Path) -> dict[str, Path]:
    """{exercise: its grader file} of a part's folder, in alphabetical order."""
    found = sorted(folder.glob("*.py"))
    return {f.stem: f for f in found if f.stem != PART and not f.name.startswith("_")}


def cards(folder: Path, solution: Path) -> dict[str, Card]:
    """The cards of a part in the order of the solution. Raises AuthoringError, SyntaxError, OSError.

    Args:
        folder: the part's folder below graders/.
        solution: the part's file below solutions/.
    """
    there = files(folder)
    key = blake2b()
    for path in (Path(__file__), solution, *there.values()):
        status = path.stat()
        key.update(f"{path}\0{status.st_mtime_ns}\0{status.st_size}\0".encode())

    def make() -> list[tuple[object, ...]]:
        made = [read(path) for path in there.values()]
        tree = ast.parse(solution.read_text(encoding="utf-8"), str(solution))
        return [tuple(vars(card).values()) for card in sorted(made, key=lambda c: _place(tree, c))]

    found = kept(folder / "cards.py", key.digest(), make)
    return {fields[0]: Card(*fields) for fields in found}


def _place(tree: ast.Module, card: Card) -> tuple[int, str]:
    """Where the first of an exercise's targets stands; behind everything if it is not there."""
    nodes = [definition(tree, target) for target in card.targets]
    return min((node.lineno for node in nodes if node), default=10**9), card.name


def read(path: Path) -> Card:
    """The card in a grader file. Raises AuthoringError where it is not written out plainly."""
    text = path.read_text(encoding="utf-8")
    bank = BANK.search(text)
    head = text[: bank.start()] if bank else text  # hints come before the bank, which is the most
    variable, card = "", None
    hints: list[str] = []
    for node in _statements(ast.parse(head, str(path))):
        call = node.value
        if (
            isinstance(call, ast.Call)
            and _name(call) == "exercise"
            and isinstance(node, ast.Assign)
        ):
            if card is not None:
                raise AuthoringError(
                    f"{path.name} declares two exercises; each has a file of its own"
                )
            variable = ast.unparse(node.targets[0])
            card = _card(path, call)
        elif isinstance(call, ast.Call) and variable and _name(call) == f"{variable}.hint":
            hints.append(" ".join(_plain(path, call.args[0]).split()))
    if card is None:
        raise AuthoringError(f"{path.name} declares no exercise")
    if card.name != path.stem:
        raise AuthoringError(f"{path.name} declares the exercise {card.name!r}, not {path.stem!r}")
    return Card(card.name, card.title, card.points, card.stretch, card.targets, tuple(hints))


def _statements(tree: ast.Module) -> Iterator[ast.Assign | ast.Expr]:
    return (n for n in tree.body if isinstance(n, (ast.Assign, ast.Expr)))


def _name(call: ast.expr) -> str:
    return ast.unparse(call.func) if isinstance(call, ast.Call) else ""


def _card(path: Path, call: ast.Call) -> Card:
    words = dict(zip(("name", "target"), (_plain(path, a) for a in call.args), strict=False))
    words |= {k.arg or "": _plain(path, k.value) for k in call.keywords}
    target = words.get("target")
    targets = (target,) if isinstance(target, str) else tuple(target or (words["name"],))
    return Card(
        words["name"],
        words.get("title") or words["name"],
        words.get("points", 1),
        words.get("stretch", False),
        targets,
        (),
    )


def _plain(path: Path, node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        raise AuthoringError(
            f"{path.name}, line {node.lineno}: write this out as plain text"
        ) from None
