"""`hero update` on a real clone of a real upstream: nothing of the learner's is lost, no marker stays."""

import random
import shutil
import subprocess

import pytest

from graders.errors import UserError
from graders.front import carry
from graders.front.backups import Backups
from graders.front.git import Git
from graders.front.update import Update

PART = "exercises/05_backprop/1_loss.py"
STUB = '''# %% [markdown]
# # Loss
# Old text.
import math

LIMIT = 3


# %%
class Value:
    """A number."""

    def add(self, other):
        """Old."""
        # TODO 05.add: your code here (stuck? `hero hint 05.add`)
        raise NotImplementedError("05.add")

    def mul(self, other):
        # TODO 05.mul: your code here (stuck? `hero hint 05.mul`)
        raise NotImplementedError("05.mul")


def twice(x):
    """Two times x."""
    # TODO 05.twice: your code here (stuck? `hero hint 05.twice`)
    raise NotImplementedError("05.twice")


def leave(x):
    # TODO 05.leave: your code here (stuck? `hero hint 05.leave`)
    raise NotImplementedError("05.leave")


if __name__ == "__main__":
    print(twice(1))
'''


def todo(name):
    return f"""def {name}(x):
    # TODO 05.{name}: your code here (stuck? `hero hint 05.{name}`)
    raise NotImplementedError("05.{name}")
"""


MINE = (
    STUB.replace('raise NotImplementedError("05.add")', "return self.n + other.n  # mine")
    .replace("        # TODO 05.add: your code here (stuck? `hero hint 05.add`)\n", "")
    .replace('raise NotImplementedError("05.twice")', "return helper(x) + twice(0)")
    .replace('raise NotImplementedError("05.leave")', "return 'left'")
    .replace("import math\n", "import math\nimport os  # mine\n")
    .replace("def twice", "def helper(x):\n    return 2 * x  # mine\n\n\n# my note\ndef twice")
)
NEW = (
    STUB.replace("Old text.", "New text.")
    .replace('"""Old."""', '"""New\n\n        and longer.\n        """')
    .replace(todo("leave") + "\n\n", todo("fresh") + "\n\n")
    .replace("twice", "double")
    .replace("LIMIT = 3", "LIMIT = 4")
)


def git(folder, *words, ok=True):
    who = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]
    done = subprocess.run(
        ["git", *who, "-c", "commit.gpgsign=false", *words], cwd=folder, capture_output=True
    )
    assert done.returncode == 0 or not ok, done.stderr
    return done.stdout.decode()


def commit(folder, **files):
    for path, text in files.get("files", {}).items():
        at = folder / path
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_text(text) if text is not None else at.unlink()
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "x")


@pytest.fixture
def pair(tmp_path):
    """(upstream, the learner's clone of it, before the upstream's change)."""
    up, mine = tmp_path / "up", tmp_path / "mine"
    up.mkdir()
    git(up, "init", "-q")
    commit(up, files={PART: STUB, "README.md": "old\n", ".gitignore": ".hero/\n"})
    git(tmp_path, "clone", "-q", str(up), str(mine))
    return up, mine


def update(folder, source=None):
    job = Update(folder, source)
    plan = job.work_out()
    return plan, job.carry_out()


def check(mine, plan):
    text = (mine / PART).read_text()
    kept = "".join(p.read_text() for p in (mine / ".hero" / "kept").glob("*"))
    compile(text, PART, "exec")
    assert not carry.has_conflicts(text)
    assert "New text." in text and "and longer." in text and "LIMIT = 4" in text
    assert "def double(x):" in text and "twice = double" in text and "def fresh" in text
    for line in carry.own_lines(STUB, MINE):
        assert line in text or line in kept, line
    assert "'left'" in kept and "'left'" not in text
    assert git(mine, "diff", "--name-only", "--diff-filter=U") == ""
    assert (mine / "README.md").read_text() == "new\n"
    assert plan.renamed == {"05.twice": "05.double"}
    assert "05.add" in plan.changed and "05.fresh" in plan.new and "05.leave" in plan.gone


def test_other_packages_are_told_of(pair):
    up, mine = pair
    commit(up, files={PART: NEW})
    assert "packages" not in " ".join(update(mine)[0].sentences)
    commit(up, files={"constraints.txt": "torch==3\n", "pyproject.toml": "[project]\n"})
    assert " ".join(update(mine)[0].sentences).count("pip install -c constraints.txt -e .") == 1


def pull_into_conflict(up, mine, way):
    commit(up, files={PART: NEW, "README.md": "new\n"})
    (mine / PART).write_text(MINE)
    if way == "stash":
        git(mine, "stash")
        git(mine, "pull", "-q")
        git(mine, "stash", "pop", ok=False)
    elif way in ("--no-rebase", "--rebase"):
        git(mine, "commit", "-qam", "mine")
        git(mine, "pull", "-q", way, ok=False)
    elif way == "committed":
        git(mine, "commit", "-qam", "mine")


@pytest.mark.parametrize("way", ["dirty", "committed", "stash", "--no-rebase", "--rebase"])
def test_from_wherever_the_learner_stands(pair, way):
    up, mine = pair
    pull_into_conflict(up, mine, way)
    marked = (mine / PART).read_text()
    assert carry.has_conflicts(marked) == (way not in ("dirty", "committed"))
    plan, backup = update(mine)
    check(mine, plan)
    now = (mine / PART).read_text()
    assert git(mine, "merge-base", "HEAD", "@{upstream}") == git(up, "rev-parse", "HEAD")
    assert update(mine)[1] == "" and (mine / PART).read_text() == now  # once is enough
    done, before = Backups(mine).restore(backup)
    assert PART in done and (Backups(mine).all()[before][PART]).read_text() == now


def test_moved_files_and_definitions_and_removed_parts(pair):
    up, mine = pair
    other, third = "exercises/05_backprop/2_more.py", "exercises/05_backprop/3_third.py"
    renamed = "exercises/05_backprop/4_loss.py"
    commit(up, files={other: "import re\n", third: todo("third")})
    git(mine, "pull", "-q")
    (mine / PART).write_text(MINE)
    (mine / third).write_text("def third(x):\n    return 333\n")
    moved = STUB.replace(todo("leave") + "\n\n", "")
    commit(
        up,
        files={PART: None, renamed: moved, other: "import re\n\n\n" + todo("leave"), third: None},
    )
    plan, _ = update(mine, str(up))
    assert "'left'" in (mine / other).read_text()
    assert "# mine" in (mine / renamed).read_text() and not (mine / PART).exists()
    kept = "".join(p.read_text() for p in (mine / ".hero" / "kept").glob("*"))
    assert "return 333" in kept and not (mine / third).exists()
    assert "05.third" in plan.gone


def test_one_sentence_and_nothing_changed(pair, tmp_path):
    up, mine = pair
    commit(up, files={PART: NEW, "README.md": "new\n"})
    (mine / PART).write_text(MINE)

    def refused(words, folder=mine, source=None):
        with pytest.raises(UserError, match=words):
            update(folder, source)
        assert (folder / PART).read_text() == MINE

    (mine / "README.md").write_text("mine\n")
    refused("README.md")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.access", lambda *_: False)
        git(mine, "stash")
        (mine / PART).write_text(MINE)
        refused("permissions")
        git(mine, "checkout", PART)
        git(mine, "stash", "pop")
    git(mine, "checkout", "README.md")
    refused("no folder, branch or commit", source="nothing")
    shutil.copytree(mine, tmp_path / "copy", ignore=shutil.ignore_patterns(".git"))
    refused("not a clone", tmp_path / "copy")
    git(mine, "remote", "set-url", "origin", str(tmp_path / "nowhere"))
    refused("network")
    git(mine, "branch", "--unset-upstream")
    refused("--from")
    git(mine, "checkout", "-q", "--detach")
    refused("detached")


def test_an_old_git_is_told_in_one_sentence(pair, monkeypatch):
    up, mine = pair
    commit(mine, files={PART: MINE})
    commit(up, files={PART: NEW})
    raw = Git.raw

    def old(self, *words, **more):
        usage = (129, b"", "usage: git merge-tree <base-tree> <branch1> <branch2>")
        return usage if words[0] == "merge-tree" else raw(self, *words, **more)

    monkeypatch.setattr(Git, "raw", old)
    with pytest.raises(UserError, match=r"takes git 2\.38 or newer, and this is git version \d"):
        update(mine)
    assert (mine / PART).read_text() == MINE


def test_a_full_disk_leaves_all_as_it_was(pair, monkeypatch):
    up, mine = pair
    commit(up, files={PART: NEW, "README.md": "new\n"})
    (mine / PART).write_text(MINE)
    head = git(mine, "rev-parse", "HEAD")

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Update, "_bring", lambda *_, move=True: full() if move else None)
    with pytest.raises(UserError, match="all is as it was"):
        update(mine)
    assert (mine / PART).read_text() == MINE and git(mine, "rev-parse", "HEAD") == head


def test_committed_markers_are_taken_apart(pair):
    _, mine = pair
    marked = MINE.replace(
        "# my note\n", "<<<<<<< HEAD\n# my note\n=======\n# theirs\n>>>>>>> abc\n"
    )
    commit(mine, files={PART: marked})
    update(mine)
    assert (mine / PART).read_text() == MINE


@pytest.mark.parametrize("seed", range(40))
def test_every_line_of_the_learners_own_is_kept(seed):
    rng = random.Random(seed)
    lines = STUB.splitlines(keepends=True)
    for number in range(rng.randrange(1, 9)):
        at = rng.randrange(len(lines) + 1)
        before = lines[at] if at < len(lines) else ""
        indent = before[: len(before) - len(before.lstrip())]
        kind = rng.choice(["# note {}", "import os as os_{}", "def own_{}(x): return x", "k{} = 1"])
        fresh = indent + kind.format(number) + "\n"
        if "raise" in before and rng.random() < 0.7:
            lines[at] = fresh
        else:
            lines.insert(at, fresh)
    mine = "".join(lines)
    done = carry.carry(STUB, mine, NEW, carry.renames(STUB, NEW))
    everything = done.text + "".join(done.lost.values()) + "".join(done.beside)
    for line in carry.own_lines(STUB, mine):
        assert line in everything, (line, mine)
    try:
        compile(mine, "mine", "exec")
    except SyntaxError:
        return
    compile(done.text, "new", "exec")
