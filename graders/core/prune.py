"""Takes an exercise's grader file apart: what is asked, the bank, and the scenarios that travel.

A grader file is executed in two steps: first what is asked (cases, scenarios, oracles), and only when
something is wrong the bank (misconceptions, variants). To the process that runs submitted code travel the
scenarios alone: oracles, misconceptions, variants, cases, hints and judges give answers away, so they are cut
out, and of the rest only what the scenarios use is kept.
"""

from __future__ import annotations

import ast
import copy

from graders.core.cards import PART
from graders.errors import AuthoringError

BANK = {"misconception", "variant", "equivalent"}
STAY_BEHIND = BANK | {"cases", "effort", "oracle", "hint", "legal", "tolerance", "judge"}
KEPT_KEYWORDS = {"name", "target", "pure"}
ASKS = {"cases", "effort", "scenario", "check", "oracle", "hint", "legal", "tolerance"}


def imported(tree: ast.Module) -> list[str]:
    """The names that an exercise's file takes from its part's file; the statement is taken out.

    Raises AuthoringError for what would not mean the same in both places.
    """
    names: list[str] = []
    for node in [n for n in tree.body if isinstance(n, ast.ImportFrom) and n.level]:
        if (
            node.module != PART
            or node.level != 1
            or any(a.asname or a.name == "*" for a in node.names)
        ):
            raise AuthoringError(
                f"line {node.lineno}: only `from .part import NAME, ...` works here"
            )
        names += [alias.name for alias in node.names]
        tree.body.remove(node)
    return names


def no_second_meaning(tree: ast.Module, part: ast.Module, names: list[str]) -> None:
    """Raises AuthoringError where a name means one thing in the file and another in the part's file.

    The scenarios of both travel as one text, and the bank is executed later than the rest.
    """
    shared = {name for node in part.body for name in _defined(node)}
    seen: set[str] = set(names)
    for node in tree.body:
        for name in _defined(node):
            if name == "_":
                continue
            if name in seen or name in shared:
                raise AuthoringError(f"line {node.lineno}: {name} has two meanings here")
            seen.add(name)


def divide(tree: ast.Module, part: ast.Module) -> tuple[ast.Module, ast.Module]:
    """(what is asked, the bank), each in the order of the file.

    A definition that only the bank uses belongs to the bank. Raises AuthoringError where one statement
    belongs to both.
    """
    bank = []
    makers = _bank_makers(tree, part)
    for node in tree.body:
        words = _registered(node)
        if _called(node) in makers:
            words.add("misconception")
        if words & BANK:
            if words & ASKS:
                raise AuthoringError(
                    f"line {node.lineno}: what is asked and the bank in one statement"
                )
            bank.append(node)
        elif bank and words:
            raise AuthoringError(
                f"line {node.lineno}: what is asked, and hints, come before the bank"
            )
    needed = _closure(tree, [n for n in tree.body if n not in bank and not _defined(n)])
    asked = [n for n in tree.body if id(n) in needed]
    rest = [n for n in tree.body if id(n) not in needed]
    return ast.Module(asked, []), ast.Module(rest, [])


def prune(tree: ast.Module, part: ast.Module | None = None) -> str:
    """The source text of the scenarios of a grader file, with what they need.

    Args:
        tree: the file's tree without its import from the part; it is left as it is.
        part: the tree of its part.py.
    """
    makers = _bank_makers(tree, part) if part else _bank_makers(tree)
    body = [*part.body, *tree.body] if part else tree.body
    body = [n for n in body if _called(n) not in makers]
    whole = _Cutter().visit(copy.deepcopy(ast.Module(body, [])))
    roots = [n for n in whole.body if not _defined(n) or _registers(n)]
    needed = _closure(whole, roots)
    whole.body = [node for node in whole.body if id(node) in needed]
    return ast.unparse(ast.fix_missing_locations(whole))


def _closure(tree: ast.Module, roots: list[ast.stmt]) -> set[int]:
    """The ids of the statements that some of them need, directly or not, and of these themselves."""
    optional: dict[str, list[ast.stmt]] = {}
    for node in tree.body:
        if not _registers(node):
            for name in _defined(node):
                optional.setdefault(name, []).append(node)
    needed: set[int] = set()
    queue = [*roots, *(n for n in tree.body if _registers(n) and not _registered(n) & BANK)]
    while queue:
        node = queue.pop()
        if id(node) in needed:
            continue
        needed.add(id(node))
        queue += [found for name in _used(node) for found in optional.get(name, ())]
    return needed


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

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self._filled(node)  # a class that had a docstring alone

    def _filled(self, node: ast.AST) -> ast.AST:
        self.generic_visit(node)
        if not node.body:  # type: ignore[attr-defined]
            node.body = [ast.Pass()]  # type: ignore[attr-defined]
        return node


def _bank_makers(*trees: ast.Module) -> set[str]:
    """The functions that fill an exercise's bank: ``two_operands(add, "+")`` belongs to the bank."""
    return {
        node.name
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and set().union(*map(_registered, node.body)) & BANK
    }


def _called(node: ast.stmt) -> str:
    """ "two_operands" for the statement ``two_operands(add, "+")``."""
    call = node.value if isinstance(node, ast.Expr) else None
    return call.func.id if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) else ""


def _attribute(node: ast.expr) -> str:
    """ "cases" for ``ex.cases``, ``ex.cases(...)`` and ``ex.misconception(...)(function)``."""
    while isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else ""


def _registered(node: ast.stmt) -> set[str]:
    """The words of the vocabulary that a statement uses at its own level (not inside functions)."""
    words: set[str] = set()
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        words = {_attribute(d) for d in node.decorator_list}
    elif isinstance(node, ast.Expr):
        words = {_attribute(node.value)}
    elif isinstance(node, (ast.For, ast.If, ast.With)):
        words = set().union(*map(_registered, [*node.body, *getattr(node, "orelse", [])]))
    return words & (BANK | ASKS)


def _registers(node: ast.stmt) -> bool:
    """Whether a definition is one of the exercise's own: a check, a scenario, ``x = exercise(...)``."""
    if isinstance(node, ast.FunctionDef):
        return bool(_registered(node))
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
        func = node.value.func
        return isinstance(func, ast.Name) and func.id == "exercise"
    return False


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, ast.Assign):
        nodes = [n for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)]
        return [n.id for n in nodes if isinstance(n.ctx, ast.Store)]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    return []


def _used(node: ast.AST) -> set[str]:
    """The names that a statement takes from outside itself; what a function calls its own is its own."""
    if isinstance(node, (ast.FunctionDef, ast.Lambda)):
        body = node.body if isinstance(node.body, list) else [node.body]
        own = {arg.arg for arg in ast.walk(node.args) if isinstance(arg, ast.arg)}
        own |= {name for inner in body for name in _bound(inner)}
        own -= {name for n in ast.walk(node) if isinstance(n, ast.Global) for name in n.names}
        outside = [
            *node.args.defaults,
            *node.args.kw_defaults,
            *getattr(node, "decorator_list", ()),
        ]
        outside += [arg.annotation for arg in ast.walk(node.args) if isinstance(arg, ast.arg)]
        outside.append(getattr(node, "returns", None))
        inside = set().union(*map(_used, body)) - own
        return inside.union(*(_used(n) for n in outside if n is not None))
    if isinstance(node, ast.Name):
        return {node.id}
    return set().union(*map(_used, ast.iter_child_nodes(node)))


def _bound(node: ast.AST) -> set[str]:
    """The names that a statement of a function binds there: assigned, looped over, defined, imported."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, ast.Name):
        return set() if isinstance(node.ctx, ast.Load) else {node.id}
    if isinstance(node, ast.alias):
        return {(node.asname or node.name).partition(".")[0]}
    if isinstance(node, ast.ExceptHandler) and node.name:
        return {node.name}.union(*map(_bound, node.body))
    if isinstance(node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
        return set()  # their names live inside them alone
    return set().union(*map(_bound, ast.iter_child_nodes(node)))
