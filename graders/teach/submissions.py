"""One student's folder: what is in it, which of its files is which notebook, and a fingerprint of all.

Files are read as what they are, text of somebody else: links are not followed, sizes are bounded,
nothing is run. Once read, a submission is plain data, which whoever grades it is handed: another
process, or another machine.
"""

from __future__ import annotations

import os
import stat
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path, PurePath
from typing import Any

from graders.ground.shown import shown_text
from graders.teach.cells import (
    MAX_NOTEBOOK,
    Cell,
    NoNotebook,
    cells_of,
    cells_of_script,
    read_plainly,
)
from graders.teach.grading import Task
from graders.teach.mend import defined

MAX_FILES = 200  # notebooks and scripts of one submission that are looked at
MAX_SUBMISSION = 2 * MAX_NOTEBOOK  # bytes of all of them together
TIMESTAMP = "timestamp.txt"


Files = Mapping[str, bytes | NoNotebook]  # a submission: names to contents, or why there is none
WHOLE = ""  # in place of a name: why nothing of a submission is read


@dataclass
class HandedIn:
    """What was found for one notebook: its cells, or why there are none; and what to say about it."""

    cells: list[Cell] = field(default_factory=list)
    why: str = ""
    notes: list[str] = field(default_factory=list)


def found_in(folder: Path) -> list[Path]:
    """The notebooks and scripts of a submission, sorted by name."""
    try:
        names = sorted(p for p in folder.iterdir() if p.suffix.lower() in (".ipynb", ".py"))
    except OSError:
        return []
    return [p for p in names if not p.name.startswith(".")][:MAX_FILES]


def refused(folder: Path, above: Path | None = None) -> str:
    """Why nothing in a submission's folder is read, in a sentence; "" if it is a plain folder.

    Args:
        above: below it no folder on the way may be a link; the folder itself is looked at in any case.
    """
    name = _shown(folder.name)
    ways = [p for p in folder.parents if above is not None and above in p.parents]
    try:
        if any(p.is_symlink() for p in (folder, *ways)):
            return f"the folder {name} is a link, or lies in one: hand in the folder itself."
        if not stat.S_ISDIR(folder.lstat().st_mode):
            return f"{name} is a file, not a folder: hand in a folder of that name, with the notebook in it."
        with os.scandir(folder):
            return ""
    except OSError as error:
        return f"the folder {name} cannot be read: {error.strerror}."


def read_submission(folder: Path, above: Path | None = None) -> dict[str, bytes | NoNotebook]:
    """All that is looked at in a submission's folder.

    Args:
        above: below it no folder on the way may be a link; the folder itself unless given.
    """
    made: dict[str, bytes | NoNotebook] = {}
    left = MAX_SUBMISSION
    why = refused(folder, above)
    if why:
        return {WHOLE: NoNotebook(why)}
    for path in found_in(folder):
        try:
            content = read_plainly(path, MAX_NOTEBOOK, above)
            if len(content) > left:
                most = MAX_SUBMISSION // 2**20
                raise NoNotebook(f"cannot be read: all files together are larger than {most} MB")
            made[path.name] = content
            left -= len(content)
        except NoNotebook as error:
            made[path.name] = error
    return made


def to_json(files: Files) -> dict[str, Any]:
    """A submission as plain JSON: {name: {"bytes": base64} or {"why": a sentence's end}}."""
    return {
        name: {"why": str(content)}
        if isinstance(content, NoNotebook)
        else {"bytes": b64encode(content).decode("ascii")}
        for name, content in files.items()
    }


def from_json(found: Mapping[str, Any]) -> dict[str, bytes | NoNotebook]:
    """What ``to_json`` made a submission to."""
    return {
        name: NoNotebook(content["why"]) if "why" in content else b64decode(content["bytes"])
        for name, content in found.items()
    }


def fingerprint(folder: Path, above: Path | None = None) -> str:
    """A digest of all that is looked at in a submission; another one as soon as a byte differs."""
    key = blake2b(digest_size=16)
    files = read_submission(folder, above)
    try:
        files[TIMESTAMP] = read_plainly(folder / TIMESTAMP, MAX_NOTEBOOK, above)
    except NoNotebook as error:
        files[TIMESTAMP] = error
    for name, found in files.items():
        content = str(found).encode() if isinstance(found, NoNotebook) else found
        key.update(f"{name}\0{len(content)}\0".encode("utf-8", "replace"))
        key.update(content)
    return key.hexdigest()


def sort_out(files: Files, tasks: Mapping[str, Task]) -> dict[str, HandedIn]:
    """What a submission holds for each notebook of an assignment, {name: HandedIn}."""
    if WHOLE in files:
        return {name: HandedIn(why=str(files[WHOLE])) for name in tasks}
    made: dict[str, HandedIn] = {}
    free = dict(files)
    for name in tasks:
        if f"{name}.ipynb" in free:
            made[name] = _read(f"{name}.ipynb", free.pop(f"{name}.ipynb"))
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
            unread = [f" {_shown(o)} {c}." for o, c in free.items() if isinstance(c, NoNotebook)]
            said = "".join(unread[:1])
            made[name] = got or HandedIn(why=f"{name}.ipynb was not handed in.{said}")
            continue
        found = _read(other, free.pop(other))
        was = got.why if got else f"{name}.ipynb was not handed in."
        found.notes.append(f"{was} Graded is {_shown(other)}.")
        made[name] = found
    return made


def _read(name: str, content: bytes | NoNotebook) -> HandedIn:
    try:
        if isinstance(content, NoNotebook):
            raise content
        read = cells_of if _is_notebook(name) else cells_of_script
        return HandedIn(read(content))
    except NoNotebook as error:
        return HandedIn(why=f"{_shown(name)} {error}.")


def _is_notebook(name: str) -> bool:
    return PurePath(name).suffix.lower() == ".ipynb"


def _other(free: Files, name: str, task: Task) -> str | None:
    """The file that holds a missing notebook under another name, or as a plain script."""
    best: tuple[int, bool, str] | None = None
    for other, content in free.items():
        likeness = _likeness(_read(other, content).cells, task)
        # of two that are alike, the one that is called so, and a notebook rather than a script
        rank = (likeness, PurePath(other).stem.startswith(name) or _is_notebook(other), other)
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


def _shown(name: str) -> str:
    return shown_text(name, 100)
