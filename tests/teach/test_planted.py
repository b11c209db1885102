"""Names, times and files that somebody made up: one student's cost nobody else anything."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import pytest

from graders.errors import UserError
from graders.ground import sandbox
from graders.teach import confined, summary
from graders.teach.assemble import without_magics
from graders.teach.mend import comment_of, harmless
from graders.teach.results import Result, load
from tests.teach.conftest import NAME, Class

ODD = ["=cmd|' C calc'!A0", "a;=1+1", "-rf", "{student_id}", "%s", "red]x"]
TIMES = {
    "nonsense": "next week, perhaps",
    "far": "99999-99-99 25:61:61 UTC",
    "script": "<script>alert(1)</script>",
    "long": "2026-01-01 00:00:00 UTC" * 1_000_000,
}


@pytest.fixture(scope="module")
def graded(classroom: Class) -> Class:
    for name in ("victim", "honest", "linked", "pipe", *ODD):
        classroom.hand_in(name, classroom.notebook(["06-2-tree_size"]))
    for name, text in TIMES.items():
        classroom.hand_in(name, classroom.notebook(["06-2-tree_size"]))
        classroom.hand_in(name, text, "timestamp.txt")
    os.mkfifo(classroom.folder("pipe") / "timestamp.txt")
    for name in (os.fsdecode(b"\xe9t\xe9"), "x" * 240):
        classroom.hand_in(name, classroom.notebook([]))
    return classroom


def results(desk: Class) -> Path:
    return desk.course / ".hero" / "results" / NAME


def test_odd_names_and_times(graded: Class, tmp_path: Path) -> None:
    said = graded.grade(
        "--jobs", "2", "--csv", f"{tmp_path}/s.csv", "--gradescope", f"{tmp_path}/gs", code=1
    )
    for name in ("victim", "pipe", *TIMES, *ODD):
        assert graded.points(name) == 1, name
    assert "\\udce9t\\udce9: left out: the folder's name is not UTF-8. Rename it." in said
    assert "left out: the folder's name has more than 200 bytes" in said
    with (tmp_path / "s.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    for row in rows:
        for cell in row:
            assert cell[:1] not in ("=", "+", "-", "@") and ";=" not in cell, row
    assert (tmp_path / "gs" / "{student_id}" / "results.json").is_file()


def test_planted_results(graded: Class, tmp_path: Path) -> None:
    """A file for another student, a link and a pipe in the place of results: made anew."""
    graded.grade(code=1)
    target = tmp_path / "precious"
    target.write_text("precious")
    document = json.loads((results(graded) / "honest.json").read_text())
    document["student"] = "../../../planted"
    (results(graded) / "victim.json").write_text(json.dumps(document))
    (results(graded) / "linked.json").unlink()
    (results(graded) / "linked.json").symlink_to(target)
    (results(graded) / "pipe.json").unlink()
    os.mkfifo(results(graded) / "pipe.json")
    # the pipe cannot be written over: it goes first
    graded.grade("--gradescope", f"{tmp_path}/deep/er/gs", code=1)
    assert target.read_text() == "precious"
    for name in ("victim", "linked", "pipe"):
        assert graded.result(name)["student"] == name and graded.points(name) == 1
    assert not [p for p in tmp_path.rglob("planted")]


@pytest.mark.parametrize("text", ["[]", "{}", "null", "[" * 100_000, '{"version": 1}', "\0"])
def test_a_result_that_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(text)
    assert load(tmp_path / "x.json") is None


def test_a_folder_of_results_that_is_a_link_is_refused(graded: Class, tmp_path: Path) -> None:
    graded.grade(code=1)
    real = results(graded).rename(tmp_path / "elsewhere")
    results(graded).symlink_to(real)
    try:
        assert "cannot be trusted" in graded.grade(code=2)
    finally:
        results(graded).unlink()
        real.rename(results(graded))


def test_no_cell_of_a_table_is_a_formula(tmp_path: Path) -> None:
    odd = ["=1+1", " =1", "a\t=1", "\uff1d1", "a\n@x", 'a";=1']
    made = summary.summarize("+x", [Result(name, "key") for name in odd])
    summary.to_csv(made, tmp_path / "s.csv")
    with (tmp_path / "s.csv").open(newline="") as file:
        rows = list(csv.reader(file))[1:]
    assert [row[1] for row in rows] == [
        "'=1+1", " '=1", "a\t'=1", "'\uff1d1", "a\n'@x", "a\";'=1"
    ]  # fmt: skip
    assert {row[0] for row in rows} == {"'+x"}


def test_a_sign_in_a_line_is_no_magic() -> None:
    cell = (
        "%matplotlib inline\n!ls\nx = !ls\nfor i in y:\n    ?x\n    print('100%', i % 2 != 1)\nx?"
    )
    assert without_magics(cell).split("\n") == [
        "pass", "pass", "pass", "for i in y:", "    pass", "    print('100%', i % 2 != 1)", "pass"
    ]  # fmt: skip


def test_texts_of_students_hold_nothing_that_runs() -> None:
    for text in ("java&#115;cript:x", "java\nscript:x", "\\href{x}", "<b>", "&colon;", "DATA:x"):
        assert harmless(text) != text
    # a picture would tell its server who reads this, and when
    assert harmless("![x](http://y/z.png)") == "! [x](http://y/z.png)"
    for text in ("a != [b]", "Done! [x](y)"):
        assert harmless(text) == text
    for text in ("a < b & c", "\\begin{align} a &= b \\end{align}", "\\hrefs", "my data", "2&3; x"):
        assert harmless(text) == text
    assert comment_of(["Graded is <img src=x onerror=y>.ipynb."]).startswith("Graded is &lt;img")


def test_what_lies_where_submissions_may_read_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from graders.ground import worker

    monkeypatch.setattr(sandbox, "readable_in_strict_mode", lambda: [tmp_path])
    monkeypatch.setattr(sandbox, "capabilities", lambda: {"namespaces": True, "files": True})
    with pytest.raises(UserError, match="move the course elsewhere"):
        confined.refuse_unless_confined(tmp_path / "venv" / "course")
    (tmp_path / "solutions").mkdir()
    monkeypatch.setattr(worker, "ROOT", tmp_path)
    with pytest.raises(sandbox.SandboxError, match="with its solutions"):
        worker.Worker(strict=True)
