"""From the one source, a stub: each solution region becomes a TODO that names its exercise."""

from __future__ import annotations

import re

from graders.core.loaded import LoadedPart
from graders.ground.definitions import definition

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


# what a stub begins with: the reference has no need of it
HEAD = """\
# `hero check {part}` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\\Scripts\\hero).

"""


class SourceError(Exception):
    """A solution file breaks a rule; the message names the line."""


def regions(source: str) -> list[tuple[int, int]]:
    """(first, last) 1-based line numbers of the marker lines of each region. Raises SourceError."""
    found: list[tuple[int, int]] = []
    begin = 0
    for number, line in enumerate(source.splitlines(), 1):
        if BEGIN in line:
            if begin:
                raise SourceError(f"line {number}: a region begins inside another (line {begin})")
            begin = number
        elif END in line:
            if not begin:
                raise SourceError(f"line {number}: a region ends that did not begin")
            if number == begin + 1:
                raise SourceError(f"line {begin}: an empty region")
            found.append((begin, number))
            begin = 0
    if begin:
        raise SourceError(f"line {begin}: a region begins and does not end")
    return found


def make_stub(source: str, owners: dict[tuple[int, int], str], ask: str = "hero hint {}") -> str:
    """The stub of a source, given the exercise id that each region belongs to, and how to ask for a hint."""
    lines = source.splitlines(keepends=True)
    out: list[str] = []
    at = 0
    for (first, last), exercise in sorted(owners.items()):
        out += lines[at : first - 1]
        indent = re.match(r"\s*", lines[first - 1]).group()  # type: ignore[union-attr]
        stuck = ask.format(exercise)
        out.append(f"{indent}# TODO {exercise}: your code here (stuck? `{stuck}`)\n")
        out.append(f'{indent}raise NotImplementedError("{exercise}")\n')
        at = last
    out += lines[at:]
    return "".join(out)


def owners(part: LoadedPart) -> dict[tuple[int, int], str]:
    """Which exercise each solution region belongs to. Raises SourceError for one without."""
    spans = []
    for card in part.cards.values():
        for target in card.targets:
            node = definition(part.tree, target)
            if node is None:
                raise SourceError(f"{part.ref.file}: {target} of {card.name} is not there")
            spans.append((node.lineno, node.end_lineno or node.lineno, card.name))
    result = {}
    for first, last in regions(part.reference):
        # the innermost definition around the region owns it; the closing marker is a comment,
        # which may lie behind the definition's last statement
        around = [(b - a, name) for a, b, name in spans if a <= first <= b]
        if not around:
            raise SourceError(f"{part.ref.file}, line {first}: this region belongs to no exercise")
        result[first, last] = part.exercise_id(min(around)[1])
    return result


def stub_of(part: LoadedPart) -> str:
    """The stub of a part, as exercises/ must hold it."""
    return HEAD.format(part=f"{part.ref.number}/{part.ref.name.partition('_')[0]}") + make_stub(
        part.reference, owners(part)
    )


def without_markers(source: str) -> str:
    """The source with the marker lines taken out (line numbers change)."""
    return "".join(
        line for line in source.splitlines(keepends=True) if BEGIN not in line and END not in line
    )
