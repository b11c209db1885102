"""The whole cycle with nbgrader's own commands: handing out, handing in, grading, handing back."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.teach.classroom import load, run, solved, text
from tests.teach.hostile_edits import deleted_grade_cell, forged_outputs, rewritten_grade_cell
from tests.teach.test_wild import stripped, worth_more

pytest.importorskip("nbgrader")

NAME, PART = "06_2_tree", "2_tree"
STUDENTS = {
    "rosa": None,
    "hank": ["06-2-consecutive", "06-2-tree_size"],
    "nobody": [],
}
SCORES = {"rosa": 5, "hank": 2, "nobody": 0}


def test_from_an_empty_folder_to_feedback(tmp_path: Path) -> None:
    home, course, exchange = tmp_path / "home", tmp_path / "course", tmp_path / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    run(["hero", "assignment", "06/2", "--course", str(course)], tmp_path, home)
    config = course / "nbgrader_config.py"
    with config.open("a") as file:
        file.write(f"\nc.Exchange.root = {str(exchange)!r}\n")
    run(["nbgrader", "generate_assignment", NAME], course, home)
    released = load(course / "release" / NAME / f"{PART}.ipynb")
    assert "### BEGIN SOLUTION" not in json.dumps(released)
    assert "In your own words" in " ".join(map(text, released["cells"]))
    run(["nbgrader", "release_assignment", NAME], course, home)

    # one student by the exchange folder, the others as if their files came from elsewhere
    desk = tmp_path / "rosa"
    desk.mkdir()
    shutil.copy(config, desk)
    run(["nbgrader", "fetch_assignment", NAME], desk, home)
    source = course / "source" / NAME / f"{PART}.ipynb"
    theirs = desk / NAME / f"{PART}.ipynb"
    fetched = shutil.copy(theirs, tmp_path / "fetched.ipynb")
    theirs.write_text(json.dumps(solved(theirs, source, None)))
    run(["nbgrader", "submit", NAME, "--student=rosa"], desk, home)
    run(["nbgrader", "collect", NAME], course, home)
    assert (course / "submitted" / "rosa" / NAME / "timestamp.txt").is_file()
    for student in ("hank", "nobody"):
        folder = course / "submitted" / student / NAME
        folder.mkdir(parents=True)
        work = solved(fetched, source, STUDENTS[student])
        (folder / f"{PART}.ipynb").write_text(json.dumps(work))

    # and two that nbgrader alone would stumble over
    for student, names, edit in (("forger", [], forged), ("stripped", None, stripped)):
        folder = course / "submitted" / student / NAME
        folder.mkdir(parents=True)
        work = edit(solved(fetched, source, names))
        (folder / f"{PART}.ipynb").write_text(json.dumps(work))

    run(["nbgrader", "autograde", NAME], course, home)
    assert scores(course, home) == SCORES | {"forger": 0, "stripped": 5}
    run(["nbgrader", "generate_feedback", NAME], course, home)
    page = (course / "feedback" / "hank" / NAME / f"{PART}.html").read_text()
    assert "06.make_tree: still a TODO" in page and "06.consecutive: right." in page

    # the same class by hero grade; only one of them has the secret that nbgrader names feedback by
    run(["hero", "grade", str(course), NAME], course, home)
    assert scores(course, home) == SCORES | {"forger": 0, "stripped": 5}
    run(["nbgrader", "generate_feedback", NAME, "--force"], course, home)
    run(["nbgrader", "release_feedback", NAME], course, home)
    assert len(list((exchange / "course" / "feedback").glob("*.html"))) == len(SCORES) + 2
    run(["nbgrader", "fetch_feedback", NAME, "--student=rosa"], desk, home)
    (handed_back,) = (desk / NAME / "feedback").rglob(f"{PART}.html")
    assert "06.consecutive: right." in handed_back.read_text()


def forged(notebook: dict[str, Any]) -> dict[str, Any]:
    """Nothing solved; grade cells that are worth more, say that they passed, or are gone."""
    forged_outputs(notebook)
    rewritten_grade_cell(notebook)
    deleted_grade_cell(notebook)
    return worth_more(notebook)


def scores(course: Path, home: Path) -> dict[str, float]:
    """What the gradebook says, as nbgrader exports it."""
    run(["nbgrader", "export"], course, home)
    with (course / "grades.csv").open() as file:
        return {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
