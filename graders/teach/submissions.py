"""One student's folder: which of its files is which notebook, and a fingerprint of all of them.

Files are read as what they are, text of somebody else: links are not followed, sizes are bounded,
nothing is run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from graders.ground.shown import shown_text
from graders.teach.cells import (
    MAX_NOTEBOOK,
    Cell,
    NoNotebook,
    read_notebook,
    read_plainly,
    read_script,
)
from graders.teach.grading import Task
from graders.teach.mend import defined

MAX_FILES = 200  # notebooks and scripts of one submission that are looked at
TIMESTAMP = "timestamp.txt"


@dataclass
class HandedIn:
    """What was found for one notebook: its cells, or why there are none; and what to say about it."""

    cells: list[Cell] = field(default_factory=list)
    why: str = ""
    notes: list[str] = field(default_factory=list)


def found_in(folder: Path) -> list[Path]:
    """The notebooks and scripts of a submission, sorted by name."""
    try:
        names = sorted(p for p in folder.iterdir() if p.suffix in (".ipynb", ".py"))
    except OSError:
        return []
    return [p for p in names if not p.name.startswith(".")][:MAX_FILES]


def fingerprint(folder: Path) -> str:
    """A digest of all that is looked at in a submission; another one as soon as a byte differs."""
    key = blake2b(digest_size=16)
    for path in [*found_in(folder), folder / TIMESTAMP]:
        try:
            content = read_plainly(path, MAX_NOTEBOOK)
        except NoNotebook as error:
            content = str(error).encode()
        key.update(f"{path.name}\0{len(content)}\0".encode("utf-8", "replace"))
        key.update(content)
    return key.hexdigest()


def sort_out(folder: Path, tasks: Mapping[str, Task]) -> dict[str, HandedIn]:
    """What a submission holds for each notebook of an assignment, {name: HandedIn}."""
    made: dict[str, HandedIn] = {}
    free = {p.name: p for p in found_in(folder)}
    for name in tasks:
        path = free.pop(f"{name}.ipynb", None)
        if path is not None:
            made[name] = _read(path)
    for name, task in tasks.items():
        got = made.get(name)
        if got is not None and not got.why:
            if not _likeness(got.cells, task):
                got.notes.append(
                    f"{name}.ipynb is not this assignment's notebook: none of its cells is in it."
                )
            continue
        other = _other(free, name, task)
        if other is None:
            made[name] = got or HandedIn(why=f"{name}.ipynb was not handed in.")
            continue
        del free[other.name]
        found = _read(other)
        was = got.why if got else f"{name}.ipynb was not handed in."
        found.notes.append(f"{was} Graded is {_shown(other)}.")
        made[name] = found
    return made


def _read(path: Path) -> HandedIn:
    try:
        read = read_notebook if path.suffix == ".ipynb" else read_script
        return HandedIn(read(path))
    except NoNotebook as error:
        return HandedIn(why=f"{_shown(path)} {error}.")


def _other(free: Mapping[str, Path], name: str, task: Task) -> Path | None:
    """The file that holds a missing notebook under another name, or as a plain script."""
    best: tuple[int, bool, Path] | None = None
    for path in free.values():
        likeness = _likeness(_read(path).cells, task)
        # of two that are alike, the one that is called so, and a notebook rather than a script
        rank = (likeness, path.stem.startswith(name) or path.suffix == ".ipynb", path)
        if likeness and (best is None or rank[:2] > best[:2]):
            best = rank
    return best[2] if best else None


def _likeness(cells: list[Cell], task: Task) -> int:
    """How much of what a notebook asks for is in some cells."""
    ids = {c.grade_id for c in cells} & {a.grade_id for a in task.asked}
    names: set[str] = set()
    for cell in cells:
        names |= defined(cell.source) if cell.kind == "code" else set()
    wanted: set[str] = set()
    for asked in task.asked:
        wanted |= defined(asked.source) if asked.solution and asked.kind == "code" else set()
    return len(ids) + len(names & wanted)


def _shown(path: Path) -> str:
    return shown_text(path.name, 100)
