"""The judge: what is said about files of every kind, and how the mistake is named."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import torch
from core_small import SOLUTION, Grade

from graders.authoring import Check, Tol
from graders.core import grading as judging
from graders.core.diagnose import same_outcome
from graders.core.judge import Judge, Outcomes, gpu_reason
from graders.core.relation import _factor, relate
from graders.core.report import (
    CheckResult,
    ExerciseResult,
    first_problem,
    footer,
    one_line,
    sentences,
    to_json,
)
from graders.core.stubs import stub_of
from graders.core.verdict import judge_case
from graders.ground import wire

MARKERS = ("### BEGIN SOLUTION", "### END SOLUTION")
RIGHT = "".join(line for line in SOLUTION.splitlines(keepends=True) if line.strip() not in MARKERS)


def wrong(*edits: tuple[str, str]) -> str:
    """The right file with a few things changed."""
    text = RIGHT
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


@pytest.fixture
def stub(judge: Judge) -> str:
    ((ref, _),) = judge.registry.select(["97/1"])
    return stub_of(judge.registry.load(ref))


def statuses(results: dict[str, ExerciseResult]) -> dict[str, str]:
    return {name: result.status for name, result in results.items()}


# -- whole files ----------------------------------------------------------------------------------


def test_right(grade: Grade) -> None:
    results = grade(RIGHT)
    assert set(statuses(results).values()) == {"passed"}
    assert results["scale"].points == 2
    assert results["doubled"].stretch
    assert sentences(results["scale"]) == ["97.scale: right."]


def test_the_stub_is_all_todo(grade: Grade, stub: str) -> None:
    results = grade(stub)
    assert set(statuses(results).values()) == {"todo"}
    for name, result in results.items():
        assert sentences(result) == [f"97.{name}: still a TODO"]
        assert result.points == 0 and not result.diagnosis
    assert footer(results["scale"]) == "[hero hint 97.scale]"
    assert footer(results["both"]) == ""


def test_comments_and_blank_lines_do_not_make_it_begun(grade: Grade, stub: str) -> None:
    begun = stub.replace("# TODO 97.scale", "\n    # my thoughts\n    # TODO 97.scale")
    assert grade(begun, "scale")["scale"].status == "todo"


def test_half_of_a_solution_is_begun(grade: Grade, stub: str) -> None:
    begun = stub.replace('    raise NotImplementedError("97.scale")', "    return x")
    result = grade(begun, "scale")["scale"]
    assert result.status == "failed"
    assert footer(result) == (
        "[hero hint 97.scale]  [same numbers again: hero check 97.scale --seed 5]"
    )


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (None, "there is no file"),
        (b"\xff\xfe\x00bad", "is not UTF-8 text"),
        (b"def scale(x):\n    return \x00\n", "null bytes"),
        ("def scale(x)\n    return x\n", "line 1 is not valid Python: expected ':'"),
        ("x = (1,\n", "line 1 is not valid Python: '(' was never closed"),
        ("return 3\n", "line 1 is not valid Python: 'return' outside function"),
        ("x = " + "(" * 500 + "\n", "line 1 is not valid Python: too many nested parentheses"),
        ("-" * 100_000 + "1\n", "97.scale: "),
        ("import nowhere_to_be_found\n", "cannot be executed: ModuleNotFoundError"),
        ("1 / 0\n", "your file cannot be executed: ZeroDivisionError: division by zero"),
        ("#" * (2 * 2**20 + 1), "it is larger than 2 MB"),
    ],
)
def test_files_that_cannot_be_run(grade: Grade, source: str | bytes | None, words: str) -> None:
    results = grade(source)
    assert set(statuses(results).values()) == {"error"}
    assert words in sentences(results["scale"])[0]


@pytest.mark.parametrize("source", ["", "# nothing\n", "scale = None\n"])
def test_empty_files(grade: Grade, source: str) -> None:
    results = grade(source)
    assert set(statuses(results).values()) == {"error"}
    assert "I cannot find `centre` in your file" in results["centre"].checks[0].message


def test_a_byte_order_mark_is_no_mistake(grade: Grade) -> None:
    assert grade(b"\xef\xbb\xbf" + RIGHT.encode(), "scale")["scale"].status == "passed"


@pytest.mark.parametrize("make", ["folder", "pipe", "link to a device", "dangling link"])
def test_what_is_no_file(judge: Judge, tmp_path: Path, make: str) -> None:
    ((ref, _),) = judge.registry.select(["97/1"])
    path = tmp_path / ref.file
    path.parent.mkdir()
    if make == "folder":
        path.mkdir()
    elif make == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero" if "device" in make else "/nowhere")
    (result,) = judge.grade(ref, ["scale"], tmp_path)
    words = {"folder": "is a folder", "dangling link": "there is no file"}
    assert words.get(make, "it is not a plain file") in result.checks[0].message


def test_a_renamed_function(grade: Grade) -> None:
    results = grade(wrong(("def centre(x)", "def center(x)"), ("scale(centre(x))", "0 * x")))
    message = results["centre"].checks[0].message
    assert message.startswith("I cannot find `centre` in your file. Was it renamed or removed?")
    assert "`center`" in message
    assert results["scale"].status == "passed"


def test_a_removed_class(grade: Grade) -> None:
    results = grade(RIGHT.replace("class Counter", "class Kounter"))
    for name in ("counter_init", "counter_add", "counter_all"):
        assert results[name].status == "error"
    assert results["product"].status == "passed"


# -- one exercise and the others --------------------------------------------------------------------


def test_an_unsolved_earlier_exercise_does_not_block(grade: Grade, stub: str) -> None:
    solved = stub.replace('    raise NotImplementedError("97.both")', "    return scale(centre(x))")
    results = grade(solved)
    assert results["both"].status == "passed"
    assert results["both"].stood_in == ["centre", "scale"]
    assert results["scale"].status == results["centre"].status == "todo"
    assert (
        "This exercise needs centre, scale, which are not right yet"
        in sentences(results["both"])[-1]
    )


def test_a_wrong_earlier_exercise_does_not_block(grade: Grade) -> None:
    results = grade(wrong(("return 3 * x", "return 4 * x")))
    assert statuses(results)["scale"] == "failed"
    assert statuses(results)["both"] == "passed"
    assert "scale" in results["both"].stood_in


def test_nor_does_one_that_raises_or_hangs(grade: Grade, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "CHECK_SECONDS", 0.5)
    for line in ("1 / 0", "import os; os._exit(0)"):
        results = grade(wrong(("    return 3 * x", f"    {line}")), "scale", "both", "product")
        assert list(statuses(results).values()) == ["error", "passed", "passed"]
    results = grade(wrong(("    return 3 * x", "    while True: pass")), "scale", "product")
    assert list(statuses(results).values()) == ["timeout", "passed"]


def test_methods_stand_in_inside_their_class(grade: Grade, stub: str) -> None:
    solved = stub.replace(
        '        raise NotImplementedError("97.counter_all")',
        "        for k in ks:\n            self.add(k)\n        return self.n",
    )
    results = grade(solved)
    assert statuses(results)["counter_all"] == "passed"
    assert set(results["counter_all"].stood_in) == {"counter_init", "counter_add"}
    assert statuses(results)["counter_add"] == "todo"


def test_a_wrong_method_is_blamed_alone(grade: Grade) -> None:
    results = grade(wrong(("self.n += k", "self.n = k")))
    assert statuses(results)["counter_add"] == "failed"
    assert statuses(results)["counter_all"] == "passed"
    assert "counter_add" in results["counter_all"].stood_in


def test_only_what_was_asked_for(grade: Grade) -> None:
    assert list(grade(RIGHT, "product", "scale")) == ["product", "scale"]


@pytest.mark.skipif(not gpu_reason(), reason="there is a GPU")
def test_gpu_checks_are_skipped_with_a_reason(grade: Grade) -> None:
    result = grade(RIGHT, "doubled")["doubled"]
    checks = {check.name: check for check in result.checks}
    assert checks["on a GPU"].status == "skipped" and checks["on a GPU"].message == gpu_reason()
    assert result.status == "passed" and result.points == 1


def test_silence_is_no_pass(grade: Grade, judge: Judge) -> None:
    """The judge's own list counts, not what came."""
    ((ref, _),) = judge.registry.select(["97.counter_all"])
    part = judge.part(ref)
    exercise = part.part.exercises["counter_all"]
    silent: list[Outcomes] = [{}, {"values": []}, {"twice": [{"value": wire.encode(1)}]}]
    for outcomes in silent:
        results = part.results(exercise, outcomes)
        assert {r.name for r in results} == {"values", "twice"}
        assert results[0].status == "error"


# -- naming the mistake -----------------------------------------------------------------------------


def test_a_misconception_is_recognised_in_other_words(grade: Grade) -> None:
    loop = (
        "    out = x.clone()\n    for i in range(len(x)):\n        for j in range(len(x)):\n"
        "            out[i] = out[i] - x[j]\n    return out"
    )
    result = grade(wrong(("    return x - x.mean(0)", loop)), "centre")["centre"]
    assert result.status == "failed"
    assert result.diagnosis == "You subtracted the sum, not the mean."
    patched = wrong(("x - x.mean(0)", "x - x.sum(1)[:, None] / 3"))
    result = grade(patched, "centre")["centre"]
    assert result.diagnosis == "You took the mean over the columns."


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("-(a @ b)", "everything is negated"),
        ("(a @ b).T", "the transpose of the right one"),
        ("0 * (a @ b)", "Everything you return is zero"),
        ("(a @ b)[None]", "only the shape is not"),
        ("2 * (a @ b)", "Every wrong number is 2 times the right one"),
        ("(a @ b) / a.shape[1]", "the right ones divided by a.shape[1]"),
        ("(a @ b) * len(b)", "the right ones times"),
    ],
)
def test_how_numbers_relate(grade: Grade, body: str, words: str) -> None:
    result = grade(wrong(("a @ b", body)), "product")["product"]
    assert result.status == "failed"
    assert words in result.diagnosis


@pytest.mark.parametrize(
    "body", ["(a @ b) + 1", "(a @ b).float()", "torch.zeros(1)", "None", "[10 ** 400]", "a"]
)
def test_nothing_is_made_up(grade: Grade, body: str) -> None:
    result = grade(wrong(("a @ b", body)), "product")["product"]
    assert result.status == "failed"
    if body != "torch.zeros(1)":
        assert result.diagnosis == ""


def test_relations_do_not_trip() -> None:
    zero, one = torch.zeros(0).double(), torch.ones(1).double()
    assert relate([]) == ""
    relate([(zero, zero), (one, -one)])
    assert _factor([(one, one * 0)], [{"x": zero}]) == ""
    _factor([(one * 2, one)], [{"x": torch.ones(0, 3)}])
    assert _factor([(one * float("nan"), one)], [{"x": one}]) == ""


def test_outcomes_are_the_same_or_not() -> None:
    def value(x: object) -> dict[str, object]:
        return {"value": wire.encode(x)}

    assert same_outcome(value(1.0), value(1.0 + 1e-13), Tol())
    assert not same_outcome(value(1.0), value(2.0), Tol())
    assert not same_outcome(value(1.0), {"raised": "ValueError"}, Tol())
    one = {"raised": "ValueError", "message": "bad value 3"}
    assert same_outcome(one, {"raised": "ValueError", "message": "bad value 4"}, Tol())
    assert not same_outcome(one, {"raised": "ValueError", "message": "else"}, Tol())
    assert not same_outcome(one, {"raised": "KeyError", "message": "bad value 3"}, Tol())
    assert not same_outcome({**value(1), "changed": ["x"]}, value(1), Tol())
    assert not same_outcome({"value": b"nonsense"}, value(1), Tol())


# -- messages and their order ------------------------------------------------------------------------


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


def test_a_judge_is_given_the_right_form_only() -> None:
    def band(case: object, got: object, want: object) -> str | None:
        return None if got.shape == want.shape and got.mean() < 1 else "too large"  # type: ignore[attr-defined]

    check = Check("band", judge=band)
    want = {"value": wire.encode(torch.zeros(2))}

    def verdict(value: object) -> tuple[str, str]:
        return judge_case(check, {}, {"value": wire.encode(value)}, want)

    assert verdict(torch.zeros(2)) == ("passed", "")
    assert verdict(torch.ones(2) * 3) == ("failed", "too large")
    assert verdict("text")[0] == "failed" and "wrong type" in verdict("text")[1]
    alone = Check("band", judge=lambda case, got: None if got.mean() < 1 else "too large")
    assert not alone.asks_reference and check.asks_reference and Check("values").asks_reference
    assert judge_case(alone, {}, want, {"value": wire.encode(None)}) == ("passed", "")
    said = judge_case(alone, {}, {"value": wire.encode("text")}, {"value": wire.encode(None)})
    assert said[0] == "failed" and "of the wrong form" in said[1]
    assert judge_case(check, {}, {"value": b"nonsense"}, want)[0] == "error"
    assert judge_case(check, {}, {}, want)[0] == "error"
