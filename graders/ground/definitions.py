"""Finds and replaces definitions in a parsed file, by the name a person would use ("Value.__add__").

Nothing is executed here, and torch is not needed.
"""

from __future__ import annotations

import ast


def find(tree: ast.Module | ast.ClassDef, qualname: str) -> list[ast.stmt] | None:
    """The body list that holds the definition called ``qualname`` ("f", "Value.__add__")."""
    head, _, rest = qualname.partition(".")
    for node in reversed(tree.body):
        if _defines(node, head):
            if not rest:
                return tree.body
            if isinstance(node, ast.ClassDef):
                return find(node, rest)
    return None


def definition(tree: ast.Module | ast.ClassDef, qualname: str) -> ast.stmt | None:
    """The statement that defines ``qualname``; the last one, as Python would have it."""
    body = find(tree, qualname)
    name = qualname.rpartition(".")[2]
    return next((n for n in reversed(body or []) if _defines(n, name)), None)


def replace(tree: ast.Module, qualname: str, node: ast.stmt) -> None:
    """Puts ``node`` where ``qualname`` is defined, or adds it to its class or the module."""
    name = qualname.rpartition(".")[2]
    body = find(tree, qualname)
    if body is None:
        owner = qualname.rpartition(".")[0]
        home = definition(tree, owner) if owner else tree
        if not isinstance(home, (ast.Module, ast.ClassDef)):
            return  # the class itself is missing: its own exercise says so
        home.body.append(node)
        return
    at = max(i for i, n in enumerate(body) if _defines(n, name))
    body[at] = node


def _defines(node: ast.stmt, name: str) -> bool:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return node.name == name
    if isinstance(node, ast.Assign):
        return any(isinstance(t, ast.Name) and t.id == name for t in node.targets)
    return False
