"""`hero update`: the new exercises, with the learner's work in them.

Git brings the new commit; what becomes of each file below exercises/ is decided here (carry.py does the
texts), so that git never writes a conflict marker. All is worked out before anything is written.
"""

from __future__ import annotations

import os
import re
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from graders.errors import UserError
from graders.front import carry
from graders.front.backups import Backups
from graders.front.files import write_atomically
from graders.front.git import Git

Lost = tuple[str, str, str, str]  # path, name, code, old stub
Stubs = dict[str, tuple[str, str]]  # {path: (old stub, new stub)}
TODO = re.compile(r"# TODO (\d\d\.\w+):")


@dataclass
class Plan:
    """What an update does.

    Attributes:
        texts: the files below exercises/ and their new texts; None: the file goes.
        kept: what has no place in the new exercises, as text.
        sentences: for the learner.
        changed, new, gone: ids of exercises. renamed: old ids and the new ones.
    """

    texts: dict[str, str | None] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    new: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    renamed: dict[str, str] = field(default_factory=dict)


NEEDS = ("constraints.txt", "pyproject.toml")
NEEDED = (
    "The packages that it needs may have changed, too: `pip install -c constraints.txt -e .` in its "
    "environment brings them; name the extras that you use, as in `.[notebooks]`."
)


class Update:
    """One update of a checkout. Raises UserError, and has changed nothing then."""

    def __init__(self, root: Path, source: str | None = None) -> None:
        self.root, self.git, self.plan = root, Git(root), Plan()
        self.backups = Backups(root)
        self.stashed: set[str] = set()
        self.target = self._settle(source)
        git = self.git
        self.head = git.do("rev-parse", "HEAD", why="this clone has no commit yet")
        base = git.ask("merge-base", "HEAD", self.target)
        if base is None:
            raise UserError(
                "your copy and the new one have no commit in common: if the clone is shallow, "
                "`git fetch --unshallow` mends that; else clone the workbook anew."
            )
        self.base = base

    def _settle(self, source: str | None) -> str:
        """The commit to bring; undoes a pull that stopped in the middle, after a backup."""
        git, folder = self.git, self.git.folder
        for name in ("CHERRY_PICK_HEAD", "REVERT_HEAD", "BISECT_LOG"):
            if (folder / name).exists():
                raise UserError(
                    f"git is in the middle of something else ({name}): finish that first."
                )
        target, order = "", ""
        if (folder / "MERGE_HEAD").exists():
            target, order = git.ask("rev-parse", "MERGE_HEAD") or "", "merge"
        for name in ("rebase-merge", "rebase-apply"):
            if (folder / name / "onto").is_file():
                target, order = (folder / name / "onto").read_text().strip(), "rebase"
        if not order:
            self.stashed = set(git.names("diff", "--name-only", "--diff-filter=U", "-z"))
            outside = sorted(path for path in self.stashed if not inside(path))
            if outside:
                raise UserError(
                    f"{outside[0]} is in conflict, and is no exercise: `git checkout HEAD {outside[0]}` "
                    "takes the workbook's version; then update again."
                )
            if self.stashed:
                self.plan.sentences.append(
                    f"The stash that was in conflict is carried over ({', '.join(sorted(self.stashed))}); "
                    "git still holds it: `git stash drop` lets it go, once you have looked."
                )
            if self.git.ask("symbolic-ref", "-q", "HEAD") is None:
                raise UserError(
                    "this copy stands at an old commit, on no branch (git calls it a detached HEAD): "
                    "`git switch main` goes back to the newest."
                )
            return self._fetch(source)
        dirty = set(git.names("diff", "--name-only", "-z", "HEAD"))
        name = self.backups.keep(sorted(dirty))
        git.do(order, "--abort", why=f"git could not undo the {order} that stopped in the middle")
        self.plan.sentences.append(
            f"A {order} had stopped in the middle; your own version is taken. The files as they were, with "
            f"git's marks, are in .hero/backup/{name}."
        )
        if git.ask("rev-parse", "--verify", "--quiet", "refs/stash"):
            self.plan.sentences.append(
                "Git holds work that you put aside (a stash): `git stash pop` brings it back; if that ends "
                "in a conflict, `hero update` once more."
            )
        return self._fetch(source) if source else target

    def _fetch(self, source: str | None) -> str:
        git = self.git
        if source is None:
            remote = git.ask("rev-parse", "--abbrev-ref", "@{upstream}")
            if remote is None:
                raise UserError(
                    "this branch does not know where the workbook comes from: name the place with "
                    "`hero update --from origin/main`, or a folder that holds a newer copy."
                )
            git.do(
                "fetch",
                "--quiet",
                why="the new exercises could not be fetched; is there a network?",
            )
            return git.do("rev-parse", "@{upstream}", why="there is nothing at " + remote)
        if Path(source).is_dir():
            where = str(Path(source).resolve())
            git.do("fetch", "--quiet", where, "HEAD", why=f"{source} is not a copy of the workbook")
            return git.do("rev-parse", "FETCH_HEAD", why="nothing was fetched")
        if source.partition("/")[0] in (git.ask("remote") or "").split():
            git.do("fetch", "--quiet", source.partition("/")[0], why="nothing could be fetched")
        found = git.ask(
            "rev-parse", "--verify", "--quiet", "--end-of-options", source + "^{commit}"
        )
        if found is None:
            raise UserError(f"there is no folder, branch or commit {source!r} to update from.")
        return found

    # -- working it out --------------------------------------------------------------------

    def mine(self, path: str) -> str | None:
        """The learner's text of a file: of the stash, where that is in conflict."""
        if path in self.stashed and (text := self.git.text(":3", path)) is not None:
            return text
        try:
            return (self.root / path).read_bytes().decode("utf-8")
        except FileNotFoundError:
            return None
        except UnicodeDecodeError:
            raise UserError(f"{path} is not UTF-8 text: save it as UTF-8 first.") from None

    def work_out(self) -> Plan:
        git, plan = self.git, self.plan
        fields = iter(git.names("diff", "-M", "--name-status", "-z", self.base, self.target))
        jobs: list[tuple[str, str]] = []  # (path before, path after)
        graders: set[str] = set()
        for status in fields:
            old = next(fields)
            new = next(fields) if status[0] in "RC" else old
            if found := re.fullmatch(r"graders/(\d\d)_\w+/\d+_\w+/(\w+)\.py", new):
                graders.add(f"{found[1]}.{found[2]}")
            if inside(old) or inside(new):
                jobs.append(("" if status[0] in "AC" else old, "" if status[0] == "D" else new))
            if new in NEEDS and NEEDED not in plan.sentences:
                plan.sentences.append(NEEDED)
        seen = {path for job in jobs for path in job}
        for at in sorted((self.root / "exercises").rglob("*.py")):
            name = at.relative_to(self.root).as_posix()
            text = self.mine(name)
            if name not in seen and (name in self.stashed or carry.has_conflicts(text or "")):
                jobs.append((name, name))
        lost: list[Lost] = []
        stubs: Stubs = {}
        for old, new in jobs:
            self._one(old, new, lost, stubs)
        for path, name, code, before in lost:
            self._find_a_place(path, name, code, before, stubs)
        ids = [{i for pair in stubs.values() for i in TODO.findall(pair[k])} for k in (0, 1)]
        plan.new, plan.gone = ids[1] - ids[0], ids[0] - ids[1]
        plan.changed = (plan.changed | graders) - plan.new - plan.gone
        return plan

    def _one(self, old: str, new: str, lost: list[Lost], stubs: Stubs) -> None:
        git, plan = self.git, self.plan
        base = (git.text(self.base, old) if old else None) or ""
        fresh = (git.text(self.target, new) if new else None) or ""
        if old in self.stashed:
            base = git.text(":1", old) or base
        stubs[new or old] = base, fresh
        mine = self.mine(old or new)
        if mine is not None and carry.has_conflicts(mine):
            mine = carry.without_conflicts(mine)
            plan.sentences.append(f"{old}: git's conflict marks are gone; your side is kept.")
        if old != new and old:
            plan.texts[old] = None
        if not old:
            plan.texts[new] = fresh
            if mine is not None and mine != fresh:
                plan.kept.append(f"# {new}: the file of yours that lay there\n{mine}")
            return
        names, parts = (
            carry.renames(base, fresh),
            self._parts(base),
        )
        after = self._parts(fresh)
        for name, text in parts.items():
            to = names.get(name, name)
            was, now = TODO.findall(text), TODO.findall(after.get(to, ""))
            if now and text != after[to]:
                plan.changed |= set(now)
            if was and now and was != now:
                plan.renamed[was[0]] = now[0]
        if not new:
            if mine is not None and mine != base:
                written = self._parts(mine)
                lost += [
                    (old, name, written[name], text)
                    for name, text in parts.items()
                    if name in written and written[name] != text
                ]
                plan.kept.append(f"# {old}: there is no such part any more; your file\n{mine}")
            return
        if mine is None:
            plan.texts[new] = fresh
            return
        done = carry.carry(base, mine, fresh, names)
        plan.texts[new] = done.text
        lost += [(old, name, code, parts[name]) for name, code in done.lost.items()]
        found = done.text + "".join(done.lost.values())  # whatever the reason: no line is dropped
        done.beside += [
            line + "\n"
            for line in carry.own_lines(base, mine)
            if line not in found and line + "\n" not in done.beside
        ]
        if done.beside:
            plan.kept.append(f"# {old}: lines that did not fit any more\n{''.join(done.beside)}")
        for what in done.both:
            plan.sentences.append(
                f"{new}: {what} changed in the new version and in yours; yours stands. Compare them."
            )

    def _parts(self, text: str) -> dict[str, str]:
        try:
            return {name: "".join(lines) for name, lines in carry.split(text)[1].items()}
        except SyntaxError:
            return {}

    def _find_a_place(self, path: str, name: str, code: str, before: str, stubs: Stubs) -> None:
        """A definition that moved to another file, else the file of what is kept."""
        plan = self.plan
        for there, (base, fresh) in stubs.items():
            text = plan.texts.get(there)
            stub = self._parts(fresh).get(name)
            if there == path or text is None or stub is None or name in self._parts(base):
                continue
            lines, _ = carry.merge(*(x.splitlines(True) for x in (before, code, stub)))
            placed = carry.place(text, name, "".join(lines), stub)
            placed = placed or carry.place(text, name, code, stub)
            if placed is not None:
                plan.texts[there] = placed
                plan.sentences.append(f"{name} moved from {path} to {there}, and yours with it.")
                return
        plan.kept.append(f"# {path}: {name}, which is no exercise any more\n{code}")

    # -- doing it --------------------------------------------------------------------------

    def carry_out(self) -> str:
        """Writes everything, or nothing; the name of the backup ("" if no file was changed)."""
        plan = self.plan
        texts = {p: t for p, t in plan.texts.items() if t != self._on_disk(p)}
        commit = self._commit()
        outside = self._outside(commit)
        for path in [*texts, *outside]:
            at = self.root / path
            at = at if at.exists() else next(p for p in at.parents if p.exists())
            if not os.access(at, os.W_OK) or not os.access(at.parent, os.W_OK):
                raise UserError(
                    f"{path} may not be written (its permissions): nothing was changed."
                )
        name = self.backups.keep(sorted(texts)) if texts else ""
        done: list[str] = []
        try:
            if plan.kept:
                kept = f".hero/kept/{time.strftime('%Y%m%d-%H%M%S')}.py"
                write_atomically(self.root / kept, "\n\n".join(plan.kept))
                plan.sentences.append(
                    f"What of yours has no place in the new exercises is in {kept}."
                )
            for path, text in texts.items():
                done.append(path)
                if text is None:
                    (self.root / path).unlink(missing_ok=True)
                else:
                    write_atomically(self.root / path, text)
            self._bring(commit, outside)
        except (OSError, UserError) as error:
            self.backups.put(name, done)
            self._bring(self.head, outside, move=False)
            why = getattr(error, "strerror", None) or error
            raise UserError(f"the update could not be written ({why}): all is as it was.") from None
        return name

    def _on_disk(self, path: str) -> str | None:
        try:
            return (self.root / path).read_bytes().decode("utf-8")
        except (FileNotFoundError, UnicodeDecodeError):
            return None

    def _commit(self) -> str:
        """The commit to stand at: the new one, or a merge where the learner has commits of their own."""
        git = self.git
        if self.base == self.head:
            return self.target
        if self.base == self.target:
            return self.head
        code, out, error = git.raw(
            "merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", "HEAD", self.target
        )
        if code not in (0, 1):
            raise UserError(
                "you have commits of your own: to join them with the new version takes git 2.38 or newer, "
                f"and this is {git.ask('version') or 'none'}. Nothing was changed."
                if "usage:" in error
                else f"git could not merge (git says: {error}). Nothing was changed."
            )
        tree, *clashes = [x for x in out.decode("utf-8", "surrogateescape").split("\0") if x] or [
            ""
        ]
        outside = [path for path in clashes if not inside(path)]
        if outside or not tree:
            raise UserError(
                f"you and the new version both changed {outside[0] if outside else error}: put yours back "
                "(a copy of it elsewhere keeps it), commit, and update again. Nothing was changed."
            )
        with tempfile.TemporaryDirectory() as folder:
            env = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            git.do("read-tree", tree, why="git could not merge", env=env)
            for path, text in self.plan.texts.items():
                words = ["--force-remove", path]
                if text is not None:
                    data = text.encode()
                    blob = git.do("hash-object", "-w", "--stdin", why="git cannot write", data=data)
                    words = ["--add", "--cacheinfo", f"100644,{blob},{path}"]
                git.do("update-index", *words, why="git could not merge", env=env)
            tree = git.do("write-tree", why="git could not merge", env=env)
        who: dict[str, str] = {}
        if not git.ask("config", "user.email"):
            for role in ("AUTHOR", "COMMITTER"):
                who |= {f"GIT_{role}_NAME": "learner", f"GIT_{role}_EMAIL": "learner@localhost"}
        parents = ("-p", self.head, "-p", self.target)
        words = ["commit-tree", tree, *parents, "-m", "hero update"]
        return git.do(*words, why="git could not merge", env=who)

    def _outside(self, commit: str) -> list[str]:
        """The files outside exercises/ that change. Raises UserError where the learner's would be lost."""
        git = self.git
        paths = git.names("diff", "--no-renames", "--name-only", "-z", self.head, commit)
        paths = [path for path in paths if not inside(path)]
        dirty = set(git.names("diff", "--name-only", "-z", "HEAD"))
        dirty |= set(git.names("diff", "--cached", "--name-only", "-z", "HEAD"))
        dirty |= set(git.names("ls-files", "--others", "-z"))
        for path in paths:
            if path in dirty:
                raise UserError(
                    f"the new version brings {path}, and you changed or made that file: move yours away "
                    f"(`git checkout {path}` brings the old one back), then update. Nothing was changed."
                )
        return paths

    def _bring(self, commit: str, paths: list[str], move: bool = True) -> None:
        git, why = self.git, "git could not write the new files"
        there = set(git.names("ls-tree", "-r", "--name-only", "-z", commit))
        for path in paths:
            if path not in there:
                (self.root / path).unlink(missing_ok=True)
        if found := [path for path in paths if path in there]:
            words = ["checkout", "--quiet", commit, "--pathspec-from-file=-", "--pathspec-file-nul"]
            git.do(*words, why=why, data="\0".join(found).encode())
        if move and (commit != self.head or self.stashed):
            git.do("update-ref", "-m", "hero update", "HEAD", commit, self.head, why=why)
            git.do("read-tree", commit, why=why)
            git.raw("update-index", "-q", "--refresh")


def inside(path: str) -> bool:
    """Whether a file is one of those that learners work in."""
    return path.startswith("exercises/") and path.endswith((".py", ".md"))
