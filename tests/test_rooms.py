"""The house's own order: small files, no circle, and a floor imports only floors below it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MACHINERY = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path
    for path in sorted((ROOT / "graders").rglob("*.py"))
    if not any(piece[:1].isdigit() for piece in path.relative_to(ROOT).parts)
}
ABOVE = {
    "ground": ("graders.core", "graders.front", "graders.web"),
    "core": ("graders.front", "graders.web"),
    "web": ("graders.front",),
}
LESSONS = [
    *((path, 350) for path in sorted((ROOT / "graders").glob("[0-9]*/*/*.py"))),
    *((path, 460) for path in sorted((ROOT / "solutions").glob("[0-9]*/*.py"))),
]


def imported(path: Path) -> set[str]:
    """The modules of graders that a file imports, inside functions too; not for types only."""
    found: set[str] = set()
    left: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while left:
        node = left.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("graders"):
            found |= {f"{node.module}.{name.name}" for name in node.names} | {str(node.module)}
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names if name.name.startswith("graders")}
        left += ast.iter_child_nodes(node)
    return found


def length(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("name", MACHINERY)
def test_a_file_of_the_machinery(name: str) -> None:
    assert length(MACHINERY[name]) <= 400
    above = ABOVE.get(name.split(".")[1], ())
    assert not [module for module in imported(MACHINERY[name]) if module.startswith(above or "-")]


@pytest.mark.parametrize("room, door", [("book", "book"), ("web", "playing")])
def test_only_the_command_line_knows_a_room_that_is_an_extra(room: str, door: str) -> None:
    """Sphinx and Tornado are extras: the rest does without the rooms that need them."""
    users = [
        name
        for name, path in MACHINERY.items()
        if not name.startswith(f"graders.{room}")
        and any(module.startswith(f"graders.{room}") for module in imported(path))
    ]
    assert users == [f"graders.front.{door}"]


def test_no_import_runs_in_a_circle() -> None:
    needs = {name: imported(path) & MACHINERY.keys() for name, path in MACHINERY.items()}
    while free := [name for name, others in needs.items() if not others & needs.keys()]:
        for name in free:
            del needs[name]
    assert needs == {}


def test_an_exercise_and_a_part_are_one_idea_each() -> None:
    assert [str(path) for path, most in LESSONS if length(path) > most] == []
