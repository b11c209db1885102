"""Grades on this machine: so many grading processes, each with a thread that feeds it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from graders.errors import UserError
from graders.teach.batch import Job
from graders.teach.grader import COMMAND, Grader

Done = tuple[Job, Any] | BaseException


class Pool:
    """The runner for one machine.

    Args:
        jobs: how many grading processes.
        log: the file that they write their complaints to.
        command: that starts one.
    """

    def __init__(self, jobs: int, log: Path, command: tuple[str, ...] = COMMAND) -> None:
        self.jobs, self.log, self.command = max(1, jobs), log, command

    def run(self, setup: Mapping[str, Any], jobs: Sequence[Job]) -> Iterator[tuple[Job, Any]]:
        """Grades; yields as ``batch.Runner`` says. Raises UserError where no process starts."""
        todo: queue.SimpleQueue[Job] = queue.SimpleQueue()
        for job in jobs:
            todo.put(job)
        done: queue.SimpleQueue[Done] = queue.SimpleQueue()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("a") as errors:
            graders = [
                Grader(setup, errors, self.command) for _ in range(min(self.jobs, len(jobs)))
            ]
            feeders = [
                threading.Thread(target=_feed, args=(g, todo, done), daemon=True) for g in graders
            ]
            try:
                for feeder in feeders:
                    feeder.start()
                for _ in jobs:
                    said = done.get()
                    if isinstance(said, UserError):
                        raise UserError(f"{said} (Its log is {self.log}.)")
                    if isinstance(said, BaseException):
                        raise said
                    yield said
            finally:
                for grader in graders:
                    grader.stop()
                for feeder in feeders:
                    feeder.join(10)


def _feed(grader: Grader, todo: queue.SimpleQueue[Job], done: queue.SimpleQueue[Done]) -> None:
    try:
        while not grader.stopped:
            try:
                job = todo.get_nowait()
            except queue.Empty:
                return
            result = grader.grade(job.line())
            if not grader.stopped:
                done.put((job, result))
    except BaseException as error:
        done.put(error)
    finally:
        grader.end()
