"""hero grade: goes on where it was killed, grades what changed, and tells about the class."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from graders.core.registry import Registry
from graders.front import teaching
from graders.teach import confined, summary
from graders.teach.batch import BROKE, Batch, Job
from graders.teach.course import open_course
from graders.teach.pool import Pool
from graders.teach.results import NotebookResult, Result, load
from graders.teach.verdicts import Verdict, not_graded
from tests.teach.classroom import cell_of, environment
from tests.teach.conftest import NAME, Class

STUDENTS = [f"student{i}" for i in range(6)]


FAR_APART = """def consecutive(x, n):
    return torch.cat(x.split(x.shape[1] // n, dim=1), dim=-1)"""


@pytest.fixture(scope="module")
def desk(classroom: Class) -> Class:
    for i, student in enumerate(STUDENTS):
        names = ["06-2-consecutive", "06-2-tree_size"][: i % 3]
        classroom.hand_in(student, classroom.notebook(names))
    wrong = classroom.notebook()
    cell_of(wrong, "06-2-tree_size")["source"] = (
        "def tree_size(vocab_size, n_embd, n_hidden, levels):\n    return -1"
    )
    cell_of(wrong, "06-2-consecutive")["source"] = FAR_APART
    classroom.hand_in("=wrong<b>", wrong)
    wrong = classroom.notebook([])
    cell_of(wrong, "06-2-consecutive")["source"] = FAR_APART
    classroom.hand_in("wrong too", wrong)
    return classroom


def results(desk: Class) -> dict[str, int]:
    """{file: when it was made}"""
    folder = desk.course / ".hero" / "results" / NAME
    return {p.name: p.stat().st_mtime_ns for p in folder.glob("*.json")}


def test_killed_on_the_way_a_second_run_finishes(desk: Class) -> None:
    command = [sys.executable, "-P", "-m", "graders.front.cli", "grade", str(desk.course), NAME]
    killed = subprocess.Popen(
        [*command, "--jobs", "2"],
        env=environment(desk.home),
        cwd=desk.course,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    end = time.monotonic() + 60
    while len(results(desk)) < 2 and time.monotonic() < end:
        time.sleep(0.02)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    time.sleep(1)  # its workers end by themselves
    before = results(desk)
    assert 2 <= len(before) < len(STUDENTS) + 2
    for name in before:
        json.loads((desk.course / ".hero" / "results" / NAME / name).read_text())
    said = desk.grade("--jobs", "2")
    assert f"{len(before)} of 8 are graded already" in said
    after = results(desk)
    assert len(after) == 8 and before.items() <= after.items()
    for i, student in enumerate(STUDENTS):
        assert desk.points(student) == i % 3


def test_only_what_changed_is_graded_again_and_what_a_person_gave_stays(desk: Class) -> None:
    desk.grade()
    before = results(desk)
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{desk.course}/gradebook.db") as book:
        grade = book.find_grade("words-06-2", "2_tree", NAME, "student0")
        grade.manual_score = 1.5
        book.db.commit()
    desk.hand_in("student0", desk.notebook())
    said = desk.grade()
    assert "7 of 8 are graded already" in said
    changed = {n for n, made in results(desk).items() if before[n] != made}
    assert changed == {"student0.json"}
    assert desk.points("student0") == 5 + 1.5


def test_a_gradebook_that_is_lost_is_filled_again(desk: Class) -> None:
    desk.grade()
    before = results(desk)
    shutil.rmtree(desk.course / "autograded" / "student1")
    desk.grade()
    assert (desk.course / "autograded" / "student1" / NAME / "2_tree.ipynb").is_file()
    assert results(desk) == before


def test_what_is_told_of_the_class(desk: Class, tmp_path: Path) -> None:
    files = ["--csv", f"{tmp_path}/s.csv", "--html", f"{tmp_path}/s.html"]
    said = desk.grade(*files, "--gradescope", f"{tmp_path}/gs")
    assert "What to teach next: 06.consecutive, 06.tree_size" in said
    assert "2 students, 06.consecutive: You put positions together that lie T // n apart." in said
    with (tmp_path / "s.csv").open() as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert rows["'=wrong<b>"]["score"] == "3" and rows["student2"]["06.consecutive"] == "1"
    page = (tmp_path / "s.html").read_text()
    assert "=wrong&lt;b&gt;" in page and "<svg" in page and "<b>" not in page
    given = json.loads((tmp_path / "gs" / "student2" / "results.json").read_text())
    assert [t["status"] for t in given["tests"]].count("passed") == 2
    assert given["score"] == 2 and given["tests"][0]["visibility"] == "visible"


DIES = """
import os
from graders.teach import batch_worker, results
grade = results.grade_submission
def mine(judge, tasks, files, student, key):
    return os._exit(1) if student == "student1" else grade(judge, tasks, files, student, key)
results.grade_submission = mine
batch_worker.main()
"""


def test_a_worker_that_dies_leaves_one_submission_to_a_person(desk: Class) -> None:
    batch = Batch(open_course(desk.course), NAME, Registry())
    pool = Pool(1, batch.log, (sys.executable, "-c", DIES))
    jobs = [
        Job(s, desk.folder(s), desk.home / f"{s}.json", "key") for s in ("student1", "student2")
    ]
    assert sorted(batch.run(jobs, pool)) == ["student1", "student2"]
    broke, fine = (load(job.result) for job in jobs)
    assert broke is not None and broke.broke and BROKE in broke.notes[0].lower()
    assert fine is not None and not fine.broke and fine.points == 2


def test_two_at_once_are_refused(desk: Class) -> None:
    batch = Batch(open_course(desk.course), NAME, Registry())
    with batch.alone():
        assert "is being graded already" in desk.grade(code=2)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["{course}", "no_such"], "there is no released notebook"),
        (["{home}", NAME], "is no course folder: it has no nbgrader_config.py"),
    ],
)
def test_what_cannot_be_graded_is_one_sentence(
    arguments: list[str], sentence: str, desk: Class
) -> None:
    from typer.testing import CliRunner

    from graders.front.cli import app

    given = [a.format(course=desk.course, home=desk.home) for a in arguments]
    done = CliRunner().invoke(app, ["grade", *given])
    assert done.exit_code == 2 and sentence in " ".join(done.output.split())


def test_unconfined_it_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    from graders.errors import UserError
    from graders.ground import sandbox

    monkeypatch.setattr(sandbox, "capabilities", lambda: {"processes": True, "network": False})
    with pytest.raises(UserError, match="could use the network, so a class is not graded here"):
        confined.refuse_unless_confined(Path("course"))


def test_the_page_says_who_is_not_counted_and_sets_code() -> None:
    lost = Result("a", "", 0, {"1": NotebookResult({"x": not_graded("05.x", 1, "no")}, [], {})})
    wrong = Verdict("05.x", "failed", 0, 1, ["05.x: no"], "`a<b` is not it.")
    tried = Result("b", "", 0, {"1": NotebookResult({"x": wrong}, [], {})})
    page = summary.page(summary.summarize("quiz", [lost, tried]))
    assert "2 submissions (1 could not be graded)" in page and "0 of 1" in page
    assert "<code>a&lt;b</code> is not it." in page


def test_small_things() -> None:
    assert teaching.cores() >= 1
    assert summary.picture([]).startswith("<svg")
