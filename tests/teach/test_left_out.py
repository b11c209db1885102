"""What is handed in as something odd is told of where a teacher looks, and nobody else loses anything."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from graders.core.report import CheckResult, ExerciseResult, sentences
from graders.teach.course import _unfit
from tests.teach.classroom import cell_of, run, text
from tests.teach.conftest import NAME, PART, Class

SIZE, CHECK = "06-2-tree_size", "check-06-tree_size"
LINK = "The folder 06_2_tree is a link, or lies in one: hand in the folder itself."
FILE = "06_2_tree is a file, not a folder: hand in a folder of that name, with the notebook in it."
NAMES = {
    "*": "holds *, ? or [",
    ".hidden": "begins with a dot",
    "[red]x": "holds *, ? or [",
    "two\nlines": "holds a line break or another control character",
}


@pytest.fixture(scope="module")
def graded(classroom: Class) -> Class:
    for name in ("a first", "z last", *NAMES):
        classroom.hand_in(name, classroom.notebook([SIZE]))
    (classroom.folder("a first") / "submission_secret.txt").write_text("nobody else's")
    for name in ("file", "link"):
        classroom.folder(name).parent.mkdir()
    classroom.folder("file").write_text("my work")
    classroom.folder("link").symlink_to(classroom.folder("a first"))
    (classroom.course / "submitted" / "linked").symlink_to("a first")
    classroom.folder(".ipynb_checkpoints").mkdir(parents=True)
    classroom.hand_in("capitals", classroom.notebook([SIZE]), f"{PART.upper()}.IPYNB")
    deleting = classroom.notebook([SIZE])
    cell_of(deleting, SIZE)["source"] = text(cell_of(deleting, SIZE)) + "\n\ndel tree_size"
    classroom.hand_in("deletes", deleting)
    return classroom


def test_each_is_told_and_nobody_else_loses_anything(graded: Class, tmp_path: Path) -> None:
    files = ["--csv", f"{tmp_path}/s.csv", "--html", f"{tmp_path}/s.html"]
    said = graded.grade(*files, code=1)
    page = (tmp_path / "s.html").read_text()
    with (tmp_path / "s.csv").open(newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert said.count(": left out: the folder's name") == len(NAMES)
    for name, why in NAMES.items():
        shown = name.replace("\n", "\\n")
        assert f"{shown}: left out: the folder's name {why}" in said
        assert rows[shown]["score"] == "" and why in rows[shown]["note"]
        assert (
            f"<td>{shown}</td><td></td><td></td><td>Left out: the folder&#x27;s name {why}" in page
        )
    assert "11 submissions (7 could not be graded)" in page
    for name, why in {"file": FILE, "link": LINK, "linked": LINK}.items():
        assert graded.points(name) == 0 and why in graded.comments(name)
        assert rows[name]["score"] == "0" and rows[name]["note"] == why and why in page
    secret = graded.course / "autograded" / "link" / NAME / "submission_secret.txt"
    assert secret.read_text() != "nobody else's"
    run(["nbgrader", "generate_feedback", NAME], graded.course, graded.home)
    made = {p.parts[-3] for p in (graded.course / "feedback").glob(f"*/{NAME}/{PART}.html")}
    assert made == {"a first", "z last", "file", "link", "linked", "capitals", "deletes"}


def test_a_suffix_in_capitals_is_taken(graded: Class) -> None:
    assert graded.points("capitals") == 1
    assert graded.notes("capitals") == "2_tree.ipynb was not handed in. Graded is 2_TREE.IPYNB."


def test_who_deletes_a_definition_is_told_so(graded: Class) -> None:
    lines = graded.lines("deletes", CHECK).split("\n")
    assert "it is not there any more: cell [" in lines[0] and lines[1:] == ["  del tree_size"]
    verdicts = graded.result("deletes")["notebooks"][PART]["verdicts"]
    assert verdicts[CHECK]["status"] == "error"


def test_only_what_nbgrader_cannot_carry_is_left_out() -> None:
    for name in ("a\tb", "a\x7f", "a\x85b", "a\u2028b", "a?", "..x"):
        assert _unfit(name), name
    for name in ("zo\u00eb", "a b", "%s", "{x}", "red]", "\u202egnp", "-rf", "a'b"):
        assert not _unfit(name), name


def test_a_warning_names_no_folder_of_this_machine() -> None:
    said = "/home/me/book/run ner.py:7: RuntimeWarning: x\n/a/b.py:7: a path of one's own"
    checks = [CheckResult("values", "failed", "wrong value")]
    result = ExerciseResult("01.f", "f", "f", "01", "1", "", 1, 1, checks, printed=said)
    assert sentences(result)[-2:] == [
        "  run ner.py:7: RuntimeWarning: x",
        "  /a/b.py:7: a path of one's own",
    ]
