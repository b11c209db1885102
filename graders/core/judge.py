"""Judges learners' files, one or many. Keeps the worker and the parts that were judged before."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from graders.core.faults import GraderBug, trouble
from graders.core.gpu import gpu_reason, withhold
from graders.core.grading import Grading
from graders.core.part_judge import MAX_SEED, PartJudge
from graders.core.registry import PartRef, Registry
from graders.core.report import ExerciseResult
from graders.core.side_by_side import grade_side_by_side, how_many, start_side_by_side
from graders.core.verdict import Outcomes
from graders.ground.doors import Door
from graders.ground.lean import lean_optimizers
from graders.ground.worker import Worker

__all__ = ["GraderBug", "Judge", "Outcomes", "PartJudge", "gpu_reason", "trouble"]


class Judge:
    """Grades files. Start it before anything else is loaded: its worker forks early."""

    def __init__(
        self,
        registry: Registry | None = None,
        worker: Worker | None = None,
        seed: int | None = None,
    ) -> None:
        self.registry = registry or Registry()
        self.worker = worker or Worker()
        if self.worker.strict:
            withhold()
        self.worker.start()
        lean_optimizers()  # for the reference, which runs here
        # a short one is easy to type; what others' code could try out is drawn from all there are
        drawn = secrets.randbelow(MAX_SEED if self.worker.strict else 2**16)
        self.seed = drawn if seed is None else seed % MAX_SEED
        self._parts: dict[PartRef, PartJudge] = {}
        self._pool: ProcessPoolExecutor | None = None

    def expect(self, parts: int) -> None:
        """Starts the processes that grade so many parts side by side, if it takes any.

        For whoever has to read lessons before the parts are graded: what is forked afterwards has the answers
        in its memory, where submissions can look for them.
        """
        # who is not trusted is judged alone; and a process with lessons in its memory is not forked
        plain = self.worker.method == "fork" and not (self.worker.strict or self.worker.fresh)
        processes = how_many(parts) if plain and not self._parts and not self.registry.read else 1
        if processes > 1 and self._pool is None:
            make = partial(Judge, Registry(self.registry.root), None, self.seed)
            self._pool = start_side_by_side(make, processes)

    def part(self, ref: PartRef) -> PartJudge:
        if ref not in self._parts:
            self._parts[ref] = PartJudge(self.registry.load(ref), self.seed)
        return self._parts[ref]

    def reseed(self, seed: int) -> None:
        """Other numbers from here on."""
        if seed % MAX_SEED != self.seed:
            self.seed = seed % MAX_SEED
            self._parts.clear()

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None
        self.worker.close()

    def grade(
        self,
        ref: PartRef,
        names: list[str],
        folder: Path,
        each: Callable[[ExerciseResult], None] | None = None,
    ) -> list[ExerciseResult]:
        """Grades the named exercises of one part of the files below ``folder``."""
        results = self.begin(ref, names, folder).results()
        for result in results:
            if each:
                each(result)
        return results

    def begin(self, ref: PartRef, names: list[str], folder: Path) -> Grading:
        """Starts a grading; its ``results()`` waits for it. One may run while another is judged."""
        door = Door(folder, self.registry.root / "solutions", self.worker.strict)
        return Grading(self.worker, self.part(ref), names, door)

    def grade_all(
        self, chosen: list[tuple[PartRef, list[str]]], folder: Path
    ) -> Iterator[list[ExerciseResult]]:
        """Grades many parts in order; while one is judged, others already run."""
        self.expect(len(chosen))
        pool, self._pool = self._pool, None
        if pool is not None:
            came = 0
            for results in grade_side_by_side(pool, chosen, folder):
                came += 1
                yield results
            chosen = chosen[came:]  # none, unless a process was lost
        ahead: list[Grading] = []
        for ref, names in chosen:
            ahead.append(self.begin(ref, names, folder))
            if len(ahead) > 1:
                yield ahead.pop(0).results()
        for grading in ahead:
            yield grading.results()
