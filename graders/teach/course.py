"""An nbgrader course folder: where things are, as its own nbgrader_config.py says, and what was
released."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graders.core.registry import Registry
from graders.errors import UserError
from graders.teach.grading import Task, task_of

UNSEEN = ("Cc", "Zl", "Zp")  # of Unicode: control characters, line and paragraph separators
MAX_NAME = 200  # bytes; a result's file has it and a bit more


@dataclass
class Course:
    """A course folder.

    Attributes:
        root: the folder.
        config: what nbgrader_config.py sets (traitlets).
        coursedir: nbgrader's own view of it.
        left_out: names of folders that cannot be a student's, and why; once ``students`` was asked.
    """

    root: Path
    config: Any
    coursedir: Any
    left_out: dict[str, str] = field(default_factory=dict)

    def folder(self, step: str, student: str, assignment: str) -> Path:
        """Such as COURSE/submitted/STUDENT/ASSIGNMENT; step: "submitted", "autograded", "release"."""
        name = getattr(self.coursedir, f"{step}_directory")
        return Path(self.coursedir.format_path(name, student, assignment))

    def submitted(self, assignment: str) -> Path:
        """The folder below which all that students handed in lies."""
        above = self.folder("submitted", "*", assignment)
        return Path(*above.parts[: above.parts.index("*")])

    def students(self, assignment: str) -> list[str]:
        """Who has handed something in, sorted. Raises UserError if nobody has."""
        above = self.folder("submitted", "*", assignment)
        pattern = above.relative_to(self.root)
        at = pattern.parts.index("*")
        folder, rest = self.root.joinpath(*pattern.parts[:at]), pattern.parts[at + 1 :]
        excluded = [name.strip() for name in self.coursedir.student_id_exclude.split(",")]
        # whatever lies there was handed in: a link, or a file, is told of, and not passed over
        found = sorted(
            name
            for name in (os.listdir(folder) if folder.is_dir() else ())
            if os.path.lexists(folder.joinpath(name, *rest))
            and name not in excluded
            and not (name.startswith(".") and _is_nobodys(folder / name))
        )
        self.left_out = {name: why for name in found if (why := _unfit(name))}
        found = [name for name in found if name not in self.left_out]
        if not found and not self.left_out:
            raise UserError(
                f"nobody has handed in {assignment}: there is no {pattern} in {self.root}. "
                f"`nbgrader collect {assignment}` brings what students submitted."
            )
        return found

    def tasks(self, registry: Registry, assignment: str) -> dict[str, Task]:
        """What each notebook of an assignment asks for. Raises UserError."""
        folder = self.folder("release", ".", assignment)
        if not any(folder.glob("*.ipynb")):
            raise UserError(
                f"there is no released notebook in {folder}: `nbgrader generate_assignment {assignment}` "
                "makes it."
            )
        return tasks_of(registry, released_in(folder))


def _is_nobodys(hidden: Path) -> bool:
    """Whether a hidden thing is an editor's or the system's own, such as .DS_Store."""
    return hidden.name == ".ipynb_checkpoints" or (hidden.is_file() and not hidden.is_symlink())


def _unfit(student: str) -> str:
    """Why a folder's name cannot be a student's, as the end of a sentence; "" if it can.

    A name has to go through a gradebook, the name of a file, and nbgrader's own patterns: it finds folders
    by `*`, which passes over hidden ones, and looks into each with the folder's name as part of a pattern;
    and it reads the name off the path with a `.` that is no line break. A name that is not found loses
    its feedback; a line break, or a `*`, that of everybody behind it.
    """
    try:
        if len(student.encode("utf-8")) > MAX_NAME:
            return f"has more than {MAX_NAME} bytes"
    except UnicodeEncodeError:  # bytes of some other encoding
        return "is not UTF-8"
    if student.startswith("."):
        return "begins with a dot, so nbgrader does not find it"
    if any(unicodedata.category(sign) in UNSEEN for sign in student):
        return "holds a line break or another control character, at which nbgrader stops"
    if any(sign in student for sign in "*?["):
        return "holds *, ? or [, which nbgrader takes for a pattern"
    return ""


def released_in(folder: Path) -> dict[str, str]:
    """The released notebooks of a folder, {name: text}. Raises UserError."""
    try:
        return {p.stem: p.read_text(encoding="utf-8") for p in sorted(folder.glob("*.ipynb"))}
    except ValueError:
        raise UserError(f"a file in {folder} is not a notebook that nbgrader released.") from None


def tasks_of(registry: Registry, released: Mapping[str, str]) -> dict[str, Task]:
    """What each released notebook asks for. Raises UserError."""
    found = {}
    for name, text in released.items():
        try:
            found[name] = task_of(registry, json.loads(text))
        except (ValueError, KeyError, TypeError):
            raise UserError(f"{name}.ipynb is not a notebook that nbgrader released.") from None
        except UserError as error:
            raise UserError(f"{name}.ipynb: {error}") from None
    return found


def open_course(root: Path) -> Course:
    """The course in a folder. Raises UserError where it is none, or nbgrader is missing."""
    try:
        from nbgrader.coursedir import CourseDirectory
        from traitlets.config.loader import PyFileConfigLoader
    except ImportError as error:
        raise UserError(
            f"grading a class needs {error.name or 'nbgrader'}, which is not installed here: "
            "pip install -e '.[teach]'"
        ) from None
    root = root.resolve()
    if not (root / "nbgrader_config.py").is_file():
        raise UserError(f"{root} is no course folder: it has no nbgrader_config.py.")
    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    if "root" not in config.CourseDirectory:
        config.CourseDirectory.root = str(root)
    return Course(root, config, CourseDirectory(config=config))
