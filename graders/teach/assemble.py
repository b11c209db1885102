"""From the code cells of a notebook that was handed in, the file of a part that can be graded.

A notebook is no program: beside definitions it holds trainings, pictures, half a thought in an
extra cell. Which statements count is decided as for a running notebook (``graders.notebook.gather``):
what the part's own names need, and nothing else. What is added here: magics are no Python, a cell
that cannot be read is named, and a cell of which something is not run says so.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from graders.ground.parsing import PLAIN_SIZE, TOO_MUCH, TooMuch, is_too_much, parse
from graders.notebook.gather import Gathered, RunCell, gather

# these run a cell's own code, and say something of it
TRANSPARENT = re.compile(r"\s*%%(?:time|timeit|capture|prun|python3?|py)\b.*\n?")
# of a line without its indent; matched at its beginning only, or `x % 2` would be one (and a long line slow)
MAGIC = re.compile(r"(?:[\w, ]+=\s*)?[%!]|\?|[\w.]+\?{1,2}\s*$")
NOT_RUN = "(Not run when this was graded: no exercise needs it.)"
PARTLY = "(Of this cell, only what the exercises need was run when this was graded.)"
TOO_DEEP = "it is nested too deeply"
UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


@dataclass(frozen=True)
class Broken:
    """A cell that is not Python: its number (from 1), the line in it, what is off, its text."""

    cell: int
    line: int
    message: str
    text: str

    def __str__(self) -> str:
        if self.message == TOO_MUCH:
            return f"cell {self.cell} is not read: {self.message}"
        where = f", line {self.line}," if self.line else ""
        return f"cell {self.cell}{where} is not valid Python: {self.message}"


@dataclass
class Assembled:
    """A part's file made of cells.

    Attributes:
        file: the file, and from which cell each line is.
        broken: cells that could not be read.
        idle: what to say of cells of which not everything is run, by their number.
    """

    file: Gathered
    broken: list[Broken] = field(default_factory=list)
    idle: dict[int, str] = field(default_factory=dict)


def assemble(cells: Sequence[tuple[int, str]], stub: str) -> Assembled:
    """The file of some code cells.

    Args:
        cells: (number, text) of each, in the notebook's order.
        stub: the part's stub: given code that was deleted, and the names that matter.
    """
    read: list[RunCell] = []
    good: list[RunCell] = []
    broken: list[Broken] = []
    for number, text in cells:
        try:
            code = without_magics(text)
            parse(code)
            read.append(RunCell(number, code))
        except UNREADABLE as error:
            broken.append(_broken(number, text, error))
    read, left = _affordable(read)
    broken += [Broken(cell.number, 0, TOO_MUCH, cell.source) for cell in left]
    for cell in read:
        try:
            gather([cell], (), "")  # as deep as it will be looked into
            good.append(cell)
        except UNREADABLE as error:
            broken.append(_broken(cell.number, cell.source, error))
    broken.sort(key=lambda b: b.cell)
    made = Assembled(gather(good, None, stub), broken)
    taken = set(made.file.places)
    for cell in good:
        lines = [n.lineno for n in parse(cell.source).body if _does(n)]
        run = [line for line in lines if (cell.number, line) in taken]
        if len(run) < len(lines):
            made.idle[cell.number] = PARTLY if run else NOT_RUN
    return made


def _broken(number: int, text: str, error: BaseException) -> Broken:
    line = getattr(error, "lineno", 0) or 0
    return Broken(number, line, getattr(error, "msg", "") or _why(error), text)


def _affordable(cells: list[RunCell]) -> tuple[list[RunCell], list[RunCell]]:
    """(those that are read, those that are left out): of too many large ones, the largest."""
    if not is_too_much("\n".join(cell.source for cell in cells)):
        return cells, []
    kept, size = set(), 0
    for cell in sorted(cells, key=lambda c: len(c.source)):
        size += len(cell.source) + 1
        if size > PLAIN_SIZE:
            break
        kept.add(cell.number)
    return [c for c in cells if c.number in kept], [c for c in cells if c.number not in kept]


def without_magics(text: str) -> str:
    """A cell's text as Python: shell lines and magics do nothing, cell magics are looked through."""
    text = re.sub("\r\n?", "\n", text)
    through = TRANSPARENT.match(text)
    if through:
        text = "\n" + text[through.end() :]
    if text.lstrip().startswith("%%"):
        return ""
    try:
        parse(text)
        return text
    except TooMuch:
        raise
    except SyntaxError:
        return "\n".join(map(_without_magic, text.split("\n")))


def _without_magic(line: str) -> str:
    code = line.lstrip()
    return line[: len(line) - len(code)] + "pass" if MAGIC.match(code) else line


def _does(node: ast.stmt) -> bool:
    """Whether leaving a statement out is worth a word: imports, texts and ``pass`` are not."""
    if isinstance(node, (ast.Import, ast.ImportFrom, ast.Pass)):
        return False
    return not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _why(error: BaseException) -> str:
    return TOO_DEEP if isinstance(error, (RecursionError, MemoryError)) else str(error)
