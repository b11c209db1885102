"""Judges the exercises of one part: makes the cases, asks the reference, gives each check its verdict.

Runs trusted code only (the reference, misconceptions, variants). What a learner's file answers is
brought by ``grading``.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import Any
from zlib import crc32

from graders.authoring import Alternative, Case, Check, Exercise, Rng
from graders.core.alternatives import module_of, noting, reference_of
from graders.core.effort import grows_too_fast
from graders.core.gives import Kinds, Seen, seen
from graders.core.gpu import gpu_reason
from graders.core.loaded import LoadedPart
from graders.core.needs import Ours
from graders.core.once_more import AS_BEFORE, BETWEEN, ONCE_MORE, once, other, richest, which
from graders.core.report import CheckResult
from graders.core.stubs import stub_of
from graders.core.verdict import Outcomes, judge_case
from graders.core.words import show_call, show_case
from graders.ground import runner, wire
from graders.ground.between import among_the_watched
from graders.ground.runner import ARGUMENT, Outcome
from graders.instead import Raises

MAX_SEED = 2**31  # generators take neither negative seeds nor enormous ones


def _travelling(seed: int, number: int) -> int:
    """The seed that a child gets; to try all that cases may be drawn from takes longer than a check has."""
    return int.from_bytes(blake2b(f"{seed} {number}".encode()).digest()[:4], "big") % MAX_SEED


def check_names(part: LoadedPart, exercise: Exercise) -> list[str]:
    """The names of an exercise's checks, with those that are derived from the others' runs."""
    names = [*exercise.checks]
    if any(PartJudge.is_pure(exercise, check) for check in exercise.checks.values()):
        names.append("inputs")
    if "autograd" in exercise.forbid:
        names.append("no_autograd")
    return names


@dataclass
class Expected:
    """What an exercise's checks should give, and how long the reference took."""

    cases: dict[str, list[tuple[Case, int]]] = field(default_factory=dict)
    outcomes: Outcomes = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


class PartJudge:
    """Everything needed to judge one part, kept for as long as its files do not change."""

    def __init__(self, part: LoadedPart, seed: int, thorough: bool = False) -> None:
        self.part = part
        self.thorough = thorough  # run the reference even where no verdict needs it: for the audit
        self.seed = seed % MAX_SEED
        self._expected: dict[str, Expected] = {}
        self._alternatives: dict[tuple[str, Alternative], Outcomes] = {}
        self.passes: dict[tuple[Any, ...], bool] = {}  # kept for who asks (see diagnose.py)
        self._comes_to: dict[str, frozenset[str]] = {}
        self._counted: dict[tuple[str, int], Outcome] = {}
        self._seen: dict[str, Seen] = {}
        self._shown: dict[int, tuple[Case, str]] = {}

    def scenarios_of(self, names: list[str]) -> list[bytes]:
        """The scenarios that a child needs for some exercises, compiled."""
        return [self.part.scenario_code(name) for name in names]

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
    def ours(self) -> Ours:
        """Which exercises need which others, as the part's own texts say."""
        return Ours(self.part)

    # -- the right answers -------------------------------------------------------------------

    @property
    def reference(self) -> Any:
        """The reference solution as a module."""
        return reference_of(self.part)

    def cases(self, exercise: Exercise) -> Expected:
        """The cases of every check; made once per seed."""
        expected = self._expected.get(exercise.name)
        if expected is None:
            expected = self._expected[exercise.name] = Expected()
            for check in exercise.checks.values():
                make = check.cases or exercise.default_cases
                salt = crc32(f"{exercise.name}:{check.name}".encode())
                made = list(make(Rng([self.seed, salt]))) if make else [{}]
                pairs = [(case, _travelling(self.seed, i)) for i, case in enumerate(made)]
                if self.asks_again(exercise, check):
                    pairs.append(pairs[richest(pairs, self.asks_between(exercise, check))])
                expected.cases[check.name] = pairs
        return expected

    def expect(self, exercise: Exercise) -> Expected:
        """What the reference (or the oracle) gives on the cases; nothing where no verdict asks for it."""
        expected = self.cases(exercise)
        began = time.thread_time()
        for check in exercise.checks.values():
            if check.name in expected.outcomes or (check.gpu and gpu_reason()):
                continue
            may: set[str] = set()
            cases, again = once(expected.cases[check.name])
            right = [self._right(exercise, check, case, seed, may) for case, seed in cases]
            at = which(expected.cases[check.name])
            expected.outcomes[check.name] = right + right[at : at + again]
            now = time.thread_time()  # asking takes a while itself
            expected.seconds[check.name], began = now - began, now
        return expected

    def comes_to(self, exercise: Exercise) -> frozenset[str]:
        """The exercises whose code runs on its cases where everything is the reference's, itself too."""
        if exercise.name not in self._comes_to:
            module, notes = noting(self.part)
            notes.clear()
            for name, cases in self.cases(exercise).cases.items():
                check = exercise.checks[name]
                for case, seed in () if check.gpu and gpu_reason() else cases:
                    self.run(module, exercise, check, case, seed, trusted=True)
            self._comes_to[exercise.name] = frozenset(notes)
        return self._comes_to[exercise.name]

    def kinds(self, exercise: Exercise) -> Kinds:
        """What its functions give, where their docstrings say it."""
        return self._shows(exercise).kinds

    def _shows(self, exercise: Exercise) -> Seen:
        """What the reference was once seen to give, and to leave."""
        if exercise.name not in self._seen:
            first = PartJudge(self.part, 0)

            def cases() -> Iterator[tuple[Check, Case, int]]:
                for name, made in first.cases(exercise).cases.items():
                    check = exercise.checks[name]
                    yield from ((check, *one) for one in made if not (check.gpu and gpu_reason()))

            def run(check: Check, case: Case, seed: int) -> Outcome:
                return first.run(self.reference, exercise, check, case, seed, True, True)

            self._seen[exercise.name] = seen(self.part, exercise, cases, run)
        return self._seen[exercise.name]

    def _right(
        self, exercise: Exercise, check: Check, case: Case, seed: int, may: set[str]
    ) -> Outcome:
        def ask(left: list[str]) -> set[str]:
            """What the reference leaves otherwise in this check; asked where a submission does."""
            if not may:
                may.update(self._shows(exercise).left.get(check.name, ()))
            if not may.issuperset(left):
                came = self.run(
                    self.reference, exercise, check, case, seed, trusted=True, looked=True
                )
                may.update(came.get("left", ()))
                # an attribute of the learner's own is the learner's own affair
                held = came.get("held", ())
                may.update(n for n in left if "." in n and n.startswith(ARGUMENT) and n not in held)
            return may

        def gives() -> Kinds:
            return self.kinds(exercise)

        asked: Outcome = {"ask": ask, "gives": gives}
        elsewhere: Outcome = {"elsewhere": True, **asked}
        if not check.asks_reference and not self.thorough:
            return {"value": wire.encode(None), **elsewhere}
        if check.oracle is None:
            return {**self.run(self.reference, exercise, check, case, seed, trusted=True), **asked}
        runner.seed_everything(seed)
        right = check.oracle(**runner.fresh(case))
        if isinstance(right, Raises):
            return {"raised": right.name, "message": right.message, **elsewhere}
        return {"value": wire.encode(right), **elsewhere}

    def run(
        self,
        module: Any,
        exercise: Exercise,
        check: Check,
        case: Case,
        seed: int,
        trusted: bool = False,
        looked: bool = False,
        between: Case | None = None,
    ) -> Outcome:
        """Runs the reference or a misconception here, as a child would; one that is trusted, unwatched.

        What it leaves behind is looked at if it is not trusted, or if that is asked for.
        """
        scenario = check.scenario or runner.call_target(exercise.targets[0])
        path = str(getattr(module, "__file__", ""))
        pure = self.is_pure(exercise, check) and not trusted
        made = [one for one, _ in self.cases(exercise).cases.get(check.name, ())]
        number = next((i for i, one in enumerate(made) if one is case), 0)
        seen = (looked or not trusted) and (
            among_the_watched(number, len(made)) or case is made[-1]
        )
        return runner.run_case(
            scenario,
            module,
            case,
            seed,
            exercise.forbid,
            not trusted,
            pure,
            path=path,
            looked=looked or not trusted,
            targets=exercise.targets if seen else (),
            steps=check.steps,
            between=between if self.asks_between(exercise, check) else None,
            turning=not trusted
            and between is None
            and self.asks_again(exercise, check)
            and case is made[-1],
        )

    def _steps(self, exercise: Exercise, check: Check, case: Case, seed: int) -> Outcome:
        """What the reference takes for a case."""
        key = exercise.name, seed
        if key not in self._counted:
            self._counted[key] = self.run(self.reference, exercise, check, case, seed, trusted=True)
        return self._counted[key]

    @staticmethod
    def asks_again(exercise: Exercise, check: Check) -> bool:
        """Whether a check's first case comes once more at the end: what came first must not be kept for it.

        In one check of each exercise's; not where its work is counted, or luck is judged.
        """
        fit = [c for c in exercise.checks.values() if not (c.steps or c.judge or c.gpu)]
        return fit[:1] == [check]

    @staticmethod
    def asks_between(exercise: Exercise, check: Check) -> bool:
        """Whether it comes with another object between its calls, which one of its own has not to mind."""
        target = exercise.targets[0]
        objects = not target.islower() or "." in target
        return objects and PartJudge.asks_again(exercise, check)

    @staticmethod
    def is_pure(exercise: Exercise, check: Check) -> bool:
        return exercise.pure and check.scenario is None

    def alternative_outcomes(self, exercise: Exercise, alternative: Alternative) -> Outcomes:
        """The outcomes of an alternative on this seed's cases, check by check."""
        key = (exercise.name, alternative)
        kept = self._alternatives.get(key)
        if kept is None:
            module = module_of(self.part, exercise, alternative)
            expected = self.cases(exercise)
            kept = {}
            for check in exercise.checks.values():
                if check.gpu and gpu_reason():
                    continue
                cases = expected.cases[check.name]
                kept[check.name] = [
                    self.run(module, exercise, check, case, seed) for case, seed in cases
                ]
                if once(cases)[1]:
                    (case, seed), between = cases[-1], cases[other(cases)][0]
                    kept[check.name][-1] = self.run(
                        module, exercise, check, case, seed, between=between
                    )
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
            right = expected.outcomes[check.name]
            results.append(self._verdict(exercise, check, cases, came, right))
            for outcome in came:
                changed.update(outcome.get("changed", ()))
                offences += outcome.get("guard", ())
        if any(self.is_pure(exercise, c) for c in exercise.checks.values()):
            if not changed:
                results.append(CheckResult("inputs", "passed"))
            else:
                names = ", ".join(f"`{n}`" for n in sorted(changed))
                message = (
                    f"your function changed its argument {names} in place: whoever passed it still "
                    "needs it. Make a new one (or a copy) instead."
                )
                spoilt = CheckResult("inputs", "failed", message)
                # told before the wrong values that follow from it, if nothing graver came
                graver = any(r.status not in ("passed", "failed", "skipped") for r in results)
                results.insert(len(results) if graver else 0, spoilt)
        if "autograd" in exercise.forbid:
            message = ""
            if offences:
                message = (
                    f"gradients are computed by hand here, but {offences[0]}: "
                    "write the gradient out yourself."
                )
                # told first: whatever else is off (torch's own complaint, say) follows from it
                results.insert(0, CheckResult("no_autograd", "failed", message))
            else:
                results.append(CheckResult("no_autograd", "passed"))
        return results

    def _show(self, exercise: Exercise, check: Check, case: Case) -> str:
        """A case in words, made once: the same one is told to every wrong solution of the bank.

        Where the case is nothing but a call of the target, and small, as one would type it.
        """
        if id(case) not in self._shown:
            call = "" if check.scenario else show_call(exercise.targets[0], case)
            # while it is kept, its id is its own
            self._shown[id(case)] = case, call or show_case(case)
        return self._shown[id(case)][1]

    def _verdict(
        self,
        exercise: Exercise,
        check: Check,
        cases: list[tuple[Case, int]],
        came: list[Outcome],
        right: list[Outcome],
    ) -> CheckResult:
        count = len(once(cases)[0])
        for number, ((case, _), got, want) in enumerate(zip(cases, came, right, strict=True), 1):
            status, message, missing = judge_case(check, case, got, want)
            if status != "passed":
                shown = self._show(exercise, check, case)
                where = f"case {number} of {count}" + (f": {shown}" if shown else "")
                if status == "failed" and got.get("as_before") and number <= count:
                    message = f"{message}\n{AS_BEFORE}"
                if number > count:
                    more = BETWEEN if self.asks_between(exercise, check) else ONCE_MORE
                    message = more if status == "failed" else f"made once more: {message}"
                    where = f"case {which(cases) + 1} of {count}, once more" + (
                        f": {shown}" if shown else ""
                    )
                result = CheckResult(check.name, status, message, where, missing=missing)
                result.frames = [tuple(f) for f in got.get("frames", [])]
                result.printed = str(got.get("printed", ""))
                return result
        if check.steps:
            known = [
                one if "steps" in one else self._steps(exercise, check, case, seed)
                for one, (case, seed) in zip(right, cases, strict=True)
            ]
            if said := grows_too_fast(came, known, [case for case, _ in cases]):
                where = self._show(exercise, check, cases[1][0])
                return CheckResult(check.name, "failed", said, f"the larger: {where}")
        printed = next((str(o["printed"]) for o in came if o.get("printed")), "")
        return CheckResult(check.name, "passed", "", printed=printed)
