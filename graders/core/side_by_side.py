"""Judges many parts in several processes at once; their results come in the order asked for.

Each process has a judge and a fork server of its own, and takes the next part that nobody has taken. They are
started when torch has been imported, so none of them imports it again.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TYPE_CHECKING

from graders.core.registry import PartRef
from graders.core.report import ExerciseResult

if TYPE_CHECKING:
    from graders.core.judge import Judge

ENOUGH = 12  # parts; for fewer, starting the processes takes longer than they save
AT_MOST = 4  # processes
_judge: Judge | None = None  # of this process, if it is one of those


def how_many(parts: int) -> int:
    """The processes worth starting for so many parts; 1 means: none, do it here."""
    if parts < ENOUGH or "fork" not in multiprocessing.get_all_start_methods():
        return 1
    return min(AT_MOST, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1)


def start_side_by_side(make: Callable[[], Judge], processes: int) -> ProcessPoolExecutor:
    """The processes, started. They have in their memory what there is here now.

    Args:
        make: makes the judge of each process, in it.
    """
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("fork"), _start, (make,))
    pool.submit(int)  # with the first that is to be done, all are started
    return pool


def grade_side_by_side(
    pool: ProcessPoolExecutor, chosen: list[tuple[PartRef, list[str]]], folder: Path
) -> Iterator[list[ExerciseResult]]:
    """The results of each part, in order; ends early, after some, if a process is lost. Ends the pool."""
    try:
        futures = [pool.submit(_grade, ref, names, folder) for ref, names in chosen]
        for future in futures:
            try:
                results = future.result()
            except BrokenProcessPool:
                return
            yield results
    except BaseException:  # nobody waits for what is still running
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _start(make: Callable[[], Judge]) -> None:
    global _judge
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asked hears of it, and ends us
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.freeze()  # what was imported stays: no collection need look at it, nor copy its pages
    gc.set_threshold(20_000, 50, 100)  # the reference's graphs are many, and short-lived
    _judge = make()


def _grade(ref: PartRef, names: list[str], folder: Path) -> list[ExerciseResult]:
    assert _judge is not None
    return _judge.grade(ref, names, folder)
