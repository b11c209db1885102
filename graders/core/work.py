"""Which files of exercises/ hold somebody's work, so that deriving them anew would destroy it.

A file is nobody's work if it is what the sources derive now, or what they derived before: as noted in
.hero/derived.json when that was written, or as committed in git while all its TODOs still stand (a learner
may commit too). Everything else is taken for work; a stub that was derived elsewhere is then kept for
nothing, which costs a --force.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import json
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from graders.ground.definitions import definition

NOTED = ".hero/derived.json"


def held(root: Path, files: Mapping[str, bytes], lessons: list[str] | None = None) -> list[str]:
    """The files below exercises/ that a derivation would change or remove although they hold work.

    Args:
        root: the checkout.
        files: what exercises/ is to hold, {path below it: content}.
        lessons: only these; all if None.
    """
    folder = root / "exercises"
    noted = _noted(root)
    changed = _changed_in_git(root)
    found = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() or "__pycache__" in name:
            continue
        if lessons is not None and name.split("/")[0] not in lessons:
            continue
        content = path.read_bytes() if path.is_file() else b""
        if files.get(name) == content or noted.get(name) == _digest(content):
            continue
        committed = changed is not None and name not in changed
        if not (committed and _all_todo(content, files.get(name, b""))):
            found.append(name)
    return found


def _all_todo(content: bytes, stub: bytes) -> bool:
    """Whether each exercise of a stub that a file has a definition for is still a TODO in it."""
    try:
        there, todo = ast.parse(content), ast.parse(stub)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return content == b"" or b"raise NotImplementedError" not in stub  # a picture, a page
    for name, node in _functions(todo):
        exercise = _todo(node)
        mine = definition(there, name) if exercise else None
        if mine is not None and _todo(mine) != exercise:
            return False
    return True


def _functions(tree: ast.Module | ast.ClassDef, lead: str = "") -> Iterator[tuple[str, ast.stmt]]:
    """(qualname, definition) of each function and method."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield lead + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{lead}{node.name}.")


def _todo(node: ast.AST) -> str:
    """The exercise whose TODO stands in a definition; "" if none does."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Raise) and isinstance(inner.exc, ast.Call) and inner.exc.args:
            call, first = inner.exc, inner.exc.args[0]
            if isinstance(call.func, ast.Name) and call.func.id == "NotImplementedError":
                return str(getattr(first, "value", ""))
    return ""


def refusal(names: list[str]) -> str:
    """Why nothing was derived, in a sentence."""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    hold = "holds" if len(names) == 1 else "hold"
    return (
        f"exercises/{', exercises/'.join(names[:3])}{more} {hold} work that deriving the stubs would "
        "overwrite. This command is for those who write lessons; with --force it goes on, and keeps a backup."
    )


def back_up(root: Path, names: list[str]) -> Path:
    """Copies files of exercises/ into a new folder below .hero/backup."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    home = root / ".hero" / "backup"
    folder, number = home / f"derive.{stamp}", 1
    while folder.exists():
        folder, number = home / f"derive.{stamp}-{number}", number + 1
    for name in names:
        copy = folder / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / "exercises" / name, copy)
    return folder


def note_derived(root: Path, files: Mapping[str, bytes]) -> None:
    """Remembers what was derived, so that the next derivation knows its own files."""
    noted = {**_noted(root), **{name: _digest(content) for name, content in files.items()}}
    with contextlib.suppress(OSError):  # then --force is needed the next time
        (root / ".hero").mkdir(exist_ok=True)
        (root / NOTED).write_text(json.dumps(noted, indent=0) + "\n", encoding="utf-8")


def _noted(root: Path) -> dict[str, str]:
    try:
        noted = json.loads((root / NOTED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return noted if isinstance(noted, dict) else {}


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _changed_in_git(root: Path) -> set[str] | None:
    """What of exercises/ is not as committed (changed, new, ignored); None where there is no git."""
    command = ["git", "-C", str(root), "status", "--porcelain", "-z", "--untracked-files=all"]
    try:
        done = subprocess.run(
            [*command, "--ignored", "--no-renames", "--", "exercises"],
            capture_output=True,
            timeout=60,
            check=True,
        )
        # the paths in it are seen from the repository's top, which may lie above the checkout
        top = subprocess.run(
            ["git", "-C", str(root), "rev-parse", "--show-prefix"],
            capture_output=True,
            timeout=60,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    prefix = top.stdout.decode("utf-8", "replace").strip() + "exercises/"
    lines = done.stdout.decode("utf-8", "replace").split("\0")
    names = {line[3:].removeprefix(prefix) for line in lines if line}
    if any(
        name.endswith("/") or name == "" for name in names
    ):  # a whole folder that is not tracked
        return None
    return names
