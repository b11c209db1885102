"""The strict report on a run with stand-ins: nothing that the code could fill with a solution."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graders.core.judge import Judge
from graders.core.report import sentences, to_json
from tests.core.leaning import file_of, grade_with
from tests.core.small import statuses

SECRET = "THE-SECRET-OF-TRIPLE"
FOUND = "found = ''.join(c for c in triple.__code__.co_consts if isinstance(c, str))\n"
WAYS = {
    "an exception's text": "raise ValueError(found)",
    "an exception's name": "raise type(found, (Exception,), {})()",
    "an answer's type": "return type(found, (), {})()",
    "a print": "print(found)\nreturn triple(1)",
    "a name that is not there": "raise AttributeError(f\"module 'part' has no attribute "
    "'{found.replace('-', '_')}'\")",
    "a text for what is instead": "return {'(got)': found, '(instead of)': found}",
}


def told(judge: Judge, folder: Path, text: str) -> str:
    """All that is told of an exercise that steals, as people and programs read it."""
    result = grade_with(judge, folder, text)["more"]
    assert result.status in ("failed", "error")
    result.source = ""
    said = "\n".join([*sentences(result), json.dumps(to_json([result])), repr(vars(result))])
    return said.replace("_", "-")


@pytest.mark.parametrize("way", sorted(WAYS))
def test_no_solution_gets_out(own: Judge, strict: Judge, tmp_path: Path, way: str) -> None:
    for triple in (None, "return 4 * x"):  # the reference stands in for it, at once or later
        text = file_of(own, triple=triple, more=FOUND + WAYS[way])
        if triple is None:
            assert SECRET in told(own, tmp_path, text)  # so the attack works
        assert SECRET not in told(strict, tmp_path, text)


def test_nor_while_the_file_is_executed(strict: Judge, tmp_path: Path) -> None:
    text = file_of(strict, triple=None) + f"\n\n{FOUND}assert False, found\n"
    results = grade_with(strict, tmp_path, text)
    assert SECRET not in repr([{**vars(r), "source": ""} for r in results.values()])


def test_what_is_told_instead(strict: Judge, tmp_path: Path) -> None:
    results = grade_with(
        strict, tmp_path, file_of(strict, triple=None, more="return triple(x) + 2")
    )
    first, where, *_ = sentences(results["more"])
    assert first == (
        "96.more: not right, also with the reference standing in for triple. What your code gave "
        "then is not told, as it may hold a solution; `hero check 96.more` on your own machine "
        "shows it."
    )
    assert where.startswith("  (values, case 1 of 2")


def test_what_fails_without_help_is_told(strict: Judge, tmp_path: Path) -> None:
    body = "return 4 * x if len(x) else triple(x)"
    results = grade_with(strict, tmp_path, file_of(strict, triple=None, more=body))
    report = sentences(results["more"])
    assert report[0].startswith("96.more: wrong values")
    assert "You took it four times." in report
    assert report[-1] == "  (Nor is it right with the reference's triple.)"


def test_ones_own_code_is_told_everything(own: Judge, tmp_path: Path) -> None:
    results = grade_with(own, tmp_path, file_of(own, triple=None, more="return triple(x) + 2"))
    report = sentences(results["more"])
    assert report[0].startswith("96.more: wrong values")
    assert statuses(results)["triple"] == "todo" and "triple, which is not right yet" in report[-1]
