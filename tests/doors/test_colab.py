"""A notebook that brings its workbook along. (Colab itself is out of a test's reach.)"""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from graders.errors import UserError
from graders.notebook import hosted
from graders.notebook.fetching import address_of, setup_cell

HERE = """\
print("graders are here:", __file__)


def part(which):
    print("part", which)


check = hint = solution = part
"""


def git(folder, *words):
    who = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True)


def commit(folder, files):
    folder.mkdir()
    git(folder, "init", "-q")
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "x")
    return folder


def run(cell, folder):
    """Runs a cell as a program, where no workbook is installed."""
    words = [sys.executable, "-I", "-S", "-c", cell]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True)


def test_the_first_cell_fetches_installs_and_goes_on(tmp_path):
    files = {
        "graders/__init__.py": "",
        "graders/notebook/__init__.py": HERE,
        "graders/notebook/hosted.py": "open('installed', 'a').write('x')\n",
    }
    there = commit(tmp_path / "there", files)
    lent = tmp_path / "lent machine"
    lent.mkdir()
    cell = setup_cell("02/1", there.as_uri())
    for _ in range(2):
        done = run(cell, lent)
        assert done.returncode == 0, done.stderr
        assert str(lent / "workbook/graders/notebook/__init__.py") in done.stdout
        assert done.stdout.endswith("part 02/1\n")
    assert (lent / "installed").read_text() == "xx"
    (there / "graders/notebook/hosted.py").write_text(
        "import sys; sys.exit('The workbook needs more.')"
    )
    git(there, "commit", "-qam", "y")
    (tmp_path / "other").mkdir()
    assert run(cell, tmp_path / "other").stderr.endswith("RuntimeError: The workbook needs more.\n")
    nowhere = setup_cell("02/1", (tmp_path / "nowhere").as_uri())
    error = run(nowhere, tmp_path).stderr.partition("RuntimeError: ")[2]
    assert error.startswith("fatal: ") and "nowhere" in error


def test_what_is_there_is_kept(monkeypatch):
    text = "# a comment\nnumpy==1.0\nno-such-package==3.1\ntorch==2.13.0\n"
    assert hosted.pins(text) == "no-such-package==3.1\n"
    said = "ERROR: first\nERROR: No matching distribution found for x\n[notice] a new pip\n"
    assert hosted.why(said) == "ERROR: No matching distribution found for x"
    monkeypatch.setattr(hosted.sys, "version_info", (3, 10, 4))
    with pytest.raises(
        SystemExit, match=r"needs Python 3\.11 or newer, and this machine has 3\.10"
    ):
        hosted.main()


def test_where_it_is_fetched_from(small):
    from graders.front.cli import app

    def hero(*words):
        done = CliRunner().invoke(app, ["notebook", "05/1", *words])
        return done.exit_code, done.stdout, done.stderr

    written = small / "notebooks/05_backprop/1_loss.ipynb"
    for words in (
        ["--colab"],
        ["--colab", "--repo", "; rm x"],
        ["--colab", "--repo", "-u"],
        ["--repo", "x"],
    ):
        code, out, error = hero(*words)
        assert (code, out, error.count("\n")) == (2, "", 1)
        assert not written.exists()
    git(small, "init", "-q")
    git(small, "remote", "add", "origin", "git@example.org:me/work.git")
    assert address_of(small) == "https://example.org/me/work.git"
    assert address_of(small, "https://example.org/me") == "https://example.org/me"
    git(small, "remote", "set-url", "origin", str(small))
    with pytest.raises(UserError, match="say with --repo"):
        address_of(small)
