"""The one writer of a class's gradebook: results go in through nbgrader's own API, notebooks into
autograded/.

What it does can be broken off anywhere and done again: a student's scores are set, not added up,
and the folder in autograded/ appears whole, after the scores. What a person has graded or commented
stays.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from graders.teach.cells import NoNotebook, read_plainly
from graders.teach.course import Course
from graders.teach.mend import comment_of
from graders.teach.results import Result
from graders.teach.submissions import TIMESTAMP

SECRET = "submission_secret.txt"  # nbgrader names a student's feedback by it
MAX_KEPT = 1_000  # bytes of either


class Writer:
    """Writes results of one assignment into the gradebook and autograded/; a context manager."""

    def __init__(self, course: Course, assignment: str) -> None:
        from nbgrader.api import Gradebook

        self.course, self.assignment = course, assignment
        self.above = course.submitted(
            assignment
        )  # who links to a folder gets nothing of what is in it
        with _quiet():
            self.gradebook = Gradebook(course.coursedir.db_url, course.coursedir.course_id)
            self.known = {s.student_id for s in self.gradebook.assignment_submissions(assignment)}

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.gradebook.close()

    def is_written(self, result: Result) -> bool:
        """Whether this very result is in the gradebook and in autograded/."""
        if result.student not in self.known:
            return False
        folder = self.course.folder("autograded", result.student, self.assignment)
        try:
            return bool(result.notebooks) and all(
                result.key in (folder / f"{name}.ipynb").read_text(encoding="utf-8")
                for name in result.notebooks
            )
        except (OSError, UnicodeDecodeError):
            return False

    def write(self, result: Result) -> None:
        """Puts one student's result into the gradebook, then the notebooks into autograded/."""
        with _quiet():
            self._scores(result)
        self._notebooks(result)
        self.known.add(result.student)

    # -- the gradebook -----------------------------------------------------------------------

    def _scores(self, result: Result) -> None:
        gradebook, assignment, student = self.gradebook, self.assignment, result.student
        gradebook.update_or_create_student(student)
        folder = self.course.folder("submitted", student, assignment)
        timestamp = _timestamp(_small_text(folder / TIMESTAMP, self.above))
        given = {"timestamp": timestamp} if timestamp else {}
        submission = gradebook.update_or_create_submission(assignment, student, **given)
        for name, found in result.notebooks.items():
            notebook = gradebook.find_submission_notebook(name, assignment, student)
            self._notebook_scores(notebook, found.notebook, result.broke)
            self._comments(notebook, found.notebook, found.notes)
            notebook.late_submission_penalty = None
        gradebook.db.commit()
        if submission.total_seconds_late > 0:
            self._late(result)

    def _notebook_scores(self, row: Any, notebook: dict[str, Any], broke: bool) -> None:
        """As nbgrader's SaveAutoGrades: the scores that its own utils read from the cells' outputs."""
        from nbformat import from_dict
        from nbgrader.utils import determine_grade, is_grade

        cells = {
            c["metadata"]["nbgrader"]["grade_id"]: from_dict(c)
            for c in notebook["cells"]
            if "nbgrader" in c["metadata"]
        }
        for grade in row.grades:
            cell = cells.get(grade.name)
            score: float | None = 0.0
            if cell is not None and is_grade(cell):
                score, _ = determine_grade(cell)
            grade.auto_score = score
            grade.needs_manual_grade = grade.manual_score is not None or score is None or broke

    def _comments(self, row: Any, notebook: dict[str, Any], notes: list[str]) -> None:
        from nbformat import from_dict
        from nbgrader.utils import compute_checksum

        cells = {
            c["metadata"]["nbgrader"]["grade_id"]: from_dict(c)
            for c in notebook["cells"]
            if "nbgrader" in c["metadata"]
        }
        order = {name: i for i, name in enumerate(cells)}
        text = comment_of(notes)
        for comment in sorted(row.comments, key=lambda c: order.get(c.name, len(order))):
            cell = cells.get(comment.name)
            untouched = cell is not None and cell.metadata.nbgrader.get(
                "checksum"
            ) == compute_checksum(cell)
            # what there is to say about the whole stands at its first solution
            comment.auto_comment = text or ("No response." if untouched else None)
            text = ""

    def _late(self, result: Result) -> None:
        """The course's own penalty for being late, by nbgrader's own preprocessor."""
        from nbgrader.preprocessors import AssignLatePenalties

        for name in result.notebooks:
            asked = {
                "notebook": name,
                "assignment": self.assignment,
                "student": result.student,
                "db_url": self.course.coursedir.db_url,
            }
            from nbformat.v4 import new_notebook

            penalties = AssignLatePenalties(config=self.course.config)
            penalties.preprocess(new_notebook(), {"nbgrader": asked})

    # -- the notebooks -----------------------------------------------------------------------

    def _notebooks(self, result: Result) -> None:
        """Makes the folder beside its place, then moves it there: it is the old one or the new one."""
        place = self.course.folder("autograded", result.student, self.assignment)
        made = place.with_name(f".{place.name}.new")
        old = place.with_name(f".{place.name}.old")
        for left in (made, old):
            _remove(left)
        made.mkdir(parents=True)
        for name, found in result.notebooks.items():
            path = made / f"{name}.ipynb"
            path.write_text(json.dumps(found.notebook, ensure_ascii=False), encoding="utf-8")
            path.chmod(0o644 if self.course.coursedir.groupshared else 0o444)
        for name, said in self._handed_in(result.student).items():
            (made / name).write_text(said, encoding="utf-8")
        if place.exists():
            os.rename(place, old)
        os.rename(made, place)
        _remove(old)

    def _handed_in(self, student: str) -> dict[str, str]:
        """When it was handed in, and under which secret, as files for autograded/.

        `nbgrader release_feedback` breaks off for the whole class where one submission lacks either. What did
        not come by the exchange folder gets the time of its grading, and a secret that nobody knows.
        """
        folder = self.course.folder("submitted", student, self.assignment)
        when, secret = (_small_text(folder / name, self.above) for name in (TIMESTAMP, SECRET))
        if _timestamp(when) is None:
            when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f %Z")
        return {TIMESTAMP: when, SECRET: secret or secrets.token_hex(64)}


def _small_text(path: Path, above: Path) -> str:
    """What a small file that came with a submission says; "" where it is no plain one, or behind a link."""
    try:
        return read_plainly(path, MAX_KEPT, above).decode("utf-8").strip()
    except (NoNotebook, UnicodeDecodeError):
        return ""


def _timestamp(text: str) -> Any:
    """A time, as nbgrader reads it; None for what is none."""
    from nbgrader.utils import parse_utc

    try:
        return parse_utc(text) if text else None
    except Exception:  # it is the student's file by now, and may say anything
        return None


def _remove(folder: Path) -> None:
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)


@contextmanager
def _quiet() -> Iterator[None]:
    """nbgrader's use of SQLAlchemy warns about itself at each submission."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
