"""From the cells that were run, in whatever order, one file that defines what the kernel defines now.

A name means what the last statement that gave it a value says. Of these statements only those are taken
that the part's own names need: a line that somebody tried out in passing is neither graded nor run. What
was never run is the stub's, and so a TODO.

Nothing is executed here, and no kernel is needed.
"""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from graders.ground.parsing import parse
from graders.notebook.mains import is_program

Function = (ast.FunctionDef, ast.AsyncFunctionDef)
FUTURE = "from __future__ import"


@dataclass(frozen=True)
class RunCell:
    """A cell that was run.

    Attributes:
        number: what stands before it in brackets.
        source: its code, as Python (magics already translated).
        lines: statements that end on a later line were not run (to the end): the cell failed there.
    """

    number: int
    source: str
    lines: int = 10**9


@dataclass(frozen=True)
class Statement:
    """A statement at the top level of a cell: what it gives values to, and what it needs."""

    text: str
    binds: frozenset[str]
    deletes: frozenset[str]
    changes: frozenset[str]  # objects that it writes into: `Value.tanh = ...`, `table[0] = ...`
    needs: frozenset[str]
    at_once: frozenset[
        str
    ]  # those of its needs that are needed when it is run, not when it is called
    is_star: bool  # it stands before all others: `from x import *`, and before these what is of __future__
    line: int  # where it begins in its cell
    last: int  # and ends


@dataclass
class Gathered:
    """The file, and where each of its lines comes from."""

    text: str
    places: list[tuple[int, int]] = field(default_factory=list)  # (cell, line); cell 0: the stub

    def place(self, line: int) -> str:
        """ "cell [5], line 3", for a line of the file."""
        cell, at = self.places[line - 1] if 0 < line <= len(self.places) else (0, line)
        return f"cell [{cell}], line {at}" if cell else f"given code, line {at}"

    def cells(self, first: int, last: int) -> list[int]:
        """The numbers of the cells that some lines come from."""
        return sorted({cell for cell, _ in self.places[first - 1 : last] if cell})


def gather(cells: Iterable[RunCell], there: Iterable[str], stub: str) -> Gathered:
    """The file that defines what the kernel defines now.

    Args:
        cells: what was run, oldest first.
        there: the names that the kernel knows now; others were deleted.
        stub: the part's stub, for what was never run, and for the names that matter.
    """
    known = set(there)
    held: dict[str, list[_Run]] = {}
    stars: list[_Run] = []
    own = [_Run(0, statement) for statement in statements(stub)]
    for run in own:
        _apply(run, held, stars)
    roots = list(held)
    given = {name: list(runs) for name, runs in held.items()}
    for cell in cells:
        for statement in statements(cell.source):
            if statement.last <= cell.lines:
                _apply(_Run(cell.number, statement), held, stars)
    for name in list(held):
        if held[name] and held[name][0].cell and name not in known:  # by %reset, say
            held[name] = []
        if not held[name]:
            held[name] = given.get(name, [])
    return _in_order(roots, held, stars)


@dataclass(eq=False)
class _Run:
    cell: int
    statement: Statement


def _apply(run: _Run, held: dict[str, list[_Run]], stars: list[_Run]) -> None:
    """What a statement that is run now does to the names."""
    statement = run.statement
    if statement.is_star:
        stars.append(run)
    for name in statement.changes:
        held.setdefault(name, []).append(run)
    for name in statement.binds:
        held[name] = [run]
    for name in statement.deletes:
        held[name] = []


def _in_order(roots: list[str], held: dict[str, list[_Run]], stars: list[_Run]) -> Gathered:
    """The statements that the roots need, each behind those that it needs when it is run."""
    out: dict[_Run, None] = {}
    seen: set[tuple[int, bool]] = set()

    def visit(name: str, whole: bool) -> Iterator[tuple[str, bool]]:
        """What to visit meanwhile: it does not recurse, as each of a thousand may need another."""
        for run in held.get(name, ()):
            key = (id(run), whole)
            if key in seen:
                continue
            seen.add(key)
            # what runs at once may call what it names, and that needs all of its own needs
            eager = run.statement.needs if whole else run.statement.at_once
            for other in sorted(eager):
                if other != name:
                    yield other, True
            out.setdefault(run)
            for other in sorted(run.statement.needs - eager):
                yield other, False

    for name in roots:
        open_visits = [visit(name, False)]
        while open_visits:
            further = next(open_visits[-1], None)
            if further is None:
                open_visits.pop()
            else:
                open_visits.append(visit(*further))
    text: list[str] = []
    places: list[tuple[int, int]] = []
    stars.sort(key=lambda run: not run.statement.text.startswith(FUTURE))
    for run in [*stars, *out]:
        lines = run.statement.text.split("\n")
        text += [*lines, "", ""]
        first = run.statement.line
        places += [(run.cell, first + i) for i in range(len(lines) + 2)]
    return Gathered("\n".join(text) + "\n", places)


@lru_cache(maxsize=4096)
def statements(source: str) -> tuple[Statement, ...]:
    """The statements of a cell; none where it is not valid Python (then it was not run either)."""
    try:
        tree = parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    lines = source.split("\n")
    made = [_statement(node, lines) for node in tree.body if not is_program(node)]
    return tuple(statement for statement in made if statement is not None)


def _statement(node: ast.stmt, lines: list[str]) -> Statement | None:
    """A statement; None for one that only a kernel can run: with `await`."""
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    last = node.end_lineno or node.lineno
    text = "\n".join(lines[first - 1 : last])
    try:
        alone = len(ast.parse(text).body) == 1
    except SyntaxError:
        alone = False
    text = text if alone else ast.unparse(node)  # it shares its line: `a = 1; b = 2`
    binds, deletes, changes = _effects(node)
    is_future = text.startswith(FUTURE)
    binds = set() if is_future else binds
    try:
        needs, at_once = _needs(text)
    except SyntaxError:
        return None
    return Statement(
        text=text,
        binds=frozenset(binds),
        deletes=frozenset(deletes),
        changes=frozenset(changes - binds),
        needs=frozenset(needs),
        at_once=frozenset(at_once),
        is_star=is_future
        or (isinstance(node, ast.ImportFrom) and any(a.name == "*" for a in node.names)),
        line=first,
        last=last,
    )


def _effects(node: ast.AST) -> tuple[set[str], set[str], set[str]]:
    """(names that it binds, that it deletes, whose objects it writes into), at the top level only."""
    binds: set[str] = set()
    deletes: set[str] = set()
    changes: set[str] = set()
    for inner in _same_scope(node):
        if isinstance(inner, (*Function, ast.ClassDef)):
            binds.add(inner.name)
        elif isinstance(inner, (ast.Import, ast.ImportFrom)):
            binds |= {(a.asname or a.name).split(".")[0] for a in inner.names if a.name != "*"}
        elif isinstance(inner, ast.AugAssign) and isinstance(inner.target, ast.Name):
            changes.add(inner.target.id)
        elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            binds.add(inner.id)
        elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Del):
            deletes.add(inner.id)
        elif isinstance(inner, (ast.Attribute, ast.Subscript)) and not isinstance(
            inner.ctx, ast.Load
        ):
            base: ast.expr = inner
            while isinstance(base, (ast.Attribute, ast.Subscript)):
                base = base.value
            if isinstance(base, ast.Name):
                changes.add(base.id)
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        binds.discard(node.target.id)
    return binds, deletes - binds, changes


def _same_scope(node: ast.AST) -> Iterator[ast.AST]:
    """A node and those below it that are no other function's, class's or comprehension's."""
    yield node
    if isinstance(node, (*Function, ast.ClassDef, ast.Lambda, ast.comprehension)):
        return
    for child in ast.iter_child_nodes(node):
        yield from _same_scope(child)


def _needs(text: str) -> tuple[set[str], set[str]]:
    """(names at the top level that a statement uses, those of them that it uses at once, when it is run).

    What is local to a function is none of them: a line `x = slow()` elsewhere is not run for its sake.
    Raises SyntaxError.
    """
    compile(text, "cell", "exec", dont_inherit=True)
    table = symtable.symtable(text, "cell", "exec")
    own = set(table.get_identifiers())
    needs, at_once = set(own), set(own)
    waiting = [(child, True) for child in table.get_children()]
    while waiting:
        here, now = waiting.pop()
        now = now and (
            str(here.get_type()) != "function" or here.get_name().endswith(("comp", "expr"))
        )
        used = {s.get_name() for s in here.get_symbols() if s.is_global()}
        needs |= used
        if now:
            at_once |= used
        waiting += [(child, now) for child in here.get_children()]
    return needs, at_once
