"""One grading of one file: reads it, sends it to a child, judges what comes back, exercise by exercise.

The judge keeps its own list of what had to be answered. Silence, an early exit or a skipped check
are failures, because only an answer that was compared counts.
"""

from __future__ import annotations

import ast
import difflib
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from graders.authoring import Exercise
from graders.core import diagnose
from graders.core.cards import Card
from graders.core.forbidden import mentions
from graders.core.gpu import gpu_reason
from graders.core.part_judge import PartJudge
from graders.core.report import CheckResult, ExerciseResult
from graders.core.stubs import same_code
from graders.core.verdict import Outcomes, describe_exception
from graders.ground.definitions import definition
from graders.ground.worker import (
    CHECK_SECONDS,
    SLOWER,
    Label,
    Pending,
    RunResult,
    Worker,
    sentence,
)

GPU_SECONDS = 300.0  # a first compilation on a GPU takes minutes

MAX_SOURCE = 2 * 2**20  # bytes of a file that is graded


class Grading:
    """One grading of one file."""

    def __init__(self, worker: Worker, part: PartJudge, names: list[str], path: Path) -> None:
        self.worker, self.part = worker, part
        self.ref, self.names, self.path = part.part.ref, names, path
        self.exercises = [self.part.part.exercises[name] for name in names]
        self.done: dict[str, ExerciseResult] = {}
        self.source = ""
        self.tree: ast.Module | None = None
        self.together: Pending | None = None
        self.readable = self._read()
        if self.readable:
            for exercise in self.exercises:
                if self._is_todo(exercise):
                    self._set(exercise, self._all(exercise, "todo", "still a TODO"))
            # all that is not a TODO in one child, as long as all goes well
            left = [e for e in self.exercises if e.name not in self.done]
            if left and not any(c.gpu for e in left for c in e.checks.values()):
                self.together = self._submit(left, False)

    def results(self) -> list[ExerciseResult]:
        """The verdicts, in the order asked for."""
        if self.readable:
            first = self._take_together()
            for exercise in self.exercises:
                if exercise.name not in self.done:
                    self._run_alone(exercise, first)
        return [self.done[name] for name in self.names]

    def _read(self) -> bool:
        """Reads and parses the file; if that fails, every exercise says why."""
        try:
            status = self.path.stat()
            if S_ISREG(status.st_mode) and status.st_size > MAX_SOURCE:
                raise ValueError(f"it is larger than {MAX_SOURCE // 2**20} MB")
            if not S_ISREG(status.st_mode) and not S_ISDIR(status.st_mode):
                raise ValueError("it is not a plain file")  # a pipe would never end
            # some editors begin a file with a byte order mark, which Python itself accepts too
            self.source = self.path.read_text(encoding="utf-8-sig")
            self.tree = ast.parse(self.source)
        except FileNotFoundError:
            message = f"there is no file {_shown(self.path)}."
        except IsADirectoryError:
            message = f"{_shown(self.path)} is a folder, not a file."
        except PermissionError:
            message = f"{_shown(self.path)} cannot be read: permission denied."
        except UnicodeDecodeError:
            message = f"{_shown(self.path)} is not UTF-8 text."
        except SyntaxError as error:
            where = f"line {error.lineno}" if error.lineno else "the file"  # null bytes: no line
            message = f"{where} is not valid Python: {error.msg}"
            for exercise in self.exercises:
                checks = self._all(exercise, "error", message)
                for check in checks:
                    check.frames = [(error.lineno or 0, "")]
                self._set(exercise, checks)
            return False
        except (ValueError, RecursionError, MemoryError, OSError) as error:
            message = f"{_shown(self.path)} cannot be read as Python: {error}"
        else:
            return True
        for exercise in self.exercises:
            self._set(exercise, self._all(exercise, "error", message))
        return False

    def _all(self, exercise: Exercise, status: str, message: str) -> list[CheckResult]:
        """The same verdict on every check of an exercise."""
        names = [*exercise.checks]
        if any(self.part.is_pure(exercise, c) for c in exercise.checks.values()):
            names.append("inputs")
        if "autograd" in self.part.forbid:
            names.append("no_autograd")
        return [CheckResult(name, status, message) for name in names]

    def _is_todo(self, exercise: Exercise | Card) -> bool:
        """Whether the learner's code for this exercise is the stub's, untouched."""
        assert self.tree is not None
        mine = [definition(self.tree, t) for t in exercise.targets]
        if not any(_has_todo(m) for m in mine):
            return False
        stub = [definition(self.part.stub_tree, t) for t in exercise.targets]
        return all(map(same_code, mine, stub))

    # -- running -----------------------------------------------------------------------------

    def _standins(self, graded: list[Exercise], everything: bool) -> dict[str, dict[str, str]]:
        """Definitions of the reference for the part's other exercises: the unsolved, or all."""
        keep = {exercise.name for exercise in graded}
        return {
            name: self.part.definitions[name]
            for name, card in self.part.part.cards.items()
            if name not in keep and (everything or self._is_todo(card))
        }

    def _submit(self, graded: list[Exercise], everything: bool) -> Pending:
        """Starts a child for some exercises, with stand-ins for the unsolved or for all others."""
        runs = []
        for exercise in graded:
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
        gpu = any(c.gpu for e in graded for c in e.checks.values()) and not gpu_reason()
        return self.worker.submit(
            {
                "source": self.source,
                "path": str(self.path),
                "name": "part",
                "standins": self._standins(graded, everything),
                "scenarios": [self.part.part.scenarios(e.name) for e in graded],
                "forbid": list(self.part.forbid),
                "runs": runs,
                "gpu": gpu,
            }
        )

    def _collect(self, pending: Pending, graded: list[Exercise]) -> RunResult:
        """What a child gave; the right answers are computed while it works."""
        limits: dict[Label, float] = {}
        try:
            for exercise in graded:
                for name, seconds in self.part.expect(exercise).seconds.items():
                    base = GPU_SECONDS if exercise.checks[name].gpu else CHECK_SECONDS
                    limits[exercise.name, name] = base + SLOWER * seconds
        finally:
            result = pending.collect(limits)
        return result

    def _run(self, graded: list[Exercise], everything: bool) -> RunResult:
        return self._collect(self._submit(graded, everything), graded)

    def _take_together(self) -> RunResult | None:
        """Keeps what passed in the common child; its result if it ran a single exercise only."""
        if self.together is None:
            return None
        graded = [e for e in self.exercises if e.name not in self.done]
        result = self._collect(self.together, graded)
        if result.load is None and result.loaded:
            for exercise in graded:
                verdicts = self._results(exercise, _outcomes(result, exercise))
                if all(v.status in ("passed", "skipped") for v in verdicts):
                    self._set(exercise, verdicts, self._stood_in(exercise, result, True), result)
        return result if len(graded) == 1 else None

    def _run_alone(self, exercise: Exercise, first: RunResult | None) -> None:
        """Judges one exercise by itself, in a fresh child that no other has touched."""
        first = first or self._run([exercise], False)
        verdicts = self._verdicts(exercise, first)
        gone = self._gone(exercise)
        if gone and first.loaded and any(v.status in ("failed", "error") for v in verdicts):
            # whatever else is off follows from it: the scenario looked for a name in vain
            message = f"I cannot find `{gone}` in your file. Was it renamed or removed?"
            self._set(exercise, self._all(exercise, "error", message), [], first)
            return
        last = first
        if not all(v.status in ("passed", "skipped") for v in verdicts):
            # perhaps the fault lies in another exercise: the reference stands in for the others
            others = [c for c in self.part.part.cards.values() if c.name != exercise.name]
            blameless = first.died in ("timeout", "output") or "syntax" in (first.load or {})
            if any(not self._is_todo(e) for e in others) and not blameless:
                second = self._run([exercise], True)
                again = self._verdicts(exercise, second)
                if all(v.status in ("passed", "skipped") for v in again) or not second.load:
                    verdicts, last = again, second
        right = all(v.status in ("passed", "skipped") for v in verdicts)
        self._set(exercise, verdicts, self._stood_in(exercise, last, right), last)

    def _results(self, exercise: Exercise, outcomes: Outcomes) -> list[CheckResult]:
        """The verdicts, and what the text itself says about forbidden tools."""
        results = self.part.results(exercise, outcomes)
        if "autograd" in self.part.forbid and self.tree is not None:
            word = mentions(self.tree, exercise.targets)
            guard = next(r for r in results if r.name == "no_autograd")
            if word and guard.status == "passed":
                results.remove(guard)
                message = (
                    "this lesson computes gradients by hand, but your code uses "
                    f"`{word}`: write the gradient out yourself."
                )
                results.insert(0, CheckResult("no_autograd", "failed", message))
        return results

    def _stood_in(self, exercise: Exercise, result: RunResult, right: bool) -> list[str]:
        """The exercises to tell about: their stand-ins were called, and they are not right yet.

        One that was not graded in this run is told only if it must be at fault: this exercise
        is right with the reference in its place, and was not without.
        """
        told = []
        for name in _used(result, exercise):
            known = self.done.get(name)
            if known is not None:
                wrong = known.status != "passed"
            else:
                wrong = right or self._is_todo(self.part.part.cards[name])
            if wrong:
                told.append(name)
        return told

    def _verdicts(self, exercise: Exercise, result: RunResult) -> list[CheckResult]:
        if result.load is not None:
            status, message = describe_exception(result.load)
            if not result.load.get("syntax") and status == "error":
                message = f"your file cannot be executed: {message}"
            checks = self._all(exercise, "error", message)
            for check in checks:
                check.frames = [tuple(f) for f in result.load.get("frames", [])]
            return checks
        verdicts = self._results(exercise, _outcomes(result, exercise))
        if result.died:
            reason = sentence(result)
            status = "timeout" if result.died == "timeout" else "error"
            for verdict in verdicts:
                unanswered = (exercise.name, verdict.name) not in result.outcomes
                if unanswered and verdict.status != "skipped":
                    verdict.status, verdict.message = status, f"your code did not finish: {reason}"
                    verdict.where = ""
                    verdict.frames = [tuple(frame) for frame in result.frames]
        return verdicts

    def _set(
        self,
        exercise: Exercise,
        checks: list[CheckResult],
        stood_in: list[str] | None = None,
        run: RunResult | None = None,
    ) -> None:
        result = ExerciseResult(
            id=self.part.part.exercise_id(exercise.name),
            name=exercise.name,
            title=exercise.title,
            lesson=self.ref.lesson,
            part=self.ref.name,
            path=str(self.path),
            line=self._line(exercise),
            max_points=exercise.points,
            stretch=exercise.stretch,
            checks=checks,
            stood_in=stood_in or [],
            hints=len(exercise.hints),
            seed=self.part.seed,
            printed=run.printed if run else "",
        )
        if result.status in ("failed", "error") and run is not None:
            if run.load is None:
                came = _outcomes(run, exercise)
                result.diagnosis = diagnose.name_it(self.part, exercise, came, checks)
            missing = [c for c in checks if "I cannot find" in c.message]
            if missing and self.tree is not None:
                self._suggest(exercise, missing)
        self.done[exercise.name] = result

    def _gone(self, exercise: Exercise) -> str:
        """A target whose name is defined nowhere in the file; "" if all are there."""
        assert self.tree is not None
        names: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                names.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                names.add(node.attr)
            elif isinstance(node, ast.alias):
                names.add((node.asname or node.name).split(".")[0])
        for target in exercise.targets:
            path = target.split(".")
            for depth, name in enumerate(path, 1):
                if name not in names and not (name.startswith("__") and self._inherits(target)):
                    return ".".join(path[:depth])
        return ""

    def _inherits(self, target: str) -> bool:
        """Whether the class of a method has bases, from which the method may come."""
        assert self.tree is not None
        home = definition(self.tree, target.rpartition(".")[0]) if "." in target else None
        return isinstance(home, ast.ClassDef) and bool(home.bases)

    def _suggest(self, exercise: Exercise, checks: list[CheckResult]) -> None:
        assert self.tree is not None
        there = [
            n.name for n in ast.walk(self.tree) if isinstance(n, (ast.FunctionDef, ast.ClassDef))
        ]
        for check in checks:
            wanted = check.message.split("`")[1].rpartition(".")[2]
            close = [n for n in difflib.get_close_matches(wanted, there, 3, 0.6) if n != wanted]
            if close:
                check.message += f" (It has one called `{close[0]}`.)"

    def _line(self, exercise: Exercise) -> int:
        node = definition(self.tree, exercise.targets[0]) if self.tree else None
        return node.lineno if node else 1


def _outcomes(result: RunResult, exercise: Exercise) -> Outcomes:
    return {
        check: outcomes for (name, check), outcomes in result.outcomes.items()
        if name == exercise.name
    }  # fmt: skip


def _used(result: RunResult, exercise: Exercise) -> list[str]:
    """The stand-ins that this exercise's runs called."""
    seen: set[str] = set()
    for (name, _), outcomes in result.outcomes.items():
        if name == exercise.name:
            for outcome in outcomes:
                seen.update(str(n) for n in outcome.get("used", ()))
    return sorted(seen - {exercise.name})


def _has_todo(node: ast.stmt | None) -> bool:
    if node is None:
        return False
    for inner in ast.walk(node):
        if isinstance(inner, ast.Raise) and inner.exc is not None:
            call = inner.exc
            name = call.func if isinstance(call, ast.Call) else call
            if isinstance(name, ast.Name) and name.id == "NotImplementedError":
                return True
    return False


def _shown(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
