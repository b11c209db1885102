"""What of a grader file travels to the process that runs submitted code: scenarios only.

Oracles, misconceptions, variants, cases, hints and judges give answers away, so they are cut out of
the source, and of the rest only what the scenarios use is kept.
"""

from __future__ import annotations

import ast

STAY_BEHIND = {
    "cases", "oracle", "misconception", "variant", "hint", "tolerance", "judge",
}  # fmt: skip
KEPT_KEYWORDS = {"name", "target", "pure"}


def prune(source: str | ast.Module) -> str:
    """The source text of the scenarios of a grader file, with what they need.

    Args:
        source: the file's text, or its tree, which is cut in place.
    """
    tree = ast.parse(source) if isinstance(source, str) else source
    tree = _Cutter().visit(tree)
    roots, optional = [], {}
    for node in tree.body:
        names = _defined(node)
        if names and not _registers(node):
            for name in names:
                optional[name] = node
        else:
            roots.append(node)
    needed: set[int] = set()
    queue = list(roots)
    while queue:
        node = queue.pop()
        if id(node) in needed:
            continue
        needed.add(id(node))
        queue += [optional[n] for n in _used(node) if n in optional]
    tree.body = [node for node in tree.body if id(node) in needed]
    return ast.unparse(ast.fix_missing_locations(tree))


class _Cutter(ast.NodeTransformer):
    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST | None:
        if any(_attribute(d) in STAY_BEHIND for d in node.decorator_list):
            return None
        if node.body and isinstance(node.body[0], ast.Expr):
            value = node.body[0].value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                node.body = node.body[1:] or [ast.Pass()]
        return self._filled(node)

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        if _attribute(node.value) in STAY_BEHIND or isinstance(node.value, ast.Constant):
            return None
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if _attribute(node) == "check":
            node.keywords = [k for k in node.keywords if k.arg == "name"]
        elif isinstance(node.func, ast.Name) and node.func.id == "exercise":
            node.keywords = [k for k in node.keywords if k.arg in KEPT_KEYWORDS]
        return self.generic_visit(node)

    def visit_For(self, node: ast.For) -> ast.AST | None:
        filled = self._filled(node)
        return None if all(isinstance(n, ast.Pass) for n in node.body) else filled

    visit_If = visit_With = visit_For  # type: ignore[assignment]

    def _filled(self, node: ast.AST) -> ast.AST:
        self.generic_visit(node)
        if not node.body:  # type: ignore[attr-defined]
            node.body = [ast.Pass()]  # type: ignore[attr-defined]
        return node


def _attribute(node: ast.expr) -> str:
    """ "cases" for ``ex.cases``, ``ex.cases(...)`` and ``ex.misconception(...)(function)``."""
    while isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else ""


def _registers(node: ast.stmt) -> bool:
    """Whether a definition is one of exercise's own: a check, a scenario, ``x = exercise(...)``."""
    if isinstance(node, ast.FunctionDef):
        return any(_attribute(d) in ("scenario", "check") for d in node.decorator_list)
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
        func = node.value.func
        return isinstance(func, ast.Name) and func.id == "exercise"
    return False


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.Assign):
        names = [n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)]
        return names
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    return []


def _used(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
