"""The verdict on one exercise as plain data, and as the outputs of its grade cell.

nbgrader reads a score from a cell's outputs: the first error is 0, the first result that is a
number is the score, anything else, silence too, is full marks. So a right exercise ends in its
points, and every other one in an error. All text is escaped: some of it comes from submitted code.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from graders.core.report import ExerciseResult, sentences
from graders.ground.shown import shown_text
from graders.notebook.show import report_html

UNGRADED = "ungraded"  # the status where there was nothing to grade


@dataclass
class Verdict:
    """What a grade cell says.

    Attributes:
        exercise: its id, "05.tanh_backward".
        status: as in ``graders.core.report``, or UNGRADED.
        points: what it earned, of ``most``.
        lines: the report, plain text; the first is the verdict itself.
        diagnosis: the misconception it was recognized as, a guess at one, or what its wrong cases have in
            common; "" if nothing is known.
    """

    exercise: str
    status: str
    points: float
    most: float
    lines: list[str] = field(default_factory=list)
    diagnosis: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def right(self) -> bool:
        return self.status == "passed"


def verdict_of(result: ExerciseResult, most: float, lines: list[str] | None = None) -> Verdict:
    """The verdict on a graded exercise that is worth ``most`` points."""
    passed = result.status == "passed"
    said = sentences(result) if lines is None else lines
    return Verdict(result.id, result.status, most if passed else 0.0, most, said, result.diagnosis)


def not_graded(exercise: str, most: float, why: str) -> Verdict:
    """The verdict where nothing could be graded; why, in a sentence."""
    return Verdict(exercise, UNGRADED, 0.0, most, [f"{exercise}: {why}"])


def as_html(verdict: Verdict) -> str:
    """The report as HTML, as a check shows it in a notebook, with the points."""
    lines = [shown_text(line) for line in verdict.lines] or [verdict.exercise]
    lines[0] += f" ({verdict.points:g} of {verdict.most:g} points)"
    return report_html({"id": verdict.exercise, "status": verdict.status, "lines": lines})


def outputs_of(verdict: Verdict) -> list[dict[str, Any]]:
    """The outputs of a grade cell, as nbformat 4 has them, from which nbgrader reads the score."""
    text = "\n".join(shown_text(line) for line in verdict.lines)
    shown = {
        "output_type": "display_data",
        "data": {"text/html": as_html(verdict), "text/plain": text},
        "metadata": {},
    }
    if verdict.right:
        score = {
            "output_type": "execute_result",
            "execution_count": None,
            "data": {"text/plain": repr(float(verdict.points))},
            "metadata": {},
        }
        return [shown, score]
    first = shown_text(verdict.lines[0] if verdict.lines else verdict.exercise)
    error = {
        "output_type": "error",
        "ename": "NotRight",
        "evalue": first,
        "traceback": [f"NotRight: {first}"],
    }
    return [shown, error]
