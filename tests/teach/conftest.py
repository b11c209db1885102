"""A course with one released notebook, made once for all tests of a file; a class that hands things in."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.teach.classroom import cell_of, load, run, solved, text

NAME, PART = "06_2_tree", "2_tree"


class Class:
    """A course with the assignment 06_2_tree released, and whatever was handed in."""

    def __init__(self, folder: Path, made: Path) -> None:
        self.home, self.course = folder / "home", folder / "course"
        shutil.copytree(made, self.course)

    @property
    def source(self) -> Path:
        return self.course / "source" / NAME / f"{PART}.ipynb"

    @property
    def released(self) -> Path:
        return self.course / "release" / NAME / f"{PART}.ipynb"

    def folder(self, student: str) -> Path:
        return self.course / "submitted" / student / NAME

    def notebook(self, names: Collection[str] | None = None) -> dict[str, Any]:
        """The released notebook, solved (all of it, or these grade_ids)."""
        return solved(self.released, self.source, names)

    def hand_in(self, student: str, content: Any, name: str = f"{PART}.ipynb") -> Path:
        """Puts a file (text, or a notebook) into a student's folder."""
        path = self.folder(student) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    def grade(self, *options: str, code: int = 0) -> str:
        """Runs `hero grade` in this process (its workers are processes of their own); what it said."""
        from graders.front.cli import app

        done = CliRunner().invoke(app, ["grade", str(self.course), NAME, *options])
        assert done.exit_code == code, done.output
        return " ".join(done.output.split())

    def result(self, student: str) -> dict[str, Any]:
        return load(self.course / ".hero" / "results" / NAME / f"{student}.json")

    def points(self, student: str) -> float:
        """What the gradebook says."""
        return sum(self.scores(student).values())

    def scores(self, student: str) -> dict[str, float]:
        """{grade_id: score} in the gradebook."""
        return {grade.name: grade.score for grade in self._submission(student).grades}

    def comments(self, student: str) -> str:
        return " ".join(c.comment or "" for c in self._submission(student).comments)

    def _submission(self, student: str) -> Any:
        from nbgrader.api import Gradebook

        self.gradebook = Gradebook(f"sqlite:///{self.course}/gradebook.db")
        return self.gradebook.find_submission_notebook(PART, NAME, student)

    def notes(self, student: str) -> str:
        return " ".join(self.result(student)["notebooks"][PART]["notes"])

    def lines(self, student: str, grade_id: str) -> str:
        verdict = self.result(student)["notebooks"][PART]["verdicts"][grade_id]
        return "\n".join(verdict["lines"])

    def autograded(self, student: str) -> dict[str, Any]:
        return load(self.course / "autograded" / student / NAME / f"{PART}.ipynb")


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What every class begins with; to copy."""
    pytest.importorskip("nbgrader")
    folder = tmp_path_factory.mktemp("made")
    made, home = folder / "course", folder / "home"
    run(["hero", "assignment", "06/2", "--course", str(made)], folder, home)
    run(["nbgrader", "generate_assignment", NAME], made, home)
    return made


@pytest.fixture(scope="module")
def classroom(tmp_path_factory: pytest.TempPathFactory, course: Path) -> Iterator[Class]:
    folder = tmp_path_factory.mktemp("class")
    yield Class(folder, course)
    shutil.rmtree(folder, ignore_errors=True)


Edit = Callable[[dict[str, Any]], Any]
__all__ = ["NAME", "PART", "Class", "Edit", "cell_of", "text"]
