"""Reports for people: the terminal, with color where there is one."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from graders.core.report import ExerciseResult, first_problem, footer, sentences
from graders.front.cards import todo_line
from graders.front.words import as_typed, shown, visible

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
    """The learner's file as it was graded; "" if it could not be read."""
    return result.source


def look_at(result: ExerciseResult, source: str) -> int:
    """The line to look at: where the exception came from, else the TODO, else the definition."""
    problem = first_problem(result)
    if problem is not None and problem.frames:
        line = int(problem.frames[-1][0])
        if line > 0:
            return line
    todo = todo_line(
        source, result.id
    )  # above the definition, it is of one that a later one replaced
    return todo if todo > result.line else result.line


def headline(result: ExerciseResult, text: str = "") -> Text:
    """The verdict in one sentence, with its mark."""
    style = STYLES[result.status]
    text = text or sentences(result, source_of(result))[0]
    return Text(f"{MARKS[result.status]} ", style) + Text(visible(text), f"bold {style}")


def details(result: ExerciseResult, out: Console) -> None:
    """Prints what there is to say about a verdict, below its headline."""
    for line in sentences(result, source_of(result))[1:]:
        if line and line == result.diagnosis:
            _indented(Text.assemble(("→ ", "bold cyan"), (visible(line), "cyan")), out)
        else:
            _indented(Text(visible(line)), out)


def report(
    result: ExerciseResult, out: Console, same: list[str] | None = None, options: str = ""
) -> None:
    """Prints the report on one exercise: what is off, why, and how to go on.

    Args:
        result: the verdict.
        out: where to print.
        same: ids of several exercises of a file of which the very same is true (see ``together``).
        options: what else to type to get the same again.
    """
    source = source_of(result)
    if same:
        text = sentences(result, source)[0].removeprefix(f"{result.id}: ")
        here = shown(result.path)
        out.print(headline(result, text if here in text else f"{here}: {text}"))
    else:
        out.print(headline(result))
    details(result, out)
    if same:
        out.print(f"  {for_all(same)}")
    ending(result, out, not same, options)


def ending(
    result: ExerciseResult, out: Console, with_footer: bool = True, options: str = ""
) -> None:
    """Prints where to look, and how to get a hint or the same numbers again."""
    if result.status in ("failed", "error", "timeout"):
        out.print(Text(f"  {location(result, source_of(result))}", "dim"))
        if with_footer:
            out.print(Text(f"  {as_typed(footer(result, options))}", "dim"))


def together(results: list[ExerciseResult]) -> list[list[ExerciseResult]]:
    """The verdicts in groups: those on one file of which the very same is said are told once."""
    groups: dict[object, list[ExerciseResult]] = {}
    for result in results:
        groups.setdefault(sameness(result) or result.id, []).append(result)
    return list(groups.values())


def sameness(result: ExerciseResult) -> str:
    """What is said of an exercise if nothing in it is about this exercise alone; else ""."""
    said = {(c.status, c.message, tuple(c.frames), c.where) for c in result.checks}
    if result.status != "error" or len(said) != 1:
        return ""
    return repr((result.path, *said))


def for_all(ids: list[str]) -> str:
    """ "(the same for all of these: 05.a, 05.b)" """
    more = f" and {len(ids) - 8} more" if len(ids) > 8 else ""
    return f"(the same for all of these: {', '.join(ids[:8])}{more})"


def _indented(text: Text, out: Console) -> None:
    """Prints a line two columns in; on a terminal its continuations stand under it."""
    if out.is_terminal and text:
        own = len(text.plain) - len(text.plain.lstrip())
        text = text[own:] if own else text
        out.print(Padding(text, (0, 0, 0, 2 + own)), soft_wrap=False)
    else:
        out.print(Text("  ") + text if text else text)


def location(result: ExerciseResult, source: str) -> str:
    """ "exercises/05_backprop/1_loss.py:42", a path that editors and terminals can open."""
    return f"{shown(result.path)}:{look_at(result, source)}"


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
