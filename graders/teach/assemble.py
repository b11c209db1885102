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
    good: list[RunCell] = []
    broken: list[Broken] = []
    for number, text in cells:
        try:
            code = without_magics(text)
            ast.parse(code)
            gather([RunCell(number, code)], (), "")  # as deep as it will be looked into
            good.append(RunCell(number, code))
        except UNREADABLE as error:
            line = getattr(error, "lineno", 0) or 0
            message = getattr(error, "msg", "") or _why(error)
            broken.append(Broken(number, line, message, text))
    names = {node for cell in good for node in _names(cell.source)}
    try:
        made = Assembled(gather(good, names, stub), broken)
    except RecursionError:  # each needs another, a thousand times
        lost = [Broken(c.number, 0, TOO_DEEP, c.source) for c in good]
        return Assembled(gather([], (), stub), [*broken, *lost])
    taken = set(made.file.places)
    for cell in good:
        lines = [n.lineno for n in ast.parse(cell.source).body if _does(n)]
        run = [line for line in lines if (cell.number, line) in taken]
        if len(run) < len(lines):
            made.idle[cell.number] = PARTLY if run else NOT_RUN
    return made


def without_magics(text: str) -> str:
    """A cell's text as Python: shell lines and magics do nothing, cell magics are looked through."""
    text = re.sub("\r\n?", "\n", text)
    through = TRANSPARENT.match(text)
    if through:
        text = "\n" + text[through.end() :]
    if text.lstrip().startswith("%%"):
        return ""
    try:
        ast.parse(text)
        return text
    except SyntaxError:
        return "\n".join(map(_without_magic, text.split("\n")))


def _without_magic(line: str) -> str:
    code = line.lstrip()
    return line[: len(line) - len(code)] + "pass" if MAGIC.match(code) else line


def _names(source: str) -> set[str]:
    """Whatever a cell may give a value to: in a notebook that was handed in, nothing is deleted unseen."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
    return found


def _does(node: ast.stmt) -> bool:
    """Whether leaving a statement out is worth a word: imports, texts and ``pass`` are not."""
    if isinstance(node, (ast.Import, ast.ImportFrom, ast.Pass)):
        return False
    return not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _why(error: BaseException) -> str:
    return TOO_DEEP if isinstance(error, (RecursionError, MemoryError)) else str(error)
