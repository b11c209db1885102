"""The grader, graded: does every exercise keep what it promises?

For each exercise, over many seeds: the reference passes, every misconception is rejected and is the one
that is named, every variant is accepted, no check accepts garbage and no forger passes. Once: every stub is
a TODO (through the real worker), hints and docstrings are there, exercises/ is what the sources derive.
"""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch

from graders.authoring import Alternative, Exercise
from graders.core import derive, diagnose
from graders.core.audit_side_by_side import audit_parts
from graders.core.faults import trouble
from graders.core.forgery import Forgery
from graders.core.garbage import accepted_garbage
from graders.core.gpu import gpu_reason
from graders.core.handed import handed
from graders.core.idle import idle
from graders.core.judge import Judge
from graders.core.mutants.search import Search
from graders.core.part_judge import PartJudge
from graders.core.patience import Endless, alternative_outcomes
from graders.core.peeking import peeked
from graders.core.registry import LoadedPart, PartRef, Registry, UserError
from graders.core.report import CheckResult
from graders.core.stubs import SourceError
from graders.core.verdict import Outcomes
from graders.ground import runner
from graders.ground.definitions import definition

SEEDS = 20
MIN_MISCONCEPTIONS = 2
COUNTS = "exercises", "checks", "misconceptions", "rejected", "named", "variants", "accepted"


@dataclass
class Audit:
    """What an audit counted, and every hole it found, one sentence each.

    ``verdicts`` holds, for every misconception and variant, the distinct verdicts over the seeds;
    ``on_its_word`` the misconceptions that only comparisons beside submitted code reject (see forgery.py;
    looked for if there are two seeds or more); ``mutants`` what no bank lists and no check notices (see
    mutants/; looked for if there are as many seeds as a whole audit has).
    """

    lessons: list[str] = field(default_factory=list)
    exercises: int = 0
    checks: int = 0
    misconceptions: int = 0
    rejected: int = 0
    named: int = 0
    variants: int = 0
    accepted: int = 0
    seeds: list[int] = field(default_factory=list)
    threads: int = 1
    holes: list[str] = field(default_factory=list)
    on_its_word: list[str] = field(default_factory=list)
    mutants: list[str] = field(default_factory=list)
    by_lesson: dict[str, dict[str, int]] = field(default_factory=dict)
    verdicts: dict[str, list[str]] = field(default_factory=dict)
    seconds: float = 0.0

    def to_json(self, verdicts: bool = False) -> dict[str, Any]:
        """Plain data for ``hero audit --json``."""
        return {k: v for k, v in vars(self).items() if verdicts or k != "verdicts"}

    def add(self, other: Audit) -> None:
        """Takes over what was found in a part."""
        for key in COUNTS:
            setattr(self, key, getattr(self, key) + getattr(other, key))
        self.holes += other.holes
        self.on_its_word += other.on_its_word
        self.mutants += other.mutants
        self.verdicts.update(other.verdicts)

    def note(self, name: str, results: list[CheckResult], match: Alternative | None) -> None:
        """Keeps a verdict: which checks failed, and the misconception that is named."""
        failed = ", ".join(r.name for r in _failed(results))
        verdict = f"{failed or 'passed'}; {match.name if match else 'nothing'} named"
        known = self.verdicts.setdefault(name, [])
        if verdict not in known:
            known.append(verdict)


def audit(
    registry: Registry,
    judge: Judge,
    wanted: Iterable[str] = (),
    seeds: Iterable[int] = range(SEEDS),
    exercise: str = "",
    threads: int = 1,
    say: Callable[[str], None] = lambda text: None,
    processes: int = 1,
) -> Audit:
    """Audits what is wanted: lessons ("05"), parts ("05/3"), exercises ("05.head"); all if none.

    Args:
        exercise: of these, only the exercises of this name.
        seeds: of the cases and of the global generators while they run.
        threads: how many of them torch may use for what is right. Submitted code has one, here as in
            the child, so the two differ as they do on a learner's machine.
        processes: so many parts are audited at once, with judges of their own.
    """
    began = time.monotonic()
    seeds = list(seeds)
    broken: list[str] = []
    chosen = _chosen(registry, list(wanted) or registry.lessons, broken)
    if exercise:
        chosen = [(ref, [exercise]) for ref, names in chosen if exercise in names]
        if not chosen:
            raise UserError(f"no exercise here is called {exercise!r}.")
    found = Audit(seeds=seeds, threads=threads, holes=broken)
    found.lessons = sorted({ref.lesson for ref, _ in chosen})
    torch.set_num_threads(1)
    parts: Iterator[Audit]
    if processes > 1 and len(chosen) > 1:
        made = partial(Audit, seeds=seeds, threads=threads)
        parts = audit_parts(registry, chosen, made, _part, processes)
    else:
        parts = (_one(seeds, threads, registry, judge, ref, names) for ref, names in chosen)
    found.by_lesson = {name: dict.fromkeys(COUNTS, 0) for name in found.lessons}
    for (ref, _), part in zip(chosen, parts, strict=True):
        say(ref.file)
        found.add(part)
        for key in COUNTS:
            found.by_lesson[ref.lesson][key] += getattr(part, key)
    complete = {ref for ref, names in chosen if names == registry.exercise_names(ref)}
    whole = [n for n in found.lessons if complete >= set(registry.parts(n))]
    if whole and not exercise:
        _lessons(found, registry, whole)
    found.seconds = round(time.monotonic() - began, 1)
    return found


def _one(seeds: list[int], threads: int, *part: Any) -> Audit:
    found = Audit(seeds=seeds, threads=threads)
    _part(found, *part)
    return found


def _chosen(
    registry: Registry, wanted: list[str], broken: list[str]
) -> list[tuple[PartRef, list[str]]]:
    """Parts and exercise names; a part that cannot be loaded is a hole, not the end."""
    sound = []
    for text in wanted:
        try:
            sound += registry.select([text])
        except UserError:
            raise
        except Exception:
            for ref in registry.parts(registry.lesson(re.split(r"[/.]", text)[0])):
                try:
                    sound.append((ref, registry.exercise_names(ref)))
                except Exception as error:
                    broken.append(f"{ref.file}: {trouble(error)}")
    return sound


def _lessons(found: Audit, registry: Registry, lessons: list[str]) -> None:
    """What is asked of a lesson as a whole."""
    for lesson in lessons:
        if not (registry.root / "solutions" / lesson / "README.md").is_file():
            found.holes.append(f"solutions/{lesson}/README.md, the opening page, is missing")
        for key in ("title", "about", "lecture", "url"):
            if not registry.about(lesson).get(key):
                found.holes.append(f"graders/{lesson}/lesson.toml has no {key}")
    try:
        found.holes += derive.differences(
            registry, None if lessons == registry.lessons else lessons
        )
    except (SourceError, OSError) as error:
        found.holes.append(str(error))
    names: dict[str, str] = {}
    for ref in [r for r in registry.all_parts() if r.lesson in lessons]:
        for name in registry.exercise_names(ref):
            if f"{ref.number}.{name}" in names:
                found.holes.append(f"{ref.number}.{name} stands in two parts")
            names[f"{ref.number}.{name}"] = ref.file


@contextmanager
def _threads(count: int) -> Iterator[None]:
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(1)


def _part(found: Audit, registry: Registry, judge: Judge, ref: PartRef, names: list[str]) -> None:
    try:
        part = registry.load(ref)
        judges = [PartJudge(part, seed, thorough=True) for seed in found.seeds]
        forger = judges[1] if len(judges) > 1 else PartJudge(part, found.seeds[0] + 1, True)
    except Exception as error:
        found.holes.append(f"{ref.file}: {trouble(error)}")
        return
    if not part.exercises:
        found.holes.append(f"graders/{ref.folder} holds no exercise")
    for name in names:
        exercise = part.exercises[name]
        found.exercises += 1
        found.checks += len(exercise.checks)
        _form(found, part, exercise)
        try:
            for one in judges:
                runner.seed_everything(one.seed)  # cases made with it would change from run to run
                with _threads(found.threads):
                    one.expect(exercise)
            _bank(found, part, exercise, judges, forger)
            if len(found.seeds) >= SEEDS:
                _mutants(found, part, exercise)
        except Exception as error:
            found.holes.append(f"{part.exercise_id(name)}: {trouble(error)}")
    try:
        _stub_and_reference(found, registry, judge, part, names)
    except Exception as error:  # a misconception that cannot be applied, say
        found.holes.append(f"{ref.file}: {trouble(error)}")


def _form(found: Audit, part: LoadedPart, exercise: Exercise) -> None:
    """Hints, docstrings, a bank of a decent size, checks that exist."""
    name = part.exercise_id(exercise.name)
    if not 1 <= len(exercise.hints) <= 3:
        found.holes.append(f"{name} has {len(exercise.hints)} hints, not one to three")
    if len(exercise.misconceptions) < MIN_MISCONCEPTIONS:
        found.holes.append(f"{name} has fewer than {MIN_MISCONCEPTIONS} misconceptions")
    if not exercise.variants:
        found.holes.append(f"{name} has no variant")
    if not exercise.checks:
        found.holes.append(f"{name} has no check")
    for target in exercise.targets:
        node = definition(part.tree, target)
        documented = isinstance(node, (ast.FunctionDef, ast.ClassDef)) and (
            ast.get_docstring(node) or ""
        )
        if not documented or len(documented) < 20:
            found.holes.append(f"{name}: {target} has no docstring to speak of")
    for alternative in exercise.misconceptions:
        if len(alternative.message) < 30:
            found.holes.append(f"{name}/{alternative.name}: a message that teaches nothing")
    names = [a.name for a in (*exercise.misconceptions, *exercise.variants)]
    for twice in {n for n in names if names.count(n) > 1 and not n.startswith("#")}:
        found.holes.append(f"{name}: two alternatives are called {twice}")


def _bank(
    found: Audit,
    part: LoadedPart,
    exercise: Exercise,
    judges: list[PartJudge],
    forger: PartJudge,
) -> None:
    name = part.exercise_id(exercise.name)
    runnable = [c for c in exercise.checks.values() if not (c.gpu and gpu_reason())]
    if not runnable:
        return
    for judge in judges:
        came = _own(judge, exercise)
        off = _problem(judge.results(exercise, came))
        if off:
            found.holes.append(f"{name}: the reference fails (seed {judge.seed}): {off}")
            break
    for alternative in [*exercise.misconceptions, *exercise.variants]:
        try:
            for judge in judges:
                alternative_outcomes(judge, exercise, alternative)  # kept by the judge
        except Endless as error:
            found.holes.append(f"{name}: {error}")
            for bank in (exercise.misconceptions, exercise.variants):
                if alternative in bank:  # naming the others would wait for it too
                    bank.remove(alternative)
    forgery = Forgery(exercise, judges[0], forger)
    for alternative in exercise.misconceptions:
        found.misconceptions += 1
        _misconception(found, name, exercise, alternative, judges, forgery)
    for alternative in exercise.variants:
        found.variants += 1
        for judge in judges:
            came = judge.alternative_outcomes(exercise, alternative)
            results = judge.results(exercise, came)
            off = _problem(results)
            found.note(f"{name}/{alternative.name}", results, None)
            if off:
                found.holes.append(
                    f"{name}/{alternative.name}: a variant is rejected (seed {judge.seed}): {off}"
                )
                break
        else:
            found.accepted += 1
    found.holes += [f"{name}: {taken}" for taken in accepted_garbage(exercise, judges[0])]
    found.holes += [f"{name}: {passed}" for passed in forgery.holes()]
    if len(judges) > 1:  # the same for every seed, and dear: left out of a quick audit
        found.holes += [f"{name}: {given}" for given in handed(judges[0], exercise)]
        found.holes += [f"{name}: {seen}" for seen in peeked(judges[0], exercise)]
        found.holes += [f"{name}: {told}" for told in idle(judges[0], exercise)]


def _mutants(found: Audit, part: LoadedPart, exercise: Exercise) -> None:
    """With one seed: a figure that falls as banks and scenarios get better, not yet a hole."""
    search = Search(part, exercise, found.seeds[:1])
    survivors = search.universal() + search.of_text()
    found.mutants += [f"{s.exercise}: {s.place}: {s.name}" for s in survivors if s.status == "hole"]
    found.holes += search.holes()  # a declaration whose words no docstring says


def _own(judge: PartJudge, exercise: Exercise) -> Outcomes:
    """The reference's outcomes, as a submission's would come back."""
    expected = judge.cases(exercise)
    return {
        check.name: [
            judge.run(judge.reference, exercise, check, case, seed)
            for case, seed in expected.cases[check.name]
        ]
        for check in exercise.checks.values()
        if not (check.gpu and gpu_reason())
    }


def _failed(results: list[CheckResult]) -> list[CheckResult]:
    return [r for r in results if r.status not in ("passed", "skipped")]


def _problem(results: list[CheckResult]) -> str:
    failed = _failed(results)
    return f"{failed[0].name}: {failed[0].message.splitlines()[0]}" if failed else ""


def _misconception(
    found: Audit,
    name: str,
    exercise: Exercise,
    alternative: Alternative,
    judges: list[PartJudge],
    forgery: Forgery,
) -> None:
    rejected = named = True
    for judge in judges:
        came = judge.alternative_outcomes(exercise, alternative)
        results = judge.results(exercise, came)
        if not _failed(results):
            found.note(f"{name}/{alternative.name}", results, None)
            found.holes.append(
                f"{name}/{alternative.name}: a misconception is accepted (seed {judge.seed})"
            )
            rejected = named = False
            break
        # a figure, not a hole, and dear: left out of a quick audit
        asked = judge is judges[0] and len(judges) > 1
        if asked and forgery.on_its_word(alternative, {r.name for r in _failed(results)}):
            found.on_its_word.append(f"{name}/{alternative.name}")
        named_ = diagnose.matching(judge, exercise, came)
        match = named_.alternative if named_ else None
        found.note(f"{name}/{alternative.name}", results, match)
        if match is not alternative:
            other = match.name if match else "nothing"
            found.holes.append(
                f"{name}/{alternative.name}: {other} is named instead (seed {judge.seed})"
            )
            named = False
            break
    found.rejected += rejected
    found.named += named


def _stub_and_reference(
    found: Audit, registry: Registry, judge: Judge, part: LoadedPart, names: list[str]
) -> None:
    """Through the real worker: what lies in exercises/ is a TODO, what lies in solutions/ passes."""
    for wing, wish in (("exercises", "todo"), ("solutions", "passed")):
        for result in judge.grade(part.ref, names, registry.root / wing):
            fine = result.status == wish or (wish == "passed" and result.status == "skipped")
            if not fine:
                problem = next(c for c in result.checks if c.status != wish)
                found.holes.append(
                    f"{result.id}: the file in {wing}/ is {result.status}, not {wish}: "
                    f"{problem.message.splitlines()[0] if problem.message else ''}"
                )


__all__ = ["Audit", "Endless", "alternative_outcomes", "audit"]
