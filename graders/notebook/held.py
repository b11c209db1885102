"""What a kernel's names hold while its statements are run one after another, as far as their text tells.

A name holds the statement that gave it its value, and behind it those that may have changed what is in it:
by another name for the same object (`d = DOTS; d.append(".")`), or by a call of one's own (`setup()`,
`n = fill(DOTS)`), however deep the change lies in what is called.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from graders.notebook.effects import Effects
from graders.notebook.inside import Given, Touch
from graders.notebook.statements import Statement

# of these it is known that they change nothing that they are given; and of modules that draw
LOOKS = {
    *("abs", "all", "any", "bool", "callable", "check", "dict", "dir", "display", "enumerate", "float"),
    *("getattr", "graded", "hasattr", "hash", "help", "hint", "id", "int", "isinstance", "issubclass"),
    *("len", "list", "max", "min", "print", "range", "repr", "reversed", "round", "set", "solution"),
    *("sorted", "str", "sum", "tuple", "type", "zip"),
}  # fmt: skip
DRAWS = ("matplotlib", "seaborn", "plotly", "IPython", "pylab")


@dataclass(eq=False)
class Run:
    """A statement that was run: in which cell (0: the stub's), and as the how manieth."""

    cell: int
    statement: Statement
    time: int
    by_call: set[str] = field(default_factory=set)  # what it may change, who knows: by a call


class Held:
    """What the names hold."""

    def __init__(self) -> None:
        self.names: dict[str, list[Run]] = {}
        self.stars: list[Run] = []
        self.opaque: list[Run] = []  # who knows what these bind
        self.deleted: dict[str, Run] = {}  # what deleted a name that nothing has bound since
        self.time = 0
        self._one: dict[str, set[str]] = {}  # the names that may be one object's, by each of them

    def run(self, cell: int, statement: Statement) -> Run:
        """What a statement that is run now does to the names."""
        self.time += 1
        run, does = Run(cell, statement, self.time), statement.does
        if statement.is_star:
            self.stars.append(run)
        if does.is_opaque:
            self.opaque.append(run)
        for name, other, by in does.aliases:  # also within a loop, which changes what it names
            if not by and name not in statement.again:
                self._join(name, other)
        touches = [*does.touches]
        for known in self._called(does.uses | self.classes(does)):
            run.by_call |= known.statement.does.inside
            touches += known.statement.does.touches_inside
        run.by_call |= {touch.name for touch in touches if self._may_change(touch)}
        changed = does.changes | run.by_call
        joined = {n for name in changed for n in self._one.get(name, ()) if n in self.names}
        run.by_call |= joined - changed
        run.by_call -= does.binds | does.changes
        for name in sorted(does.changes | run.by_call):
            self.names.setdefault(name, []).append(run)
        for name in does.binds:
            self.deleted.pop(name, None)
            if name in statement.again:
                self.names[name] = [*self.names.get(name, ()), run]
            else:
                self.names[name] = [run]
                self._one.pop(name, set()).discard(name)
        for name in does.deletes:
            self.names[name] = []
            self.deleted[name] = run
        for name, other, by in does.aliases:
            if name in does.binds and (not by or self._kind(by, "functions")):
                is_class = not by or any(g.first for g in self._given(by))
                if is_class:
                    self._join(name, other)
        return run

    def _join(self, name: str, other: str) -> None:
        if self._kind(other, "modules") or other not in self.names:
            return
        one = self._one.setdefault(other, {other})
        two = self._one.setdefault(name, {name})
        if one is not two:
            one |= two
            for each in two:
                self._one[each] = one

    def _is_held(self, name: str) -> bool:
        return any(self.names.get(each) for each in self._one.get(name, {name}))

    def classes(self, does: Effects) -> set[str]:
        """The classes of one's own whose objects a statement calls a method of."""
        made = [self.names.get(touch.name, ())[:1] for touch in does.touches if not touch.by]
        uses = {name for runs in made for run in runs for name in run.statement.does.uses}
        return {name for name in uses if self._kind(name, "functions")}

    def _called(self, uses: Iterable[str]) -> list[Run]:
        """The definitions of functions and classes among some names, and of those that they may call."""
        found: dict[Run, None] = {}
        waiting = sorted(uses)
        seen = set(waiting)
        while waiting:
            name = waiting.pop()
            for run in self.names.get(name, ()):
                further: Iterable[str] = ()
                if name in run.statement.does.functions:
                    found[run] = None
                    further = run.statement.needs
                waiting += sorted(n for n in further if n not in seen)
                seen.update(further)
        return list(found)

    def _may_change(self, touch: Touch) -> bool:
        """Whether a call is taken for one that changes an object: not a module, nor a function by itself."""
        name = touch.name
        if not self._is_held(name) or self.looks_only(touch) or self._kind(name, "modules"):
            return False
        if touch.soft and not self._fills(touch):
            return False
        return touch.deep or not self._kind(name, "functions")

    def _fills(self, touch: Touch, seen: frozenset[Touch] = frozenset()) -> bool:
        """Whether what is called is of one's own, and changes what it is given (or whose method it is)."""
        if touch in seen or len(seen) > 50:
            return False
        seen |= {touch}
        for given in self._given(touch.by or touch.name):
            is_class = given.first and self._kind(touch.by, "functions")
            method = touch.method or ("__init__" if is_class else "")
            if given.name != (method or touch.by):
                continue
            asked = _asked(touch, given)
            if given.written & asked:
                return True
            for inner in given.touches:
                if inner.name not in asked or self.looks_only(inner):
                    continue
                if inner.name == given.first and not inner.by:
                    # another method of the same object; or of something in it
                    inner = replace(inner, name=touch.name)
                if not inner.soft or self._fills(inner, seen):
                    return True
        return False

    def _given(self, name: str) -> Iterator[Given]:
        """Of a function, what it does to what it is given; of an object, the same of its class's methods."""
        runs = self.names.get(name, ())[:1]
        for run in runs:
            if name in run.statement.does.functions:
                yield from run.statement.does.given
                continue
            for other in sorted(run.statement.does.uses - {name}):
                if self._kind(other, "functions"):
                    for known in self.names[other]:
                        yield from (g for g in known.statement.does.given if g.first)

    def looks_only(self, touch: Touch) -> bool:
        """Whether what is called looks at things, and changes none: print, or what draws."""
        if self._kind(touch.by, "modules"):
            return any(word in self.names[touch.by][0].statement.text for word in DRAWS)
        return touch.by in LOOKS and not self.names.get(touch.by)

    def modules(self) -> set[str]:
        """The names that are modules."""
        return {name for name in self.names if self._kind(name, "modules")}

    def _kind(self, name: str, kind: str) -> bool:
        runs = self.names.get(name)
        return bool(runs) and name in getattr(runs[0].statement.does, kind)  # type: ignore[index]

    def unsure(self, run: Run) -> set[str]:
        """The names that a statement may change all the same, although it was not taken for one that does."""
        return {
            touch.name
            for touch in run.statement.does.touches
            if not self.looks_only(touch)
            and (not self._kind(touch.name, "modules") or touch.method.startswith("set"))
            and (not touch.soft or self._is_strange(touch))
        }

    def _is_strange(self, touch: Touch) -> bool:
        """Whether nothing is known of what is called, and what it may do to what it is given."""
        by = touch.by
        return bool(by and self.names.get(by)) and not (
            self._kind(by, "modules") or self._kind(by, "functions")
        )


def _asked(touch: Touch, given: Given) -> set[str]:
    """Which of a function's arguments an object is given as; of its own method, the first."""
    if not touch.by:
        return {given.first}
    params = given.params[1:] if given.first else given.params
    if isinstance(touch.at, int) and touch.at < len(params):
        return {params[touch.at]}
    if touch.at in params:
        return {str(touch.at)}
    names = {*given.written, *(inner.name for inner in given.touches)}
    return names - ({given.first} if touch.at is None else {*given.params})
