"""The grader, graded: does every exercise keep what it promises?

For each exercise, over many seeds: the reference passes, every misconception is rejected and is the one
that is named, every variant is accepted, and no check accepts garbage. Once: every stub is a TODO (through
the real worker), hints and docstrings are there, exercises/ is what the sources derive.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from graders.authoring import Alternative, Exercise
from graders.core import derive, diagnose
from graders.core.judge import GraderBug, Judge, Outcomes, PartJudge, gpu_reason, trouble
from graders.core.registry import LoadedPart, PartRef, Registry
from graders.core.stubs import SourceError
from graders.ground import wire
from graders.ground.runner import definition

SEEDS = 20
MIN_MISCONCEPTIONS = 2


@dataclass
class Audit:
    """What an audit counted, and every hole it found, one sentence each."""

    lessons: list[str] = field(default_factory=list)
    exercises: int = 0
    checks: int = 0
    misconceptions: int = 0
    rejected: int = 0
    named: int = 0
    variants: int = 0
    accepted: int = 0
    seeds: int = 0
    holes: list[str] = field(default_factory=list)
    by_lesson: dict[str, dict[str, int]] = field(default_factory=dict)
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Plain data for ``hero audit --json``."""
        return dict(vars(self))


def audit(
    registry: Registry,
    judge: Judge,
    lessons: Iterable[str] = (),
    seeds: int = SEEDS,
    exercise: str = "",
    say: Callable[[str], None] = lambda text: None,
) -> Audit:
    """Audits the lessons (all unless given; only one exercise if named)."""
    began = time.monotonic()
    lessons = list(lessons)
    chosen = [registry.lesson(text) for text in lessons] or registry.lessons
    found = Audit(lessons=chosen, seeds=seeds)
    torch.set_num_threads(1)
    for lesson in chosen:
        before = dict(vars(found))
        for ref in registry.parts(lesson):
            say(ref.file)
            _part(found, registry, judge, ref, seeds, exercise)
        if not (registry.root / "solutions" / lesson / "README.md").is_file():
            found.holes.append(f"solutions/{lesson}/README.md, the opening page, is missing")
        for key in ("title", "about", "lecture", "url"):
            if not registry.about(lesson).get(key):
                found.holes.append(f"graders/{lesson}/lesson.toml has no {key}")
        found.by_lesson[lesson] = {
            key: value - before[key]
            for key, value in vars(found).items()
            if isinstance(value, int) and key != "seeds"
        }
    if not exercise:
        try:
            found.holes += derive.differences(registry, chosen if lessons else None)
        except (SourceError, OSError) as error:
            found.holes.append(str(error))
        names: dict[str, str] = {}
        for ref in [r for r in registry.all_parts() if r.lesson in chosen]:
            for name in registry.exercise_names(ref):
                if f"{ref.number}.{name}" in names:
                    found.holes.append(f"{ref.number}.{name} stands in two parts")
                names[f"{ref.number}.{name}"] = ref.file
    found.seconds = round(time.monotonic() - began, 1)
    return found


def _part(
    found: Audit, registry: Registry, judge: Judge, ref: PartRef, seeds: int, only: str
) -> None:
    try:
        part = registry.load(ref)
        judges = [PartJudge(part, seed) for seed in range(seeds)]
    except Exception as error:
        found.holes.append(f"{ref.file}: {trouble(error)}")
        return
    if not part.exercises:
        found.holes.append(f"graders/{ref.file} declares no exercise")
    for name, exercise in part.exercises.items():
        if only and name != only:
            continue
        found.exercises += 1
        found.checks += len(exercise.checks)
        _form(found, part, exercise)
        try:
            _bank(found, part, exercise, judges)
        except Exception as error:
            found.holes.append(f"{part.exercise_id(name)}: {trouble(error)}")
    if not only:
        _stub_and_reference(found, registry, judge, part)


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


def _bank(found: Audit, part: LoadedPart, exercise: Exercise, judges: list[PartJudge]) -> None:
    name = part.exercise_id(exercise.name)
    runnable = [c for c in exercise.checks.values() if not (c.gpu and gpu_reason())]
    if not runnable:
        return
    for judge in judges:
        came = _own(judge, exercise)
        off = _problems(judge, exercise, came)
        if off:
            found.holes.append(f"{name}: the reference fails (seed {judge.seed}): {off}")
            break
    for alternative in exercise.misconceptions:
        found.misconceptions += 1
        _misconception(found, name, exercise, alternative, judges)
    for alternative in exercise.variants:
        found.variants += 1
        for judge in judges:
            off = _problems(judge, exercise, judge.alternative_outcomes(exercise, alternative))
            if off:
                found.holes.append(
                    f"{name}/{alternative.name}: a variant is rejected (seed {judge.seed}): {off}"
                )
                break
        else:
            found.accepted += 1
    _garbage(found, name, exercise, judges[0])


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


def _problems(judge: PartJudge, exercise: Exercise, came: Outcomes) -> str:
    wrong = [v for v in judge.results(exercise, came) if v.status not in ("passed", "skipped")]
    return f"{wrong[0].name}: {wrong[0].message.splitlines()[0]}" if wrong else ""


def _misconception(
    found: Audit,
    name: str,
    exercise: Exercise,
    alternative: Alternative,
    judges: list[PartJudge],
) -> None:
    rejected = named = True
    for judge in judges:
        came = judge.alternative_outcomes(exercise, alternative)
        if not _problems(judge, exercise, came):
            found.holes.append(
                f"{name}/{alternative.name}: a misconception is accepted (seed {judge.seed})"
            )
            rejected = named = False
            break
        match = diagnose.matching(judge, exercise, came)
        if match is not alternative:
            other = match.name if match else "nothing"
            found.holes.append(
                f"{name}/{alternative.name}: {other} is named instead (seed {judge.seed})"
            )
            named = False
            break
    found.rejected += rejected
    found.named += named


GARBAGE: list[Any] = [
    None, True, 0, -1.5, float("nan"), "", "right", b"", [], {}, torch.zeros(0), torch.tensor(0.0),
    torch.full((3, 3), float("nan")), [None] * 3,
]  # fmt: skip


def _garbage(found: Audit, name: str, exercise: Exercise, judge: PartJudge) -> None:
    """A check that accepts any of this on every case cannot fail."""
    expected = judge.expect(exercise)
    for check in exercise.checks.values():
        if check.gpu and gpu_reason():
            continue
        wants = expected.outcomes[check.name]
        fed: list[tuple[str, list[dict[str, Any]]]] = [
            (repr(value), [{"value": wire.encode(value)} for _ in wants]) for value in GARBAGE
        ]
        fed.append(("an exception", [{"raised": "Oops", "message": ""} for _ in wants]))
        fed.append(("no answer", []))
        fed.append(("NaN in every number", [_poisoned(w) for w in wants]))
        for label, outcomes in fed:
            if outcomes and all(o == w for o, w in zip(outcomes, wants, strict=True)):
                continue  # the right answer happens to be this
            verdicts = judge.results(exercise, {check.name: outcomes})
            verdict = next(v for v in verdicts if v.name == check.name)
            if verdict.status == "passed":
                found.holes.append(f"{name}: the check {check.name!r} accepts {label}")
                break


def _poisoned(outcome: dict[str, Any]) -> dict[str, Any]:
    if "value" not in outcome:
        return {"raised": "Oops", "message": ""}
    value = wire.decode(outcome["value"])
    poisoned, hit = _poison(value)
    return {"value": wire.encode(poisoned if hit else None)}


def _poison(value: Any) -> tuple[Any, bool]:
    if isinstance(value, torch.Tensor) and value.is_floating_point() and value.numel():
        return torch.full_like(value, float("nan")), True
    if isinstance(value, float):
        return float("nan"), True
    if isinstance(value, (list, tuple)):
        pairs = [_poison(v) for v in value]
        return [p for p, _ in pairs], any(hit for _, hit in pairs)
    if isinstance(value, dict):
        pairs_ = {k: _poison(v) for k, v in value.items()}
        return {k: p for k, (p, _) in pairs_.items()}, any(h for _, h in pairs_.values())
    return value, False


def _stub_and_reference(found: Audit, registry: Registry, judge: Judge, part: LoadedPart) -> None:
    """Through the real worker: what lies in exercises/ is a TODO, what lies in solutions/ passes."""
    names = list(part.exercises)
    for wing, wish in (("exercises", "todo"), ("solutions", "passed")):
        for result in judge.grade(part.ref, names, registry.root / wing):
            fine = result.status == wish or (wish == "passed" and result.status == "skipped")
            if not fine:
                problem = next(c for c in result.checks if c.status != wish)
                found.holes.append(
                    f"{result.id}: the file in {wing}/ is {result.status}, not {wish}: "
                    f"{problem.message.splitlines()[0] if problem.message else ''}"
                )


def stub_path(registry: Registry, ref: PartRef) -> Path:
    """Where a learner's file of a part lies."""
    return registry.root / "exercises" / ref.file


__all__ = ["Audit", "GraderBug", "audit"]
