"""Hostile notebooks: none gains a point, changes another's, reads what it must not, or runs script.

Each attacks in its cell for ``tree_size`` (worth 1 point of 5), the other exercises are solved. All
are graded as one class, in the midst of what they could want: a secret, a token, servers that
listen, a process that sleeps, somebody else's work.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import psutil  # type: ignore[import-untyped,unused-ignore]
import pytest

from graders.ground import sandbox
from tests.teach.attacks import CHECK, CODE, HEAD, SCRIPT, SECRET, SIZE, TOKEN, Notebook
from tests.teach.classroom import ROOT, cell_of, run, text
from tests.teach.conftest import NAME, PART, Class
from tests.teach.hostile_edits import EDITS
from tests.teach.hostile_reaching import GAINED, REACHING

CONFINED = all(sandbox.capabilities().values())
pytestmark = pytest.mark.skipif(not CONFINED, reason="this machine cannot confine a process")
KINDS = [
    *CODE,
    *REACHING,
    *(edit.__name__ for edit in EDITS),
    "links",
    "folder",
    "script_file_name",
]
PLACES = ("/tmp", "/var/tmp", "/dev/shm", "/run", str(ROOT), str(ROOT / "data"))
TAGGED = "<img src=x onerror=alert(1)> [x](javascript:alert(1)).ipynb"


class Planted:
    """What is there to be reached: servers, and a process that sleeps."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="planted"))  # a socket's path must be short
        self.stream = socket.create_server(("127.0.0.1", 0))
        port = self.stream.getsockname()[1]
        self.ends = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM)]
        self.ends[0].bind(("127.0.0.1", port))
        unix, abstract = str(self.folder / "s"), f"planted{os.getpid()}"
        for where in (unix, "\0" + abstract):
            self.ends.append(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
            self.ends[-1].bind(where)
        self.sleeper = subprocess.Popen(["sleep", "600"])
        self.scheduling = self.how_it_runs()
        pid = self.sleeper.pid
        self.names = {"port": str(port), "unix": unix, "abstract": abstract, "pid": str(pid)}

    def how_it_runs(self) -> object:
        pid = self.sleeper.pid
        niceness = os.getpriority(os.PRIO_PROCESS, pid)
        return os.sched_getscheduler(pid), os.sched_getaffinity(pid), niceness

    def received(self) -> list[str]:
        """What came in."""
        found = []
        for end in (self.stream, *self.ends):
            end.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                found.append(str(end.accept() if end is self.stream else end.recv(99)))
        return found

    def close(self) -> None:
        for end in (self.stream, *self.ends):
            end.close()
        self.sleeper.kill()
        self.sleeper.wait()
        (self.folder / "s").unlink()
        self.folder.rmdir()


@pytest.fixture(scope="module")
def planted() -> Iterator[Planted]:
    made = Planted()
    yield made
    made.close()


def attacking(desk: Class, source: str, planted: Planted) -> Notebook:
    # to search once is enough
    notebook = desk.notebook([SIZE] if source in REACHING.values() else None)
    names = {"course": str(desk.course), "home": str(desk.home), "root": str(ROOT), **planted.names}
    for name, value in names.items():
        source = source.replace(f"{{{name}}}", value)
    own = not source.startswith("    ")
    cell_of(notebook, SIZE)["source"] = source if own else HEAD + source
    return notebook


@pytest.fixture(scope="module")
def graded(classroom: Class, planted: Planted) -> Iterator[Class]:
    work = classroom.notebook()
    cell_of(work, SIZE)["source"] = text(cell_of(work, SIZE)) + "\n# the-work-of-a-bystander\n"
    classroom.hand_in("bystander", work)
    secret = classroom.course / "secret.txt"
    secret.write_text(SECRET)
    secret.chmod(0o640)
    os.utime(secret, (1e9, 1e9))
    for name, source in (CODE | REACHING).items():
        classroom.hand_in(name, attacking(classroom, source, planted))
    for edit in EDITS:
        notebook = attacking(classroom, "    return 1", planted)
        edit(notebook)
        classroom.hand_in(edit.__name__, notebook)
    wrong = attacking(classroom, "    return 1", planted)
    classroom.hand_in("script_file_name", wrong, TAGGED)
    classroom.folder("links").mkdir(parents=True)
    (classroom.folder("links") / f"{PART}.ipynb").symlink_to(classroom.source)
    (classroom.folder("links") / f"{PART}.py").symlink_to(ROOT / "solutions/06_wavenet/2_tree.py")
    folder = classroom.folder("folder") / f"{PART}.ipynb"
    folder.mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEACHER_TOKEN", TOKEN)
        classroom.grade("--jobs", "2", "--html", str(classroom.course / "class.html"))
    yield classroom


def test_there_are_many_kinds() -> None:
    assert len(set(KINDS)) == len(KINDS) >= 60


@pytest.mark.parametrize("name", KINDS)
def test_no_point_for_it(name: str, graded: Class) -> None:
    scores = graded.scores(name)
    assert scores[CHECK] == 0, graded.lines(name, CHECK)
    assert GAINED not in json.dumps(graded.result(name)), graded.lines(name, CHECK)
    others = {k: v for k, v in scores.items() if k.startswith("check-") and k != CHECK}
    whole = name in REACHING or name in ("links", "folder", "long_chain")
    if name == "long_chain":  # told as one thing that is not right, whatever of it is
        return
    assert sum(others.values()) == (0 if whole else 4), graded.result(name)
    assert not graded.result(name)["broke"]


@pytest.mark.parametrize("name", REACHING)
def test_what_reaches_gets_as_far_as_its_wrong_answer(name: str, graded: Class) -> None:
    """Otherwise it may have failed for a slip of its own, and shown nothing."""
    assert "wrong value" in graded.lines(name, CHECK), graded.lines(name, CHECK)


def test_nobody_else_is_touched(graded: Class, planted: Planted) -> None:
    assert graded.points("bystander") == 5
    secret = graded.course / "secret.txt"
    found = secret.stat()
    assert secret.read_text() == SECRET
    assert (found.st_mtime, found.st_mode & 0o777, found.st_nlink) == (1e9, 0o640, 1)
    assert planted.sleeper.poll() is None and planted.how_it_runs() == planted.scheduling
    assert planted.received() == []


def test_nothing_is_left_behind(graded: Class) -> None:
    lines = [p.info["cmdline"] or [] for p in psutil.process_iter(["cmdline"])]
    assert not [line for line in lines if "4711" in line]
    assert not [p for p in psutil.Process().children() if "batch_worker" in str(p.cmdline())]
    for place in (*PLACES, str(graded.home), str(graded.course)):
        assert not (Path(place) / "hero-planted.json").exists()
    kept = {p.name for p in (graded.course / ".hero" / "results" / NAME).iterdir()}
    assert kept == {f"{name}.json" for name in [*KINDS, "bystander"]}


def test_no_secret_is_read(graded: Class) -> None:
    results = graded.course / ".hero" / "results" / NAME
    for path in results.iterdir():
        assert SECRET not in path.read_text() and TOKEN not in path.read_text()
    for name in ("reads_source", "reads_others"):
        assert "BEGIN SOLUTION" not in graded.lines(name, CHECK)
        assert "nbformat" not in graded.lines(name, CHECK)


class Dangers(HTMLParser):
    """What of the students' a browser would run: each of their scripts says alert(1)."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.script = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.script = tag in ("script", "style", "iframe", "object", "embed")
        for name, value in attrs:
            # a browser leaves out blanks and line ends in the name of a scheme
            plain = "".join(c for c in (value or "").lower() if c > " ")
            runs = name.startswith("on") or plain.startswith(("javascript:", "vbscript:", "data:"))
            if runs and "alert(1)" in plain:
                self.found.append(f"{tag} {name}={value}")

    def handle_endtag(self, tag: str) -> None:
        self.script = False

    def handle_data(self, data: str) -> None:
        if "alert(1)" in data and (self.script or "\\href" in data):
            self.found.append(data)


def test_the_parser_finds_what_runs() -> None:
    for page in (SCRIPT, "<a href='java\nscript:alert(1)'>x</a>", "<img onerror='alert(1)'>"):
        assert Dangers(page).found


def test_no_script_runs_where_a_person_looks(graded: Class) -> None:
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    page = (graded.course / "class.html").read_text()
    assert "<script" not in page and not Dangers(page).found
    for name in KINDS:
        notebook = graded.autograded(name)
        kept = json.dumps(notebook).lower()
        for cell in notebook["cells"]:
            if cell["cell_type"] == "markdown":
                assert not Dangers(markdown2html_mistune(text(cell))).found
            for output in cell.get("outputs", []):
                shown = output.get("data", {}).get("text/html", "")
                assert not Dangers(shown).found
                assert "<script" not in shown and "<img" not in shown and "javascript:" not in shown
        assert not Dangers(markdown2html_mistune(graded.comments(name))).found
        assert "widget-state" not in kept and '"attachments"' not in kept
        assert SCRIPT not in json.dumps(notebook["metadata"])


def test_feedback_pages_hold_no_script_of_theirs(graded: Class) -> None:
    run(["nbgrader", "generate_feedback", NAME, "--student=script*"], graded.course, graded.home)
    pages = list((graded.course / "feedback").glob(f"script*/{NAME}/{PART}.html"))
    assert len(pages) == len([name for name in KINDS if name.startswith("script")]) == 5
    for page in pages:
        assert not Dangers(page.read_text()).found, page
