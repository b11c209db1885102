"""Judges a learner's file: runs it in a child, computes what is right, compares, names the mistake.

The judge keeps its own list of what had to be answered. Silence, an early exit or a skipped check
are failures, because only an answer that was compared counts.
"""

from __future__ import annotations

import ast
import difflib
import os
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Any
from zlib import crc32

import torch

from graders.authoring import Alternative, Case, Check, Exercise, Rng
from graders.core import diagnose
from graders.core.compare import compare, show_case
from graders.core.forbidden import mentions
from graders.core.registry import LoadedPart, PartRef, Registry
from graders.core.report import CheckResult, ExerciseResult
from graders.core.stubs import same_code, stub_of
from graders.ground import runner, wire
from graders.ground.child import FILE_SIZE
from graders.ground.runner import Outcome, definition
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

Outcomes = dict[str, list[Outcome]]  # check name -> one outcome per case


@cache
def gpu_reason() -> str:
    """Why GPU-marked checks are skipped here; "" if they are not.

    Asks the driver without initializing CUDA, so that children may still use it after a fork.
    """
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return "the GPU is hidden by CUDA_VISIBLE_DEVICES"
    if torch.version.cuda is None and torch.version.hip is None:
        return "this torch has no GPU support"
    return "" if torch.cuda.device_count() else "this machine has no GPU that torch can use"


@dataclass
class Expected:
    """What an exercise's checks should give, and how long the reference took."""

    cases: dict[str, list[tuple[Case, int]]] = field(default_factory=dict)
    outcomes: Outcomes = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


class GraderBug(Exception):
    """A grader file is at fault, not the learner."""


class PartJudge:
    """Everything needed to judge one part, kept for as long as its files do not change."""

    def __init__(self, part: LoadedPart, seed: int, thorough: bool = False) -> None:
        self.part = part
        self.thorough = thorough  # run the reference even where no verdict needs it: for the audit
        self.seed = seed
        self.forbid = part.part.forbid
        self.scenarios = part.scenarios
        self._expected: dict[str, Expected] = {}
        self._alternatives: dict[tuple[str, Alternative], Outcomes] = {}

    # what follows is needed only when something is not right, and costs milliseconds

    @property
    def bare_source(self) -> str:
        return self.part.bare_source

    @property
    def bare_tree(self) -> ast.Module:
        return self.part.bare_tree

    @cached_property
    def stub_tree(self) -> ast.Module:
        """What the learner started from."""
        return ast.parse(stub_of(self.part))

    @cached_property
    def definitions(self) -> dict[str, dict[str, str]]:
        """{exercise: {target: the reference's definition}}, to stand in for unsolved ones."""
        return {
            name: {t: self._source_of(t) for t in exercise.targets}
            for name, exercise in self.part.exercises.items()
        }

    def _source_of(self, target: str) -> str:
        node = definition(self.bare_tree, target)
        if node is None:
            raise GraderBug(f"{self.part.ref.file}: the reference has no {target}")
        return ast.unparse(node)

    # -- the right answers -------------------------------------------------------------------

    @property
    def reference(self) -> Any:
        """The reference solution as a module."""
        kept = self.part.modules
        if "reference" not in kept:
            kept["reference"] = runner.load(
                self.part.reference, str(self.part.reference_path), "reference"
            )
        return kept["reference"]

    def cases(self, exercise: Exercise) -> Expected:
        """The cases of every check; made once per seed."""
        expected = self._expected.get(exercise.name)
        if expected is None:
            expected = self._expected[exercise.name] = Expected()
            for check in exercise.checks.values():
                make = check.cases or exercise.default_cases
                salt = crc32(f"{exercise.name}:{check.name}".encode())
                made = list(make(Rng([self.seed, salt]))) if make else [{}]
                expected.cases[check.name] = [
                    (case, self.seed * 1000 + i) for i, case in enumerate(made)
                ]
        return expected

    def expect(self, exercise: Exercise) -> Expected:
        """What the reference (or the oracle) gives on the cases; nothing where no verdict asks for it."""
        expected = self.cases(exercise)
        for check in exercise.checks.values():
            if check.name in expected.outcomes or (check.gpu and gpu_reason()):
                continue
            began = time.process_time()
            expected.outcomes[check.name] = [
                self._right(exercise, check, case, seed)
                for case, seed in expected.cases[check.name]
            ]
            expected.seconds[check.name] = time.process_time() - began
        return expected

    def _right(self, exercise: Exercise, check: Check, case: Case, seed: int) -> Outcome:
        if not check.asks_reference and not self.thorough:
            return {"value": wire.encode(None)}
        if check.oracle is None:
            return self.run(self.reference, exercise, check, case, seed, nets=False)
        runner.seed_everything(seed)
        return {"value": wire.encode(check.oracle(**runner.fresh(case)))}

    def run(
        self,
        module: Any,
        exercise: Exercise,
        check: Check,
        case: Case,
        seed: int,
        nets: bool = True,
    ) -> Outcome:
        """Runs trusted code (the reference, a misconception) here, as a child would."""
        scenario = check.scenario or runner.call_target(exercise.targets[0])
        path = str(getattr(module, "__file__", ""))
        pure = self.is_pure(exercise, check)
        return runner.run_case(scenario, module, case, seed, self.forbid, nets, pure, path=path)

    @staticmethod
    def is_pure(exercise: Exercise, check: Check) -> bool:
        return exercise.pure and check.scenario is None

    # -- alternatives ---------------------------------------------------------------------------

    def module_of(self, exercise: Exercise, alternative: Alternative) -> Any:
        """The reference with one exercise done otherwise. Raises GraderBug if it does not apply.

        Kept with the part: every seed uses the same module, compiled once.
        """
        key = (exercise.name, alternative)
        if key not in self.part.modules:
            self.part.modules[key] = self._make_module(exercise, alternative)
        return self.part.modules[key]

    def _make_module(self, exercise: Exercise, alternative: Alternative) -> Any:
        if alternative.function is not None:
            if len(exercise.targets) != 1 or "." in exercise.targets[0]:
                raise GraderBug(
                    f"{exercise.name}: a function can only stand in for one plain function; "
                    f"give {alternative.name} as edits or source"
                )
            module = runner.load(self.part.reference, str(self.part.reference_path), "other")
            setattr(module, exercise.targets[0], alternative.function)
            return module
        standins = {exercise.name: self._alternative_source(exercise, alternative)}
        return runner.load(self.part.reference, str(self.part.reference_path), "other", standins)

    def _alternative_source(self, exercise: Exercise, alternative: Alternative) -> dict[str, str]:
        if alternative.source is not None:
            result = {}
            import textwrap

            text = textwrap.dedent(alternative.source).strip("\n")
            for node in ast.parse(text).body:
                name = getattr(node, "name", None)
                if name is None and isinstance(node, ast.Assign):
                    name = getattr(node.targets[0], "id", None)
                fitting = [t for t in exercise.targets if t.rpartition(".")[2] == name]
                target = fitting[0] if fitting else (name or "")
                if not fitting and "." in exercise.targets[0]:
                    raise GraderBug(f"{exercise.name}/{alternative.name}: {name} is no target")
                result[target] = ast.unparse(node)
            return result
        texts = {
            t: _segment(self.bare_source, definition(self.bare_tree, t)) for t in exercise.targets
        }
        for old, new in alternative.edits:
            places = [t for t, text in texts.items() if old in text]
            if len(places) != 1 or texts[places[0]].count(old) != 1:
                count = sum(text.count(old) for text in texts.values())
                raise GraderBug(
                    f"{exercise.name}/{alternative.name}: {old!r} stands {count} times in the "
                    "target, not once"
                )
            texts[places[0]] = texts[places[0]].replace(old, new)
        import textwrap

        return {t: textwrap.dedent(text) for t, text in texts.items()}

    def alternative_outcomes(
        self, exercise: Exercise, alternative: Alternative, only: Iterable[str] = ()
    ) -> Outcomes:
        """The outcomes of an alternative on this seed's cases, check by check."""
        key = (exercise.name, alternative)
        kept = self._alternatives.get(key)
        if kept is None:
            module = self.module_of(exercise, alternative)
            expected = self.cases(exercise)
            kept = {}
            for check in exercise.checks.values():
                if check.gpu and gpu_reason():
                    continue
                kept[check.name] = [
                    self.run(module, exercise, check, case, seed)
                    for case, seed in expected.cases[check.name]
                ]
            self._alternatives[key] = kept
        return kept

    # -- verdicts -------------------------------------------------------------------------------

    def results(self, exercise: Exercise, outcomes: Outcomes) -> list[CheckResult]:
        """The verdict on each check, given what came back."""
        expected = self.expect(exercise)
        results = []
        changed: set[str] = set()
        offences: list[str] = []
        for check in exercise.checks.values():
            if check.gpu and gpu_reason():
                results.append(CheckResult(check.name, "skipped", gpu_reason()))
                continue
            came = outcomes.get(check.name)
            cases = expected.cases[check.name]
            if came is None or len(came) != len(cases):
                results.append(CheckResult(check.name, "error", "no answer came back"))
                continue
            results.append(self._verdict(check, cases, came, expected.outcomes[check.name]))
            for outcome in came:
                changed.update(outcome.get("changed", ()))
                offences += outcome.get("guard", ())
        if any(self.is_pure(exercise, c) for c in exercise.checks.values()):
            message = ""
            if changed:
                names = ", ".join(f"`{n}`" for n in sorted(changed))
                message = (
                    f"your function changed its argument {names} in place: whoever passed it still "
                    "needs it. Make a new tensor (or a copy) instead."
                )
            results.append(CheckResult("inputs", "failed" if changed else "passed", message))
        if "autograd" in self.forbid:
            message = ""
            if offences:
                message = (
                    f"this lesson computes gradients by hand, but {offences[0]}: "
                    "write the gradient out yourself."
                )
                # told first: whatever else is off (torch's own complaint, say) follows from it
                results.insert(0, CheckResult("no_autograd", "failed", message))
            else:
                results.append(CheckResult("no_autograd", "passed"))
        return results

    def _verdict(
        self, check: Check, cases: list[tuple[Case, int]], came: list[Outcome], right: list[Outcome]
    ) -> CheckResult:
        for number, ((case, _), got, want) in enumerate(zip(cases, came, right, strict=True), 1):
            status, message = _judge_case(check, case, got, want)
            if status != "passed":
                shown = show_case(case)
                where = f"case {number} of {len(cases)}" + (f": {shown}" if shown else "")
                result = CheckResult(check.name, status, message, where)
                result.frames = [tuple(f) for f in got.get("frames", [])]
                result.printed = str(got.get("printed", ""))
                return result
        printed = next((str(o["printed"]) for o in came if o.get("printed")), "")
        return CheckResult(check.name, "passed", "", printed=printed)


def _segment(source: str, node: ast.stmt | None) -> str:
    assert node is not None
    lines = source.splitlines(keepends=True)
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    return "".join(lines[first - 1 : node.end_lineno])


def value_of(outcome: Outcome) -> Any:
    """The value in an outcome. Raises WireError when the bytes are nonsense."""
    raw = outcome.get("value")
    if not isinstance(raw, bytes):
        raise wire.WireError("no value")
    return wire.decode(raw)


def _judge_case(check: Check, case: Case, got: Outcome, want: Outcome) -> tuple[str, str]:
    if "raised" in want and want["raised"] == got.get("raised") and not got.get("todo"):
        return "passed", ""
    if "raised" in got:
        return describe_exception(got)
    if "unsendable" in got:
        return "error", f"your answer cannot be read: {got['unsendable']}."
    try:
        value = value_of(got)
    except wire.WireError:
        return "error", "your answer cannot be read."
    if "raised" in want:
        # such a case asks for an exception; the audit has seen that the reference means it
        return "failed", f"this should raise {want['raised']} ({want['message']})"
    right = value_of(want)
    if check.judge is not None:
        try:
            known = (right,) if check.asks_reference else ()
            message = check.judge(case, value, *known)
        except Exception as error:
            # a judge is written for answers of the right form: compare() explains the wrong ones
            off = compare(value, right, check.tol, check.dtype) if check.asks_reference else None
            text = off.message if off else f"the answer is of the wrong form ({error})"
            return "failed", text
        return ("passed", "") if message is None else ("failed", message)
    mismatch = compare(value, right, check.tol, check.dtype)
    return ("passed", "") if mismatch is None else ("failed", mismatch.message)


def describe_exception(got: Outcome) -> tuple[str, str]:
    """(status, message) for an outcome that is an exception."""
    kind, message = str(got["raised"]), str(got.get("message", ""))
    if got.get("todo"):
        return "todo", "still a TODO"
    if "missing" in got:
        return "error", f"I cannot find `{got['missing']}` in your file. Was it renamed or removed?"
    if got.get("syntax"):
        line = (got.get("frames") or [[0]])[0][0]
        return "error", f"line {line} is not valid Python: {message}"
    known = {
        "SystemExit": "your code called exit(), which ends the program instead of returning.",
        "PrintedTooMuch": f"your code {message}: is there a print in a loop?",
        "RecursionError": "the recursion went too deep: does it ever reach its end?",
        "Skipped": "your code skipped its own test; only an answer counts.",
        "MemoryError": "your code asked for more memory than a check may have (2 GB).",
        "PermissionError": "your code tried something that a checked solution may not do (start a "
        "process, use the network, write files elsewhere).",
    }
    if "can't allocate memory" in message:
        return "error", known["MemoryError"]
    if kind == "OSError" and "File too large" in message:
        return "error", f"your code wrote a file larger than {FILE_SIZE // 2**20} MB."
    if kind in known:
        return "error", known[kind]
    return "error", f"{kind}: {message}" if message else kind


# -- a whole file -----------------------------------------------------------------------------------


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
        self.worker.start()
        self.seed = int.from_bytes(os.urandom(2), "big") if seed is None else seed
        self._parts: dict[PartRef, PartJudge] = {}

    def part(self, ref: PartRef) -> PartJudge:
        if ref not in self._parts:
            self._parts[ref] = PartJudge(self.registry.load(ref), self.seed)
        return self._parts[ref]

    def close(self) -> None:
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
        return Grading(self, ref, names, folder / ref.file)

    def grade_all(
        self, chosen: list[tuple[PartRef, list[str]]], folder: Path
    ) -> Iterator[list[ExerciseResult]]:
        """Grades many parts in order; while one is judged, the next already runs."""
        ahead: list[Grading] = []
        for ref, names in chosen:
            ahead.append(self.begin(ref, names, folder))
            if len(ahead) > 1:
                yield ahead.pop(0).results()
        for grading in ahead:
            yield grading.results()


class Grading:
    """One grading of one file."""

    def __init__(self, judge: Judge, ref: PartRef, names: list[str], path: Path) -> None:
        self.judge = judge
        self.part = judge.part(ref)
        self.ref, self.names, self.path = ref, names, path
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

    def _is_todo(self, exercise: Exercise) -> bool:
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
            for name, exercise in self.part.part.exercises.items()
            if name not in keep and (everything or self._is_todo(exercise))
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
        return self.judge.worker.submit(
            {
                "source": self.source,
                "path": str(self.path),
                "name": "part",
                "standins": self._standins(graded, everything),
                "scenarios": self.part.scenarios,
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
            others = [e for e in self.part.part.exercises.values() if e is not exercise]
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
                wrong = right or self._is_todo(self.part.part.exercises[name])
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
            seed=self.judge.seed,
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


def trouble(error: BaseException) -> str:
    """A grader's own fault, in one line for a bug report."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({Path(last.filename).name}:{last.lineno})"
