"""From the cells that were run, in whatever order, one file that defines what the kernel defines now.

A name means what the last statement that gave it a value says. Of these statements only those are taken
that the part's own names need: a line that somebody tried out in passing is neither graded nor run. What
was never run is the stub's, and so a TODO.

Nothing is executed here, and no kernel is needed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from graders.ground.parsing import parse
from graders.notebook.effects import Effects, Touch, effects, needs, reads
from graders.notebook.mains import is_program

# these bind a name when all that they use has been looked up, be it of the same name
FROM_ITSELF = (ast.Assign, ast.AnnAssign, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
# of these it is known that they change nothing that they are given; and of modules that draw
LOOKS = {
    *("abs", "all", "any", "bool", "callable", "check", "dict", "dir", "display", "enumerate", "float"),
    *("getattr", "graded", "hasattr", "hash", "help", "hint", "id", "int", "isinstance", "issubclass"),
    *("len", "list", "max", "min", "print", "range", "repr", "reversed", "round", "set", "solution"),
    *("sorted", "str", "sum", "tuple", "type", "zip"),
}  # fmt: skip
DRAWS = ("matplotlib", "seaborn", "plotly", "IPython", "pylab")
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
    does: Effects
    again: frozenset[str]  # what it binds anew from what it was: `words = words[:9]`, `class f(f)`
    needs: frozenset[str]
    at_once: frozenset[
        str
    ]  # those of its needs that are needed when it is run, not when it is called
    reads: frozenset[str]  # those in which it looks
    is_lost: bool  # only a kernel can run it: it says `await`
    is_star: bool  # it stands before all others: `from x import *`, and before these what is of __future__
    line: int  # where it begins in its cell
    last: int  # and ends

    @property
    def binds(self) -> frozenset[str]:
        """The names that it gives a value."""
        return frozenset(self.does.binds)


@dataclass(frozen=True)
class Left:
    """A statement that was left out, although it may change what others use."""

    cell: int
    line: int
    text: str
    names: frozenset[str]  # what it may change


@dataclass
class Gathered:
    """The file, and where each of its lines comes from."""

    text: str
    places: list[tuple[int, int]] = field(default_factory=list)  # (cell, line); cell 0: the stub
    left: list[Left] = field(default_factory=list)

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
    done: list[_Run] = []
    lost: list[Left] = []
    for cell in cells:
        for statement in statements(cell.source):
            if statement.is_lost:
                lost.append(
                    _left(cell.number, statement, statement.does.binds | statement.does.changes)
                )
            elif statement.last <= cell.lines:
                done.append(_Run(cell.number, statement))
                _apply(done[-1], held, stars)
    for name in list(held):
        if held[name] and held[name][0].cell and name not in known:  # by %reset, say
            held[name] = []
        if not held[name]:
            held[name] = given.get(name, [])
    made = _in_order(roots, held, stars, done)
    made.left += lost
    return made


@dataclass(eq=False)
class _Run:
    cell: int
    statement: Statement
    by_call: set[str] = field(default_factory=set)  # what it may change, who knows: by a call

    def left(self, held: dict[str, list[_Run]]) -> Left | None:
        """What to say if it is left out."""
        names = {
            touch.name
            for touch in self.statement.does.touches
            if not _looks_only(touch, held)
            and (not _is(touch.name, "modules", held) or touch.method.startswith("set"))
        }
        # what it puts where nobody looks is no matter
        names -= self.statement.does.binds | self.by_call
        if not self.cell or not names:
            return None
        return _left(self.cell, self.statement, names)


def _left(cell: int, statement: Statement, names: Iterable[str]) -> Left:
    text = statement.text.strip().split("\n")[0]
    return Left(cell, statement.line, text, frozenset(names))


def _apply(run: _Run, held: dict[str, list[_Run]], stars: list[_Run]) -> None:
    """What a statement that is run now does to the names."""
    statement, does = run.statement, run.statement.does
    if statement.is_star:
        stars.append(run)
    touches = [*does.touches]
    for function in does.calls & held.keys():
        for known in held[function]:
            run.by_call |= known.statement.does.inside
            touches += known.statement.does.touches_inside
    run.by_call |= {touch.name for touch in touches if _may_change(touch, held)}
    run.by_call -= does.binds | does.changes
    for name in sorted(does.changes | run.by_call):
        held.setdefault(name, []).append(run)
    for name in does.binds:
        held[name] = [*held.get(name, ()), run] if name in statement.again else [run]
    for name in does.deletes:
        held[name] = []


def _may_change(touch: Touch, held: dict[str, list[_Run]]) -> bool:
    """Whether a call is taken for one that changes an object: not a module, nor a function by itself."""
    if not held.get(touch.name) or _looks_only(touch, held) or _is(touch.name, "modules", held):
        return False
    return touch.deep or not _is(touch.name, "functions", held)


def _looks_only(touch: Touch, held: dict[str, list[_Run]]) -> bool:
    """Whether what is called looks at things, and changes none: print, or what draws."""
    if _is(touch.by, "modules", held):
        return any(word in held[touch.by][0].statement.text for word in DRAWS)
    return touch.by in LOOKS and not held.get(touch.by)


def _is(name: str, kind: str, held: dict[str, list[_Run]]) -> bool:
    runs = held.get(name)
    return bool(runs) and name in getattr(runs[0].statement.does, kind)  # type: ignore[index]


def _in_order(
    roots: list[str], held: dict[str, list[_Run]], stars: list[_Run], cells: list[_Run]
) -> Gathered:
    """The statements that the roots need, each behind those that it needs when it is run."""
    out: dict[_Run, None] = {}
    seen: set[tuple[int, bool]] = set()

    def visit(name: str, whole: bool, read: bool) -> Iterator[tuple[str, bool, bool]]:
        """What to visit meanwhile: it does not recurse, as each of a thousand may need another."""
        for run in held.get(name, ()):
            key = (id(run), whole)
            # who only puts things in does not need what others may have put in
            if key in seen or (name in run.by_call and not read):
                continue
            seen.add(key)
            statement = run.statement
            # what runs at once may call what it names, and that needs all of its own needs
            eager = statement.needs if whole else statement.at_once
            for other in sorted(eager):
                if other != name:
                    yield other, True, other in statement.reads
            out.setdefault(run)
            for other in sorted(statement.needs - eager):
                yield other, False, other in statement.reads

    for name in roots:
        open_visits = [visit(name, False, True)]
        while open_visits:
            further = next(open_visits[-1], None)
            if further is None:
                open_visits.pop()
            else:
                open_visits.append(visit(*further))
    left = [run.left(held) for run in cells if run not in out]
    text: list[str] = []
    places: list[tuple[int, int]] = []
    stars.sort(key=lambda run: not run.statement.text.startswith(FUTURE))
    for run in [*stars, *out]:
        lines = run.statement.text.split("\n")
        text += [*lines, "", ""]
        first = run.statement.line
        places += [(run.cell, first + i) for i in range(len(lines) + 2)]
    return Gathered("\n".join(text) + "\n", places, [one for one in left if one])


@lru_cache(maxsize=4096)
def statements(source: str) -> tuple[Statement, ...]:
    """The statements of a cell; none where it is not valid Python (then it was not run either)."""
    try:
        tree = parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    lines = source.split("\n")
    return tuple(_statement(node, lines) for node in tree.body if not is_program(node))


def _statement(node: ast.stmt, lines: list[str]) -> Statement:
    """A statement of a cell's lines."""
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    last = node.end_lineno or node.lineno
    text = "\n".join(lines[first - 1 : last])
    try:
        alone = len(parse(text).body) == 1
    except SyntaxError:
        alone = False
    text = text if alone else ast.unparse(node)  # it shares its line: `a = 1; b = 2`
    does = effects(node)
    is_future = text.startswith(FUTURE)
    if is_future:
        does.binds.clear()
        does.modules.clear()
    is_lost = False
    try:
        found, at_once, used_now = needs(text)
    except SyntaxError:
        found, at_once, used_now, is_lost = set(), set(), set(), True
    return Statement(
        text=text,
        does=does,
        again=frozenset(does.binds & used_now) if isinstance(node, FROM_ITSELF) else frozenset(),
        needs=frozenset(found),
        at_once=frozenset(at_once),
        reads=frozenset(reads(node)),
        is_lost=is_lost,
        is_star=is_future
        or (isinstance(node, ast.ImportFrom) and any(a.name == "*" for a in node.names)),
        line=first,
        last=last,
    )
