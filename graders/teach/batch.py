"""``hero grade``: a class's submissions, graded side by side in worker processes, each into a result
file.

A submission's result depends on nothing but the submission and the workbook. So whatever is killed,
and whenever, the next run makes what is missing: a result is there whole or not at all, and one
whose key still fits stays. A worker that dies takes no submission with it: that one is tried once
more, then left to a person.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import secrets
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any

from graders.core.registry import ROOT, Registry
from graders.errors import UserError
from graders.front.files import write_atomically
from graders.ground.sandbox import plain_environment
from graders.teach.course import Course
from graders.teach.grading import Task
from graders.teach.results import Result, broken_down, load, workbook_key
from graders.teach.submissions import fingerprint

PATIENCE = 1800.0  # seconds for one submission, far above what the limits of its checks add up to
TRIES = 2
BROKE = "the grader itself broke down on this submission: please grade it by hand."


@dataclass(frozen=True)
class Job:
    """One submission to grade, and where its result goes."""

    student: str
    folder: Path
    result: Path
    key: str


class Batch:
    """The grading of one assignment of a course."""

    def __init__(
        self,
        course: Course,
        assignment: str,
        registry: Registry,
        jobs: int = 1,
        trusted: bool = False,
    ) -> None:
        self.course, self.assignment, self.registry = course, assignment, registry
        self.jobs, self.trusted = max(1, jobs), trusted
        self.worker = [sys.executable, "-P", "-m", "graders.teach.batch_worker"]
        self.tasks: dict[str, Task] = course.tasks(registry, assignment)
        self.folder = course.root / ".hero" / "results" / assignment
        self.students = course.students(assignment)
        self.seed = self._seed()

    def _seed(self) -> int:
        """The same numbers for everybody, drawn once for an assignment."""
        path = self.folder.parent / f"{self.assignment}.seed"
        try:
            return int(path.read_text())
        except (OSError, ValueError):
            seed = secrets.randbelow(2**16)
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
        book = workbook_key(self.registry, self.tasks, f"{self.seed} {self.trusted}")
        left = []
        for student in self.students:
            folder = self.course.folder("submitted", student, self.assignment)
            mine = fingerprint(folder)
            key = blake2b(f"{book}{student}\0{mine}".encode(), digest_size=16).hexdigest()
            job = Job(student, folder, self.result_path(student), key)
            done = self.result(student)
            if done is None or done.key != key or done.broke:
                left.append(job)
        return left

    def run(self, left: list[Job]) -> Iterator[str]:
        """Grades; yields each student whose result is there. Raises UserError where none can be made."""
        todo: queue.SimpleQueue[Job] = queue.SimpleQueue()
        for job in left:
            todo.put(job)
        done: queue.SimpleQueue[str | BaseException] = queue.SimpleQueue()
        benches = [_Bench(self, todo, done) for _ in range(min(self.jobs, max(1, len(left))))]
        try:
            for bench in benches:
                bench.start()
            for _ in left:
                said = done.get()
                if isinstance(said, BaseException):
                    raise said
                yield said
        finally:
            for bench in benches:
                bench.stop()
            for bench in benches:
                bench.join(10)

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
        """The first line that a worker reads."""
        return {
            "root": str(self.registry.root),
            "released": str(self.course.folder("release", ".", self.assignment)),
            "seed": self.seed,
            "trusted": self.trusted,
        }

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


class _Bench(threading.Thread):
    """One worker process and the thread that feeds it."""

    def __init__(
        self,
        batch: Batch,
        todo: queue.SimpleQueue[Job],
        done: queue.SimpleQueue[str | BaseException],
    ) -> None:
        super().__init__(daemon=True)
        self.batch, self.todo, self.done = batch, todo, done
        self.process: subprocess.Popen[str] | None = None
        self.stopped = False

    def run(self) -> None:
        try:
            while not self.stopped:
                try:
                    job = self.todo.get_nowait()
                except queue.Empty:
                    return
                self._grade(job)
                if not self.stopped:
                    self.done.put(job.student)
        except BaseException as error:
            self.done.put(error)
        finally:
            self._end()

    def stop(self) -> None:
        """Ends the worker, whatever it does."""
        self.stopped = True
        process = self.process
        if process is not None and process.poll() is None:
            with contextlib.suppress(OSError):
                process.terminate()

    def _grade(self, job: Job) -> None:
        for _ in range(TRIES):
            if self.stopped:
                return
            answer = self._ask(job)
            if answer.get("student") == job.student and "error" not in answer:
                return
            self._end()
        if not self.stopped:
            broken_down(self.batch.tasks, job.student, job.key, BROKE).save(job.result)

    def _ask(self, job: Job) -> Mapping[str, Any]:
        """Hands a job to the worker; its answer, empty if it died."""
        worker = self._worker()
        line = {
            "student": job.student,
            "folder": str(job.folder),
            "result": str(job.result),
            "key": job.key,
        }
        timer = threading.Timer(PATIENCE, worker.kill)
        timer.start()
        try:
            _send(worker.stdin, line)
            return _hear(worker.stdout)
        finally:
            timer.cancel()

    def _worker(self) -> subprocess.Popen[str]:
        if self.process is not None and self.process.poll() is None:
            return self.process
        # what submitted code runs in is forked from there: no token may ever have been in its memory
        env = plain_environment() | {"OMP_NUM_THREADS": "1"}
        env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), env.get("PYTHONPATH")]))
        log = self.batch.folder.parent / f"{self.batch.assignment}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a") as errors:
            self.process = subprocess.Popen(
                self.batch.worker,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=env,
                cwd=ROOT,
                text=True,
            )
        _send(self.process.stdin, self.batch.setup())
        answer = _hear(self.process.stdout)
        if "ready" not in answer and not self.stopped:
            raise UserError(str(answer.get("fatal", f"the grader does not start; {log} says why.")))
        return self.process

    def _end(self) -> None:
        process, self.process = self.process, None
        if process is None:
            return
        with contextlib.suppress(OSError):
            assert process.stdin is not None
            process.stdin.close()  # it ends by itself, and clears away what it made
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _send(stream: IO[str] | None, line: Mapping[str, Any]) -> None:
    assert stream is not None
    with contextlib.suppress(OSError):
        stream.write(json.dumps(line) + "\n")
        stream.flush()


def _hear(stream: IO[str] | None) -> Mapping[str, Any]:
    assert stream is not None
    try:
        found = json.loads(stream.readline())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
