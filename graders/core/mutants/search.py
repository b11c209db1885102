"""Runs the mutants of an exercise as a learner's code would be, and sorts what no check notices.

A mutant that changes nothing in any case is no hole: what the cases never show is said apart.
"""

from __future__ import annotations

import ast
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from graders.authoring import Check, Exercise
from graders.core.compare import compare
from graders.core.gpu import gpu_reason
from graders.core.loaded import LoadedPart
from graders.core.mutants import text
from graders.core.mutants.answers import ANSWERS
from graders.core.mutants.arguments import CHANGES, NOT_GIVEN, of_arguments
from graders.core.mutants.around import of_calls
from graders.core.mutants.declared import Declared
from graders.core.mutants.places import Around, Call, Place, places
from graders.core.mutants.seen import ENOUGH, Seen
from graders.core.mutants.values import SAME
from graders.core.once_more import once, other, which
from graders.core.part_judge import PartJudge
from graders.core.patience import Endless, patience, waiting
from graders.core.verdict import judge_case, value_of
from graders.ground import runner
from graders.ground.definitions import definition

PATIENCE = 2.0  # seconds of computing that a mutant may take beyond what the reference takes
WAITING = (
    5.0  # times as long by the clock, on a busy machine; for one that waits for another process
)
BUDGET = 25.0  # seconds of computing for one exercise and kind
TINY = 1e-8  # what "clamped at 1e-8" changes


@dataclass(frozen=True)
class Found:
    """A mutant that no check rejects, or what no case shows.

    Attributes:
        status: "hole", "not exercised", "declared" or "out of time".
        why: the declaration, or the changed line.
    """

    exercise: str
    kind: str
    place: str
    name: str
    status: str
    why: str = ""

    def to_json(self) -> dict[str, str]:
        return asdict(self)


class Search:
    """The mutants of one exercise. Further seeds are asked where the first lets one through."""

    def __init__(
        self,
        part: LoadedPart,
        exercise: Exercise,
        seeds: list[int],
        wanted: Callable[[str, str, str], bool] = lambda kind, place, name: True,
    ) -> None:
        self.wanted = wanted  # (kind, place, name) -> whether a mutant is to be tried
        self.part, self.exercise = part, exercise
        self.judges = [PartJudge(part, seed) for seed in seeds]
        self.name = part.exercise_id(exercise.name)
        self.declared = Declared(part, exercise)
        self.tried = self.rejected = 0
        self._began = time.process_time()
        for judge in self.judges:
            runner.seed_everything(judge.seed)
            judge.expect(exercise)

    def holes(self) -> list[str]:
        """What is wrong with the declarations themselves."""
        return [f"{self.name}: {said}" for said in self.declared.wrong()]

    def unused(self) -> list[str]:
        """The declarations that nothing needs; known once both kinds have run."""
        return [
            f"{self.name}: {name!r} is declared, and no such mutant survives"
            for name in self.declared.unused()
        ]

    # -- running one ---------------------------------------------------------------------------------

    def _module(self, standins: dict[str, str] | None = None) -> Any:
        path = str(self.part.reference_path)
        if standins:
            return runner.load(self.part.reference, path, "mutant", {self.exercise.name: standins})
        return runner.load(self.part.reference, path, "mutant", code=self.part.reference_code)

    def _checks(self, judge: PartJudge) -> list[Check]:
        expected = judge.expect(self.exercise)
        runnable = [c for c in self.exercise.checks.values() if not (c.gpu and gpu_reason())]
        return sorted(runnable, key=lambda c: expected.seconds.get(c.name, 0.0))

    def _accepted(
        self, judge: PartJudge, module: Any, only: set[tuple[str, int]] | None = None
    ) -> bool:
        """Whether every check accepts a module; it does not come to an end: it is rejected."""
        expected = judge.expect(self.exercise)
        limit = PATIENCE + 3 * sum(expected.seconds.values())
        try:
            with waiting("", WAITING * limit), patience("", limit):
                return not any(self._rejections(judge, module, only))
        except Endless:
            return False

    def _rejections(
        self, judge: PartJudge, module: Any, only: set[tuple[str, int]] | None
    ) -> Iterator[bool]:
        expected = judge.expect(self.exercise)
        for check in self._checks(judge):
            pairs = zip(expected.cases[check.name], expected.outcomes[check.name], strict=True)
            cases = expected.cases[check.name]
            _, again = once(cases)
            for i, ((case, seed), right) in enumerate(pairs):
                first = again and i == which(cases)  # it comes once more
                if only is not None and (check.name, i) not in only and not first:
                    continue
                last = again and i == len(cases) - 1
                between = cases[other(cases)][0] if last else None
                came = judge.run(module, self.exercise, check, case, seed, between=between)
                if judge.is_pure(self.exercise, check) and came.get("changed"):
                    yield True
                if "autograd" in self.exercise.forbid and came.get("guard"):
                    yield True
                yield judge_case(check, case, came, right).status != "passed"

    def _out_of_time(self) -> bool:
        return time.process_time() - self._began > BUDGET

    # -- behaviours ----------------------------------------------------------------------------------

    def universal(self) -> list[Found]:
        """The behaviours that are wrong for almost any exercise and that no check notices."""
        self._began = time.process_time()
        found: list[Found] = []
        with _elsewhere():
            for place in places(self._module(), self.exercise):
                found += self._place(place)
        return found

    def _place(self, place: Place) -> Iterator[Found]:
        module = self._module()
        parameters, method = place.parameters(module), place.is_method(module)
        init = place.name == "__init__"
        of_args = of_arguments(parameters, method, init)
        seen = self._look(place, parameters)
        mutants: dict[str, Around] = {}
        only: dict[str, set[tuple[str, int]]] = {}
        for name, change in ANSWERS.items():
            label = f"answer: {name}"
            if seen.active.get(label):
                mutants[label] = _of_answer(change)
                only[label] = seen.active[label]
        mutants.update(of_args)
        mutants.update(of_calls(parameters, seen.objects, method, init))
        if not seen.calls:
            mutants = {}
        if "autograd" in self.exercise.forbid:  # they are off there, and left as they were
            mutants.pop("gradients left off", None)
        if not seen.graph:
            mutants.pop("under no_grad", None)
        for name, around in mutants.items():
            if not self.wanted("universal", place.label, name):
                continue
            if self._out_of_time():
                yield Found(self.name, "universal", place.label, name, "out of time")
                break
            if self._survives(place, around, only.get(name)) and self._counts(place, name, around):
                yield self._sorted("universal", place.label, name)
        for said in seen.never(self._raises(place), "autograd" not in self.exercise.forbid):
            yield self._sorted("universal", place.label, said, "not exercised")

    def _survives(self, place: Place, around: Around, only: set[tuple[str, int]] | None) -> bool:
        self.tried += 1
        active = False
        for judge in self.judges:
            # the other seeds' cases are others: which of them show it is not known
            mine = only if judge is self.judges[0] else None
            module = self._module()
            memory = place.put(module, around)
            memory.kept.update(really=True, said=self.declared.said)
            if not self._accepted(judge, module, mine):
                self.rejected += 1
                return False
            active |= memory.active
        return active

    def _counts(self, place: Place, name: str, around: Around) -> bool:
        """Whether a survivor is another than the reference by more than what is forgiven as rounding."""
        if name == "answer: clamped at 1e-8":
            return all(c.tol.atol < TINY for c in self.exercise.checks.values())
        if name.rpartition(": ")[2] not in CHANGES or name.startswith("answer: "):
            return True
        # of another value of an argument: nothing came of it, so no case shows it
        wrong, right = self._module(), self._module()
        place.put(wrong, around).kept.update(really=True, said=self.declared.said)
        for judge in self.judges:
            for check in self._checks(judge):
                for case, seed in once(judge.expect(self.exercise).cases[check.name])[0]:
                    came, due = (
                        judge.run(m, self.exercise, check, case, seed, trusted=True)
                        for m in (wrong, right)
                    )
                    if any(came.get(k) != due.get(k) for k in ("raised", "unsendable")):
                        return True
                    if came.get("value") == due.get("value"):
                        continue
                    if compare(value_of(came), value_of(due), check.tol) is not None:
                        return True
        return False

    def _look(self, place: Place, parameters: list[Any]) -> Seen:
        """What the cases show of a place, while the reference runs in it."""
        module, judge, seen = self._module(), self.judges[0], Seen(parameters)
        here: list[Any] = ["", 0, 0]

        def around(call: Call) -> Any:
            here[2] += 1
            if here[2] > ENOUGH:
                seen.calls += 1
                return call()
            seen.arguments(call)
            try:
                answer = call()
            except Exception:
                seen.raised = True
                raise
            seen.answer(answer)
            for name, change in ANSWERS.items():
                active = seen.active[f"answer: {name}"]
                if (here[0], here[1]) not in active and change(call, answer) is not SAME:
                    active.add((here[0], here[1]))
            return answer

        place.put(module, around).kept["said"] = self.declared.said
        for check in self._checks(judge):
            for i, (case, seed) in enumerate(judge.expect(self.exercise).cases[check.name]):
                here[:] = [check.name, i, 0]
                judge.run(module, self.exercise, check, case, seed, trusted=True)
        return seen

    def _raises(self, place: Place) -> bool:
        node = definition(self.part.bare_tree, place.label)
        return node is not None and any(isinstance(n, ast.Raise) for n in ast.walk(node))

    # -- the text ------------------------------------------------------------------------------------

    def of_text(self) -> list[Found]:
        """The changes of the reference's text that no check notices."""
        self._began = time.process_time()
        found = []
        for mutant in text.mutants(self.part, self.exercise):
            if self._out_of_time():
                found.append(Found(self.name, "text", mutant.target, mutant.change, "out of time"))
                break
            if not self.wanted("text", mutant.target, mutant.change):
                continue
            self.tried += 1
            if self.accepts_text(mutant.target, mutant.source):
                why = f"line {mutant.number}: {mutant.line}"
                found.append(self._sorted("text", mutant.target, mutant.change, "hole", why))
            else:
                self.rejected += 1
        return found

    def accepts_text(self, target: str, source: str) -> bool:
        """Whether every check accepts another text of a target; what cannot be defined is rejected."""
        with _elsewhere():
            try:
                module = self._module({target: source})
            except Exception:
                return False
            return all(self._accepted(judge, module) for judge in self.judges)

    def _sorted(
        self, kind: str, place: str, name: str, status: str = "hole", why: str = ""
    ) -> Found:
        reason = self.declared.reason(kind, place, name)
        if reason:
            return Found(self.name, kind, place, name, "declared", reason)
        return Found(self.name, kind, place, name, status, why)


@contextmanager
def _elsewhere() -> Iterator[None]:
    """In an empty folder: a mutant may write a file where it is."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        yield


def _of_answer(change: Callable[[Call, Any], Any]) -> Around:
    def around(call: Call) -> Any:
        answer = call()
        new = change(call, answer)
        if new is SAME:
            return answer
        call.memory.active = True
        return new

    return around


__all__ = ["NOT_GIVEN", "Found", "Search"]
