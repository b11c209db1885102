"""What a statement at the top level of a cell does to names: gives values, deletes, writes into, needs.

Read off its text; nothing is executed. What a *call* does nobody sees, so it is told apart:
`DOTS.append(".")` may change DOTS, `fill(TABLE)` may change TABLE.
"""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterator
from dataclasses import dataclass, field

Function = (ast.FunctionDef, ast.AsyncFunctionDef)
# methods that put something in, and say nothing of what was there; methods that change what they take from
PUTS = {"add", "append", "appendleft", "clear", "extend", "insert", "update"}
TAKES = {"pop", "popitem", "popleft", "setdefault"}


@dataclass(frozen=True)
class Touch:
    """A call that may change an object.

    Attributes:
        name: the object's.
        by: the name that is called, or whose method is; "" if it is a method of the object's own.
        method: what is called of it, "" for a plain function.
        deep: also where the object is a function or a class: `setattr(Value, ...)`, `f.seen.append(...)`.
    """

    name: str
    by: str
    method: str
    deep: bool


@dataclass
class Effects:
    """What a statement does to names, at the top level only.

    Attributes:
        binds: names that it gives a value; of these, modules and functions (or classes).
        deletes: names that it deletes.
        changes: objects that it writes into: `Value.tanh = ...`, `table[0] = ...`.
        touches: calls that may change an object.
        calls: functions that it calls by their plain names.
        inside: of a function, the names at the top level that it writes into when it is called.
        touches_inside: of a function, the calls in it that may change an object of the top level.
    """

    binds: set[str] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    deletes: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    touches: list[Touch] = field(default_factory=list)
    calls: set[str] = field(default_factory=set)
    inside: set[str] = field(default_factory=set)
    touches_inside: list[Touch] = field(default_factory=list)


def effects(node: ast.AST) -> Effects:
    """What a statement does to names."""
    made = Effects()
    added = {id(n.target) for n in _same_scope(node) if isinstance(n, ast.AugAssign)}
    for inner in _same_scope(node):
        if isinstance(inner, (*Function, ast.ClassDef)):
            made.functions.add(inner.name)
            for decorator in inner.decorator_list:  # @register is a call, too
                wrapping = ast.Call(decorator, [], [])
                _calls(decorator if isinstance(decorator, ast.Call) else wrapping, made)
            if isinstance(inner, Function):
                _inside(inner, made)
        elif isinstance(inner, (ast.Import, ast.ImportFrom)):
            made.modules |= {
                (a.asname or a.name).split(".")[0] for a in inner.names if a.name != "*"
            }
        elif isinstance(inner, ast.AugAssign) and isinstance(inner.target, ast.Name):
            made.changes.add(inner.target.id)
        elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            if id(inner) not in added:
                made.binds.add(inner.id)
        elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Del):
            made.deletes.add(inner.id)
        elif isinstance(inner, (ast.Attribute, ast.Subscript)):
            if not isinstance(inner.ctx, ast.Load) and (base := _base(inner)):
                made.changes.add(base)
        elif isinstance(inner, ast.Expr):
            _calls(inner.value, made)
        elif isinstance(inner, ast.Call) and getattr(inner.func, "attr", "") in TAKES:
            made.touches += _touches(inner)
    made.binds |= made.modules | made.functions
    made.deletes -= made.binds
    made.changes -= made.binds
    return made


def _calls(value: ast.expr, made: Effects) -> None:
    """What an expression that stands for itself, as a statement, may do."""
    for inner in _same_scope(value):
        if isinstance(inner, ast.Call):
            made.touches += _touches(inner)
            if isinstance(inner.func, ast.Name):
                made.calls.add(inner.func.id)


def _touches(call: ast.Call) -> Iterator[Touch]:
    base, method = _base(call.func), getattr(call.func, "attr", "")
    if method and base:
        yield Touch(base, "", method, isinstance(call.func.value, ast.Attribute))  # type: ignore[attr-defined]
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    for argument in given:
        name = _base(argument.value if isinstance(argument, ast.Starred) else argument)
        if name:
            yield Touch(name, base, method, base in ("setattr", "delattr"))


def _base(node: ast.AST) -> str:
    """The name that `name`, `name.a.b`, `name[0].c` begins with; "" if it begins otherwise."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _inside(function: ast.AST, made: Effects) -> None:
    """What a function changes of the top level's, as far as its names tell."""
    own: set[str] = set()
    shared: set[str] = set()
    written: set[str] = set()
    touches: list[Touch] = []
    for inner in ast.walk(function):
        if isinstance(inner, ast.Global):
            shared.update(inner.names)
        elif isinstance(inner, ast.arg):
            own.add(inner.arg)
        elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            own.add(inner.id)
        elif isinstance(inner, (ast.Attribute, ast.Subscript)):
            if not isinstance(inner.ctx, ast.Load):
                written.add(_base(inner))
        elif isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Call):
            touches += _touches(inner.value)
    local = own - shared
    made.inside |= (shared & own) | (written - local - {""})
    made.touches_inside += [touch for touch in touches if touch.name not in local]


def _same_scope(node: ast.AST) -> Iterator[ast.AST]:
    """A node and those below it that are no other function's, class's or comprehension's."""
    yield node
    if isinstance(node, (*Function, ast.ClassDef, ast.Lambda, ast.comprehension)):
        return
    for child in ast.iter_child_nodes(node):
        yield from _same_scope(child)


def reads(node: ast.AST) -> set[str]:
    """The names of which a statement looks at what is in them; it may put in something without looking."""
    blind: set[int] = set()
    for inner in ast.walk(node):
        if isinstance(inner, (ast.Attribute, ast.Subscript)):
            if not isinstance(inner.ctx, ast.Load):
                blind.add(id(inner.value))
        elif isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Call):
            function = inner.value.func
            if isinstance(function, ast.Attribute) and function.attr in PUTS:
                blind.add(id(function.value))
    return {
        n.id
        for n in ast.walk(node)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load) and id(n) not in blind
    }


def needs(text: str) -> tuple[set[str], set[str], set[str]]:
    """What a statement needs of the names at the top level.

    Returns:
        Those that it uses or binds; those of them that it does so with at once, when it is run; those that it
        uses at once.

    What is local to a function is none of them: a line `x = slow()` elsewhere is not run for its sake.
    Raises SyntaxError.
    """
    compile(text, "cell", "exec", dont_inherit=True)
    table = symtable.symtable(text, "cell", "exec")
    own = set(table.get_identifiers())
    found, at_once = set(own), set(own)
    used_now = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced()}
    waiting = [(child, True) for child in table.get_children()]
    while waiting:
        here, now = waiting.pop()
        now = now and (
            str(here.get_type()) != "function" or here.get_name().endswith(("comp", "expr"))
        )
        used = {s.get_name() for s in here.get_symbols() if s.is_global()}
        found |= used
        if now:
            at_once |= used
            used_now |= used
        waiting += [(child, now) for child in here.get_children()]
    return found, at_once, used_now
