"""Looks for answers that we hand in ourselves: helpers of the scenarios that do an exercise's work.

The text of the scenarios travels into the process that runs submitted code, and whoever looks there finds
the helpers. So none of them may be right where it is put in the place of an exercise's function.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from graders.authoring import Alternative, Exercise
from graders.core.alternatives import module_of
from graders.core.gpu import gpu_reason
from graders.core.loaded import LoadedPart
from graders.core.part_judge import PartJudge
from graders.core.patience import Endless, patience
from graders.core.verdict import judge_case


def helpers(part: LoadedPart) -> dict[str, Callable[..., Any]]:
    """The functions that travel with any of a part's scenarios, by name; without the scenarios themselves."""
    texts = {name: ast.parse(part.scenarios(name)) for name in part.cards}
    found: dict[str, Callable[..., Any]] = {}
    for tree in texts.values():
        room: dict[str, Any] = {}
        plain = [n for n in tree.body if not getattr(n, "decorator_list", [])]
        exec(compile(ast.Module(plain, []), part.ref.file, "exec"), room)
        for node in plain:
            if isinstance(node, ast.FunctionDef):
                found.setdefault(node.name, room[node.name])
    return found


def handed(judge: PartJudge, exercise: Exercise) -> Iterator[str]:
    """The helpers that are right in an exercise's place, one sentence each."""
    if len(exercise.targets) != 1 or "." in exercise.targets[0]:
        return
    target = getattr(judge.reference, exercise.targets[0])
    if not inspect.isfunction(target):
        return
    for name, helper in helpers(judge.part).items():
        for function in (helper, partial(helper, judge.reference)):  # many take the module first
            if _fits(function, target) and _is_right(judge, exercise, function):
                yield f"{name} travels with a scenario of this part, and is a right answer"


def _is_right(judge: PartJudge, exercise: Exercise, function: Callable[..., Any]) -> bool:
    """Whether a function passes where the target stands, case by case up to the first that fails."""
    module = module_of(judge.part, exercise, Alternative("a helper", "", function=function))
    expected = judge.expect(exercise)
    try:
        with patience("a helper"):
            for name, cases in expected.cases.items():
                check = exercise.checks[name]
                if check.gpu and gpu_reason():
                    continue
                for (case, seed), right in zip(cases, expected.outcomes[name], strict=True):
                    came = judge.run(module, exercise, check, case, seed)
                    if judge_case(check, case, came, right).status != "passed":
                        return False
    except Endless:
        return False
    return True


def _fits(function: Callable[..., Any], target: Callable[..., Any]) -> bool:
    """Whether a function can be called as the target is."""
    wanted = [p for p in inspect.signature(target).parameters.values() if p.default is p.empty]
    try:
        inspect.signature(function).bind(*wanted)
    except (TypeError, ValueError):
        return False
    return True
