"""An nbgrader course folder: where things are, as its own nbgrader_config.py says, and what was
released."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graders.core.registry import Registry
from graders.errors import UserError
from graders.teach.grading import Task, task_of

MAX_NAME = 200  # bytes; a result's file has it and a bit more


@dataclass
class Course:
    """A course folder.

    Attributes:
        root: the folder.
        config: what nbgrader_config.py sets (traitlets).
        coursedir: nbgrader's own view of it.
        left_out: folders of students whose names no gradebook can hold, once ``students`` was asked.
    """

    root: Path
    config: Any
    coursedir: Any
    left_out: list[str] = field(default_factory=list)

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
        found = sorted(
            p.relative_to(self.root).parts[at]
            for p in self.root.glob(str(pattern))
            if p.is_dir() and not p.is_symlink()
        )
        excluded = [name.strip() for name in self.coursedir.student_id_exclude.split(",")]
        found = [name for name in found if name not in excluded and not name.startswith(".")]
        self.left_out = [name for name in found if not _fit(name)]
        found = [name for name in found if _fit(name)]
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


def _fit(student: str) -> bool:
    """Whether a folder's name can be a student's in a gradebook and in the name of a file."""
    try:
        return len(student.encode("utf-8")) <= MAX_NAME
    except UnicodeEncodeError:  # bytes of some other encoding
        return False


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
