"""What every front end needs: the checkout, the learner's folder, grading with progress remembered."""

from __future__ import annotations

import difflib
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from graders.core.judge import Judge
from graders.core.registry import PartRef, Registry, UserError
from graders.core.report import ExerciseResult
from graders.core.stubs import stub_of, without_markers
from graders.front.state import State, write_atomically
from graders.ground.runner import definition
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
            raise UserError(f"there is no folder {shown(self.folder)}.")
        self.judge = Judge(self.registry, Worker(strict=strict), seed)
        self.state = State.load(self.root)

    def close(self) -> None:
        self.judge.close()

    def check(self, wanted: list[str] | tuple[str, ...]) -> Iterator[list[ExerciseResult]]:
        """Grades what is asked for, part by part, and remembers what passed."""
        for results in self.judge.grade_all(self.registry.select(wanted), self.folder):
            self._remember(results)
            yield results
        if self.own:
            self.state.save()

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
        chosen = self.registry.select([text])
        if len(chosen) == 1 and len(chosen[0][1]) == 1:
            return chosen[0][0], chosen[0][1][0]
        first = chosen[0]
        raise UserError(
            f"{text!r} names several exercises: say which, {first[0].number}.{first[1][0]} for example."
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

    def next_hint(self, text: str) -> tuple[str, int, int]:
        """(hint, its number, how many there are): the next rung, the last again at the top."""
        ref, name = self.one(text)
        exercise = self.registry.load(ref).exercises[name]
        key = f"{ref.number}.{name}"
        shown_before = min(self.state.hints.get(key, 0), len(exercise.hints) - 1)
        self.state.hints[key] = shown_before + 1
        self.state.save()
        return exercise.hints[shown_before], shown_before + 1, len(exercise.hints)

    def reset(self, text: str) -> tuple[Path, Path]:
        """Puts one exercise back to its stub; (file, backup of the file as it was).

        Only the exercise's own definitions change; where the file cannot be parsed, the whole
        part goes back to its stub.
        """
        import ast

        ref, name = self.one(text)
        part = self.registry.load(ref)
        path = self.path(ref)
        stub = stub_of(part)
        backup = self.backup(path)
        try:
            mine = path.read_text(encoding="utf-8")
            tree = ast.parse(mine)
        except (OSError, SyntaxError, ValueError):
            write_atomically(path, stub)
            return path, backup
        stub_tree = ast.parse(stub)
        lines, stub_lines = mine.splitlines(keepends=True), stub.splitlines(keepends=True)
        for target in sorted(
            part.exercises[name].targets,
            key=lambda t: -(getattr(definition(tree, t), "lineno", 0)),
        ):
            fresh = _lines(stub_lines, definition(stub_tree, target))
            node = definition(tree, target)
            if node is None:  # renamed or removed: the stub's definition goes to the end
                owner = target.rpartition(".")[0]
                home = definition(tree, owner) if owner else None
                at = home.end_lineno if home is not None and home.end_lineno else len(lines)
                lines[at:at] = ["\n", *fresh]
            else:
                first, last = _span(node)
                last = _with_trailing_comments(lines, last, node.col_offset)
                lines[first - 1 : last] = fresh
        write_atomically(path, "".join(lines))
        key = f"{ref.number}.{name}"
        self.state.done.discard(key)
        self.state.hints.pop(key, None)
        self.state.save()
        return path, backup

    def backup(self, path: Path) -> Path:
        """A copy of a file below .hero/backup, named by time; the file's future path if missing."""
        folder = self.root / ".hero" / "backup" / path.parent.name
        folder.mkdir(parents=True, exist_ok=True)
        stamp = time.strftime("%Y%m%d-%H%M%S")
        copy = folder / f"{path.stem}.{stamp}.py"
        number = 1
        while copy.exists():
            copy = folder / f"{path.stem}.{stamp}-{number}.py"
            number += 1
        if path.exists():
            shutil.copy2(path, copy)
        return copy

    def solution(self, text: str) -> tuple[str, list[str]]:
        """(the reference's source of an exercise, a diff from the learner's to it)."""
        import ast

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

    A copy of the workbook is recognized by its graders/ and exercises/ folders.
    """
    installed = Registry().root
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (folder / "graders" / "authoring.py").is_file() and (folder / "exercises").is_dir():
            return folder
    if not (installed / "exercises").is_dir():
        raise UserError(
            "there is no workbook here: run this inside a clone of it (the folder with exercises/)."
        )
    return installed


def shown(path: Path) -> str:
    """A path as a person would type it from here."""
    try:
        return os.path.relpath(path)
    except ValueError:
        return str(path)


def _span(node: object) -> tuple[int, int]:
    first = min(
        [node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))]  # type: ignore[attr-defined]
    )
    return first, node.end_lineno  # type: ignore[attr-defined]


def _with_trailing_comments(lines: list[str], last: int, column: int) -> int:
    """Also takes comment lines right behind a definition that are indented deeper than it."""
    while last < len(lines):
        text = lines[last]
        if text.strip().startswith("#") and len(text) - len(text.lstrip()) > column:
            last += 1
        else:
            break
    return last


def _lines(lines: list[str], node: object) -> list[str]:
    first, last = _span(node)
    return lines[first - 1 : last]


def _texts(source: str, tree: object, targets: tuple[str, ...]) -> str:
    lines = source.splitlines(keepends=True)
    nodes = [definition(tree, target) for target in targets]  # type: ignore[arg-type]
    return "\n".join("".join(_lines(lines, node)) for node in nodes if node is not None)
