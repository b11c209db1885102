"""Ways by which a handed-in folder could bring in more than its own plain files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from graders.core.registry import ROOT
from graders.front import workbook
from graders.ground import exposure, reading, sandbox
from graders.ground.doors import LINK, SOLUTION, TWICE, Door
from graders.teach.cells import NoNotebook
from graders.teach.submissions import read_submission

NAME = "05_backprop/1_loss.py"
SHOUT = "open({!r}, 'w').close()\n"


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Solutions, and two students' folders; the first has handed in an honest file."""
    for who in ("solutions", "alice", "bob"):
        (tmp_path / who / "05_backprop").mkdir(parents=True)
    for who in ("solutions", "alice"):
        (tmp_path / who / NAME).write_text(who)
    return tmp_path


def read(desk: Path, strict: bool = True, folder: str = "bob") -> bytes:
    return Door(desk / folder, desk / "solutions", strict).read(NAME, 1000)


@pytest.mark.parametrize("other", ["solutions", "alice"])
@pytest.mark.parametrize("kind", ["file", "relative", "folder", "above"])
def test_no_link_is_followed(desk: Path, other: str, kind: str) -> None:
    file = desk / "bob" / NAME
    if kind == "file":
        file.symlink_to(desk / other / NAME)
    elif kind == "relative":
        file.symlink_to(f"../../{other}/{NAME}")
    else:
        file.parent.rmdir()
        home = desk / "elsewhere" if kind == "above" else desk / other / "05_backprop"
        if kind == "above":
            home.symlink_to(desk / other / "05_backprop")
        file.parent.symlink_to(home)
    with pytest.raises(reading.NotPlain, match=LINK.replace("(", r"\(")):
        read(desk)
    if other == "solutions":
        with pytest.raises(reading.NotPlain, match=SOLUTION):
            read(desk, strict=False)
    else:
        assert read(desk, strict=False) == b"alice"


def test_hard_links(desk: Path) -> None:
    file = desk / "bob" / NAME
    os.link(desk / "alice" / NAME, file)
    with pytest.raises(reading.NotPlain) as refused:
        read(desk)
    assert str(refused.value) == TWICE
    assert read(desk, strict=False) == b"alice"
    file.unlink()
    os.link(desk / "solutions" / NAME, file)
    for strict in (True, False):
        with pytest.raises(reading.NotPlain, match=SOLUTION):
            read(desk, strict)


def test_a_folder_that_is_a_link(desk: Path) -> None:
    """What the caller names may be one, but not to the solutions, which are checked under their own name."""
    (desk / "typed").symlink_to("alice")
    assert read(desk, folder="typed") == b"alice"
    assert read(desk, folder="solutions") == b"solutions"
    (desk / "sly").symlink_to("solutions")
    with pytest.raises(reading.NotPlain, match=SOLUTION):
        read(desk, folder="sly")


def test_no_plain_file(desk: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(desk)
    os.mkfifo(desk / "bob" / NAME)
    with pytest.raises(reading.NotPlain, match="it is a pipe"):
        read(desk)
    with pytest.raises(reading.NotPlain, match="leads out"):
        Door(desk / "bob", strict=True).read(f"../alice/{NAME}", 1000)


def test_a_students_folder_that_is_a_link(desk: Path) -> None:
    (desk / "alice" / "a.py").write_text("x = 1")
    (desk / "carol").symlink_to("alice")
    assert read_submission(desk / "alice", desk) == {"a.py": b"x = 1"}
    (found,) = read_submission(desk / "carol", desk).values()
    assert isinstance(found, NoNotebook) and "link" in str(found)


def test_what_lies_where_submissions_may_read(tmp_path: Path) -> None:
    assert exposure.exposed(tmp_path / "in" / "it", [tmp_path]) == tmp_path
    assert exposure.exposed(tmp_path, [tmp_path / "below"]) is None
    (tmp_path / "link").symlink_to(tmp_path / "in")
    (tmp_path / "in").mkdir()
    assert exposure.exposed(tmp_path / "link", [tmp_path / "in"]) == tmp_path / "in"
    with pytest.raises(sandbox.SandboxError, match=r"the course .* move it elsewhere"):
        exposure.refuse_exposed("the course", tmp_path, [tmp_path])


def test_what_lies_among_the_packages_is_exposed() -> None:
    import torch

    assert exposure.exposed(Path(torch.__file__).parents[1] / "course") is not None
    assert exposure.exposed(ROOT / "solutions") is None


# -- the current folder is a handed-in clone --------------------------------------------------


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One whose every file says in ``tmp_path/executed`` that it was executed; we stand in it."""
    home = tmp_path / "clone"
    shout = SHOUT.format(str(tmp_path / "executed"))
    graders = "graders/05_backprop/1_loss/"
    modules = ["torch", "typing", "sitecustomize", "usercustomize", "data/__init__", "conftest"]
    modules += ["graders/__init__", "graders/authoring", graders + "part", graders + "easy"]
    modules += ["exercises/05_backprop/1_loss", "exercises/torch"]
    for name in [*modules, "solutions/05_backprop/1_loss"]:
        path = home / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(shout)
    monkeypatch.chdir(home)
    return home


def test_only_the_installed_workbook_is_trusted(clone: Path) -> None:
    handed = Path("exercises")
    for book in (workbook.Workbook(handed), workbook.Workbook(handed, strict=True)):
        assert book.root == ROOT
        assert not book.own
        assert book.folder == handed
    book = workbook.Workbook(strict=True)
    assert (book.root, book.folder, book.own) == (ROOT, clone / "exercises", False)


def test_python_does_not_look_there(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(ROOT), "", str(clone), str(clone / "exercises"), "/x"])
    workbook.Workbook(Path("exercises"))
    assert sys.path == [str(ROOT), "/x"]


def test_the_command_in_a_handed_in_clone(clone: Path, tmp_path: Path) -> None:
    """The console script, which starts without the current folder on its path."""
    code = "import sys; from graders.front.cli import main; main()"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, "check", "05.probs_backward", "--from", "exercises"],
        capture_output=True,
        text=True,
        env=env,
        timeout=60,
    )
    assert done.returncode == 1, done.stderr
    assert "05.probs_backward" in done.stdout
    # the exercise itself is executed, where it cannot write outside; here it is no TODO and defines nothing
    if all(sandbox.capabilities().values()):
        assert not (tmp_path / "executed").exists()
