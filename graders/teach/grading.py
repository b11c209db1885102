"""Grades one notebook of an assignment: mended, assembled to a part's file, judged like any other
file."""

from __future__ import annotations

import ast
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graders.core.registry import PartRef, Registry
from graders.core.report import ExerciseResult
from graders.core.stubs import stub_of
from graders.errors import UserError
from graders.ground.parsing import parse
from graders.notebook.told import deletes, told
from graders.teach.assemble import Assembled, Broken, assemble
from graders.teach.cells import Cell
from graders.teach.mend import Asked, Mended, as_notebook, asked_of, mend
from graders.teach.verdicts import Verdict, not_graded, outputs_of, verdict_of

if TYPE_CHECKING:
    from graders.core.judge import Judge


@dataclass
class Task:
    """What one notebook of an assignment asks for: the part, its grade cells, the released cells."""

    ref: PartRef
    exercises: dict[str, str]  # grade_id -> exercise name
    points: dict[str, float]  # grade_id -> points
    asked: list[Asked]

    @property
    def by_hand(self) -> list[Asked]:
        return [a for a in self.asked if a.grade and a.grade_id not in self.exercises]


@dataclass
class Graded:
    """A graded notebook: a verdict for each grade cell, what to say about the whole, and what to keep."""

    verdicts: dict[str, Verdict] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    mended: Mended = field(default_factory=Mended)
    idle: dict[int, str] = field(default_factory=dict)

    def notebook(self) -> dict[str, Any]:
        """The notebook as nbgrader keeps it in autograded/."""
        made = {grade_id: outputs_of(v) for grade_id, v in self.verdicts.items()}
        return as_notebook(self.mended, made, self.notes, self.idle)


def task_of(registry: Registry, notebook: dict[str, Any]) -> Task:
    """What a released (or source) notebook asks for. Raises UserError where it is none of ours."""
    asked = asked_of(notebook)
    exercises, points, parts = {}, {}, set()
    for cell in asked:
        wanted = called_with(cell.source) if cell.grade and cell.kind == "code" else ""
        if wanted:
            ((ref, (name,)),) = registry.select([wanted])
            exercises[cell.grade_id], points[cell.grade_id] = name, cell.points
            parts.add(ref)
    if len(parts) != 1:
        raise UserError(
            "this notebook was not made by `hero assignment`: it holds no cell that checks an exercise."
        )
    return Task(parts.pop(), exercises, points, asked)


def called_with(source: str) -> str:
    """The exercise that a grade cell checks: graded("05.tanh_backward", points=2); "" if none."""
    try:
        tree = parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "graded" and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                return first.value
    return ""


def grade_cells(judge: Judge, task: Task, submitted: Sequence[Cell]) -> Graded:
    """Grades what was handed in for one notebook.

    Args:
        judge: a strict one, unless who wrote the cells is trusted.
        task: what the notebook asks for.
        submitted: the cells.
    """
    mended = mend(submitted, task.asked)
    graded = Graded(notes=list(mended.notes), mended=mended)
    checks = {a.grade_id for a in task.asked if a.grade}
    cells = [
        (number, cell.source)
        for number, cell in zip(mended.numbers, mended.cells, strict=True)
        if cell.kind == "code" and cell.grade_id not in checks
    ]
    part = judge.registry.load(task.ref)
    made = assemble(cells, stub_of(part))
    results = judged(judge, task.ref, list(task.exercises.values()), made)
    for grade_id, name in task.exercises.items():
        result = results[name]
        lines = told(result, made.file, part.cards[name].targets)
        torn = _in_broken(made.broken, part.cards[name].targets) if not _right(result) else None
        if torn is not None:
            lines = [f"{result.id}: {torn}"]
            result.diagnosis = ""
        verdict = graded.verdicts[grade_id] = verdict_of(result, task.points[grade_id], lines)
        gone = deletes(result, made.file, part.cards[name].targets)
        if torn is not None or gone is not None:
            verdict.status = "error"  # somebody has tried
    graded.notes += [f"{str(b)[0].upper()}{str(b)[1:]}. It was left out." for b in made.broken[:5]]
    graded.idle = made.idle
    return graded


def judged(
    judge: Judge, ref: PartRef, names: list[str], made: Assembled
) -> dict[str, ExerciseResult]:
    """The results of a part's exercises for an assembled file."""
    with tempfile.TemporaryDirectory(prefix="hero-") as folder:
        path = Path(folder) / ref.file
        path.parent.mkdir()
        path.write_text(made.file.text, encoding="utf-8", errors="replace")
        results = judge.grade(ref, names, Path(folder))
    for result in results:
        for check in result.checks:  # nobody has seen that file
            check.message = check.message.replace(str(path), "your notebook")
    return {result.name: result for result in results}


def ungraded(task: Task, why: str) -> Graded:
    """What becomes of a notebook that cannot be graded: 0 points, and one sentence."""
    mended = mend([], task.asked)
    verdicts = {
        grade_id: not_graded(f"{task.ref.number}.{name}", task.points[grade_id], why)
        for grade_id, name in task.exercises.items()
    }
    return Graded(verdicts, [f"{why[:1].upper()}{why[1:]}"], mended)


def _right(result: ExerciseResult) -> bool:
    return result.status == "passed"


def _in_broken(broken: Sequence[Broken], targets: Sequence[str]) -> Broken | None:
    """The cell that holds an exercise and cannot be read."""
    names = {target.split(".")[0] for target in targets}
    for cell in broken:
        if any(f"{kind} {name}" in cell.text for kind in ("def", "class") for name in names):
            return cell
    return None
