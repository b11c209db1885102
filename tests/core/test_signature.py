"""What a function takes, beside the stub: names, ways to give them, defaults."""

from __future__ import annotations

import ast
import types

import pytest

from graders.core.report import CheckResult
from graders.core.signature import told_by_signature

STUB = """
def scaled(x, factor=0.97, *, strict=False, rng=None):
    pass

class Layer:
    def __init__(self, n, gain=1):
        pass
"""


def _told(text: str, *targets: str) -> str:
    module = types.ModuleType("reference")
    exec(STUB, module.__dict__)
    results = [CheckResult("values", "passed")]
    told_by_signature(results, ast.parse(text), module, targets or ("scaled",))
    return results[1].message if len(results) > 1 else ""


@pytest.mark.parametrize(
    "text",
    [
        "def scaled(x, factor=0.97, *, strict=False, rng=None): ...",
        "def scaled(x, factor=97 / 100, strict=False, rng=None, more=3): ...",
        "def scaled(x, factor=None, strict=False, rng=()): ...",
        "def scaled(*args, **kwargs): ...",
        "scaled = make()",
        "@decorated\ndef scaled(y): ...",
        "",
    ],
)
def test_what_takes_the_same_is_not_told(text: str) -> None:
    assert _told(text) == ""


@pytest.mark.parametrize(
    "text, said",
    [
        ("def scaled(x, factor=0.975, *, strict=False, rng=None): ...", "is 0.97 in the stub"),
        ("def scaled(x, factor=0.97, *, strict=0, rng=None): ...", "is False in the stub"),
        ("def scaled(x, factor, *, strict=False, rng=None): ...", "here it is none"),
        ("def scaled(xs, factor=0.97, *, strict=False, rng=None): ...", "no parameter `x`"),
        ("def scaled(x, *, factor=0.97, strict=False, rng=None): ...", "by its name only"),
        ("def scaled(x, factor=0.97, /, strict=False, rng=None): ...", "by its place only"),
    ],
)
def test_what_takes_something_else_is_told(text: str, said: str) -> None:
    assert said in _told(text)


def test_methods_may_call_self_anything() -> None:
    assert _told("class Layer:\n    def __init__(me, n, gain=1): ...", "Layer") == ""
    said = _told("class Layer:\n    def __init__(self, n, gain=2): ...", "Layer")
    assert said == "the default of `gain` in `Layer.__init__` is 1 in the stub; here it is 2."
    assert _told("class Layer:\n    pass", "Layer") == ""


def test_nothing_is_added_to_what_failed() -> None:
    results = [CheckResult("values", "failed", "wrong")]
    told_by_signature(results, ast.parse("def scaled(): ..."), types.ModuleType("r"), ("scaled",))
    assert len(results) == 1
