"""What a call puts in the place of the file's own functions and classes is seen."""

from __future__ import annotations

import types
from typing import Any

import pytest

from graders.ground import runner
from graders.ground.own_code import REPLACED

SOURCE = """
import functools

class Value:
    made = 0
    def __init__(self, grad):
        Value.made += 1
        self.grad = grad
    @functools.cached_property
    def twice(self):
        return 2 * self.grad

class Calm(Value):
    pass

pattern = None

def helper(v):
    return v

def plain(v):
    global pattern
    pattern = "compiled when it is first asked for"
    v.grad = 0.0 * v.twice

def by_property(v):
    Value.grad = property(lambda self: 0.0)

def by_another_class(v):
    v.__class__ = Calm

def by_another_helper(v):
    global helper
    helper = lambda v: None

def itself(v):
    global itself
    itself = helper
"""


def left_by(name: str) -> Any:
    part = types.ModuleType("part")
    exec(compile(SOURCE, "part.py", "exec"), part.__dict__)

    def scenario(m: types.ModuleType) -> None:
        getattr(m, name)(m.Value(3.0))

    found = runner.run_case(scenario, part, {}, 1, trusted=False, targets=(name,)).get("left", [])
    return [name for name in found if name != "argument v.grad"]


@pytest.mark.parametrize(
    "name, left",
    [
        ("plain", []),
        ("by_property", [f"{REPLACED}Value.grad"]),
        ("by_another_class", ["argument v.__class__"]),
        ("by_another_helper", [f"{REPLACED}helper"]),
        ("itself", []),  # put back behind each case: it gains nothing
    ],
)
def test_what_is_replaced(name: str, left: list[str]) -> None:
    assert left_by(name) == left
