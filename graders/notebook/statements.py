"""The statements of a cell: what each gives values to, and what it needs.

Nothing is executed: it is read off their text.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from graders.ground.parsing import parse
from graders.notebook.effects import KERNEL, Effects, effects, needs, reads
from graders.notebook.mains import is_main, is_program
from graders.notebook.roots import Function, used_now

# these bind a name when all that they use has been looked up, be it of the same name
FROM_ITSELF = (ast.Assign, ast.AnnAssign, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
FUTURE = "from __future__ import"


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
    is_kernels: bool  # it asks for what only a kernel has

    @property
    def binds(self) -> frozenset[str]:
        """The names that it gives a value."""
        return frozenset(self.does.binds)


@lru_cache(maxsize=4096)
def statements(source: str, of_learner: bool = False) -> tuple[Statement, ...]:
    """The statements of a cell; none where it is not valid Python (then it was not run either).

    Args:
        source: the cell's code.
        of_learner: in a kernel `__name__` is "__main__", so what stands below such an `if` was run; but the
            part's own program, `main()`, defines nothing.
    """
    try:
        tree = parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    lines = source.split("\n")
    return tuple(_statement(node, lines) for node in _nodes(tree, of_learner))


def _nodes(tree: ast.Module, of_learner: bool) -> Iterator[ast.stmt]:
    for node in tree.body:
        if not is_program(node):
            yield node
        elif of_learner and is_main(node):
            yield from (inner for inner in node.body if "main" not in used_now(inner))  # type: ignore[attr-defined]


def _text(node: ast.stmt, lines: list[str], first: int) -> str:
    """A statement's own text, with its lines as they are, unless it shares them: `a = 1; b = 2`."""
    text = "\n".join(lines[first - 1 : node.end_lineno or node.lineno])
    if node.col_offset:
        text = textwrap.dedent(text)
    try:
        body = parse(text).body
    except SyntaxError:
        return ast.unparse(node)
    same = len(body) == 1 and (not node.col_offset or ast.dump(body[0]) == ast.dump(node))
    return text if same else ast.unparse(node)


def _statement(node: ast.stmt, lines: list[str]) -> Statement:
    """A statement of a cell's lines."""
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    last = node.end_lineno or node.lineno
    text = _text(node, lines, first)
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
    found |= does.needs
    if not isinstance(node, (*Function, ast.ClassDef)):
        at_once |= does.needs
    return Statement(
        text=text,
        does=does,
        again=frozenset(does.binds & used_now) if isinstance(node, FROM_ITSELF) else frozenset(),
        needs=frozenset(found),
        at_once=frozenset(at_once),
        reads=frozenset(reads(node) | does.needs),
        is_lost=is_lost,
        is_star=is_future
        or (isinstance(node, ast.ImportFrom) and any(a.name == "*" for a in node.names)),
        line=first,
        last=last,
        is_kernels=bool(does.uses & KERNEL),
    )
