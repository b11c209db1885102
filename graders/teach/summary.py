"""A class at a glance: who has how much, which exercises are hard, which mistakes the class shares."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from graders.front.files import write_atomically
from graders.ground.shown import shown_name, shown_text
from graders.teach.results import Result
from graders.teach.verdicts import UNGRADED

# the signs that begin a formula, also the wide ones; some spreadsheets part cells at ; or a tab
FORMULA = re.compile(r"((?:^|[;\t\n\"])\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")
SHARED = 2  # a mistake of so many is the class's


@dataclass
class Line:
    """One exercise over the whole class."""

    exercise: str
    counts: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)  # diagnosis -> how many students

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def right(self) -> int:
        return self.counts["passed"]


@dataclass
class Summary:
    """All of it, as plain data.

    Attributes:
        assignment: its name.
        results: one for each student.
        lines: one for each exercise, in the order of the notebooks.
        left_out: who has no result, by the name of the folder, and why in a sentence.
    """

    assignment: str
    results: list[Result]
    lines: list[Line]
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def next(self) -> list[Line]:
        """What to teach next: the exercises that most had wrong after trying, most first."""
        tried = [(x.total - x.right - x.counts["todo"], x) for x in self.lines]
        return [line for n, line in sorted(tried, key=lambda t: -t[0]) if n][:3]


def summarize(
    assignment: str, results: Sequence[Result], left_out: Mapping[str, str] | None = None
) -> Summary:
    """The summary of some results."""
    lines: dict[str, Line] = {}
    for result in results:
        for verdict in result.verdicts():
            line = lines.setdefault(verdict.exercise, Line(verdict.exercise))
            if verdict.status == UNGRADED:  # says nothing about the exercise
                continue
            line.counts[verdict.status] += 1
            if verdict.diagnosis and not verdict.right:
                line.held[verdict.diagnosis] += 1
    return Summary(assignment, list(results), list(lines.values()), left_out or {})


def to_terminal(made: Summary, out: Console) -> None:
    """Prints it."""
    table = Table(title=shown_text(made.assignment), title_justify="left")
    table.add_column("student")
    table.add_column("points", justify="right")
    table.add_column("of", justify="right")
    table.add_column("")
    for result in made.results:
        note = shown_text(result.notes[0], 120) if result.notes else ""
        table.add_row(
            Text(shown_name(result.student, 60)),
            f"{result.points:g}",
            f"{result.most:g}",
            Text(note),
        )
    for name, why in made.left_out.items():
        table.add_row(Text(shown_name(name, 60)), "", "", Text(why))
    out.print(table)
    table = Table(title="exercise by exercise", title_justify="left")
    for head in ("exercise", "right", "wrong", "to do"):
        table.add_column(head, justify="left" if head == "exercise" else "right")
    for line in made.lines:
        todo = line.counts["todo"]
        wrong = line.total - line.right - todo
        table.add_row(line.exercise, *(str(n) if n else "" for n in (line.right, wrong, todo)))
    out.print(table)
    held = [(n, line.exercise, why) for line in made.lines for why, n in line.held.items()]
    for n, exercise, why in sorted(held, key=lambda h: -h[0])[:10]:
        if n >= SHARED:
            out.print(Text(f"{n} students, {exercise}: {shown_text(why)}"))
    if made.next:
        names = ", ".join(line.exercise for line in made.next)
        out.print(Text(f"What to teach next: {names}"))


def to_csv(made: Summary, path: Path) -> None:
    """Writes one line for each student: points, then one column for each exercise."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    names = [line.exercise for line in made.lines]
    rows.writerow(["assignment", "student_id", "score", "max_score", *names, "note"])
    for result in made.results:
        points = {v.exercise: f"{v.points:g}" for v in result.verdicts()}
        cells = [made.assignment, result.student, f"{result.points:g}", f"{result.most:g}"]
        cells += [points.get(name, "") for name in names]
        rows.writerow([_cell(c) for c in [*cells, " ".join(result.notes)]])
    for name, why in made.left_out.items():
        cells = [made.assignment, shown_name(name), *[""] * (2 + len(names)), why]
        rows.writerow([_cell(c) for c in cells])
    write_atomically(path, text.getvalue())


def _cell(text: str) -> str:
    """No formula: a spreadsheet runs what begins like one, also behind what it takes for a cell's end."""
    return FORMULA.sub(r"\1'", shown_text(text))


def to_gradescope(made: Summary, folder: Path) -> None:
    """Writes DIR/STUDENT/results.json, as Gradescope's autograders do."""
    for result in made.results:
        tests: list[dict[str, Any]] = [
            {
                "name": verdict.exercise,
                "score": verdict.points,
                "max_score": verdict.most,
                "status": "passed" if verdict.right else "failed",
                "output": "\n".join(shown_text(line) for line in verdict.lines),
                "output_format": "text",
                "visibility": "visible",
            }
            for verdict in result.verdicts()
        ]
        document = {
            "score": result.points,
            "output": shown_text(" ".join(result.notes)),
            "output_format": "text",
            "visibility": "visible",
            "tests": tests,
        }
        write_atomically(
            folder / result.student / "results.json", json.dumps(document, indent=1) + "\n"
        )


STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; } td, th { padding: .2rem .8rem; text-align: left; }
td.n { text-align: right; font-variant-numeric: tabular-nums; }
tr { border-bottom: 1px solid #8884; } svg text { fill: currentColor; font: 13px system-ui, sans-serif; }
"""


def to_html(made: Summary, path: Path) -> None:
    """Writes the page."""
    write_atomically(path, page(made))


def page(made: Summary) -> str:
    """It as one page (HTML) that needs nothing else and runs nothing."""
    students = "\n".join(
        f"<tr><td>{_safe(shown_name(r.student))}</td><td class=n>{r.points:g}</td><td class=n>{r.most:g}</td>"
        f"<td>{_safe(' '.join(r.notes))}</td></tr>"
        for r in made.results
    )
    students += "".join(
        f"\n<tr><td>{_safe(shown_name(name))}</td><td></td><td></td><td>{_safe(why)}</td></tr>"
        for name, why in made.left_out.items()
    )
    held = sorted(
        ((n, line.exercise, why) for line in made.lines for why, n in line.held.items()),
        key=lambda h: -h[0],
    )
    mistakes = "\n".join(
        f"<tr><td class=n>{n}</td><td>{_safe(exercise)}</td><td>{_with_code(why)}</td></tr>"
        for n, exercise, why in held
    )
    lost = sum(all(v.status == UNGRADED for v in r.verdicts()) for r in made.results)
    lost += len(made.left_out)
    unread = f" ({lost} could not be graded)" if lost else ""
    following = ", ".join(_safe(line.exercise) for line in made.next) or "nothing stands out"
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{_safe(made.assignment)}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>{STYLE}</style></head><body>
<h1>{_safe(made.assignment)}</h1>
<p>{len(made.results) + len(made.left_out)} submissions{unread}. What to teach next: {following}.</p>
<h2>Exercise by exercise</h2>
{picture(made.lines)}
<h2>What the class believes</h2>
<table><tr><th>students</th><th>exercise</th><th>misconception</th></tr>
{mistakes}</table>
<h2>Students</h2>
<table><tr><th>student</th><th>points</th><th>of</th><th>note</th></tr>
{students}</table>
</body></html>
"""


def picture(lines: Sequence[Line], width: int = 480) -> str:
    """A bar for each exercise (SVG): right, wrong, still to do."""
    left, high = 230, 24
    drawn = []
    for i, line in enumerate(lines):
        y, x = i * high, float(left)
        drawn.append(
            f'<text x="{left - 8}" y="{y + 16}" text-anchor="end">{_safe(line.exercise)}</text>'
        )
        todo = line.counts["todo"]
        parts = (
            (line.right, "#2e7d32"),
            (line.total - line.right - todo, "#c62828"),
            (todo, "#9e9e9e"),
        )
        for n, color in parts:
            wide = width * n / max(1, line.total)
            if n:
                drawn.append(
                    f'<rect x="{x:.1f}" y="{y + 4}" width="{wide:.1f}" height="16" fill="{color}">'
                    f"<title>{n} of {line.total}</title></rect>"
                )
            x += wide
        drawn.append(
            f'<text x="{left + width + 8}" y="{y + 16}">{line.right} of {line.total}</text>'
        )
    tall = high * len(lines) + 4
    key = "from the left: right (green), wrong (red), still to do (gray)"
    return (
        f'<svg role="img" aria-label="{key}" width="{left + width + 90}" height="{tall}">'
        f"{''.join(drawn)}</svg><p>{key}</p>"
    )


def _with_code(text: str) -> str:
    """Text of which `this` is set as code."""
    return re.sub(r"`([^`\n]+)`", r"<code>\1</code>", _safe(text))


def _safe(text: str) -> str:
    return escape(shown_text(text))
