"""Whatever one exercise does, the learner's or ours, the others are graded, and a sentence comes."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.authoring import Exercise
from graders.core.judge import Judge
from graders.core.part_judge import PartJudge
from graders.core.report import one_line, sentences
from tests.core.small import RIGHT, Grade, statuses, wrong

ESC, FORM_FEED, LINE_SEPARATOR = "\x1b", "\x0c", "\u2028"


@pytest.mark.parametrize("where", ["results", "cases", "expect"])
def test_our_own_fault_is_told_as_ours(
    grade: Grade, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    sound = getattr(PartJudge, where)

    def stumbles(self: PartJudge, exercise: Exercise, *rest: object) -> object:
        if exercise.name == "centre":
            raise KeyError("of ours")
        return sound(self, exercise, *rest)

    monkeypatch.setattr(PartJudge, where, stumbles)
    results = grade(RIGHT)
    assert statuses(results).pop("centre") == "error"
    assert {s for n, s in statuses(results).items() if n != "centre"} == {"passed"}
    (said,) = sentences(results["centre"])
    assert said.startswith("97.centre: the grader itself stumbled (KeyError: 'of ours'")
    assert said.endswith("not your code: please report this.")


def test_the_verdict_stands_if_the_reason_cannot_be_found(
    grade: Grade, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumbles(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr("graders.core.diagnose.name_it", stumbles)
    result = grade(wrong(("return 3 * x", "return 4 * x")), "scale")["scale"]
    assert result.status == "failed" and "wrong values" in sentences(result)[0]
    assert "could not look for the reason: RecursionError" in result.diagnosis


def of(body: str) -> str:
    """The right file, with this in the place of what scale returns."""
    return wrong(("    return 3 * x", body))


DEEP = "(" * 90 + "x" + ")" * 90 + "".join(f" + {i}" for i in range(700))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("    E = type('', (Exception,), {})\n    raise E", "an exception without a name"),
        ("    raise type('', (Exception,), {})('text')", "an exception without a name: text"),
        ("    raise ValueError('I cannot find `x`y')", "ValueError: I cannot find `x`y"),
        ("    raise ValueError('I cannot find it')", "ValueError: I cannot find it"),
        ("    raise ValueError('\\n\\n')", "ValueError"),
        (f"    raise ValueError('{ESC}[31mred')", "[31mred"),
        ("    __standin__('nobody')\n    return x", "wrong values"),
        ("    __standin__(7)\n    return x", "wrong values"),
        ("    raise NotImplementedError(0x" + "f" * 9000 + ")", "still a TODO"),
        ("    raise NotImplementedError(f\"{'a' + f'{x}'}\")", ""),
        (f"    return {DEEP}", ""),
        ("    return " + "-" * 5000 + "x", ""),
        ("    return 1.0 if x is None else [[]] * 3", "wrong type"),
    ],
)
def test_one_bad_exercise_among_good_ones(grade: Grade, body: str, words: str) -> None:
    results = grade(of(body))
    scale = results["scale"]
    assert scale.status in ("error", "failed", "todo") and words in sentences(scale)[0]
    assert ESC not in "".join(sentences(scale, of(body))) and one_line(scale)
    if "-" * 5000 not in body:  # Python itself refuses that file
        assert {s for n, s in statuses(results).items() if n != "scale"} == {"passed"}


@pytest.mark.parametrize("before", ["", FORM_FEED + "\n", f"# {LINE_SEPARATOR} here\n", "\r\n"])
def test_the_line_shown_is_the_one_that_raised(grade: Grade, before: str) -> None:
    source = of("    return 3 * undefined").replace("def scale", before + "def scale", 1)
    report = sentences(grade(source.encode(), "scale")["scale"], source)
    assert any(line.endswith(", in scale:  return 3 * undefined") for line in report)


def test_nothing_reaches_the_terminal_raw(grade: Grade) -> None:
    for body in (f"    return '{ESC}]0;title'", f"    print('{ESC}[2J')\n    return x"):
        source = of(body)
        report = sentences(grade(source, "scale")["scale"], source)
        assert ESC not in "".join(report)
    source = of(f"    return x {ESC}")
    assert ESC not in "".join(sentences(grade(source, "scale")["scale"], source))
    source = of("    raise ValueError('a' * 100_000)  #" + "b" * 100_000)
    assert all(len(line) < 2_500 for line in sentences(grade(source, "scale")["scale"], source))


@pytest.mark.parametrize("seed", [-1, 2**31 + 5, 10**40, -(10**40)])
def test_any_seed_will_do(judge: Judge, tmp_path: Path, seed: int) -> None:
    other = Judge(judge.registry, judge.worker, seed)
    ((ref, names),) = judge.registry.select(["97/1"])
    path = tmp_path / ref.file
    path.parent.mkdir(parents=True)
    path.write_text(RIGHT)
    assert {r.status for r in other.grade(ref, names, tmp_path)} == {"passed"}
    assert 0 <= other.seed < 2**31
