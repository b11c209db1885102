"""Which names an expression hands on: `d = DOTS`, `for row in TABLE` give another name to what is there.

Read off the text; what a call of one's own gives back nobody sees.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator

Function = (ast.FunctionDef, ast.AsyncFunctionDef)
SPACES = ("globals", "locals", "vars")
# methods that give what is in the object itself, no copy of it
VIEWS = {
    *("buffers", "children", "detach", "flatten", "get", "items", "modules", "named_parameters"),
    *("parameters", "reshape", "setdefault", "squeeze", "state_dict", "unsqueeze", "values", "view"),
}  # fmt: skip
COPIES = {"list", "sorted", "tuple"}  # another list, with the same things in it
HANDS_ON = {
    "enumerate",
    "filter",
    "getattr",
    "iter",
    "next",
    "reversed",
    "zip",
}


def quoted(node: ast.AST) -> str:
    """The name in `globals()["name"]`; "" if it is anything else."""
    if isinstance(node, ast.Subscript) and is_space(node.value):
        text = getattr(node.slice, "value", None)
        return text if isinstance(text, str) else ""
    return ""


def is_space(node: ast.AST) -> bool:
    """Whether this is `globals()`, or at the top level the same by another name."""
    return (
        isinstance(node, ast.Call)
        and not (node.args or node.keywords)
        and isinstance(node.func, ast.Name)
        and node.func.id in SPACES
    )


def base(node: ast.AST) -> str:
    """The name that `name`, `name.a.b`, `name[0].c` begins with; "" if it begins otherwise."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.NamedExpr)):
        if quoted(node):
            return quoted(node)
        node = node.target if isinstance(node, ast.NamedExpr) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def roots(node: ast.AST, further: Collection[str] = ()) -> Iterator[str]:
    """The names whose objects, or what is in them, an expression may give.

    Args:
        node: the expression.
        further: functions that give what they are given.
    """
    waiting: list[ast.AST] = [node]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name):
            yield node.id
        elif quoted(node):
            yield quoted(node)
        elif isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred, ast.NamedExpr)):
            waiting.append(node.value)
        elif isinstance(node, ast.IfExp):
            waiting += [node.body, node.orelse]
        elif isinstance(node, (ast.BoolOp, ast.Dict)):
            waiting += [value for value in node.values if value]
        elif isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            waiting += node.elts
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and node.func.attr in VIEWS:
                waiting.append(node.func.value)
            elif isinstance(node.func, ast.Name) and node.func.id in {*HANDS_ON, *further}:
                waiting += node.args


def aliases(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, str, str]]:
    """(name, other, class): what is put into one name may be in the other; by a call of that class, if any"""
    for node in nodes:
        targets: list[ast.AST] = []
        value: ast.AST | None = None
        if isinstance(node, ast.Assign):
            targets, value = [*node.targets], node.value
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)):
            targets, value = [node.target], node.value
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
            targets, value = [node.target], node.iter
        elif isinstance(node, ast.withitem) and node.optional_vars:
            targets, value = [node.optional_vars], node.context_expr
        if value is None:
            continue
        in_turn = isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension))
        others = [(other, "") for other in roots(value, COPIES if in_turn else ())]
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
            given = [*value.args, *(keyword.value for keyword in value.keywords)]
            others += [(other, value.func.id) for one in given for other in roots(one)]
        names = [name for target in targets for name in roots(target)]
        yield from ((name, other, by) for name in names for other, by in others if name != other)
        yield from ((names[0], name, "") for name in names[1:] if len(targets) > 1)


def same_scope(node: ast.AST) -> Iterator[ast.AST]:
    """A node and those below it that are no other function's, class's or comprehension's.

    A lambda that is called on the spot, or handed to a call, is one of them.
    """
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, (*Function, ast.ClassDef, ast.Lambda, ast.comprehension)):
            continue
        further = list(ast.iter_child_nodes(node))
        if isinstance(node, ast.Call):
            run = [n.body for n in (node.func, *node.args) if isinstance(n, ast.Lambda)]
            further += run
        waiting += reversed(further)


def used_now(node: ast.AST) -> set[str]:
    """The names that a statement looks at when it is run; of a function or class, its decorators."""
    heads: list[ast.AST] = [node]
    if isinstance(node, (*Function, ast.ClassDef)):
        heads = [*node.decorator_list]
    found = set()
    while heads:
        for inner in same_scope(heads.pop()):
            if isinstance(inner, ast.comprehension):
                heads += [inner.iter, *inner.ifs]
            elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load):
                found.add(inner.id)
            elif inner is not node and isinstance(inner, (*Function, ast.ClassDef)):
                heads += inner.decorator_list  # under an `if`
    return found
