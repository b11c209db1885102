"""A small class for tests: students who solve some exercises of a released notebook."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def environment(home: Path) -> dict[str, str]:
    """For commands: this checkout, one thread, and nothing of the person who runs the tests."""
    home.mkdir(parents=True, exist_ok=True)
    own = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "NBGRADER"))}
    path = os.pathsep.join([str(Path(sys.executable).parent), own.get("PATH", "")])
    return own | {
        "PYTHONPATH": str(ROOT),
        "PATH": path,
        "HOME": str(home),
        "OMP_NUM_THREADS": "1",
        "JUPYTER_CONFIG_DIR": str(home / "jupyter"),
        "JUPYTER_DATA_DIR": str(home / "jupyter-data"),
    }


def run(command: list[str], folder: Path, home: Path, code: int | None = 0) -> str:
    """Runs a command in a folder; what it said."""
    if command[0] == "hero":
        command = [sys.executable, "-P", "-m", "graders.front.cli", *command[1:]]
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert code is None or done.returncode == code, done.stdout
    return done.stdout


def load(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def grade_id(cell: dict[str, Any]) -> str:
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))


def text(cell: dict[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def cell_of(notebook: dict[str, Any], name: str) -> dict[str, Any]:
    return next(c for c in notebook["cells"] if grade_id(c) == name)


def solved(released: Path, source: Path, names: Collection[str] | None = None) -> dict[str, Any]:
    """The released notebook, with the solution cells of these grade_ids filled in (all if None)."""
    notebook, right = load(released), load(source)
    for cell in notebook["cells"]:
        meta = cell["metadata"].get("nbgrader", {})
        if not meta.get("solution") or cell["cell_type"] != "code":
            continue
        if names is None or meta["grade_id"] in names:
            lines = text(cell_of(right, meta["grade_id"])).splitlines(keepends=True)
            cell["source"] = "".join(x for x in lines if "### " not in x)
    return notebook
