"""A run's folder goes whatever was done to it; what killed runs left goes later, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from graders.ground import folders
from graders.ground.limits import MAX_DEPTH, MAX_FOLDER
from graders.ground.machine import MachineError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no such folders there")


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def go_deep(folder: Path | str, levels: int, name: str) -> None:
    """Folders inside folders, and in some of them one that is locked."""
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(folder)
        for level in range(levels):
            Path("file").touch()
            if level % 10 == 0:
                os.mkdir("locked", 0)
            os.mkdir(name)
            os.chdir(name)
    finally:
        os.fchdir(here)
        os.close(here)


@pytest.mark.parametrize(("levels", "name"), [(1100, "d"), (40, "long" * 50)])
def test_deep_folders_go(levels: int, name: str, temporary: Path) -> None:
    folder = folders.make()
    go_deep(folder, levels, name)
    outside = temporary / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    os.symlink(outside, Path(folder) / "link")
    os.symlink("nowhere", Path(folder) / "broken")
    os.mkfifo(Path(folder) / "pipe")
    folders.remove(folder)
    assert sorted(os.listdir(temporary)) == ["outside"]
    assert os.listdir(outside) == ["kept"]


def test_what_is_no_folder_stays(temporary: Path) -> None:
    kept = temporary / "kept"
    kept.mkdir()
    (kept / "file").touch()
    (temporary / "link").symlink_to(kept)
    folders.remove(str(temporary / "link"))
    folders.remove(str(temporary / "never"))
    assert os.listdir(kept) == ["file"]


def test_a_folder_may_hold_so_much() -> None:
    folder = folders.make()
    assert folders.too_much(folder) == ""
    go_deep(folder, 12, "d")
    assert folders.too_much(folder) == ""
    go_deep(Path(folder, *"dddddddddddd"), MAX_DEPTH, "d")
    assert folders.too_much(folder) == "depth"
    folders.remove(folder)
    folder = folders.make()
    go_deep(folder, 20, "long" * 60)  # a path that is too long to look at
    assert folders.too_much(folder) == "depth"
    folders.remove(folder)
    folder = folders.make()
    for number in range(MAX_FOLDER + 1):
        Path(folder, str(number)).touch()
    assert folders.too_much(folder) == "disk"
    folders.remove(folder)


def made_by_one_that_is_gone() -> str:
    program = "import tempfile, sys; tempfile.tempdir = sys.argv[1]\n"
    program += "from graders.ground import folders; print(folders.make())"
    command = [sys.executable, "-c", program, tempfile.gettempdir()]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_what_a_killed_run_left_is_swept(temporary: Path) -> None:
    left = made_by_one_that_is_gone()
    go_deep(left, 100, "d")
    name = os.path.basename(left)
    mine = folders.make()
    others = [
        "hero-",
        "hero-notes",
        "hero-1-2-3-x",
        name.replace(name[5:13], "00000000"),
        "x" + name,
    ]
    for other in others:
        (temporary / other).mkdir()
    (temporary / (name + "x")).touch()  # no folder
    (temporary / (name + "y")).symlink_to(mine)
    folders.sweep()
    kept = [*others, name + "x", name + "y", os.path.basename(mine)]
    assert sorted(os.listdir(temporary)) == sorted(kept)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc")
def test_a_process_of_the_same_number_is_another(temporary: Path) -> None:
    mine = folders.make()
    place, pid, born, rest = os.path.basename(mine).split("-")[1:]
    other = temporary / f"hero-{place}-{pid}-{int(born) + 1}-{rest}"
    other.mkdir()
    folders.sweep()
    assert os.listdir(temporary) == [os.path.basename(mine)]


def test_no_place_for_a_folder(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(temporary / "gone"))
    with pytest.raises(MachineError, match="no folder to run in"):
        folders.make()
    folders.sweep()
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: [])
    with pytest.raises(MachineError, match="set TMPDIR"):
        folders.make()
