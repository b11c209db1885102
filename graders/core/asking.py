"""Asks a child about some exercises of a file, and computes the right answers while it works."""

from __future__ import annotations

import dis
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from graders.authoring import Case, Check, Exercise, Scenario
from graders.core.gpu import gpu_reason
from graders.core.once_more import once, other, which
from graders.core.part_judge import PartJudge
from graders.core.report import CheckResult
from graders.core.standins import lent
from graders.core.verdict import Outcomes
from graders.ground.going_on import TooLong
from graders.ground.limits import CHECK_SECONDS, SLOWER
from graders.ground.parsing import parse
from graders.ground.runner import Outcome, given
from graders.ground.worker import Label, Pending, RunResult, Worker, sentence

LOADS = {op: name.count("FAST") for name, op in dis.opmap.items() if "LOAD_FAST" in name}
GPU_SECONDS = 300.0  # a first compilation on a GPU takes minutes


@dataclass
class Run:
    """What a child gave, and the exercises whose reference solutions it was lent."""

    result: RunResult
    lent: frozenset[str]

    def outcomes(self, name: str) -> Outcomes:
        """What it gave for one exercise, check by check."""
        return {c: came for (exercise, c), came in self.result.outcomes.items() if exercise == name}

    def raised_in(self, name: str) -> set[int]:
        """The lines of the file where an exercise's exceptions came from, if the child is right."""
        every = [o for outcomes in self.outcomes(name).values() for o in outcomes]
        every += [self.result.load] if self.result.load else []
        return {o["frames"][-1][0] for o in every if o.get("frames")}

    def todo_at(self, name: str) -> set[int]:
        """The lines of the file where an exercise's runs stopped over a TODO, if the child is right."""
        every = [o for outcomes in self.outcomes(name).values() for o in outcomes]
        return {o["frames"][-1][0] for o in every if o.get("todo") and o.get("frames")}

    def called(self, name: str) -> frozenset[str]:
        """The exercises whose stand-ins were called for one exercise, if what the child says is true."""
        every = [o for outcomes in self.outcomes(name).values() for o in outcomes]
        return self.lent & {str(n) for outcome in every for n in outcome.get("used", ())}

    def say_what_is_unanswered(self, name: str, verdicts: list[CheckResult]) -> None:
        """Tells each check that got no answer why the child ended early, if it did."""
        reason = sentence(self.result)
        status = "timeout" if self.result.died == "timeout" else "error"
        for verdict in verdicts if self.result.died else ():
            unanswered = (name, verdict.name) not in self.result.outcomes
            if unanswered and verdict.status != "skipped":
                verdict.status, verdict.message = status, f"your code did not finish: {reason}"
                verdict.where = ""
                verdict.frames = [tuple(frame) for frame in self.result.frames]


@dataclass
class Asked:
    """A child at work: what it was asked, and lent."""

    pending: Pending
    names: list[str]
    lent: frozenset[str]
    slow: list[Outcome]  # what was left out of the file


def without(text: str, stopped: list[Outcome]) -> str:
    """A file's text without some statements at its top level, of which a child says that they stopped."""
    if not stopped:
        return text
    lines = text.split("\n")
    there = [[node.lineno, node.end_lineno] for node in parse(text).body]
    for outcome in stopped:
        first, last = outcome["lines"]
        if there.count([first, last]) == 1:
            lines[first - 1 : last] = [""] * (last - first + 1)
    return "\n".join(lines)


@cache
def unread(scenario: Scenario) -> frozenset[str]:
    """The parameters that a scenario does not read: what only an oracle or a judge asks for."""
    code = scenario.__code__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    read: set[str] = set(code.co_cellvars)  # by a function inside it
    argument = 0
    for op, low in zip(code.co_code[::2], code.co_code[1::2], strict=True):
        argument |= low
        if op in LOADS:  # newer Pythons read two at once
            for place in (argument,) if LOADS[op] == 1 else (argument >> 4, argument & 15):
                read.update(code.co_varnames[place : place + 1])
        argument = argument << 8 if op == dis.EXTENDED_ARG else 0
    return frozenset(names) - read


def asked(scenario: Scenario | None, case: Case) -> Case:
    """A case as it travels: what the scenario does not read may be the answer, and stays behind."""
    if scenario is None:
        return case
    left = unread(scenario)
    taken = given(scenario, case)
    return (
        {name: None if name in left else value for name, value in taken.items()} if left else taken
    )


class Asking:
    """Asks about the exercises of one file."""

    def __init__(self, worker: Worker, part: PartJudge, source: str, path: Path) -> None:
        self.worker, self.part = worker, part
        self.source, self.path = source, path
        self.slow: list[Outcome] = []  # statements that were stopped by the clock: once is enough

    def wants_gpu(self, name: str) -> bool:
        """Whether a child that runs an exercise's checks is to have a GPU."""
        return any(c.gpu for c in self._exercise(name).checks.values()) and not gpu_reason()

    def _exercise(self, name: str) -> Exercise:
        return self.part.part.exercises[name]

    @staticmethod
    def _between(exercise: Exercise, check: Check, cases: list[tuple[Case, int]]) -> int:
        """The case that runs between the last one's calls; -1 if none does."""
        return other(cases) if PartJudge.asks_between(exercise, check) and once(cases)[1] else -1

    def begin(self, names: list[str], lend: Iterable[str]) -> Asked:
        """Starts a child for some exercises, with the reference in the place of some others.

        What is forbidden is so for the whole child: they must agree in that.
        """
        (forbid,) = {self._exercise(name).forbid for name in names}
        lend = [name for name in lend if name not in names]
        runs = []
        for exercise in map(self._exercise, names):
            cases = self.part.cases(exercise).cases
            runs += [
                {
                    "exercise": exercise.name,
                    "check": check.name,
                    "target": exercise.targets[0],
                    "targets": exercise.targets,
                    "steps": check.steps,
                    "scenario": "values" if check.steps else check.name,
                    "pure": self.part.is_pure(exercise, check),
                    "again": which(cases[check.name]) if once(cases[check.name])[1] else -1,
                    "between": self._between(exercise, check, cases[check.name]),
                    "cases": [
                        [asked(check.scenario, case), seed] for case, seed in cases[check.name]
                    ],
                }
                for check in exercise.checks.values()
                if not (check.gpu and gpu_reason())
            ]
        pending = self.worker.submit(
            {
                "source": without(self.source, self.slow),
                "path": str(self.path),
                "name": "part",
                "standins": {name: lent(self.part.part, name) for name in lend},
                "scenarios": self.part.scenarios_of(names),
                "forbid": list(forbid),
                "runs": runs,
                "gpu": any(map(self.wants_gpu, names)),
            }
        )
        return Asked(pending, names, frozenset(lend), [*self.slow])

    def collect(self, asked: Asked) -> Run:
        """What a child gave; the right answers are computed while it works."""
        limits: dict[Label, float] = {}
        try:
            for exercise in map(self._exercise, asked.names):
                for name, seconds in self.part.expect(exercise).seconds.items():
                    base = GPU_SECONDS if exercise.checks[name].gpu else CHECK_SECONDS
                    limits[exercise.name, name] = base + SLOWER * seconds
        finally:
            result = asked.pending.collect(limits)
        # where a reference solution was lent, the child may say so to tell others of it
        if not (self.worker.strict and asked.lent):
            self.slow += [stop for stop in result.stopped if stop["raised"] == TooLong.__name__]
        result.stopped = sorted([*asked.slow, *result.stopped], key=lambda stop: stop["lines"])
        return Run(result, asked.lent)

    def run(self, names: list[str], lend: Iterable[str]) -> Run:
        """Asks, and waits for the answer."""
        return self.collect(self.begin(names, lend))
