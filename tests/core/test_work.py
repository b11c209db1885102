"""Deriving the stubs never overwrites somebody's work."""

import shutil
import subprocess
from pathlib import Path

import pytest

from graders.core.derive import back_up_work, derive
from graders.core.registry import PartRef, Registry
from graders.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
REF = PartRef("05_backprop", "1_loss")
TODO = 'raise NotImplementedError("05.probs_backward")'


@pytest.fixture
def registry(tmp_path):
    """A checkout with one part and its stubs, derived just now."""
    (tmp_path / "solutions" / REF.lesson).mkdir(parents=True)
    shutil.copy(ROOT / "solutions" / REF.file, tmp_path / "solutions" / REF.file)
    shutil.copytree(ROOT / "graders" / REF.folder, tmp_path / "graders" / REF.folder)
    shutil.copy(ROOT / "graders/05_backprop/lesson.toml", tmp_path / "graders" / REF.lesson)
    derive(Registry(tmp_path))
    return Registry(tmp_path)


def git(registry, *args):
    names = ["-c", "user.name=me", "-c", "user.email=me@here"]
    command = ["git", "-C", str(registry.root), *names, *args]
    subprocess.run(command, check=True, capture_output=True)


def commit(registry):
    git(registry, "init")
    git(registry, "add", ".")
    git(registry, "commit", "-m", "all")
    shutil.rmtree(registry.root / ".hero")  # as in a clone


def change(registry, old, new, wing="exercises"):
    path = registry.root / wing / REF.file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_an_older_derivation_is_nobodys_work(registry):
    change(registry, "# %%", "# a new line\n# %%", "solutions")
    assert derive(registry) == [REF.file]
    commit(registry)
    change(registry, "# a new line\n", "", "solutions")
    assert derive(Registry(registry.root)) == [REF.file]  # committed, with all its TODOs
    change(registry, "# %%", "# another line\n# %%", "solutions")
    assert derive(Registry(registry.root)) == [REF.file]  # not committed, but noted


@pytest.mark.parametrize("how", ["changed", "committed", "without git"])
def test_work_is_kept(registry, how):
    if how == "changed":
        commit(registry)
    change(registry, TODO, "return dlogprobs / probs")
    if how == "committed":
        commit(registry)
    shutil.rmtree(registry.root / ".hero", ignore_errors=True)
    mine = (registry.root / "exercises" / REF.file).read_text(encoding="utf-8")
    with pytest.raises(UserError, match=r"exercises/05_backprop/1_loss\.py holds work"):
        derive(registry)
    assert (registry.root / "exercises" / REF.file).read_text(encoding="utf-8") == mine
    backup = back_up_work(registry)
    assert derive(registry, force=True) == [REF.file]
    assert (backup / REF.file).read_text(encoding="utf-8") == mine
    assert back_up_work(registry) is None


def test_a_module_of_ones_own_is_work(registry):
    commit(registry)
    path = registry.root / "exercises" / REF.lesson / "mine.py"
    path.write_text("x = 1\n")
    with pytest.raises(UserError, match=r"mine\.py holds work"):
        derive(registry)
    assert path.exists()
    assert derive(registry, ["05_backprop"], force=True) == [f"{REF.lesson}/mine.py (removed)"]
