"""Of several exercises that failed, which are more to blame: for the order in which they are judged."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping

from graders.core.asking import Run
from graders.core.reach import Edges
from graders.core.report import CheckResult
from graders.ground.definitions import definition


def blamed(
    tree: ast.Module,
    targets: Mapping[str, Collection[str]],
    failed: Mapping[str, tuple[Run, list[CheckResult]]],
) -> Edges:
    """{exercise: those that are more to blame}: where its exceptions came from, what does nothing right.

    Args:
        tree: the learner's file.
        targets: what each exercise asks for.
        failed: what each gave alone, and the verdicts on its own checks.
    """
    half = {n for n, (_, verdicts) in failed.items() if any(v.status == "passed" for v in verdicts)}
    lines = {n: lines_of(tree, targets[n]) for n in failed}
    made = {}
    for name, (run, _) in failed.items():
        raised = run.raised_in(name)
        more = {n for n in failed if (name in half and n not in half) or raised & lines[n]}
        made[name] = frozenset(more - {name})
    return made


def lines_of(tree: ast.Module, targets: Collection[str]) -> set[int]:
    """The lines of a file that hold some targets."""
    nodes = [definition(tree, target) for target in targets]
    return {n for node in nodes if node for n in range(node.lineno, (node.end_lineno or 0) + 1)}
