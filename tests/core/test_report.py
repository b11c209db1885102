"""Messages, their order, and what a report is made of."""

from __future__ import annotations

import json

import pytest

from graders.core.report import (
    CheckResult,
    ExerciseResult,
    first_problem,
    one_line,
    sentences,
    to_json,
)
from tests.core.small import Grade, wrong


@pytest.mark.parametrize(
    ("body", "first"),
    [
        ("raise ValueError('no')", "97.product: ValueError: no"),
        ("return undefined", "97.product: NameError: name 'undefined' is not defined"),
        ("return None", "97.product: wrong type: got None"),
        ("return (a @ b).float()[:1]", "97.product: wrong shape"),
        ("return (a @ b).float() * float('nan')", "97.product: wrong dtype"),
        ("return (a @ b) * float('nan')", "97.product: NaN"),
        ("return (a @ b) * 1.1", "97.product: wrong values: 6 of 6 elements differ"),
    ],
)
def test_the_first_that_applies(grade: Grade, body: str, first: str) -> None:
    result = grade(wrong(("return a @ b", body)), "product")["product"]
    assert sentences(result)[0].startswith(first)
    assert one_line(result) == sentences(result)[0]


def test_exceptions_show_the_own_line(grade: Grade) -> None:
    source = wrong(("return a @ b", "print('so far')\n    return torch.cat(a, b)"))
    result = grade(source, "product")["product"]
    report = sentences(result, source)
    line = source.splitlines().index("    return torch.cat(a, b)") + 1
    assert report[0].startswith("97.product: TypeError: cat()")
    assert f"  line {line}, in product:  return torch.cat(a, b)" in report
    assert "  (values, case 1 of 2: a=float64 tensor (3, 4), b=float64 tensor (4, 2))" in report
    assert report[-2:] == ["It printed:", "  so far"]
    assert not any("graders" in text for text in report)


def test_a_missing_argument_is_an_exception_too(grade: Grade) -> None:
    result = grade(wrong(("def product(a, b)", "def product(a)")), "product")["product"]
    assert "unexpected keyword argument 'b'" in sentences(result)[0]


def a_result(*checks: CheckResult, **more: object) -> ExerciseResult:
    given = {"id": "97.x", "name": "x", "title": "x", "lesson": "97_made_up", "part": "1_part"}
    return ExerciseResult(**given, path="x.py", line=1, max_points=2, checks=list(checks), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "status", "points"),
    [
        (["passed"], "passed", 2),
        (["passed", "skipped"], "passed", 2),
        (["skipped"], "skipped", 0),
        ([], "error", 0),
        (["passed", "failed"], "failed", 0),
        (["failed", "error"], "error", 0),
        (["error", "timeout"], "timeout", 0),
        (["timeout", "todo"], "todo", 0),
    ],
)
def test_status_of_an_exercise(found: list[str], status: str, points: int) -> None:
    result = a_result(*(CheckResult(f"c{i}", s, "why") for i, s in enumerate(found)))
    assert (result.status, result.points) == (status, points)
    if found:
        assert sentences(result)


def test_what_code_printed_comes_last() -> None:
    check = CheckResult("values", "failed", "wrong", printed="so far")
    report = sentences(a_result(check, stood_in=["y"]))
    assert report[-2:] == ["It printed:", "  so far"]
    assert "(This exercise needs y, which is not right yet" in report[1]


def test_json_form(grade: Grade) -> None:
    results = grade(wrong(("return 3 * x", "return -3 * x")), "scale", "centre")
    document = json.loads(json.dumps(to_json(list(results.values()))))
    assert document["points"] == 1 and document["max_points"] == 3
    ((lesson),) = document["lessons"]
    assert lesson["lesson"] == "97_made_up"
    scale, centre = lesson["exercises"]
    assert set(scale) >= {"id", "status", "points", "max_points", "checks", "diagnosis"}
    assert (scale["id"], scale["status"], scale["points"]) == ("97.scale", "failed", 0)
    assert [c["name"] for c in scale["checks"]] == ["values", "inputs"]
    assert scale["checks"][0]["message"].startswith("wrong values")
    assert "negated" in scale["diagnosis"]
    assert (centre["status"], centre["points"], centre["diagnosis"]) == ("passed", 1, "")


def test_the_problem_to_talk_about() -> None:
    good, skipped = CheckResult("a", "passed"), CheckResult("b", "skipped", "no GPU")
    bad, worse = CheckResult("c", "failed", "one\ntwo"), CheckResult("d", "failed", "three")
    result = a_result(good, skipped, bad, worse)
    assert first_problem(result) is bad
    report = sentences(result)
    assert report[:2] == ["97.x: one", "two"]
    assert "  also not right: d; right: a" in report
    assert one_line(result) == "97.x: one"
    assert first_problem(a_result(good)) is None
