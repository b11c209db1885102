"""The judge: what is said about files of every kind, and what one exercise does to the others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from graders.core import asking
from graders.core.judge import Judge, Outcomes, gpu_reason
from graders.core.report import (
    footer,
    sentences,
)
from graders.ground import wire
from tests.core.small import RIGHT, Grade, statuses, wrong


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
    assert words.get(make, "not a plain file") in result.checks[0].message


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


# -- one exercise and the others --


def test_an_unsolved_earlier_exercise_does_not_block(grade: Grade, stub: str) -> None:
    solved = stub.replace('    raise NotImplementedError("97.both")', "    return scale(centre(x))")
    results = grade(solved)
    assert results["both"].status == "passed"
    assert results["both"].stood_in == ["scale", "centre"]
    assert results["scale"].status == results["centre"].status == "todo"
    assert (
        "This exercise needs scale, centre, which are not right yet"
        in sentences(results["both"])[-1]
    )


def test_a_wrong_earlier_exercise_does_not_block(grade: Grade) -> None:
    results = grade(wrong(("return 3 * x", "return 4 * x")))
    assert statuses(results)["scale"] == "failed"
    assert statuses(results)["both"] == "passed"
    assert "scale" in results["both"].stood_in


def test_nor_does_one_that_raises_or_hangs(grade: Grade, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "CHECK_SECONDS", 0.5)
    for line in ("1 / 0", "import os; os._exit(0)"):
        results = grade(wrong(("    return 3 * x", f"    {line}")), "scale", "both", "product")
        assert list(statuses(results).values()) == ["error", "passed", "passed"]
    results = grade(wrong(("    return 3 * x", "    while True: pass")), "scale", "product")
    assert list(statuses(results).values()) == ["timeout", "passed"]


def test_only_what_is_wrong_is_blamed(grade: Grade) -> None:
    """Checked alone, an exercise knows nothing of the others' verdicts, and must find out."""
    results = grade(wrong(("return 3 * x", "return 4 * x")), "both")
    assert results["both"].status == "passed" and results["both"].stood_in == ["scale"]
    results = grade(wrong(("return scale(centre(x))", "return scale(centre(x)) + 1")), "both")
    assert results["both"].status == "failed" and results["both"].stood_in == []


def test_an_endless_earlier_exercise_does_not_block(
    grade: Grade, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "CHECK_SECONDS", 0.5)
    for names in (["both"], ["scale", "both"]):
        results = grade(wrong(("    return 3 * x", "    while True: pass")), *names)
        assert results["both"].status == "passed" and results["both"].stood_in == ["scale"]
    results = grade(wrong(("    return scale(centre(x))", "    while True: pass")), "both")
    assert results["both"].status == "timeout" and results["both"].stood_in == []


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
