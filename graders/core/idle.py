"""Looks for checks that a function which does nothing passes: they ask for no answer.

Such a check ("nothing is changed", "few steps") holds nobody who sees that it is the one being made, and
does nothing then. It should ask for the answer in the same breath.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from graders.authoring import Check, Exercise
from graders.core.gpu import gpu_reason
from graders.core.part_judge import Expected, PartJudge
from graders.core.verdict import judge_case
from graders.ground import runner

Idle = Callable[..., Any]


def _first(*args: Any, **kwargs: Any) -> Any:
    return next(iter((*args, *kwargs.values())), None)


IDLE: dict[str, Idle] = {
    "None": lambda *a, **k: None,
    "its first argument": _first,
    "an empty list": lambda *a, **k: [],
    "an empty dict": lambda *a, **k: {},
    "zero": lambda *a, **k: 0.0,
    "an empty text": lambda *a, **k: "",
}


def idle(judge: PartJudge, exercise: Exercise) -> Iterator[str]:
    """A sentence for each check that at least two different ways to do nothing pass."""
    expected = judge.expect(exercise)
    for check in exercise.checks.values():
        if check.gpu and gpu_reason():
            continue
        passed = []
        for label, function in IDLE.items():
            if _passes(judge, exercise, check, expected, function):
                passed.append(label)
        if len(passed) > 1:
            yield f"the check {check.name!r} asks for no answer: {' or '.join(passed[:2])} will do"


def _passes(
    judge: PartJudge, exercise: Exercise, check: Check, expected: Expected, function: Idle
) -> bool:
    """Whether a function passes a check in the place of all targets, and was called."""
    part, calls = judge.part, [0]
    module = runner.load(part.reference, str(part.reference_path), "idle", code=part.reference_code)

    def counted(*args: Any, **kwargs: Any) -> Any:
        calls[0] += 1
        return function(*args, **kwargs)

    for target in exercise.targets:
        home, _, name = target.rpartition(".")
        owner = runner.lookup(module, home) if home else module
        if isinstance(getattr(owner, name), type):
            return False
        setattr(owner, name, counted)
    for (case, seed), right in zip(
        expected.cases[check.name], expected.outcomes[check.name], strict=True
    ):
        came = judge.run(module, exercise, check, case, seed)
        if judge_case(check, case, came, right).status != "passed":
            return False
    return calls[0] > 0
