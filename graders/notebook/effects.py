"""What a statement at the top level of a cell does to names: gives values, deletes, writes into, needs.

Read off its text; nothing is executed. What a *call* does nobody sees, so it is told apart:
`DOTS.append(".")` may change DOTS, `fill(TABLE)` may change TABLE.
"""

from __future__ import annotations

import ast
import symtable
from dataclasses import dataclass, field

from graders.ground.parsing import parse
from graders.notebook.inside import PUTS, Given, Touch, inside, touches
from graders.notebook.roots import (
    SPACES,
    Function,
    aliases,
    base,
    is_space,
    quoted,
    roots,
    same_scope,
    used_now,
)

# what can give a value to any name; what only a kernel has
OPAQUE = {*SPACES, "__import__", "eval", "exec"}
KERNEL = {"get_ipython"}


@dataclass
class Effects:
    """What a statement does to names, at the top level only.

    Attributes:
        binds: names that it gives a value; of these, modules and functions (or classes).
        deletes: names that it deletes.
        changes: objects that it writes into: `Value.tanh = ...`, `table[0] = ...`.
        touches: calls that may change an object.
        uses: names that it looks at when it is run; the functions among them may be called.
        aliases: (name, other, class): names for one object, or for what is in it.
        inside: of a function, the names at the top level that it writes into when it is called.
        touches_inside: of a function, the calls in it that may change an object.
        given: of a function, what it does to what it is given; of a class, of each of its methods.
        needs: names that stand in a text: `exec("N = K")`.
        is_opaque: it may give any name a value: `exec(text)`.
    """

    binds: set[str] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    deletes: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    touches: list[Touch] = field(default_factory=list)
    uses: set[str] = field(default_factory=set)
    aliases: list[tuple[str, str, str]] = field(default_factory=list)
    inside: set[str] = field(default_factory=set)
    touches_inside: list[Touch] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)
    needs: set[str] = field(default_factory=set)
    is_opaque: bool = False


def effects(node: ast.AST) -> Effects:
    """What a statement does to names."""
    made = Effects(uses=used_now(node))
    nodes = list(same_scope(node))
    added = {id(n.target) for n in nodes if isinstance(n, ast.AugAssign)}
    alone = {id(n) for e in nodes if isinstance(e, ast.Expr) for n in same_scope(e.value)}
    understood: set[int] = set()
    for inner in nodes:
        if isinstance(inner, (*Function, ast.ClassDef)):
            made.functions.add(inner.name)
            for decorator in inner.decorator_list:  # @register is a call, too
                wrapping = ast.Call(decorator, [], [])
                for one in same_scope(decorator if isinstance(decorator, ast.Call) else wrapping):
                    if isinstance(one, ast.Call):
                        made.touches += touches(one, True)
            _defined(inner, made)
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
        elif quoted(inner):
            understood.add(id(inner.value.func))  # type: ignore[attr-defined]
            _quoted(inner, id(inner) in added, made)
        elif isinstance(inner, (ast.Attribute, ast.Subscript)):
            if not isinstance(inner.ctx, ast.Load):
                made.changes.update({base(inner)} if base(inner) else roots(inner))
        elif isinstance(inner, ast.Call):
            written = _by_text(inner)
            if written is not None:
                understood |= {id(n) for n in ast.walk(inner)}
                _join(made, written)
            made.touches += touches(inner, id(inner) in alone)
        elif isinstance(inner, ast.Name) and inner.id in OPAQUE | KERNEL:
            made.is_opaque |= id(inner) not in understood
        if isinstance(inner, (ast.Assign, ast.AnnAssign)) and isinstance(inner.value, ast.Lambda):
            targets = inner.targets if isinstance(inner, ast.Assign) else [inner.target]
            names = [t.id for t in targets if isinstance(t, ast.Name)]
            made.functions.update(names)
            _function(inner.value, False, made)
            for name in names:
                made.given[-1].name = name
    made.aliases += aliases(nodes)
    made.binds |= made.modules | made.functions
    made.deletes -= made.binds
    made.changes -= made.binds
    return made


def _quoted(node: ast.AST, is_added: bool, made: Effects) -> None:
    """`globals()["name"]`, which is the name itself."""
    name, ctx = quoted(node), node.ctx  # type: ignore[attr-defined]
    if isinstance(ctx, ast.Del):
        made.deletes.add(name)
    elif isinstance(ctx, ast.Store) and not is_added:
        made.binds.add(name)
    else:
        made.needs.add(name)
        if is_added:
            made.changes.add(name)


def _by_text(call: ast.Call) -> Effects | None:
    """What `exec("N = 1")` and `globals().update(N=1)` do; None if it is neither, or not to be read."""
    where = call.args[1:] + [keyword.value for keyword in call.keywords]
    if getattr(call.func, "id", "") == "exec" and call.args and all(map(is_space, where)):
        text = getattr(call.args[0], "value", None)
        if not isinstance(text, str):
            return None
        made = Effects()
        try:
            made.needs |= needs(text)[0]
            for node in parse(text).body:
                _join(made, effects(node))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        made.needs -= made.binds
        return made
    if getattr(call.func, "attr", "") == "update" and is_space(call.func.value):  # type: ignore[attr-defined]
        names = [keyword.arg for keyword in call.keywords]
        for one in call.args:
            keys = one.keys if isinstance(one, ast.Dict) else [None]
            names += [getattr(key, "value", None) for key in keys]
        if all(isinstance(name, str) for name in names):
            return Effects(binds={str(name) for name in names})
    return None


def _join(made: Effects, other: Effects) -> None:
    for name, value in vars(other).items():
        if isinstance(value, set):
            getattr(made, name).update(value)
        elif isinstance(value, list):
            getattr(made, name).extend(value)
    made.is_opaque |= other.is_opaque


def _defined(node: ast.AST, made: Effects) -> None:
    """What a definition does once it is called; of a class, what any of its methods does."""
    if isinstance(node, Function):
        _function(node, False, made)
        return
    for method in ast.walk(node):
        if isinstance(method, Function):
            _function(method, True, made)


def _function(node: ast.AST, is_method: bool, made: Effects) -> None:
    written, outer, given, calls = inside(node, is_method)
    made.inside |= written
    made.touches_inside += outer
    made.given.append(given)
    made.needs |= {quoted(n) for n in ast.walk(node)} - {""}
    for call in calls:
        by_text = _by_text(call)
        if by_text is not None:
            made.inside |= by_text.binds | by_text.changes


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
