"""The report on an exercise of a file made of cells: where each line is from, and what was left out."""

from __future__ import annotations

from collections.abc import Iterable

from graders.core.reach import Reach
from graders.core.report import MAX_LINE, ExerciseResult, sentences
from graders.ground.parsing import parse
from graders.ground.shown import shown_text
from graders.notebook.gather import Gathered, Left

MOST = 3  # statements that are named


def deletes(result: ExerciseResult, file: Gathered, targets: Iterable[str]) -> Left | None:
    """The statement that deletes an exercise's own definition: what is graded then is the stub's TODO."""
    if result.status != "todo":
        return None
    names = (target.split(".")[0] for target in targets)
    return next((file.deleted[name] for name in names if name in file.deleted), None)


def told(result: ExerciseResult, file: Gathered, targets: Iterable[str]) -> list[str]:
    """The report as lines of text; for one that fails, with what was left out and may matter."""
    lines = sentences(result, place=file.place)
    gone = deletes(result, file, targets)
    if gone is not None:
        text = shown_text(gone.text, MAX_LINE)
        lines[0] = (
            f"{result.id}: it is not there any more: cell [{gone.cell}], line {gone.line}, deletes it."
        )
        return [*lines, f"  {text}"]
    if result.status not in ("error", "failed") or not file.left:
        return lines
    words = Reach(parse(file.text)).from_code(targets)
    found = [left for left in file.left if left.names & words]
    for left in found[:MOST]:
        text = shown_text(left.text, MAX_LINE)
        lines.append(f"  (Not run for this check: cell [{left.cell}], line {left.line}:  {text})")
    if len(found) > MOST:
        lines.append(f"  (Nor {len(found) - MOST} more that may change what is used here.)")
    return lines
