"""Statements at the top level of a file: one that stops costs what needs it, one that stores counts."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from graders.core.judge import Judge
from graders.core.report import CheckResult, sentences
from graders.core.stopped import blame, stops_of
from graders.ground import limits, runner
from tests.core.leaning import file_of, grade_with
from tests.core.small import statuses

LECTURE = 'WORDS = open("names.txt").read().splitlines()\nprint(WORDS[:3])\nN = len(WORDS)\n'


def test_a_file_that_is_not_there_costs_what_needs_it(strict: Judge, tmp_path: Path) -> None:
    text = LECTURE + file_of(strict, more="return triple(x) + 1 + 0 * N")
    results = grade_with(strict, tmp_path, text)
    assert statuses(results) == dict.fromkeys(results, "passed") | {"more": "error"}
    assert results["most"].stood_in == ["more"]
    first, *rest = sentences(results["more"])
    assert first == (
        "96.more: this needs `N`, which is missing because a statement at the top level stopped: "
        "FileNotFoundError: [Errno 2] No such file or directory: 'names.txt'"
    )
    assert '  line 1, in <module>:  WORDS = open("names.txt").read().splitlines()' in rest


def test_what_is_wrong_for_another_reason_hears_of_it_too(own: Judge, tmp_path: Path) -> None:
    text = file_of(own, triple="return x * 4") + "\n\n" + LECTURE
    told = sentences(grade_with(own, tmp_path, text, "triple")["triple"])
    assert told[0].startswith("96.triple: wrong value")
    (line,) = [t for t in told if "stopped" in t]
    assert "stopped, and the rest was executed without it: FileNotFoundError" in line


def test_what_comes_to_a_todo_costs_what_needs_it(strict: Judge, tmp_path: Path) -> None:
    text = file_of(strict, most=None, box=None, triple="return x * 3 + 0 * LIMIT")
    results = grade_with(strict, tmp_path, text + "\n\nLIMIT = most(1)\n")
    assert results["more"].status == "passed" and results["most"].status == "todo"
    assert "needs `LIMIT`" in results["triple"].checks[0].message
    assert results["triple"].checks[0].message.endswith("96.most is still a TODO")


STORED = [
    "Number.__neg__ = lambda self: Number(-self.data)",
    'def put():\n    setattr(Number, "__neg__", lambda self: Number(-self.data))\nput()',
    "class Number(Number):\n    def __neg__(self):\n        return Number(-self.data)",
]


@pytest.mark.parametrize("way", STORED)
def test_what_is_stored_to_counts_though_the_stub_stands(
    strict: Judge, tmp_path: Path, way: str
) -> None:
    text = file_of(strict, neg=None, sub=None) + "\n\n" + way + "\n"
    results = grade_with(strict, tmp_path, text, "neg", "sub")
    assert statuses(results) == {"neg": "passed", "sub": "todo"}


def test_what_is_stored_and_wrong_has_a_stand_in(strict: Judge, tmp_path: Path) -> None:
    text = file_of(strict, neg=None) + "\n\nNumber.__neg__ = lambda self: Number(self.data)\n"
    results = grade_with(strict, tmp_path, text, "neg", "sub")
    assert statuses(results) == {"neg": "failed", "sub": "passed"}
    assert results["sub"].stood_in == ["neg"]
    text = file_of(strict, neg=None) + "\n\nNumber.__neg__ = nowhere.neg\n"
    (check,) = grade_with(strict, tmp_path, text, "neg")["neg"].checks[:1]
    assert check.message.startswith("this needs `__neg__`, which is missing")
    assert "name 'nowhere' is not defined" in check.message


# -- going on, in the child --

FILE = """\
import math
@undefined
def f(): pass
a = 1; b = open("nowhere"); c = 3
for i in range(3):
    if i == 2:
        1 / 0
while True:
    try:
        math.sqrt(2)
    except Exception:
        pass
raise SystemExit
d = 4
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no clock of that kind")
def test_a_file_is_executed_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LOAD_SECONDS", 0.4)
    stopped: list[runner.Outcome] = []
    module = runner.load(FILE, "file.py", "going_on", stopped=stopped)
    found = [(s["raised"], *s["lines"]) for s in stopped]
    assert found == [
        ("NameError", 3, 3),
        ("FileNotFoundError", 4, 4),
        ("ZeroDivisionError", 5, 7),
        ("TooLong", 8, 12),
        ("SystemExit", 13, 13),
    ]
    assert (module.a, module.c, module.i, module.d) == (1, 3, 2, 4)
    with pytest.raises(NameError):
        runner.load(FILE, "file.py", "going_on")
    many = "x = nowhere\n" * (limits.MAX_STOPPED + 1)
    with pytest.raises(NameError):
        runner.load(many, "file.py", "going_on", stopped=[])
    sys.modules.pop("going_on")


def test_what_a_child_makes_up_is_no_statement() -> None:
    made_up = {"raised": "X", "message": "me", "frames": [], "lines": [7, 9]}
    assert stops_of(ast.parse("a = 1"), [made_up]) == []
    check = CheckResult("values", "error", "NameError: name 'b' is not defined")
    blame([check], stops_of(ast.parse("a = 1"), [{**made_up, "lines": [1, 1]}]), ["f"])
    assert check.message == "NameError: name 'b' is not defined"
