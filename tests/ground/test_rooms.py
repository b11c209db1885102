"""The ground floor's own order: small files, no circle, nothing from the floors above."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import graders.ground

FOLDER = Path(graders.ground.__file__).parent
FILES = sorted(FOLDER.glob("*.py"))


def imported(path: Path) -> set[str]:
    """The modules of graders that a file imports, inside functions too; not for types only."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    left: list[ast.AST] = [tree]
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


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
    for module in imported(path):
        assert not module.startswith(("graders.core", "graders.front"))


def test_no_import_runs_in_a_circle() -> None:
    names = {f"graders.ground.{path.stem}": path for path in FILES}
    needs = {name: imported(path) & names.keys() for name, path in names.items()}
    while free := [name for name, others in needs.items() if not others & needs.keys()]:
        for name in free:
            del needs[name]
    assert needs == {}
