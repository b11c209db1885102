"""Finds and replaces definitions in a parsed file, by the name a person would use ("Value.__add__").

What counts is what the file defines at its end, also where that stands below an ``if`` or a ``try``.
Nothing is executed here, and torch is not needed.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
DEEP = 50  # blocks inside one another: a long row of `elif` is one, too
BLOCKS = (ast.If, ast.Try, ast.With, ast.For, ast.While)


def find(tree: ast.Module | ast.ClassDef, qualname: str) -> list[ast.stmt] | None:
    """The body list that holds the definition called ``qualname`` ("f", "Value.__add__")."""
    head, _, rest = qualname.partition(".")
    found = _last(tree.body, head)
    if found is None or not rest:
        return found and found[0]
    node = found[1]
    return find(node, rest) if isinstance(node, ast.ClassDef) else None


def definition(tree: ast.Module | ast.ClassDef, qualname: str) -> ast.stmt | None:
    """The statement that defines ``qualname``; the last one, as Python would have it."""
    found = _last(find(tree, qualname) or [], qualname.rpartition(".")[2])
    return found[1] if found else None


def replace(tree: ast.Module, qualname: str, node: ast.stmt, again: bool = False) -> None:
    """Puts ``node`` where ``qualname`` is defined, or adds it to its class or the module.

    Behind the whole block or statement, if that defines other things too, or perhaps does not define this.

    Args:
        again: once more at the file's end, as other statements may store to that name (see ``stored``).
    """
    owner, _, name = qualname.rpartition(".")
    if again and isinstance(node, (*FUNCTION, ast.ClassDef)):
        _append(tree, qualname, node)
    home = definition(tree, owner) if owner else tree
    if not isinstance(home, (ast.Module, ast.ClassDef)):
        return  # the class itself is missing: its own exercise says so
    at = max((i for i, n in enumerate(home.body) if _last([n], name)), default=None)
    if at is None:
        home.body.append(node)
    elif _defines_only(home.body[at], name):
        home.body[at] = node
    else:
        home.body.insert(at + 1, node)


def _append(tree: ast.Module, qualname: str, node: ast.stmt) -> None:
    """Defines ``qualname`` at the end of a file, whatever was stored to it before."""
    if "." not in qualname:
        tree.body.append(node)
    elif not any(isinstance(n, ast.Name) and n.id == "super" for n in ast.walk(node)):
        lent = copy.copy(node)
        lent.name = "__lent__"  # type: ignore[attr-defined]
        put = ast.parse(f"{qualname} = __lent__").body[0]
        for inner in ast.walk(put):
            ast.copy_location(inner, node)
        tree.body += [lent, put]


ANYTHING = "*"  # among what is stored: it may be any name
INDIRECT = {"*", "setattr", "globals", "locals", "vars", "exec", "eval", "__dict__", "__setattr__"}


def is_stored_to(held: frozenset[str], qualname: str) -> bool:
    """Whether, of what is ``stored``, something may take the place of the definition of ``qualname``."""
    owner, _, name = qualname.rpartition(".")
    return ANYTHING in held or name in held or (bool(owner) and "@" + name in held)


def is_put_in(tree: ast.Module, held: frozenset[str], qualname: str) -> bool:
    """The same; of a class, also whether one of its methods may be put into it from elsewhere."""
    node = definition(tree, qualname)
    inner = (
        [n.name for n in node.body if isinstance(n, FUNCTION)]
        if isinstance(node, ast.ClassDef)
        else []
    )
    return any(is_stored_to(held, q) for q in (qualname, *(f"{qualname}.{n}" for n in inner)))


def stored(tree: ast.Module) -> frozenset[str]:
    """What a file may store to when it is executed, but for definitions: names, attributes, ANYTHING.

    `Value.tanh = ...`, `globals()["f"] = ...`, in its own statements and in the functions that they call;
    "@tanh" for a function with a decorator, which may make a method of it.
    """
    functions = {n.name: n for n in tree.body if isinstance(n, FUNCTION)}
    found = {"@" + n.name for n in functions.values() if n.decorator_list}
    loose = [n for n in tree.body if not isinstance(n, (*FUNCTION, ast.ClassDef))]
    waiting: list[ast.AST] = [n for n in loose if not _is_never_run(n)]
    while waiting:
        node = waiting.pop()
        for inner in ast.walk(node):
            if isinstance(inner, ast.Global):
                found.update(inner.names)
            elif not isinstance(node, FUNCTION) or isinstance(inner, ast.Attribute):
                found.update(given(inner, below=False))
            if _said(inner) in INDIRECT:
                found.add(ANYTHING)
            if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name):
                called = functions.pop(inner.func.id, None)
                waiting += [called] if called else []
    return frozenset(found)


def _said(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.name if isinstance(node, ast.alias) else ""


def given(node: ast.AST, below: bool = True) -> Iterator[str]:
    """The names and attributes to which a statement, and what is below it, gives a value."""
    for inner in ast.walk(node) if below else [node]:
        if isinstance(inner, (*FUNCTION, ast.ClassDef)):
            yield inner.name
        elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            yield inner.id
        elif isinstance(inner, ast.Attribute) and isinstance(inner.ctx, ast.Store):
            yield inner.attr
        elif isinstance(inner, ast.alias):
            yield (inner.asname or inner.name).split(".")[0]


def _last(
    body: list[ast.stmt], name: str, depth: int = 0
) -> tuple[list[ast.stmt], ast.stmt] | None:
    """The last statement that gives a name its value, with the body that holds it."""
    for node in reversed(body):
        if _defines(node, name):
            return body, node
        if isinstance(node, BLOCKS) and depth < DEEP and not _is_never_run(node):
            found = [hit for inner in _bodies(node) if (hit := _last(inner, name, depth + 1))]
            if (
                found
            ):  # rather a definition than an import: which of them is taken, nobody knows here
                return next(
                    (f for f in found if isinstance(f[1], (*FUNCTION, ast.ClassDef))), found[0]
                )
    return None


def _bodies(node: ast.stmt) -> list[list[ast.stmt]]:
    """The lists of statements below a block, the last first."""
    found = [getattr(node, field, []) for field in ("finalbody", "orelse")]
    found += [handler.body for handler in reversed(getattr(node, "handlers", []))]
    return [*found, getattr(node, "body", [])]


def _is_never_run(node: ast.stmt) -> bool:
    """Whether a block is the program below a module, which no check runs, or is switched off."""
    if not isinstance(node, ast.If):
        return False
    if isinstance(node.test, ast.Constant):
        return not node.test.value and not node.orelse
    return any(isinstance(n, ast.Name) and n.id == "__name__" for n in ast.walk(node.test))


def _defines(node: ast.stmt, name: str) -> bool:
    if isinstance(node, (*FUNCTION, ast.ClassDef)):
        return node.name == name
    if isinstance(node, ast.Assign):
        return any(name in _names(target) for target in node.targets)
    if isinstance(node, ast.AnnAssign):
        return node.value is not None and name in _names(node.target)
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return any((a.asname or a.name.split(".")[0]) == name for a in node.names)
    return False


def _names(target: ast.expr) -> list[str]:
    if isinstance(target, (ast.Tuple, ast.List)):
        return [name for element in target.elts for name in _names(element)]
    return [target.id] if isinstance(target, ast.Name) else []


def _defines_only(node: ast.stmt, name: str) -> bool:
    """Whether a statement defines a name, whatever happens, and nothing else."""
    if isinstance(node, ast.Assign):
        return _names(ast.Tuple(node.targets)) == [name]
    return isinstance(node, (*FUNCTION, ast.ClassDef, ast.AnnAssign))
