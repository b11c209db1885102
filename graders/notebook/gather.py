"""From the cells that were run, in whatever order, one file that defines what the kernel defines now.

A name means what the last statement that gave it a value says. Of these statements only those are taken
that the part's own names need: a line that somebody tried out in passing is neither graded nor run. What
was never run is the stub's, and so a TODO.

Nothing is executed here, and no kernel is needed.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from graders.notebook.held import Held, Run
from graders.notebook.statements import FUTURE, Statement, statements

KNOWN = {*dir(builtins), "__annotations__", "__file__"}  # what every file has


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
class Left:
    """A statement that is not in the file, although it may change what others use; or that deletes a name."""

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
    deleted: dict[str, Left] = field(default_factory=dict)  # what deletes a name of the stub

    def place(self, line: int) -> str:
        """ "cell [5], line 3", for a line of the file."""
        cell, at = self.places[line - 1] if 0 < line <= len(self.places) else (0, line)
        return f"cell [{cell}], line {at}" if cell else f"given code, line {at}"

    def cells(self, first: int, last: int) -> list[int]:
        """The numbers of the cells that some lines come from."""
        return sorted({cell for cell, _ in self.places[first - 1 : last] if cell})


def gather(cells: Iterable[RunCell], there: Iterable[str] | None, stub: str) -> Gathered:
    """The file that defines what the kernel defines now.

    Args:
        cells: what was run, oldest first.
        there: the names that the kernel knows now, others were deleted; None: whatever was given a value.
        stub: the part's stub, for what was never run, and for the names that matter.
    """
    held = Held()
    for statement in statements(stub):
        held.run(0, statement)
    roots = list(held.names)
    given = {name: list(runs) for name, runs in held.names.items()}
    done: list[Run] = []
    lost: list[Left] = []
    for cell in cells:
        for statement in statements(cell.source, of_learner=True):
            if statement.is_lost:
                lost.append(
                    _left(cell.number, statement, statement.does.binds | statement.does.changes)
                )
            elif statement.last <= cell.lines:
                done.append(held.run(cell.number, statement))
    known = held.names.keys() if there is None else set(there)
    for name in list(held.names):
        runs = held.names[name]
        if runs and runs[0].cell and name not in known:  # by %reset, say
            runs = []
        held.names[name] = runs or given.get(name, [])
    made, seen = _in_order(roots, held, done)
    seen |= held.modules()  # a setting of torch is for all
    made.deleted = {
        name: _left(run.cell, run.statement, {name})
        for name, run in held.deleted.items()
        if name in given
    }
    made.left = [left for left in (*made.left, *lost) if left.names & seen]
    return made


def _left(cell: int, statement: Statement, names: Iterable[str]) -> Left:
    text = statement.text.strip().split("\n")[0]
    return Left(cell, statement.line, text, frozenset(names))


def _in_order(roots: list[str], held: Held, cells: list[Run]) -> tuple[Gathered, set[str]]:
    """The statements that the roots need, each behind those that it needs when it is run; all their needs."""
    out: dict[Run, None] = {}
    seen: dict[tuple[int, bool], float] = {}  # and as of when
    begun: set[int] = set()
    names: set[str] = set()
    lacking: set[str] = set()

    def visit(name: str, whole: bool, read: bool, time: float) -> Iterator[_Visit]:
        """What to visit meanwhile: it does not recurse, as each of a thousand may need another."""
        names.add(name)
        runs = held.names.get(name, [])
        if not runs and name not in KNOWN:
            lacking.add(name)
            runs = [run for run in held.opaque if not run.statement.is_kernels]
        for run in runs:
            key = (id(run), whole)
            # who only puts things in does not need what others may have put in
            if seen.get(key, -1) >= time or (name in run.by_call and not read):
                continue
            # nor what was changed after it was run; all of it if the name was given its value later
            if run.time > time > runs[0].time:
                continue
            statement = run.statement
            is_function = name in statement.does.functions
            if id(run) in begun and not is_function:
                continue
            seen[key] = time
            begun.add(id(run))
            # what runs at once may call what it names, and that needs all of its own needs
            eager = statement.needs if whole else statement.at_once
            # a function looks when it is called, a statement when it is run
            when = time if is_function else run.time
            for other in sorted(eager | held.classes(statement.does)):
                if other != name:
                    yield other, True, other in statement.reads, when
            out.setdefault(run)
            begun.discard(id(run))
            for other in sorted(statement.needs - eager):
                yield other, False, other in statement.reads, time

    for name in roots:
        open_visits = [visit(name, False, True, float("inf"))]
        while open_visits:
            further = next(open_visits[-1], None)
            if further is None:
                open_visits.pop()
            else:
                open_visits.append(visit(*further))
    left = [_unrun(run, held, lacking) for run in cells if run not in out]
    text: list[str] = []
    places: list[tuple[int, int]] = []
    held.stars.sort(key=lambda run: not run.statement.text.startswith(FUTURE))
    for run in [*held.stars, *out]:
        lines = run.statement.text.split("\n")
        text += [*lines, "", ""]
        first = run.statement.line
        places += [(run.cell, first + i) for i in range(len(lines) + 2)]
    return Gathered("\n".join(text) + "\n", places, [one for one in left if one]), names


_Visit = tuple[str, bool, bool, float]  # of visit()


def _unrun(run: Run, held: Held, lacking: set[str]) -> Left | None:
    """What to say of a statement that is left out; None if it can be no matter."""
    # what it puts where nobody looks is no matter
    names = held.unsure(run) - run.statement.does.binds - run.by_call
    if run.statement.does.is_opaque:
        names |= lacking
    return _left(run.cell, run.statement, names) if names else None
