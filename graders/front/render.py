"""Reports for people: the terminal, with color where there is one."""

from __future__ import annotations

import os
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from graders.core.report import ExerciseResult, footer, sentences

STYLES = {
    "passed": "green",
    "failed": "red",
    "error": "red",
    "timeout": "red",
    "todo": "yellow",
    "skipped": "dim",
}
MARKS = {
    "passed": "✓",
    "failed": "✗",
    "error": "✗",
    "timeout": "✗",
    "todo": "·",
    "skipped": "-",
}


def console(stderr: bool = False) -> Console:
    """The console for reports; text is printed as it is, [brackets] and :colons: too."""
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True, stderr=stderr)


def source_of(result: ExerciseResult) -> str:
    """The learner's file; "" if it cannot be read."""
    try:
        return Path(result.path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def report(result: ExerciseResult, out: Console, with_footer: bool = True) -> None:
    """Prints the report on one exercise: what is off, why, and how to go on."""
    lines = sentences(result, source_of(result))
    style = STYLES[result.status]
    out.print(Text(f"{MARKS[result.status]} ", style) + Text(lines[0], f"bold {style}"))
    for line in lines[1:]:
        if line and line == result.diagnosis:
            _indented(Text.assemble(("→ ", "bold cyan"), (line, "cyan")), out)
        else:
            _indented(Text(line), out)
    if with_footer and result.status in ("failed", "error", "timeout"):
        out.print(Text(f"  {location(result)}", "dim"))
        out.print(Text(f"  {footer(result)}", "dim"))


def _indented(text: Text, out: Console) -> None:
    """Prints a line two columns in; on a terminal its continuations stand under it."""
    if out.is_terminal and text:
        own = len(text.plain) - len(text.plain.lstrip())
        text = text[own:] if own else text
        out.print(Padding(text, (0, 0, 0, 2 + own)), soft_wrap=False)
    else:
        out.print(Text("  ") + text if text else text)


def location(result: ExerciseResult) -> str:
    """ "exercises/05_backprop/1_loss.py:42", a path that editors and terminals can open."""
    try:
        path = os.path.relpath(result.path)
    except ValueError:
        path = result.path
    return f"{path}:{result.line}"


def bar(done: int, total: int, width: int = 40) -> str:
    """ "[####----] 4/8" """
    filled = width * done // total if total else 0
    return f"[{'#' * filled}{'-' * (width - filled)}] {done}/{total}"


def summary(results: list[ExerciseResult], out: Console) -> None:
    """The last line: how many of each, and the points."""
    counts: dict[str, int] = {}
    for result in results:
        counts[result.status] = counts.get(result.status, 0) + 1
    words = {
        "passed": "right",
        "failed": "wrong",
        "todo": "still to do",
        "error": "with an error",
        "timeout": "not finished",
    }
    said = ", ".join(f"{counts[s]} {words.get(s, s)}" for s in STYLES if s in counts)
    points, most = sum(r.points for r in results), sum(r.max_points for r in results)
    style = "green" if all(r.status == "passed" for r in results) else "bold"
    out.print(Text(f"{said}; {points} of {most} points.", style))
