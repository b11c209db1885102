"""``hero grade``: a class's submissions, each graded into a result file.

A submission's result depends on nothing but the submission and the workbook. So whatever is killed,
and whenever, the next run makes what is missing: a result is there whole or not at all, and one
whose key still fits stays. Who runs the jobs is behind a narrow interface (``Runner``): processes
here (``pool``) or a cluster (``cluster``). Jobs go in, results come back as they are made, and this
process alone writes.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, Protocol

from graders.core.registry import Registry
from graders.errors import UserError
from graders.front.files import write_atomically
from graders.teach.course import Course, released_in
from graders.teach.grading import Task
from graders.teach.results import Result, broken_down, from_json, load, workbook_key
from graders.teach.submissions import fingerprint, read_submission, to_json

BROKE = "the grader itself broke down on this submission: please grade it by hand."


@dataclass(frozen=True)
class Job:
    """One submission to grade, and where its result goes."""

    student: str
    folder: Path
    result: Path
    key: str
    above: Path | None = None  # of the folder: where all that was handed in lies

    def line(self) -> dict[str, Any]:
        """All that a grading process needs of it, as plain JSON; the submission is read now."""
        files = to_json(read_submission(self.folder, self.above))
        return {"student": self.student, "key": self.key, "files": files}


class Runner(Protocol):
    """Who runs the jobs."""

    def run(self, setup: Mapping[str, Any], jobs: Sequence[Job]) -> Iterator[tuple[Job, Any]]:
        """Yields each job as it is done, with its result as JSON, or None if grading broke down on it.

        Args:
            setup: what every grading process reads first (``Batch.setup``).
            jobs: each comes back once, in any order.
        """


class Batch:
    """The grading of one assignment of a course."""

    def __init__(
        self,
        course: Course,
        assignment: str,
        registry: Registry,
        trusted: bool = False,
    ) -> None:
        self.course, self.assignment, self.registry = course, assignment, registry
        self.trusted = trusted
        self.tasks: dict[str, Task] = course.tasks(registry, assignment)
        self.folder = course.root / ".hero" / "results" / assignment
        self.students = course.students(assignment)
        self.seed = self._seed()
        self.log = self.folder.parent / f"{assignment}.log"

    def _seed(self) -> int:
        """The same numbers for everybody, drawn once for an assignment."""
        path = self.folder.parent / f"{self.assignment}.seed"
        try:
            return int(path.read_text())
        except (OSError, ValueError):
            seed = secrets.randbelow(2**31)  # more than a submission could try
            write_atomically(path, f"{seed}\n")
            return seed

    def result_path(self, student: str) -> Path:
        return self.folder / f"{student}.json"

    def result(self, student: str) -> Result | None:
        """A student's result; None where there is none, or another's under this name."""
        found = load(self.result_path(student))
        return found if found is not None and found.student == student else None

    def plan(self) -> list[Job]:
        """The jobs that are left to do."""
        book = self._book()
        left = []
        above = self.course.submitted(self.assignment)
        for student in self.students:
            folder = self.course.folder("submitted", student, self.assignment)
            mine = fingerprint(folder, above)
            key = blake2b(f"{book}{student}\0{mine}".encode(), digest_size=16).hexdigest()
            job = Job(student, folder, self.result_path(student), key, above)
            done = self.result(student)
            if done is None or done.key != key or done.broke:
                left.append(job)
        return left

    def run(self, left: Sequence[Job], runner: Runner) -> Iterator[str]:
        """Grades; yields each student whose result is there. Raises UserError where none can be made."""
        for job, found in runner.run(self.setup(), left):
            result = from_json(found)
            if result is None or (result.student, result.key) != (job.student, job.key):
                result = broken_down(self.tasks, job.student, job.key, BROKE)
            result.save(job.result)
            yield job.student

    def _own(self, folder: Path) -> None:
        """Makes the folder of results. Raises UserError where somebody else could put results into it."""
        folder.mkdir(parents=True, exist_ok=True)
        shared = self.course.coursedir.groupshared
        for path in (folder, folder.parent, folder.parent.parent):
            found = path.lstat()
            forbidden = stat.S_IWOTH if shared else stat.S_IWOTH | stat.S_IWGRP
            theirs = found.st_uid != os.geteuid() and not shared
            if stat.S_ISLNK(found.st_mode) or theirs:
                raise UserError(
                    f"{path} is a link, or somebody else's: results in it cannot be trusted. Remove it."
                )
            if found.st_mode & forbidden:  # as a umask of 002 makes it: nobody is to blame
                path.chmod(stat.S_IMODE(found.st_mode) & ~forbidden)

    def setup(self) -> dict[str, Any]:
        """What a grading process reads first: it needs no file of the course."""
        return {
            "root": str(self.registry.root),
            "released": released_in(self.course.folder("release", ".", self.assignment)),
            "seed": self.seed,
            "trusted": self.trusted,
            "confined": False,  # whether it shall make sure of that: here, the command did
            "book": self._book(),
            "extra": self._extra(),
        }

    def _book(self) -> str:
        return workbook_key(self.registry, self.tasks, self._extra())

    def _extra(self) -> str:
        return f"{self.seed} {self.trusted}"

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Holds the assignment for this process. Raises UserError if another one holds it."""
        import fcntl

        path = self.folder.parent / f"{self.assignment}.lock"
        self._own(self.folder)
        with path.open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise UserError(
                    f"{self.assignment} is being graded already, by another command."
                ) from None
            yield
