"""The mutants of many exercises, over two processes."""

from __future__ import annotations

import multiprocessing
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from graders.core.faults import trouble
from graders.core.mutants.search import Found, Search
from graders.core.registry import PartRef, Registry

KINDS = "universal", "text"
PROCESSES = 2
MEMORY = 6 * 2**30  # bytes of address space beyond what there is: a mutant may ask for anything


@dataclass
class Report:
    """What came of one exercise."""

    exercise: str
    tried: int = 0
    rejected: int = 0
    seconds: float = 0.0
    found: list[Found] = field(default_factory=list)
    holes: list[str] = field(default_factory=list)  # of the declarations, or why nothing was tried

    def count(self, status: str) -> int:
        return sum(f.status == status for f in self.found)

    def to_json(self) -> dict[str, Any]:
        return {**vars(self), "found": [f.to_json() for f in self.found]}


@dataclass(frozen=True)
class Task:
    """One exercise, and what is asked of it."""

    root: Path
    ref: PartRef
    name: str
    kinds: tuple[str, ...]
    seeds: tuple[int, ...]


def run(task: Task, registry: Registry | None = None) -> Report:
    """The mutants of one exercise. Does not raise: what cannot be tried is said."""
    import time

    began = time.process_time()
    part = (registry or Registry(task.root)).load(task.ref)
    report = Report(part.exercise_id(task.name))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # some mutants make torch warn
            search = Search(part, part.exercises[task.name], list(task.seeds))
            if "universal" in task.kinds:
                report.found += search.universal()
            if "text" in task.kinds:
                report.found += search.of_text()
        report.holes = search.holes()
        if set(task.kinds) == set(KINDS):
            report.holes += search.unused()
        report.tried, report.rejected = search.tried, search.rejected
    except Exception as error:
        report.holes.append(f"{report.exercise}: {trouble(error)}")
    report.seconds = round(time.process_time() - began, 1)
    return report


def run_all(tasks: list[Task], processes: int = PROCESSES) -> Iterator[Report]:
    """The report of every exercise, as they come."""
    if processes < 2 or len(tasks) < 3 or "fork" not in multiprocessing.get_all_start_methods():
        for task in tasks:
            yield run(task)
        return
    with multiprocessing.get_context("fork").Pool(processes, _start, maxtasksperchild=20) as pool:
        yield from pool.imap_unordered(run, tasks)


def _start() -> None:
    torch.set_num_threads(1)
    try:
        import resource
    except ImportError:  # Windows
        return
    used = (
        int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        if (Path("/proc/self/statm").exists())
        else 0
    )
    if used:
        resource.setrlimit(
            resource.RLIMIT_AS, (used + MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1])
        )
