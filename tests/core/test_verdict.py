"""The verdict on one outcome."""

from __future__ import annotations

import pytest
import torch

from graders.authoring import Check
from graders.core.verdict import describe_exception, judge_case
from graders.ground import wire
from graders.instead import instead


def test_a_judge_is_given_the_right_form_only() -> None:
    def band(case: object, got: object, want: object) -> str | None:
        return None if got.shape == want.shape and got.mean() < 1 else "too large"  # type: ignore[attr-defined]

    check = Check("band", judge=band)
    want = {"value": wire.encode(torch.zeros(2))}

    def verdict(value: object) -> tuple[str, str]:
        return judge_case(check, {}, {"value": wire.encode(value)}, want)[:2]

    assert verdict(torch.zeros(2)) == ("passed", "")
    assert verdict(torch.ones(2) * 3) == ("failed", "too large")
    assert verdict("text")[0] == "failed" and "wrong type" in verdict("text")[1]
    alone = Check("band", judge=lambda case, got: None if got.mean() < 1 else "too large")
    assert not alone.asks_reference and check.asks_reference and Check("values").asks_reference
    assert judge_case(alone, {}, want, {"value": wire.encode(None)}).status == "passed"
    said = judge_case(alone, {}, {"value": wire.encode("text")}, {"value": wire.encode(None)})
    assert said[0] == "failed" and "of the wrong form" in said[1]
    assert judge_case(check, {}, {"value": b"nonsense"}, want)[0] == "error"
    assert judge_case(check, {}, {}, want)[0] == "error"


# -- what a scenario finds, and what it stumbles over ---------------------------------------------------


def said(got: object, right: object, check: Check | None = None) -> str:
    """What is said of an answer beside the right one, both as they leave a scenario."""
    verdict = judge_case(
        check or Check("values", lambda m: None),
        {},
        {"value": wire.encode(got)},
        {"value": wire.encode(right)},
    )
    return verdict.message


def test_of_another_kind_than_it_should_be() -> None:
    forgotten = "got None, expected a Value (is the `return` missing?)"
    assert said(instead(None, "a Value"), 1.0) == f"wrong type: {forgotten}"
    got = {"result": instead(2.0, "a Value")}
    assert said(got, {"result": 2.0}) == "wrong type ('result'): got a float, expected a Value"
    assert "got None, expected a number" in said(instead(None, "a number", returned=False), 1.0)
    assert said(instead("x", "a list"), instead("x", "a list")) == ""
    band = Check("band", lambda m: None, judge=lambda case, got: None)
    assert said([1.0, instead(None, "a Value")], None, band) == f"wrong type: {forgotten}"


def test_an_exception_that_should_come() -> None:
    want = {"raised": "ValueError", "message": ""}
    value = {"value": wire.encode((2, 3))}
    assert judge_case(Check("values"), {}, dict(want), want).status == "passed"
    assert judge_case(Check("values"), {}, value, want) == (
        "failed",
        "this should raise ValueError, but it gave a tuple of 2",
        "",
    )
    other = {"raised": "KeyError", "message": "'x'", "frames": [[3, "f"]]}
    told = judge_case(Check("values"), {}, other, {**want, "message": "no such name"})
    assert told.message == "this should raise ValueError (no such name), but: KeyError: 'x'"
    todo = judge_case(Check("values"), {}, {"raised": "NotImplementedError", "todo": True}, want)
    assert todo.status == "todo"


@pytest.mark.parametrize(
    ("kind", "message", "words"),
    [
        ("TypeError", "float() argument must be a string or a real number, not 'NoneType'",
         "wrong type: got None, expected a number (is the `return` missing?)"),
        ("AttributeError", "'NoneType' object has no attribute 'data'",
         "wrong type: got None, expected something with `.data` (is the `return` missing?)"),
        ("AttributeError", "'float' object has no attribute 'backward'",
         "wrong type: got a float, expected something with `.backward`"),
        ("TypeError", "cannot unpack non-iterable int object",
         "wrong type: got a whole number (int), expected several things"),
        ("AttributeError", "module 'part' has no attribute 'helper'",
         "I cannot find `helper` in your file. Was it renamed or removed?"),
        # of the learner's own classes, Python's sentence is the clearest
        ("AttributeError", "'Value' object has no attribute '_prev'",
         "AttributeError: 'Value' object has no attribute '_prev'"),
        ("ValueError", "'NoneType' object has no attribute 'data'",
         "ValueError: 'NoneType' object has no attribute 'data'"),
        ("", "", "an exception without a name"),
    ],
)  # fmt: skip
def test_a_scenario_that_stumbles_speaks_of_the_answer(kind: str, message: str, words: str) -> None:
    assert describe_exception({"raised": kind, "message": message}).message == words
    mine = {"raised": kind, "message": message, "frames": [[7, "f"]]}
    if kind:
        told = describe_exception(mine).message  # the learner's own line
        assert told.splitlines()[0] == f"{kind}: {message}"
