"""Every check of how the work grows can tell, is cheap, and leaves room for another way to do it."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.authoring import Alternative, Exercise
from graders.core import effort
from graders.core.alternatives import module_of
from graders.core.part_judge import PartJudge
from graders.core.registry import Registry
from graders.ground.runner import Outcome

ROOT = Path(__file__).resolve().parents[2]
MOST = 20_000  # steps of the reference on the larger case: that is about a millisecond
REGISTRY = Registry()
HELD = [
    f"{file.parent.parent.name[:2]}.{file.stem}"
    for file in sorted((ROOT / "graders").glob("[0-9]*/*/*.py"))
    if ".effort\n" in file.read_text(encoding="utf-8")
]


class Asked:
    """An exercise's check "effort": what the reference takes for its cases, and what others do."""

    def __init__(self, wanted: str) -> None:
        ((ref, (name,)),) = REGISTRY.select([wanted])
        self.judge = PartJudge(REGISTRY.load(ref), 11)
        self.exercise: Exercise = self.judge.part.exercises[name]
        self.pairs = self.judge.cases(self.exercise).cases["effort"]
        self.known = self.of(self.judge.reference)

    def of(self, module: object) -> list[Outcome]:
        check = self.exercise.checks["effort"]
        return [
            self.judge.run(module, self.exercise, check, case, seed, trusted=True)
            for case, seed in self.pairs
        ]

    def said(self, alternative: Alternative) -> str:
        came = self.of(module_of(self.judge.part, self.exercise, alternative))
        if any("steps" not in outcome or "value" not in outcome for outcome in came):
            return ""
        return effort.grows_too_fast(came, self.known, [case for case, _ in self.pairs])


def test_there_are_some() -> None:
    assert len(HELD) > 20


@pytest.mark.parametrize("wanted", HELD)
def test_it_can_tell(wanted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(wanted)
    for small, large in zip(asked.known[::2], asked.known[1::2], strict=True):
        assert effort.FEW <= small["steps"] < large["steps"] <= MOST
    assert any(map(asked.said, asked.exercise.misconceptions)), "nobody is told so"
    assert not any(map(asked.said, asked.exercise.variants))
    monkeypatch.setattr(effort, "FASTER", effort.FASTER / 2)
    assert not any(map(asked.said, asked.exercise.variants)), "a right one is near the limit"
