"""Which models a page offers: the workbook's own, one that was named, and those that lie in the checkout."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from graders.errors import UserError
from graders.ground.shown import shown_text

OWN = Path("data") / "char_gpt.safetensors"
DEPTH, MOST = 2, 40
ENTRIES = 5_000  # that are looked at in one place: it may be somebody's home
PASSED_BY = {"node_modules", "site-packages", "solutions", "graders", "__pycache__"}


@dataclass(frozen=True)
class Checkpoint:
    """A file with weights.

    Attributes:
        name: what the page calls it.
    """

    name: str
    path: Path


def checkpoints(root: Path, named: Path | None) -> list[Checkpoint]:
    """What can be chosen, the first by default: the named one, the workbook's own, the newest others."""
    found: dict[Path, Checkpoint] = {}
    if named is not None:
        found[named.resolve()] = Checkpoint(shown_text(named, 120), named.resolve())
    own = (root / OWN).resolve()
    if own.is_file():
        found.setdefault(own, Checkpoint("the workbook's Shakespeare", own))
    others: dict[Path, float] = {}
    for place in {root.resolve(), Path.cwd().resolve()}:
        for path in _below(place):
            others[path.resolve()] = path.stat().st_mtime
    for path in sorted(others, key=lambda p: -others[p]):
        found.setdefault(path, Checkpoint(shown_text(_near(path, root), 120), path))
    return list(found.values())[:MOST]


def _near(path: Path, root: Path) -> str:
    try:
        return str(path.relative_to(root.resolve()))
    except ValueError:
        return str(path)


def _below(place: Path) -> list[Path]:
    """The files of weights in a folder and, DEPTH deep, in those below it; the nearest first."""
    found: list[Path] = []
    left, looked = [(str(place), DEPTH)], 0
    for folder, depth in left:
        try:
            entries = sorted(os.scandir(folder), key=lambda e: e.name)
        except OSError:
            continue
        for entry in entries[: ENTRIES - looked]:
            hidden = entry.name.startswith(".") or entry.name in PASSED_BY
            if depth and not hidden and entry.is_dir(follow_symlinks=False):
                left.append((entry.path, depth - 1))
            elif entry.name.endswith(".safetensors") and entry.is_file():
                found.append(Path(entry.path))
        looked = min(ENTRIES, looked + len(entries))
    return found


def chosen(offered: list[Checkpoint], path: object) -> Checkpoint:
    """The one that a page asks for, by the name that it was offered under. Raises UserError."""
    for checkpoint in offered:
        if checkpoint.name == path:
            return checkpoint
    raise UserError("that model is no longer there: reload the page to see which are.")
