"""Solutions that no grader lists, wrong and right: which of them does the judge take for the other kind?

The audit shows that what a bank lists is rejected and named. A file ``NN_lesson*.py`` of further solutions is
parsed, never imported: a solution is a function called ``_`` (or a class of that name, which holds methods
where the exercise asks for methods), and its decorator says what it stands in for, and perhaps what it does::

    @wrong("unigram_loss", "without the zeros")
    def _(Y, vocab_size): ...

Solutions are executed in this very process, as the audit executes a bank: try only files that you trust.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graders.authoring import Alternative, Exercise
from graders.core import diagnose
from graders.core.judge import PartJudge
from graders.core.loaded import PartRef
from graders.core.patience import PATIENCE, Endless, alternative_outcomes
from graders.core.registry import Registry
from graders.errors import UserError


@dataclass(frozen=True)
class Solution:
    """One solution of a file: where it stands, whether it is right, and its source."""

    lesson: str
    exercise: str
    right: bool
    place: str  # "02_bigram.py:41 without the zeros"
    source: str


@dataclass
class Tried:
    """What came of them.

    Attributes:
        named: wrong ones whose report gives the message of a misconception, as a fact or as a guess.
        described: other wrong ones whose report says how their numbers relate to the right ones.
        off: one sentence for each surprise.
    """

    wrong: int = 0
    rejected: int = 0
    named: int = 0
    described: int = 0
    right: int = 0
    accepted: int = 0
    off: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return dict(vars(self))


def read(path: Path, registry: Registry) -> list[Solution]:
    """The solutions in a file. Raises UserError with one sentence where it is not of the right form."""
    number = re.match(r"(\d\d)_", path.name)
    if number is None:
        raise UserError(f"{path} must be called after its lesson: 02_bigram.py, 02_more.py")
    lesson = registry.lesson(number.group(1))
    targets = {
        name: card.targets
        for ref in registry.parts(lesson)
        for name, card in registry.cards(ref).items()
    }
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    except (OSError, ValueError, SyntaxError) as error:
        raise UserError(f"{path} cannot be read as Python: {error}") from None
    return [
        _solution(path, lesson, node, targets)
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.decorator_list
    ]


def _solution(
    path: Path,
    lesson: str,
    node: ast.FunctionDef | ast.ClassDef,
    targets: dict[str, tuple[str, ...]],
) -> Solution:
    where = f"{path}:{node.lineno}"
    try:
        (call,) = node.decorator_list
        kind = call.func.id  # type: ignore[attr-defined]
        exercise, *words = (ast.literal_eval(a) for a in call.args)  # type: ignore[attr-defined]
    except (ValueError, AttributeError):
        kind, exercise, words = "", "", []
    if kind not in ("wrong", "right"):
        raise UserError(f'{where} needs one decorator, @wrong("exercise") or @right("exercise")')
    if exercise not in targets:
        raise UserError(f"{where}: there is no exercise {exercise!r} in {lesson}")
    target = targets[exercise][0]
    node.decorator_list = []
    if "." in target:
        source = "\n\n".join(map(ast.unparse, node.body))
    else:
        node.name = target
        source = ast.unparse(node)
    place = " ".join([f"{path.name}:{node.lineno}", *map(str, words)])
    return Solution(lesson, exercise, kind == "right", place, source)


def parts(
    solutions: list[Solution], registry: Registry
) -> Iterator[tuple[PartRef, list[Solution]]]:
    """The solutions by the part that their exercise is in."""
    for lesson in sorted({s.lesson for s in solutions}):
        for ref in registry.parts(lesson):
            names = registry.cards(ref)
            mine = [s for s in solutions if s.lesson == lesson and s.exercise in names]
            if mine:
                yield ref, mine


def try_one(
    judge: PartJudge,
    solution: Solution,
    tried: Tried,
    names: bool = True,
    seconds: float = PATIENCE,
) -> None:
    """Judges a solution and adds what came of it.

    Args:
        names: also counts what a learner would read, which takes as long again.
        seconds: of computing, after which it is taken for endless.
    """
    exercise = judge.part.exercises[solution.exercise]
    tried.right += solution.right
    tried.wrong += not solution.right
    try:
        said = _verdict(judge, exercise, solution, tried, names, seconds)
    except (Exception, KeyboardInterrupt) as error:  # it does not fit its exercise, say
        name = judge.part.exercise_id(exercise.name)
        tried.off.append(f"{name}, {solution.place}: cannot be tried: {error!r}")
        return
    rejected = said != ""
    tried.accepted += solution.right and not rejected
    tried.rejected += rejected and not solution.right
    if rejected == solution.right:
        fault = f"right, but rejected: {said}" if rejected else "wrong, but accepted"
        tried.off.append(f"{judge.part.exercise_id(exercise.name)}, {solution.place}: {fault}")


def _verdict(
    judge: PartJudge,
    exercise: Exercise,
    solution: Solution,
    tried: Tried,
    names: bool,
    seconds: float,
) -> str:
    """What the first check says that is not right; "" if all are."""
    alternative = Alternative(solution.place, "", None, (), solution.source)
    judge.expect(exercise)
    try:
        came = alternative_outcomes(judge, exercise, alternative, seconds)
    except Endless:
        return "it does not come to an end"
    results = judge.results(exercise, came)
    wrong = [r for r in results if r.status not in ("passed", "skipped")]
    if not wrong:
        return ""
    if names and not solution.right:
        text = diagnose.name_it(judge, exercise, came, results)
        named = any(m.message in text for m in exercise.misconceptions)
        tried.named += named
        tried.described += bool(text) and not named
    return (wrong[0].message or wrong[0].status).splitlines()[0]
