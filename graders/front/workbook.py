"""What every front end needs: the checkout, the learner's folder, grading that is remembered."""

from __future__ import annotations

import ast
import difflib
import io
import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from graders.core.judge import Judge
from graders.core.registry import PartRef, Registry, UserError
from graders.core.report import ExerciseResult
from graders.core.stubs import stub_of, without_markers
from graders.front.state import State, write_atomically
from graders.ground.definitions import definition
from graders.ground.worker import Worker


class Workbook:
    """A learner's workbook.

    Args:
        folder: where the files to grade lie, laid out like exercises/; the checkout's own
            exercises/ unless given.
        seed: for the cases; random unless given.
        strict: confine submissions as for other people's code.
    """

    def __init__(
        self, folder: Path | None = None, seed: int | None = None, strict: bool = False
    ) -> None:
        self.registry = Registry(checkout())
        self.root = self.registry.root
        self.own = folder is None
        self.folder = folder or self.root / "exercises"
        if not self.folder.is_dir():
            back = "; `git checkout exercises` brings it back" if self.own else ""
            raise UserError(f"there is no folder {shown(self.folder)}{back}.")
        self.judge = Judge(self.registry, Worker(strict=strict), seed)
        self.state = State.load(self.root)

    def close(self) -> None:
        self.judge.close()

    def check(self, wanted: list[str] | tuple[str, ...]) -> Iterator[list[ExerciseResult]]:
        """Grades what is asked for, part by part, and remembers what passed."""
        for results in self.judge.grade_all(self.select(wanted), self.folder):
            self._remember(results)
            yield results
        if self.own:
            self.state.save()

    def select(self, wanted: list[str] | tuple[str, ...]) -> list[tuple[PartRef, list[str]]]:
        """Parts and their chosen exercises, for ids and for paths as seen from here."""
        return select(self.registry, wanted, self.folder)

    def grade(self, ref: PartRef, names: list[str]) -> list[ExerciseResult]:
        """Grades some exercises of one part; does not save."""
        results = self.judge.grade(ref, names, self.folder)
        self._remember(results)
        return results

    def _remember(self, results: list[ExerciseResult]) -> None:
        if self.own:
            for result in results:
                self.state.record(result.id, result.status == "passed")

    # -- one exercise ------------------------------------------------------------------------

    def one(self, text: str) -> tuple[PartRef, str]:
        """The single exercise that an id names. Raises UserError if it names several."""
        chosen = self.select([text])
        if len(chosen) == 1 and len(chosen[0][1]) == 1:
            return chosen[0][0], chosen[0][1][0]
        first = chosen[0]
        raise UserError(
            f"{text!r} names several exercises: say which, "
            f"{first[0].number}.{first[1][0]} for example."
        )

    def ids(self) -> list[str]:
        """All exercise ids, in the order they are learned."""
        return [
            f"{ref.number}.{name}"
            for ref in self.registry.all_parts()
            for name in self.registry.exercise_names(ref)
        ]

    def path(self, ref: PartRef) -> Path:
        return self.folder / ref.file

    def hints(self, text: str) -> tuple[tuple[str, ...], int]:
        """(all hints of an exercise, how many of them were shown before)."""
        ref, name = self.one(text)
        hints = tuple(self.registry.load(ref).exercises[name].hints)
        return hints, min(self.state.hints.get(f"{ref.number}.{name}", 0), len(hints))

    def next_hint(self, text: str) -> tuple[str, int, int]:
        """(hint, its number, how many there are): the next rung, the last again at the top."""
        ref, name = self.one(text)
        hints, before = self.hints(text)
        if not hints:
            raise UserError(f"there is no hint for {ref.number}.{name}.")
        number = min(before + 1, len(hints))
        if number != before:
            self.state.hints[f"{ref.number}.{name}"] = number
            self.state.save()
        return hints[number - 1], number, len(hints)

    def reset(self, text: str, whole: bool = False) -> tuple[Path, Path | None]:
        """Puts one exercise back to its stub; (file, backup of the file as it was or None).

        Only the exercise's own definitions change. A missing file comes back as its stub.

        Args:
            text: the exercise.
            whole: put the whole file back to its stub.

        Raises:
            UserError: the file is broken elsewhere, so that its parts cannot be told apart.
        """
        ref, name = self.one(text)
        part = self.registry.load(ref)
        path = self.path(ref)
        stub = stub_of(part)
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            raw, whole = b"", True
        if whole:
            fresh = stub
        else:
            try:
                fresh = put_back(raw.decode("utf-8"), stub, part.exercises[name].targets)
            except (SyntaxError, ValueError) as error:
                line = getattr(error, "lineno", None)
                where = f", line {line}," if line else ""
                raise UserError(
                    f"{shown(path)}{where} is not valid Python outside of {ref.number}.{name}: "
                    "mend that first, or put the whole file back to its stub with "
                    f"`hero reset --file {ref.number}.{name}` (a backup is kept)."
                ) from None
        backup = self.backup(path)
        write_atomically(path, fresh)
        for reset in part.exercises if whole else [name]:
            self.state.done.discard(f"{ref.number}.{reset}")
            self.state.hints.pop(f"{ref.number}.{reset}", None)
        self.state.save()
        return path, backup

    def backup(self, path: Path) -> Path | None:
        """A copy of a file below .hero/backup, named by time; None if there is no file."""
        if not path.exists():
            return None
        folder = self.root / ".hero" / "backup" / path.parent.name
        folder.mkdir(parents=True, exist_ok=True)
        stamp = time.strftime("%Y%m%d-%H%M%S")
        copy = folder / f"{path.stem}.{stamp}.py"
        number = 1
        while copy.exists():
            copy = folder / f"{path.stem}.{stamp}-{number}.py"
            number += 1
        shutil.copy2(path, copy)
        return copy

    def solution(self, text: str) -> tuple[str, list[str]]:
        """(the reference's source of an exercise, a diff from the learner's to it)."""
        ref, name = self.one(text)
        part = self.registry.load(ref)
        theirs = without_markers(part.reference)
        targets = part.exercises[name].targets
        right = _texts(theirs, ast.parse(theirs), targets)
        try:
            source = self.path(ref).read_text(encoding="utf-8")
            mine = _texts(source, ast.parse(source), targets)
        except (OSError, SyntaxError, ValueError):
            mine = ""
        diff = difflib.unified_diff(
            mine.splitlines(), right.splitlines(), "yours", "reference", lineterm="", n=2
        )
        return right, list(diff)


def checkout() -> Path:
    """The checkout that holds the lessons: around the current folder, or the installed one.

    A copy of the workbook is recognized by its graders/ and solutions/ folders.
    """
    installed = Registry().root
    for folder in (Path.cwd(), *Path.cwd().parents, installed):
        if (folder / "graders" / "authoring.py").is_file() and (folder / "solutions").is_dir():
            return folder
    raise UserError(
        "there is no workbook here: run this inside a clone of it (the folder with exercises/)."
    )


def select(
    registry: Registry, wanted: list[str] | tuple[str, ...], folder: Path
) -> list[tuple[PartRef, list[str]]]:
    """As Registry.select, and paths to what lies below the folder (exercises/) work from anywhere."""
    texts = []
    for text in wanted:
        path, colons, rest = text.partition("::")
        try:
            inside = Path(path).resolve(strict=True).relative_to(folder.resolve())
        except (OSError, ValueError, RuntimeError):
            texts.append(text)
            continue
        if not inside.parts:
            return registry.select([])
        texts.append(inside.as_posix() + colons + rest)
    return registry.select(texts)


def shown(path: Path) -> str:
    """A path as a person would type it from here."""
    try:
        return os.path.relpath(path)
    except ValueError:
        return str(path)


# -- putting one definition back -----------------------------------------------------------------


def put_back(mine: str, stub: str, targets: tuple[str, ...]) -> str:
    """A file in which some definitions are the stub's again, and all else is as it was.

    Works on a file with a syntax error too, if the error lies in one of these definitions.
    Raises SyntaxError if what comes out is not valid Python.
    """
    newline = "\r\n" if "\r\n" in mine else "\n"
    lines = _split(mine)
    if lines and not lines[-1].endswith(("\n", "\r")):
        lines[-1] += newline
    stub_lines = [line.rstrip("\r\n") + newline for line in stub.splitlines()]
    stub_tree = ast.parse(stub)
    try:
        tree: ast.Module | None = ast.parse(mine)
    except SyntaxError:
        tree = None
    found = {target: _place(lines, tree, target) for target in targets}
    missing: list[str] = []  # renamed or removed
    for target, place in sorted(found.items(), key=lambda item: item[1] or (0, 0), reverse=True):
        if place is None:
            missing.append(target)
        else:
            lines[place[0] : place[1]] = _lines(stub_lines, definition(stub_tree, target))
    for target in reversed(missing):
        _add(lines, stub_lines, stub_tree, target, newline)
    text = "".join(lines)
    ast.parse(text)
    return text


def _place(lines: list[str], tree: ast.Module | None, target: str) -> tuple[int, int] | None:
    """Where a definition stands: lines[first:last]. By the layout alone if there is no tree."""
    if tree is not None:
        node = definition(tree, target)
        if node is None:
            return None
        first, last = _span(node)
        return first - 1, _with_trailing_comments(lines, last, node.col_offset)
    first, last, column = 0, len(lines), -1
    for name in target.split("."):
        head = re.compile(rf"(\s*)(?:(?:async\s+)?def\s+|class\s+)?{name}\b\s*[(:=\[]")
        at = [
            (i, len(match.group(1)))
            for i in range(first, last)
            if (match := head.match(lines[i])) and len(match.group(1)) > column
        ]
        at = [(i, c) for i, c in at if c == min(c for _, c in at) and (c == 0 or column >= 0)]
        if not at:
            return None
        first, column = at[-1]
        end = first + 1
        for i in range(first + 1, last):
            text = lines[i].strip()
            indent = len(lines[i]) - len(lines[i].lstrip())
            if text and indent <= column and not text.startswith((")", "]", "}")):
                break
            if text:
                end = i + 1
        last = end
        if name != target.rpartition(".")[2]:
            first += 1
    while first > 0 and lines[first - 1].strip().startswith("@"):
        first -= 1
    return first, last


def _add(
    lines: list[str], stub_lines: list[str], stub_tree: ast.Module, target: str, newline: str
) -> None:
    """Adds the stub's definition to its class, or (with its class if need be) before main."""
    text = "".join(lines)
    tree = ast.parse(text)
    owner = target.rpartition(".")[0]
    home = definition(tree, owner) if owner else None
    if home is not None:
        at = home.end_lineno or len(lines)
        lines[at:at] = [newline, *_lines(stub_lines, definition(stub_tree, target))]
        return
    if owner:
        target = owner
    calls = [n.lineno for n in tree.body if isinstance(n, ast.If) and "__main__" in ast.unparse(n)]
    at = calls[-1] - 1 if calls else len(lines)
    fresh = _lines(stub_lines, definition(stub_tree, target))
    blank = [newline, newline]
    lines[at:at] = [*fresh, *blank] if calls else [*blank, *fresh]


def _split(text: str) -> list[str]:
    """The lines as Python counts them (str.splitlines also splits at form feeds)."""
    return list(io.StringIO(text, newline="\n"))


def _span(node: ast.stmt) -> tuple[int, int]:
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    return first, node.end_lineno or node.lineno


def _with_trailing_comments(lines: list[str], last: int, column: int) -> int:
    """Also takes comment lines right behind a definition that are indented deeper than it."""
    while last < len(lines):
        text = lines[last]
        if text.strip().startswith("#") and len(text) - len(text.lstrip()) > column:
            last += 1
        else:
            break
    return last


def _lines(lines: list[str], node: ast.stmt | None) -> list[str]:
    assert node is not None
    first, last = _span(node)
    return lines[first - 1 : last]


def _texts(source: str, tree: ast.Module, targets: tuple[str, ...]) -> str:
    lines = _split(source)
    nodes = [definition(tree, target) for target in targets]
    return "\n".join("".join(_lines(lines, node)) for node in nodes if node is not None)
