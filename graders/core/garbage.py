"""Answers that no check may accept: a check that takes any of them on every case cannot fail."""

from __future__ import annotations

from typing import Any

import torch

from graders.authoring import Exercise
from graders.core.gpu import gpu_reason
from graders.core.part_judge import PartJudge
from graders.ground import wire
from graders.instead import instead

GARBAGE: list[Any] = [
    None, True, 0, -1.5, float("nan"), "", "right", b"", [], {}, torch.zeros(0), torch.tensor(0.0),
    torch.full((3, 3), float("nan")), [None] * 3, instead(None, "a number"),
]  # fmt: skip


def accepted_garbage(exercise: Exercise, judge: PartJudge) -> list[str]:
    """One sentence for each check that accepts some of it."""
    said = []
    expected = judge.expect(exercise)
    for check in exercise.checks.values():
        if check.gpu and gpu_reason():
            continue
        wants = expected.outcomes[check.name]
        fed: list[tuple[str, list[dict[str, Any]]]] = [
            (repr(value), [{"value": wire.encode(value)} for _ in wants]) for value in GARBAGE
        ]
        fed.append(("an exception", [{"raised": "Oops", "message": ""} for _ in wants]))
        fed.append(("no answer", []))
        fed.append(("NaN in every number", [_poisoned(w) for w in wants]))
        for label, outcomes in fed:
            if outcomes and all(o == _answer(w) for o, w in zip(outcomes, wants, strict=True)):
                continue  # the right answer happens to be this
            verdicts = judge.results(exercise, {check.name: outcomes})
            verdict = next(v for v in verdicts if v.name == check.name)
            if verdict.status == "passed":
                said.append(f"the check {check.name!r} accepts {label}")
                break
    return said


def _answer(want: dict[str, Any]) -> dict[str, Any]:
    """What is right, without the way to ask what the reference leaves behind."""
    return {k: v for k, v in want.items() if k not in ("elsewhere", "ask", "gives")}


def _poisoned(outcome: dict[str, Any]) -> dict[str, Any]:
    if "value" not in outcome:
        return {"raised": "Oops", "message": ""}
    value = wire.decode(outcome["value"])
    poisoned, hit = _poison(value)
    return {"value": wire.encode(poisoned if hit else None)}


def _poison(value: Any) -> tuple[Any, bool]:
    if isinstance(value, torch.Tensor) and value.is_floating_point() and value.numel():
        return torch.full_like(value, float("nan")), True
    if isinstance(value, float):
        return float("nan"), True
    if isinstance(value, (list, tuple)):
        pairs = [_poison(v) for v in value]
        return [p for p, _ in pairs], any(hit for _, hit in pairs)
    if isinstance(value, dict):
        pairs_ = {k: _poison(v) for k, v in value.items()}
        return {k: p for k, (p, _) in pairs_.items()}, any(h for _, h in pairs_.values())
    return value, False
