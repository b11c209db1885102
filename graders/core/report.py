"""What a grading found, as plain data; the renderings (terminal, pytest, JSON) all start here."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from graders.ground.shown import lines_of, shown_text

MAX_LINE, MAX_NAME = 200, 80  # characters of a line, and of a function's name, that are shown
MAX_LINES = 40  # of one message; the longest of ours has twelve

# the folders of the path that a warning begins with: whose machine it is, is no learner's business
FOLDERS = re.compile(r"^/[^\n:]*/(?=[^/\n:]+:\d+: \w*Warning: )", re.MULTILINE)

STATUSES = ("passed", "failed", "todo", "error", "timeout", "skipped")
FINE = ("passed", "skipped")


@dataclass
class CheckResult:
    """The verdict on one named check.

    Attributes:
        name: the check's name.
        status: one of STATUSES.
        message: what is off, in words; "" if nothing is.
        where: which case it was, its arguments in words.
        frames: (line, function) of the learner's own file, outermost first, if an exception came.
        printed: what the check printed.
        missing: the name that the file should define and does not.
    """

    name: str
    status: str
    message: str = ""
    where: str = ""
    frames: list[tuple[Any, ...]] = field(default_factory=list)
    printed: str = ""
    missing: str = ""


@dataclass
class ExerciseResult:
    """The verdict on one exercise; points are given for all of it or not at all.

    Attributes:
        stood_in: exercises that are not right yet and were called: the reference stood in for them.
        borrowed: exercises that are right, and still this one is right only with the reference's.
        tried: exercises with whose reference solutions it was tried, and failed all the same; what is told
            is of a run without them.
        stopped: (line, why) of statements at the top level of the file that stopped. The rest was executed
            without them, and it is wrong; whether it would be right with them, nobody knows.
    """

    id: str
    name: str
    title: str
    lesson: str
    part: str
    path: str
    line: int
    max_points: int
    checks: list[CheckResult]
    stretch: bool = False
    stood_in: list[str] = field(default_factory=list)
    borrowed: list[str] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    stopped: list[tuple[int, str]] = field(default_factory=list)
    hints: int = 0
    seed: int = 0
    diagnosis: str = ""
    printed: str = ""
    source: str = field(default="", repr=False)  # the file as it was graded; "" if it is none

    @property
    def status(self) -> str:
        """The gravest status of its checks; "passed" only if nothing else is there."""
        found = {check.status for check in self.checks}
        for status in ("todo", "timeout", "error", "failed"):
            if status in found:
                return status
        if "passed" in found:
            return "passed"
        return "skipped" if found == {"skipped"} else "error"

    @property
    def points(self) -> int:
        return self.max_points if self.status == "passed" else 0

    def to_json(self) -> dict[str, Any]:
        """The part of the ``--json`` document that is about this exercise."""
        return {
            "id": self.id,
            "status": self.status,
            "points": self.points,
            "max_points": self.max_points,
            "checks": [
                {"name": c.name, "status": c.status, "message": c.message} for c in self.checks
            ],
            "diagnosis": self.diagnosis,
            "stood_in": self.stood_in,
        }


def to_json(results: list[ExerciseResult]) -> dict[str, Any]:
    """The whole ``--json`` document."""
    lessons: dict[str, list[ExerciseResult]] = {}
    for result in results:
        lessons.setdefault(result.lesson, []).append(result)
    return {
        "lessons": [
            {"lesson": lesson, "exercises": [r.to_json() for r in found]}
            for lesson, found in lessons.items()
        ],
        "points": sum(r.points for r in results),
        "max_points": sum(r.max_points for r in results),
    }


def first_problem(result: ExerciseResult) -> CheckResult | None:
    """The check to talk about: the first that is neither passed nor skipped."""
    return next((c for c in result.checks if c.status not in ("passed", "skipped")), None)


def words_for(check: str) -> str:
    """A check's name for people; JSON and pytest keep the name itself."""
    return {"inputs": "arguments left alone", "no_autograd": "no autograd"}.get(check, check)


def one_line(result: ExerciseResult) -> str:
    """ "05.tanh_backward: still a TODO" """
    problem = first_problem(result)
    if problem is None:
        return f"{result.id}: {result.status}"
    return f"{result.id}: {_lines(problem.message)[0] or problem.status}"


def sentences(
    result: ExerciseResult, source: str = "", place: Callable[[int], str] = "line {}".format
) -> list[str]:
    """The report on one exercise as lines of plain text, in the order a learner needs them.

    Args:
        result: the verdict.
        source: the learner's file, to show the line where an exception came from; what was graded
            unless given, so that nobody has to read the file again.
        place: what a line of that file is called; a notebook has cells.
    """
    if result.status == "passed":
        return [f"{result.id}: right.", *_help(result)]
    if result.status == "skipped":
        return [f"{result.id}: skipped, {shown_text(result.checks[0].message)}."]
    if result.status == "todo":
        return [f"{result.id}: still a TODO"]
    problem = first_problem(result)
    if problem is None:
        return [f"{result.id}: no answer came back"]
    first, *rest = _lines(problem.message)
    lines = [f"{result.id}: {first or problem.status}", *rest]
    text = lines_of(source or result.source)
    for line, function in problem.frames[-3:]:
        if 0 < line <= len(text):
            inside = f", in {shown_text(function, MAX_NAME)}" if function else ""
            shown = shown_text(text[line - 1].strip(), MAX_LINE)
            lines.append(f"  {place(line)}{inside}:  {shown}")
    if problem.where:
        lines.append(f"  ({words_for(problem.name)}, {shown_text(problem.where)})")
    if result.diagnosis:
        lines += ["", result.diagnosis]
    same = [c for c in result.checks if c is not problem and c.status == problem.status]
    others = [words_for(c.name) for c in same]
    good = [words_for(c.name) for c in result.checks if c.status == "passed"]
    if good and others:
        lines.append(f"  also not right: {', '.join(others)}; right: {', '.join(good)}")
    lines += _help(result)
    for line, why in result.stopped[:3]:
        stop = f"{place(line)[0].upper()}{place(line)[1:]}"
        lines.append(f"  ({stop} stopped, and the rest was executed without it: {why})")
    # by the child, or by Python itself at its end
    printed = FOLDERS.sub("", problem.printed or result.printed).rstrip()
    if printed:
        told = printed.splitlines()
        lines += ["", "It printed:", *("  " + shown_text(line, MAX_LINE) for line in told[:10])]
        if len(told) > 10:
            lines.append(f"  ... ({len(told) - 10} lines more)")
    return lines


def _lines(message: str) -> list[str]:
    """A message as lines that may be shown; at least one, no two empty ones in a row, not endless."""
    lines = [line.rstrip() for line in shown_text(message).split("\n")]
    kept = [line for before, line in zip(["-", *lines], lines, strict=False) if before or line]
    more = len(kept) - MAX_LINES
    return kept if more <= 0 else [*kept[:MAX_LINES], f"... ({more} lines more)"]


def _help(result: ExerciseResult) -> list[str]:
    """Where the reference helped, or did not."""
    lines = []
    if result.stood_in:
        are = "is" if len(result.stood_in) == 1 else "are"
        lines.append(
            f"  (This exercise needs {listed(result.stood_in)}, which {are} not right yet: "
            "the reference stood in.)"
        )
    if result.borrowed:
        own = "passes its" if len(result.borrowed) == 1 else "pass their"
        lines.append(
            f"  (It is right with the reference's {listed(result.borrowed)}. With yours, which {own} "
            "own checks, it is not.)"
        )
    if result.tried:
        lines.append(f"  (Nor is it right with the reference's {listed(result.tried)}.)")
    return lines


def listed(names: list[str]) -> str:
    """ "a, b, c"; of many, the first and how many more."""
    return (
        ", ".join(names) if len(names) < 9 else f"{', '.join(names[:7])} and {len(names) - 7} more"
    )


def is_fine(checks: list[CheckResult]) -> bool:
    """Whether nothing is wrong with an exercise."""
    return all(check.status in FINE for check in checks)


def footer(result: ExerciseResult, options: str = "") -> str:
    """How to go on: a hint, and the seed that brings this very failure back.

    Args:
        options: with which `hero check` was called, " --from DIR" say: of others' files no hint is told.
    """
    if result.status in ("failed", "error", "timeout"):
        parts = [f"hero hint {result.id}"] if result.hints and not options else []
        parts.append(f"same numbers again: hero check {result.id} --seed {result.seed}{options}")
        return "  ".join(f"[{p}]" for p in parts)
    return f"[hero hint {result.id}]" if result.hints and result.status == "todo" else ""
