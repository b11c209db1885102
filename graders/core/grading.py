"""One grading of one file: sends it to a child, judges what comes back, exercise by exercise.

The judge keeps its own list of what had to be answered. Silence, an early exit or a skipped check
are failures, because only an answer that was compared counts. If we stumble ourselves over
one exercise, that is said to be our fault, and the others are graded.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from graders.authoring import Exercise
from graders.core import diagnose
from graders.core.faults import stumbled, trouble
from graders.core.forbidden import mentions
from graders.core.gpu import gpu_reason
from graders.core.part_judge import PartJudge, check_names
from graders.core.report import CheckResult, ExerciseResult
from graders.core.source import Source, Unreadable
from graders.core.standins import is_todo, lent, may_call, targets_of
from graders.core.verdict import Outcomes, describe_exception, not_found
from graders.ground.doors import Door
from graders.ground.limits import CHECK_SECONDS, KEPT_OUTPUT, SLOWER
from graders.ground.machine import MachineError
from graders.ground.shown import shown_text
from graders.ground.worker import Label, Pending, RunResult, Worker, sentence

GPU_SECONDS = 300.0  # a first compilation on a GPU takes minutes
FINE = ("passed", "skipped")
CLOSED = (
    " (While this lesson is checked there is no autograd: what compares with it belongs below "
    '`if __name__ == "__main__":`.)'
)


class Grading:
    """One grading of one file, which is read through a door."""

    def __init__(self, worker: Worker, part: PartJudge, names: list[str], door: Door) -> None:
        path = door.folder / part.part.ref.file
        self.worker, self.part = worker, part
        self.ref, self.names, self.path = part.part.ref, names, path
        self.targets = targets_of(part.part)
        self.done: dict[str, ExerciseResult] = {}
        self.source: Source | None = None
        self.text = ""  # of the file, as it was graded
        self.together: Pending | None = None
        self.asked: list[str] = []  # what the common child was asked
        self._wrong: dict[str, bool] = {}
        try:
            self.source = Source(path, door)
            self.text = self.source.text
        except Unreadable as error:
            message, line = str(error), error.line
            self.text = error.text
            for name in names:
                self._guarded(name, lambda n: self._set(n, self._all(n, message, line)))
            return
        for name in names:
            self._guarded(name, self._begin)
        # all that is not a TODO in one child, as long as all goes well
        self.asked = [name for name in names if name not in self.done]
        if self.asked and not any(self._wants_gpu(name) for name in self.asked):
            try:
                self.together = self._submit(self.asked, False)
            except MachineError:
                raise
            except Exception:  # then each by itself, where it will be told
                self.together = None

    def results(self) -> list[ExerciseResult]:
        """The verdicts, in the order asked for."""
        first = self._take_together()
        for name in self.names:
            if name not in self.done:
                self._guarded(name, lambda n: self._run_alone(n, first))
        return [self.done[name] for name in self.names]

    def _guarded(self, name: str, act: Callable[[str], None]) -> None:
        """Does something about one exercise; what we stumble over is told as our fault."""
        try:
            act(name)
        except MachineError:  # about no exercise: it goes on to whoever asked
            raise
        except Exception as error:
            self.done[name] = self._result(name, [CheckResult("grader", "error", stumbled(error))])

    def _begin(self, name: str) -> None:
        """Settles what can be said without running anything; makes the cases of the rest."""
        if self._is_todo(name):
            self._set(name, self._all(name, "still a TODO", status="todo"))
        else:
            self.part.cases(self._exercise(name))

    def _exercise(self, name: str) -> Exercise:
        return self.part.part.exercises[name]

    def _is_todo(self, name: str) -> bool:
        assert self.source is not None
        return is_todo(self.source.tree, lambda: self.part.stub_tree, self.targets[name])

    def _wants_gpu(self, name: str) -> bool:
        return any(check.gpu for check in self._exercise(name).checks.values())

    def _all(
        self, name: str, message: str, line: int = 0, status: str = "error", missing: str = ""
    ) -> list[CheckResult]:
        """The same verdict on every check of an exercise."""
        names = check_names(self.part.part, self._exercise(name))
        made = [CheckResult(n, status, message, missing=missing) for n in names]
        for check in made if line else ():
            check.frames = [(line, "")]
        return made

    # -- running -----------------------------------------------------------------------------

    def _standins(self, graded: list[str], everything: bool) -> dict[str, dict[str, str]]:
        """Definitions of the reference for the part's other exercises: the unsolved, or all."""
        return {
            name: lent(self.part.part, name)
            for name in self.targets
            if name not in graded and (everything or self._is_todo(name))
        }

    def _submit(self, graded: list[str], everything: bool) -> Pending:
        """Starts a child for some exercises, with stand-ins for the unsolved or for all others."""
        assert self.source is not None
        runs = []
        for exercise in map(self._exercise, graded):
            cases = self.part.cases(exercise).cases
            runs += [
                {
                    "exercise": exercise.name,
                    "check": check.name,
                    "target": exercise.targets[0],
                    "pure": self.part.is_pure(exercise, check),
                    "cases": [[case, seed] for case, seed in cases[check.name]],
                }
                for check in exercise.checks.values()
                if not (check.gpu and gpu_reason())
            ]
        return self.worker.submit(
            {
                "source": self.source.text,
                "path": str(self.path),
                "name": "part",
                "standins": self._standins(graded, everything),
                "scenarios": self.part.scenarios_of(graded),
                "forbid": list(self.part.forbid),
                "runs": runs,
                "gpu": any(map(self._wants_gpu, graded)) and not gpu_reason(),
            }
        )

    def _collect(self, pending: Pending, graded: list[str]) -> RunResult:
        """What a child gave; the right answers are computed while it works."""
        limits: dict[Label, float] = {}
        try:
            for exercise in map(self._exercise, graded):
                for name, seconds in self.part.expect(exercise).seconds.items():
                    base = GPU_SECONDS if exercise.checks[name].gpu else CHECK_SECONDS
                    limits[exercise.name, name] = base + SLOWER * seconds
        finally:
            result = pending.collect(limits)
        return result

    def _run(self, name: str, everything: bool) -> RunResult:
        return self._collect(self._submit([name], everything), [name])

    def _take_together(self) -> RunResult | None:
        """Keeps what passed in the common child; its result if it ran a single exercise only."""
        if self.together is None:
            return None
        try:
            result = self._collect(self.together, self.asked)
        except MachineError:
            raise
        except Exception:  # then each by itself, where it will be told
            return None
        if result.load is None and result.loaded:
            for name in self.asked:
                self._guarded(name, lambda n: self._keep_if_right(n, result))
        return result if len(self.asked) == 1 else None

    def _keep_if_right(self, name: str, result: RunResult) -> None:
        verdicts = self._verdicts(name, result)
        if _fine(verdicts):
            self._set(name, verdicts, self._stood_in(name, result), result)

    def _run_alone(self, name: str, first: RunResult | None = None) -> None:
        """Judges one exercise by itself, in a fresh child that no other has touched."""
        assert self.source is not None
        first = first or self._run(name, False)
        verdicts, last = self._settle(name, first)
        gone = self.source.gone(self.targets[name])
        if gone and first.loaded and not _fine(verdicts):
            # whatever else is off follows from it: the scenario looked for a name in vain
            self._set(name, self._all(name, not_found(gone), missing=gone), [], first)
            return
        self._set(name, verdicts, self._stood_in(name, last), last)

    def _settle(self, name: str, first: RunResult) -> tuple[list[CheckResult], RunResult]:
        """The verdicts on one exercise, and the run they are from.

        Perhaps the fault lies in another exercise: then the reference stands in for the others.
        """
        verdicts = self._verdicts(name, first)
        if _fine(verdicts) or "syntax" in (first.load or {}):
            return verdicts, first
        others = [n for n in self.targets if n != name and not self._is_todo(n)]
        endless = first.died in ("timeout", "output")
        if not others or (endless and not self._may_call(name, others)):
            return verdicts, first
        second = self._run(name, True)
        again = self._verdicts(name, second)
        return (verdicts, first) if second.load and not _fine(again) else (again, second)

    def _may_call(self, name: str, others: list[str]) -> bool:
        """Whether another exercise can be what never ends."""
        assert self.source is not None
        names = {t.rpartition(".")[2] for other in others for t in self.targets[other]}
        if names & set(re.findall(r"\w+", self.part.part.scenarios(name))):
            return True
        return may_call(self.source.tree, self.targets[name], names)

    # -- judging -----------------------------------------------------------------------------

    def _verdicts(self, name: str, result: RunResult) -> list[CheckResult]:
        if result.load is not None:
            told = describe_exception(result.load)
            message = told.message
            if not result.load.get("syntax") and told.status == "error":
                message = f"your file cannot be executed: {message}"
                if "autograd" in self.part.forbid and "grad" in message:
                    message += CLOSED
            checks = self._all(name, message, missing=told.missing)
            for check in checks:
                check.frames = [tuple(f) for f in result.load.get("frames", [])]
            return checks
        verdicts = self._results(name, _outcomes(result, name))
        if result.died:
            reason = sentence(result)
            status = "timeout" if result.died == "timeout" else "error"
            for verdict in verdicts:
                unanswered = (name, verdict.name) not in result.outcomes
                if unanswered and verdict.status != "skipped":
                    verdict.status, verdict.message = status, f"your code did not finish: {reason}"
                    verdict.where = ""
                    verdict.frames = [tuple(frame) for frame in result.frames]
        return verdicts

    def _results(self, name: str, outcomes: Outcomes) -> list[CheckResult]:
        """The verdicts, and what the text itself says about forbidden tools."""
        results = self.part.results(self._exercise(name), outcomes)
        if "autograd" in self.part.forbid and self.source is not None:
            word = mentions(self.source.tree, self.targets[name])
            guard = next(r for r in results if r.name == "no_autograd")
            if word and guard.status == "passed":
                results.remove(guard)
                message = (
                    "this lesson computes gradients by hand, but your code uses "
                    f"`{word}`: write the gradient out yourself."
                )
                results.insert(0, CheckResult("no_autograd", "failed", message))
        return results

    def _stood_in(self, name: str, result: RunResult) -> list[str]:
        """The exercises to tell about: their stand-ins were called, and they are not right yet."""
        called: set[str] = set()
        for (exercise, _), outcomes in result.outcomes.items():
            if exercise == name:
                called.update(str(n) for outcome in outcomes for n in outcome.get("used", ()))
        # the child may say any name
        return [n for n in self.targets if n in called and n != name and self._is_wrong(n)]

    def _is_wrong(self, name: str) -> bool:
        """Whether an exercise is not right; it is judged by itself if that is not known yet."""
        if name in self.done:
            return self.done[name].status != "passed"
        if name not in self._wrong:
            try:
                self._wrong[name] = self._is_todo(name) or not _fine(
                    self._settle(name, self._run(name, False))[0]
                )
            except MachineError:
                raise
            except Exception:  # we stumbled over another exercise: no reason to blame it
                self._wrong[name] = False
        return self._wrong[name]

    # -- telling -----------------------------------------------------------------------------

    def _set(
        self,
        name: str,
        checks: list[CheckResult],
        stood_in: list[str] | None = None,
        run: RunResult | None = None,
    ) -> None:
        result = self._result(name, checks)
        result.stood_in = stood_in or []
        result.printed = shown_text(run.printed, KEPT_OUTPUT) if run else ""
        if result.status in ("failed", "error") and run is not None:
            if run.load is None:
                came = _outcomes(run, name)
                try:
                    result.diagnosis = diagnose.name_it(
                        self.part, self._exercise(name), came, checks
                    )
                except Exception as error:  # the verdict stands, whoever stumbles over its reason
                    result.diagnosis = (
                        f"(The grader could not look for the reason: {trouble(error)})"
                    )
            for check in checks:
                close = self.source.nearly(check.missing) if self.source and check.missing else ""
                if close:
                    check.message += f" (It has one called `{close}`.)"
        self.done[name] = result

    def _result(self, name: str, checks: list[CheckResult]) -> ExerciseResult:
        for check in checks:  # all that a learner's code has a say in
            check.message, check.where = shown_text(check.message), shown_text(check.where)
            check.printed = shown_text(check.printed, KEPT_OUTPUT)
        made = ExerciseResult(
            id=self.part.part.exercise_id(name),
            name=name,
            title=name,
            lesson=self.ref.lesson,
            part=self.ref.name,
            path=str(self.path),
            line=self.source.line(self.targets[name][0]) if self.source else 1,
            max_points=1,
            checks=checks,
            seed=self.part.seed,
            source=self.text,
        )
        try:
            exercise = self._exercise(name)
        except Exception:  # its grader file is broken, and the result says so
            return made
        made.title, made.max_points = exercise.title, exercise.points
        made.stretch, made.hints = exercise.stretch, len(exercise.hints)
        return made


def _fine(verdicts: list[CheckResult]) -> bool:
    return all(v.status in FINE for v in verdicts)


def _outcomes(result: RunResult, name: str) -> Outcomes:
    return {check: came for (exercise, check), came in result.outcomes.items() if exercise == name}
