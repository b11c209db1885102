"""What belongs to one object is not kept on its class: another is made and used between its calls."""

from __future__ import annotations

import random
import types
from typing import Any

import pytest
import torch

from graders.ground import runner

SOURCE = """
import random

class Own:
    def __init__(self, start):
        self.total = start
    def __call__(self, x):
        self.total += x
        return self.total

class Shared:
    def __init__(self, start):
        Shared.total = start
    def __call__(self, x):
        Shared.total += x
        return Shared.total

kept = []

class Global:
    def __init__(self, start):
        kept[:] = [start]
    def __call__(self, x):
        kept[0] += x
        return kept[0]

class Remembered:
    made = {}
    def __new__(cls, start):
        return cls.made.setdefault(start, object.__new__(cls))
    __init__ = lambda self, start: setattr(self, "total", start)
    def __call__(self, x):
        self.total += x
        return self.total

class Loud(Own):
    def __call__(self, x):
        print("called")
        random.seed(x)
        return super().__call__(x)
"""


@pytest.fixture
def part() -> types.ModuleType:
    module = types.ModuleType("part")
    exec(compile(SOURCE, "part.py", "exec"), module.__dict__)
    return module


def outcome(part: types.ModuleType, name: str, between: dict[str, Any] | None) -> Any:
    def scenario(m: types.ModuleType, start: int) -> list[int]:
        thing = getattr(m, name)(start)
        return [thing(2), thing(5), thing(1), random.randrange(10**6)]

    targets = (name, f"{name}.__call__")
    return runner.run_case(scenario, part, {"start": 10}, 3, targets=targets, between=between)


@pytest.mark.parametrize(
    "name, same", [("Own", True), ("Shared", False), ("Global", False), ("Remembered", False)]
)
def test_another_object_between_the_calls(part: types.ModuleType, name: str, same: bool) -> None:
    alone, among = outcome(part, name, None), outcome(part, name, {"start": 700})
    assert (alone["value"] == among["value"]) is same


def test_what_runs_between_is_neither_seen_nor_heard(part: types.ModuleType) -> None:
    alone, among = outcome(part, "Loud", None), outcome(part, "Loud", {"start": 700})
    assert alone["value"] == among["value"]  # with what is rolled afterwards
    assert among["printed"] == alone["printed"] == "called\n" * 3
    assert among.get("gave") == alone.get("gave")


def test_what_fails_between_is_nobodys(part: types.ModuleType) -> None:
    assert (
        outcome(part, "Own", {"start": "no number"})["value"] == outcome(part, "Own", None)["value"]
    )


def test_gradients_and_torchs_dice_are_put_back(part: types.ModuleType) -> None:
    def scenario(m: types.ModuleType, start: float) -> Any:
        thing = m.Own(start)
        with torch.no_grad():
            total = thing(torch.ones(1, requires_grad=True))
        return [total.requires_grad, torch.is_grad_enabled(), torch.rand(1)]

    found = [
        runner.run_case(scenario, part, {"start": 1.0}, 5, targets=("Own",), between=between)
        for between in (None, {"start": 3.0})
    ]
    assert found[0]["value"] == found[1]["value"]


@pytest.mark.parametrize("name, same", [("Own", True), ("Shared", False)])
def test_another_object_behind_the_constructor(
    part: types.ModuleType, name: str, same: bool
) -> None:
    def scenario(m: types.ModuleType, start: int) -> int:
        thing, _ = getattr(m, name)(start), getattr(m, name)(start)
        return thing.total

    alone, among = (
        runner.run_case(scenario, part, {"start": 10}, 3, targets=(name,), between=between)
        for between in (None, {"start": 700})
    )
    assert (alone["value"] == among["value"]) is same
