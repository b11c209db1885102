"""The result of an exercise, made from its checks, in which all that a learner has a say in can be shown."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from graders.core.part_judge import PartJudge
from graders.core.report import CheckResult, ExerciseResult
from graders.core.source import Source
from graders.core.standins import targets_of
from graders.ground.limits import KEPT_OUTPUT
from graders.ground.shown import shown_text

LATE = (
    "your code leaves its work to the exercise `{0}`, which comes later and is not right yet. Write here "
    "what is asked here, or solve `{0}` first."
)
CALLS_TODO = (
    "your code comes to something that is still a TODO: solve that first, or do without it."
)
BEGGED = (
    "your code calls {0}, still a TODO. In strict grading the reference stands in only for what this "
    "exercise cannot do without: write here what is asked here, or solve that one too."
)


def result_of(
    judge: PartJudge,
    name: str,
    checks: list[CheckResult],
    path: Path,
    source: Source | None,
    text: str,
) -> ExerciseResult:
    """The result of one exercise of a file.

    Args:
        source: the file, if it can be parsed.
        text: what is in it.
    """
    for check in checks:
        check.message, check.where = shown_text(check.message), shown_text(check.where)
        check.printed = shown_text(check.printed, KEPT_OUTPUT)
    part = judge.part
    made = ExerciseResult(
        id=part.exercise_id(name),
        name=name,
        title=name,
        lesson=part.ref.lesson,
        part=part.ref.name,
        path=str(path),
        line=source.line(targets_of(part)[name][0]) if source else 1,
        max_points=1,
        checks=checks,
        seed=judge.seed,
        source=text,
    )
    try:
        exercise = part.exercises[name]
    except Exception:  # its grader file is broken, and the result says so
        return made
    made.title, made.max_points = exercise.title, exercise.points
    made.stretch, made.hints = exercise.stretch, len(exercise.hints)
    return made


def say_whose_todo(
    checks: list[CheckResult], targets: tuple[str, ...], lines: Collection[int]
) -> None:
    """Of an exercise that is none itself: a run that stopped in another's TODO is no TODO.

    Args:
        lines: those of its own definitions.
    """
    own = {target.rpartition(".")[2] for target in targets}
    for check in checks:
        line, function = check.frames[-1] if check.frames else (0, "")
        if check.status == "todo" and not (line in lines or function in own):
            check.status, check.message = "error", CALLS_TODO
