"""What to tell of statements at the top level of a file that stopped, and that the rest went on without.

Which exercise needs what such a statement would have made, nobody reads off the text: its run looks for a
name in vain, and that name is one of the statement's. To whoever passes without it, it is no matter.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from graders.core.forbidden import CLOSED
from graders.core.report import CheckResult
from graders.core.verdict import describe_exception
from graders.ground.definitions import given
from graders.ground.runner import Outcome

NEEDED = "this needs `{}`, which is missing because a statement at the top level stopped: {}"
VAIN = re.compile(
    r"NameError: name '(\w+)' is not defined|AttributeError: .*has no attribute '(\w+)'"
)


@dataclass(frozen=True)
class Stop:
    """A statement that stopped.

    Attributes:
        line: where it begins.
        names: what it would have given a value to, also as an attribute: `Value.tanh = ...`.
        why: in words.
        lacks: the name that it looked for in vain itself, or "".
        todo: whether it came to a TODO.
        frames: where in the file its exception came from, outermost first.
    """

    line: int
    names: frozenset[str]
    why: str
    lacks: str
    todo: bool
    frames: list[tuple[Any, ...]]


def stops_of(tree: ast.Module, found: Sequence[Outcome], closed: bool = False) -> list[Stop]:
    """The statements of a file of which a child says that they stopped.

    Args:
        tree: the file.
        found: what the child says.
        closed: autograd was closed to it.
    """
    made = []
    for outcome in found:
        first, last = outcome["lines"]
        nodes = [n for n in tree.body if first <= n.lineno and (n.end_lineno or 0) <= last]
        if not nodes:  # the child made it up
            continue
        told = describe_exception(outcome)
        why, *meant = told.message.split("\n")
        why += CLOSED if closed and "grad" in why else ""
        if told.status == "todo":
            id_ = re.fullmatch(r"\d\d\.\w{1,60}", str(outcome.get("message", "")))
            why = f"{id_[0] if id_ else 'it came to what'} is still a TODO"
            meant = []
        names = frozenset(name for node in nodes for name in given(node))
        frames = [tuple(frame) for frame in outcome["frames"]]
        lacks = vain(told.message)
        why = "\n".join([why, *meant])
        made.append(Stop(first, names, why, lacks, told.status == "todo", frames))
    return made


def vain(message: str) -> str:
    """The name that was looked for in vain, by what an exception says; "" if it says nothing of that."""
    found = VAIN.match(message)
    return (found[1] or found[2]) if found else ""


def blame(checks: list[CheckResult], stops: list[Stop], targets: Collection[str]) -> None:
    """Tells each check that failed for want of what a statement makes that this stopped, and why.

    Args:
        checks: of one exercise.
        stops: the statements, in the file's order.
        targets: what the exercise asks for: where the stub still stands, one of them should have replaced it.
    """
    for check in checks if stops else ():
        if check.status not in ("error", "failed", "todo"):
            continue
        wanted = [check.missing.rpartition(".")[2], vain(check.message)]
        if check.status == "todo":
            wanted += [target.rpartition(".")[2] for target in targets]
        for name in filter(None, wanted):
            at = _last(stops, name, len(stops))
            if at < 0:
                continue
            root = stops[_root(stops, at)]
            check.status, check.where, check.missing = "error", "", ""
            check.message = NEEDED.format(name, root.why)
            check.frames = root.frames[:1] if root.todo else root.frames
            break


def is_blamed(checks: list[CheckResult]) -> bool:
    """Whether one of an exercise's checks was told that it failed for want of such a statement."""
    before, _, behind = NEEDED.partition("{}")
    lead = behind.partition("{}")[0]
    return any(c.message.startswith(before) and lead in c.message for c in checks)


def others(stops: list[Stop]) -> list[tuple[int, str]]:
    """(line, why) of what stopped of itself: not over a TODO, nor for want of another statement."""
    roots = dict.fromkeys(_root(stops, at) for at in range(len(stops)))
    return [(stops[at].line, stops[at].why.split("\n")[0]) for at in roots if not stops[at].todo]


def _last(stops: list[Stop], name: str, before: int) -> int:
    """The last statement before another that would have made a name; -1 if none would."""
    return max((i for i, stop in enumerate(stops[:before]) if name in stop.names), default=-1)


def _root(stops: list[Stop], at: int) -> int:
    """The statement for want of which this one stopped, or of which that one did."""
    while stops[at].lacks and (before := _last(stops, stops[at].lacks, at)) >= 0:
        at = before
    return at
