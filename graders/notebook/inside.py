"""What a function does to the top level's names, and to what it is given, when it is called."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from graders.notebook.roots import aliases, base, quoted, roots

# methods that put something in, and say nothing of what was there; methods that change what they take from
PUTS = {"add", "append", "appendleft", "clear", "extend", "insert", "update"}
TAKES = {"pop", "popitem", "popleft", "remove", "setdefault"}
TAKES |= {"heappop", "heappush", "heappushpop", "heapreplace"}


@dataclass(frozen=True)
class Touch:
    """A call that may change an object.

    Attributes:
        name: the object's.
        by: the name that is called, or whose method is; "" if it is a method of the object's own.
        method: what is called of it, "" for a plain function.
        deep: also where the object is a function or a class: `setattr(Value, ...)`, `f.seen.append(...)`.
        soft: it stands in an expression, as most calls that only look do: `n = fill(TABLE)`. It counts where
            what is called is of one's own, and is seen to change what it is given.
        at: as which argument it is given, its number or its name; None if that is not known.
    """

    name: str
    by: str
    method: str
    deep: bool
    soft: bool
    at: int | str | None = None


@dataclass
class Given:
    """What a function does to what it is given.

    Attributes:
        name: its own.
        first: its first argument where it is a method, else "".
        params: its arguments in order, and by name; those that take the rest are not among them.
        written: arguments that it writes into.
        touches: calls in it that may change an argument.
    """

    name: str
    first: str
    params: list[str] = field(default_factory=list)
    written: set[str] = field(default_factory=set)
    touches: list[Touch] = field(default_factory=list)


def touches(call: ast.Call, alone: bool) -> Iterator[Touch]:
    """What a call may change; alone: it is a statement, whose value nobody wants."""
    at, method = base(call.func), getattr(call.func, "attr", "")
    puts = method in PUTS | TAKES or (method.endswith("_") and not method.startswith("_"))
    if method:
        deep = isinstance(call.func.value, ast.Attribute)  # type: ignore[attr-defined]
        for name in {at} if at else {*roots(call.func.value)}:  # type: ignore[attr-defined]
            yield Touch(name, "", method, deep, not (alone or puts))
    if isinstance(call.func, ast.Name):
        yield Touch(at, "", "__call__", False, True)
    places: list[tuple[int | str | None, ast.expr]] = [*enumerate(call.args)]
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        places = [(None, argument) for argument in call.args]
    for place, argument in [*places, *((k.arg, k.value) for k in call.keywords)]:
        handed = isinstance(argument, ast.Attribute) and argument.attr in PUTS | TAKES
        inner = argument.value if isinstance(argument, ast.Starred) else argument
        for name in {*roots(inner)}:
            changer = at in ("setattr", "delattr")
            yield Touch(name, at, method, changer, not (alone or puts or changer or handed), place)


def inside(
    function: ast.AST, is_method: bool
) -> tuple[set[str], list[Touch], Given, list[ast.Call]]:
    """What a function changes of the top level's, as far as its names tell.

    Returns:
        The names that it writes into; the calls that may change something; what it does to what it is given;
        its calls.
    """
    params: list[str] = []
    own: set[str] = set()
    shared: set[str] = set()
    written: set[str] = set()
    called: list[tuple[ast.Call, bool]] = []
    alone = {id(n.value) for n in ast.walk(function) if isinstance(n, ast.Expr)}
    for inner in ast.walk(function):
        if isinstance(inner, ast.Global):
            shared.update(inner.names)
        elif isinstance(inner, ast.arg):
            params.append(inner.arg)
        elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            own.add(inner.id)
        elif isinstance(inner, ast.AugAssign) and isinstance(inner.target, ast.Name):
            written.add(inner.target.id)
        elif isinstance(inner, (ast.Attribute, ast.Subscript)):
            if not isinstance(inner.ctx, ast.Load):
                written.update({base(inner)} if base(inner) else roots(inner))
                if quoted(inner):
                    shared.add(quoted(inner))
        elif isinstance(inner, ast.Call):
            called.append((inner, id(inner) in alone))
    local = (own | set(params)) - shared
    links: dict[str, set[str]] = {}
    for name, other, by in aliases(ast.walk(function)):
        if not by and name in local:
            links.setdefault(name, set()).add(other)
    first = params[0] if is_method and params else ""
    taken: ast.arguments = function.args  # type: ignore[attr-defined]
    plain = [arg.arg for arg in (*taken.posonlyargs, *taken.args, *taken.kwonlyargs)]
    given = Given(getattr(function, "name", ""), first, plain)
    outer: list[Touch] = []
    for call, is_alone in called:
        for touch in touches(call, is_alone):
            for name in _reached(touch.name, links):
                moved = replace(touch, name=name)
                if name in params and name not in shared:
                    given.touches.append(moved)
                elif name not in local:
                    outer.append(moved)
    reached = {name for one in written for name in _reached(one, links)}
    # a number that it adds to is its own; a list would be the caller's
    given.written = reached & set(params) - shared
    return (
        (shared & (own | written)) | (reached - local - {""}),
        outer,
        given,
        [c for c, _ in called],
    )


def _reached(name: str, links: dict[str, set[str]]) -> set[str]:
    """A local name, and those that it may be another name for."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += links.get(one, ())
    return found
