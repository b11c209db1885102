"""The last look at what the tutor says: no line of a solution leaves.

A lesson's text, a task and a hint are written for the learner, and a few of them quote the code that is asked
for: the last rung of a ladder of hints often does. In the terminal that is the learner's own choice. Here
somebody else asks, so every answer is compared with the lines of all solutions first.
"""

from __future__ import annotations

import re
from functools import cached_property

from graders.core.registry import PartRef, Registry
from graders.core.stubs import regions

LONG = 20  # characters: a shorter line (`return x`, `else:`) is everybody's
LEFT_OUT = "[...]"


class Seal:
    """What may not be said, for all lessons of a workbook."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry

    @cached_property
    def lines(self) -> dict[str, list[str]]:
        """The lines of all solutions that are long enough to be somebody's, by how they begin."""
        found: set[str] = set()
        for ref in self.registry.all_parts():
            source = self.source(ref)
            given = plain(_outside(source))
            found |= {line for line in secret(_inside(source)) if line not in given}
        begin: dict[str, list[str]] = {}
        for line in found:
            begin.setdefault(line[: LONG + 1], []).append(line)
        return begin

    def source(self, ref: PartRef) -> str:
        return (self.registry.root / "solutions" / ref.file).read_text(encoding="utf-8")

    def broken_by(self, text: str, ref: PartRef | None = None, own: str = "") -> list[str]:
        """The lines of solutions that a text holds, the longest first.

        Args:
            text: what is to be said.
            ref: the part that it is about: what is given code there may be said.
            own: the learner's own file: what stands in it may be said too.
        """
        said = plain(text)
        found: set[str] = set()
        for at in range(len(said) - LONG):  # a look at each place, not one for each line
            for line in self.lines.get(said[at : at + LONG + 1], ()):
                if said.startswith(line, at):
                    found.add(line)
        if found:
            given = plain(own) + (plain(_outside(self.source(ref))) if ref else "")
            found = {line for line in found if line not in given}
        return sorted(found, key=len, reverse=True)

    def kept(self, text: str, ref: PartRef | None = None, own: str = "") -> str:
        """A text as it may be said: each line of a solution in it is left out, and that is told."""
        found = self.broken_by(text, ref, own)
        for line in found:
            text = re.sub(r"\s+".join(map(re.escape, line.split())), LEFT_OUT, text)
        if found:
            text += f"\n\n({LEFT_OUT} stands for code of the solution, which is not given here.)"
        return text


def plain(text: str) -> str:
    """A text with one space wherever there is any."""
    return " ".join(text.split())


def uncommented(line: str) -> str:
    """A line of code without the comment behind it."""
    return re.sub(r"(^|\s+)# .*", "", line)


def bare(line: str) -> str:
    """What a statement computes: `return a + b` and `out = a + b` are told by `a + b`."""
    return re.sub(r"^(?:return|yield|[\w.]+(?:, [\w.]+)* =) (?=.)", "", line)


def secret(lines: list[str]) -> set[str]:
    """The forms in which lines of a solution are looked for."""
    found: set[str] = set()
    for line in lines:
        code = plain(uncommented(line))
        found |= {form for form in (plain(line), code, bare(code)) if len(form) > LONG}
    return found


def _inside(source: str) -> list[str]:
    """The lines of the solution regions."""
    lines = source.splitlines()
    return [line for first, last in regions(source) for line in lines[first : last - 1]]


def _outside(source: str) -> str:
    """Everything else: the text and the code that are given; a text's lines without their comment signs."""
    lines: list[str | None] = list(source.splitlines())
    for first, last in regions(source):
        lines[first - 1 : last] = [None] * (last - first + 1)
    return "\n".join(line.removeprefix("# ") for line in lines if line is not None)
