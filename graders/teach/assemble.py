"""From the code cells of a notebook, the file of a part that can be graded.

A notebook is no program: beside definitions it holds trainings, pictures, half a thought in an
extra cell. What is graded are the definitions; a statement that gives one of them what it needs (an
import, a table) comes along, everything else stays out. Nothing is executed here. What came along,
what did not, and from which cell a line is, can be told to the person who wrote it.
"""

from __future__ import annotations

import ast
import re
import symtable
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
# these run a cell's own code, and say something of it
TRANSPARENT = re.compile(r"\s*%%(?:time|timeit|capture|prun|python3?|py)\b.*\n?")
MAGIC = re.compile(r"(\s*)(?:[\w, ]+=\s*)?(?:[%!]|\?|[\w.]+\?{1,2}\s*$).*")
NOT_RUN = "(Not run when this was graded: no exercise needs it.)"
PARTLY = "(Of this cell, only what the exercises need was run when this was graded.)"
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
        source: the file.
        places: for each of its lines, (cell, line in it), both from 1.
        broken: cells that could not be read.
        idle: what to say of cells of which not everything is run, by their number.
    """

    source: str = ""
    places: list[tuple[int, int]] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    idle: dict[int, str] = field(default_factory=dict)

    def located(self, text: str) -> str:
        """A line of a report, with the cell's number in place of the line in a file nobody has seen."""

        def place(match: re.Match[str]) -> str:
            number = int(match[2])
            if not 0 < number <= len(self.places):
                return match[0]
            cell, line = self.places[number - 1]
            return f"{match[1]}cell {cell}, line {line}"

        return re.sub(r"^(\s+)line (\d+)\b", place, text)


@dataclass
class _Piece:
    """Statements of a cell that stand on lines of their own."""

    cell: int
    first: int
    lines: list[str]
    nodes: list[ast.stmt]
    binds: set[str] = field(default_factory=set)
    needs: set[str] = field(default_factory=set)
    defines: bool = False
    future: bool = False


def assemble(cells: Sequence[tuple[int, str]], wanted: set[str] | None = None) -> Assembled:
    """The file of some code cells.

    Args:
        cells: (number, text) of each, in the notebook's order.
        wanted: names to bring along although they are no definitions.
    """
    made = Assembled()
    pieces: list[_Piece] = []
    for number, text in cells:
        try:
            pieces += _pieces(number, text)
        except UNREADABLE as error:
            line = getattr(error, "lineno", 0) or 0
            message = getattr(error, "msg", "") or _why(error)
            made.broken.append(Broken(number, line, message, text))
    chosen = _chosen(pieces, wanted or set())
    chosen.sort(key=lambda i: not pieces[i].future)  # stable: __future__ must come first
    lines: list[str] = []
    for piece in (pieces[i] for i in chosen):
        lines += piece.lines
        made.places += [(piece.cell, piece.first + i) for i in range(len(piece.lines))]
    made.source = "".join(f"{line}\n" for line in lines)
    run = {pieces[i].cell for i in chosen}
    for i in sorted({*range(len(pieces))} - {*chosen}):
        if _does(pieces[i]):
            number = pieces[i].cell
            made.idle[number] = PARTLY if number in run else NOT_RUN
    return made


def without_magics(text: str) -> str:
    """A cell's text as Python: shell lines and magics do nothing, cell magics are looked through."""
    text = re.sub("\r\n?", "\n", text)
    through = TRANSPARENT.match(text)
    if through:
        return "\n" + text[through.end() :]
    if text.lstrip().startswith("%%"):
        return ""
    try:
        ast.parse(text)
        return text
    except SyntaxError:
        return "\n".join(MAGIC.sub(r"\1pass", line) for line in text.split("\n"))


def _why(error: BaseException) -> str:
    if isinstance(error, (RecursionError, MemoryError)):
        return "it is nested too deeply"
    return str(error)


def _pieces(number: int, text: str) -> list[_Piece]:
    text = without_magics(text)
    tree, lines = ast.parse(text), text.split("\n")
    found: list[_Piece] = []
    for node in tree.body:
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(d.lineno for d in decorators)])
        last = node.end_lineno or node.lineno
        if found and first < found[-1].first + len(found[-1].lines):  # a; b
            piece = found[-1]
            piece.lines = lines[piece.first - 1 : max(last, piece.first + len(piece.lines) - 1)]
        else:
            piece = _Piece(number, first, lines[first - 1 : last], [])
            found.append(piece)
        piece.nodes.append(node)
    for piece in found:
        piece.defines = any(isinstance(node, DEFINITIONS) for node in piece.nodes)
        piece.future = any(
            isinstance(n, ast.ImportFrom) and n.module == "__future__" for n in piece.nodes
        )
        piece.binds = {name for node in piece.nodes for name in _binds(node)}
        piece.needs = _needs("\n".join(piece.lines))
    return found


def _binds(node: ast.stmt) -> Iterator[str]:
    """The names that a statement of the module's own level gives something to."""
    if isinstance(node, DEFINITIONS):
        yield node.name
        return
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        yield from ((a.asname or a.name).split(".")[0] for a in node.names)
        return
    if isinstance(node, ast.Expr):
        return
    left: list[ast.AST] = [node]
    while left:
        at = left.pop()
        if isinstance(at, DEFINITIONS):
            yield at.name
            continue
        if isinstance(at, (ast.Import, ast.ImportFrom)):
            yield from ((a.asname or a.name).split(".")[0] for a in at.names)
        elif isinstance(at, (ast.Name, ast.Attribute, ast.Subscript)) and isinstance(
            at.ctx, ast.Store
        ):
            base: ast.AST = at  # Value.__add__ = ...: it belongs to Value
            while isinstance(base, (ast.Attribute, ast.Subscript)):
                base = base.value
            if isinstance(base, ast.Name):
                yield base.id
        left += ast.iter_child_nodes(at)


def _needs(text: str) -> set[str]:
    """The names of the module that a statement asks for, now or when it is called. Raises SyntaxError."""
    found: set[str] = set()
    tables = [symtable.symtable(text, "cell", "exec")]
    while tables:
        table = tables.pop()
        outermost = table.get_type() == "module"
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (outermost or symbol.is_global()):
                found.add(symbol.get_name())
        tables += table.get_children()
    return found


def _chosen(pieces: list[_Piece], wanted: set[str]) -> list[int]:
    """The numbers of the pieces to keep: definitions, and what they need, directly or not."""
    by_name: dict[str, list[int]] = {}
    for i, piece in enumerate(pieces):
        for name in piece.binds:
            by_name.setdefault(name, []).append(i)
    kept = {i for i, piece in enumerate(pieces) if piece.defines or piece.future}
    left = sorted(kept | {i for name in wanted for i in by_name.get(name, ())})
    kept = set(left)
    while left:
        for name in pieces[left.pop()].needs:
            for i in by_name.get(name, ()):
                if i not in kept and not _patches_a_library(pieces, by_name, i, name):
                    kept.add(i)
                    left.append(i)
    return sorted(kept)


def _patches_a_library(
    pieces: list[_Piece], by_name: dict[str, list[int]], i: int, name: str
) -> bool:
    """Whether a statement only sets an attribute of something that is imported (torch.add = ...)."""
    imported = any(_imports(pieces[j], name) for j in by_name[name])
    return imported and not _imports(pieces[i], name) and not _plainly(pieces[i], name)


def _imports(piece: _Piece, name: str) -> bool:
    return any(
        (alias.asname or alias.name).split(".")[0] == name
        for node in piece.nodes
        for at in ast.walk(node)
        if isinstance(at, (ast.Import, ast.ImportFrom))
        for alias in at.names
    )


def _plainly(piece: _Piece, name: str) -> bool:
    return any(
        isinstance(at, ast.Name) and isinstance(at.ctx, ast.Store) and at.id == name
        for node in piece.nodes
        for at in ast.walk(node)
    )


def _does(piece: _Piece) -> bool:
    """Whether leaving a piece out is worth a word: imports, texts and ``pass`` are not."""
    return any(
        not isinstance(node, (ast.Import, ast.ImportFrom, ast.Pass))
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for node in piece.nodes
    )
