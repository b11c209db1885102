"""The result of grading one submission: a file of its own, written whole or not at all.

Results are what ``hero grade`` keeps its place by: one whose key is still that of the submission
(and of the workbook that graded it) is not made again. The gradebook is filled from them
afterwards, by one writer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graders.core.registry import Registry
from graders.front.files import write_atomically
from graders.teach.cells import NoNotebook, read_plainly
from graders.teach.verdicts import Verdict

if TYPE_CHECKING:
    from graders.core.judge import Judge
    from graders.teach.grading import Task
    from graders.teach.submissions import Files

VERSION = 1
MAX_RESULT = 256 * 2**20  # bytes


@dataclass
class NotebookResult:
    """One notebook: verdicts by grade_id, notes, and the notebook as autograded/ gets it."""

    verdicts: dict[str, Verdict]
    notes: list[str]
    notebook: dict[str, Any]


@dataclass
class Result:
    """One submission, graded.

    Attributes:
        student: the name of the student's folder.
        key: of the submission and the workbook.
        seconds: how long grading took.
        notebooks: by name.
        broke: whether the grader itself broke down on it; then it is for a person to grade.
    """

    student: str
    key: str
    seconds: float = 0.0
    notebooks: dict[str, NotebookResult] = field(default_factory=dict)
    broke: bool = False

    @property
    def points(self) -> float:
        return sum(v.points for n in self.notebooks.values() for v in n.verdicts.values())

    @property
    def most(self) -> float:
        return sum(v.most for n in self.notebooks.values() for v in n.verdicts.values())

    @property
    def notes(self) -> list[str]:
        return list(dict.fromkeys(note for n in self.notebooks.values() for note in n.notes))

    def verdicts(self) -> list[Verdict]:
        return [v for n in self.notebooks.values() for v in n.verdicts.values()]

    def save(self, path: Path) -> None:
        """Writes the result's file."""
        if path.is_symlink() or (path.exists() and not path.is_file()):
            path.unlink()  # somebody wants another file to be written, or nothing at all
        write_atomically(path, json.dumps(self.to_json(), ensure_ascii=False))

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "version": VERSION,
            "student": self.student,
            "key": self.key,
            "seconds": round(self.seconds, 3),
            "broke": self.broke,
            "notebooks": {
                name: {
                    "verdicts": {i: v.to_json() for i, v in n.verdicts.items()},
                    "notes": n.notes,
                    "notebook": n.notebook,
                }
                for name, n in self.notebooks.items()
            },
        }


def from_json(found: Any) -> Result | None:
    """The result that plain JSON holds; None if it holds none of this version."""
    try:
        if found["version"] != VERSION:
            return None
        notebooks = {
            name: NotebookResult(
                {i: Verdict(**v) for i, v in n["verdicts"].items()}, n["notes"], n["notebook"]
            )
            for name, n in found["notebooks"].items()
        }
        return Result(found["student"], found["key"], found["seconds"], notebooks, found["broke"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def load(path: Path) -> Result | None:
    """A result's file; None where there is none, or none of this version."""
    try:
        return from_json(json.loads(read_plainly(path, MAX_RESULT).decode("utf-8")))
    except (NoNotebook, ValueError, RecursionError):
        return None


def grade_submission(
    judge: Judge, tasks: Mapping[str, Task], files: Files, student: str, key: str
) -> Result:
    """Grades what one student handed in; whatever that is, there is a result."""
    import time

    from graders.teach.grading import grade_cells, ungraded
    from graders.teach.submissions import sort_out

    began = time.perf_counter()
    made = Result(student, key)
    for name, got in sort_out(files, tasks).items():
        graded = (
            ungraded(tasks[name], got.why)
            if got.why
            else grade_cells(judge, tasks[name], got.cells)
        )
        graded.notes = [*got.notes, *graded.notes]
        notebook = graded.notebook()
        notebook["metadata"]["hero"]["key"] = key
        made.notebooks[name] = NotebookResult(graded.verdicts, graded.notes, notebook)
    made.seconds = time.perf_counter() - began
    return made


def broken_down(tasks: Mapping[str, Task], student: str, key: str, why: str) -> Result:
    """The result where the grader itself broke down: nothing is said about the student's work."""
    from graders.teach.grading import ungraded

    made = Result(student, key, broke=True)
    for name, task in tasks.items():
        graded = ungraded(task, why)
        notebook = graded.notebook()
        notebook["metadata"]["hero"]["key"] = key
        made.notebooks[name] = NotebookResult(graded.verdicts, graded.notes, notebook)
    return made


def workbook_key(registry: Registry, tasks: Mapping[str, Task], extra: str) -> str:
    """A digest of all that a verdict rests on beside the submission."""
    key = blake2b(extra.encode(), digest_size=16)
    lessons = {task.ref.lesson for task in tasks.values()}
    graders = registry.root / "graders"
    paths = [p for p in graders.rglob("*.py") if not p.relative_to(graders).parts[0][:1].isdigit()]
    for lesson in lessons:
        for wing in ("graders", "solutions"):
            paths += (registry.root / wing / lesson).rglob("*.py")
    for path in sorted(paths):
        key.update(f"{path.relative_to(registry.root)}\0".encode())
        key.update(path.read_bytes())
    for name, task in sorted(tasks.items()):
        for asked in task.asked:
            key.update(f"{name}\0{asked.grade_id}\0{asked.source}\0{asked.meta}".encode())
    return key.hexdigest()
