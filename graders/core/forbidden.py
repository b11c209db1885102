"""The second net under "no autograd": what the text of an exercise, and of what it calls, mentions.

The first net sees what ran, in the process that runs submitted code (``graders.ground.guard``). Both are
there to name the mistake; what hides its words from this one and its doings from that finds that autograd
does not answer (``graders.ground.no_autograd``). Only code that an exercise reaches is looked at: a learner
may well compare with autograd in ``main()``.
"""

from __future__ import annotations

import ast

from graders.core.report import CheckResult
from graders.ground.definitions import definition

WORDS = frozenset(
    {
        "autograd", "requires_grad", "requires_grad_", "run_backward", "_execution_engine", "grad_fn",
        "vjp", "jvp", "jacrev", "jacfwd", "forward_ad",
        "_disable_current_modes", "_pop_mode", "_pop_mode_temporarily",
    }
)  # fmt: skip
ATTRIBUTES = WORDS | {"backward"}  # x.backward(), not a function of that name

CLOSED = (
    " (While this is checked there is no autograd: what compares with it belongs below "
    '`if __name__ == "__main__":`.)'
)


def told_by_words(results: list[CheckResult], word: str) -> None:
    """Turns a passed "no_autograd" into a failed one, told first, where the text has a forbidden word."""
    guard = next(r for r in results if r.name == "no_autograd")
    if word and guard.status == "passed":
        results.remove(guard)
        message = (
            "gradients are computed by hand here, but your code uses "
            f"`{word}`: write the gradient out yourself."
        )
        results.insert(0, CheckResult("no_autograd", "failed", message))


def _has_own_backward(tree: ast.Module) -> bool:
    """Whether a class of the file has a method of that name: `layer.backward(dout)` is its author's work."""
    return any(
        isinstance(inner, ast.FunctionDef) and inner.name == "backward"
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for inner in node.body
    )


def _is_false(keyword: ast.keyword) -> bool:
    """requires_grad=False"""
    return isinstance(keyword.value, ast.Constant) and keyword.value.value is False


def mentions(tree: ast.Module, targets: tuple[str, ...]) -> str:
    """The first forbidden word in the targets' definitions or in what they call; "" if none."""
    seen: set[int] = set()
    queue = [definition(tree, target) for target in targets]
    while queue:
        node = queue.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        for inner in ast.walk(node):
            if isinstance(inner, ast.Attribute) and inner.attr in ATTRIBUTES:
                looks = inner.attr == "requires_grad" and isinstance(inner.ctx, ast.Load)
                if not looks and not (inner.attr == "backward" and _has_own_backward(tree)):
                    return inner.attr
            if isinstance(inner, ast.keyword) and inner.arg in WORDS and not _is_false(inner):
                return str(inner.arg)
            if isinstance(inner, ast.Constant) and inner.value in WORDS:
                return str(inner.value)  # getattr(torch, "autograd")
            if isinstance(inner, ast.Name):
                if inner.id in WORDS:
                    return inner.id
                queue.append(definition(tree, inner.id))
    return ""
