"""What every front end needs: the checkout, the learner's folder, grading that is remembered.

Making one costs nothing; the judge (and torch with it) starts when something is graded for the first time.
"""

from __future__ import annotations

import difflib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from graders.core.cards import Card
from graders.core.registry import ROOT, PartRef, Registry, UserError
from graders.front.cards import is_part_done
from graders.front.files import MAX_BYTES, write_atomically
from graders.front.history import History
from graders.front.put_back import put_back, texts
from graders.front.state import State
from graders.front.words import shown
from graders.ground.exposure import refuse_exposed
from graders.ground.reading import NotPlain, read_once

if TYPE_CHECKING:
    from graders.core.judge import Judge
    from graders.core.report import ExerciseResult


class Workbook:
    """A learner's workbook.

    Args:
        folder: where the files to grade lie, laid out like exercises/; the checkout's own
            exercises/ unless given.
        seed: for the cases; random unless given.
        strict: confine submissions as for other people's code.

    With a folder, or strict, the files are somebody else's, and so may be all that lies around: lessons,
    graders and solutions are then those of the installed workbook, wherever one is.
    """

    def __init__(
        self, folder: Path | None = None, seed: int | None = None, strict: bool = False
    ) -> None:
        if folder is None and not strict:
            self.root = here = checkout()
        else:
            self.root = installed()
            here = around() or self.root
            import_nothing_from(Path.cwd(), folder or here)
        self.own = folder is None and here == self.root
        self.registry = Registry(self.root)
        self.folder = folder or here / "exercises"
        self.seed, self.strict = seed, strict
        self.state = State.load(self.root)
        self._judge: Judge | None = None

    @property
    def judge(self) -> Judge:
        """The judge, started when it is first needed. Raises UserError if there is nothing to grade."""
        if self._judge is None:
            if not self.folder.is_dir():
                back = "; `git checkout exercises` brings it back" if self.own else ""
                raise UserError(f"there is no folder {shown(self.folder)}{back}.")
            if self.strict:
                refuse_exposed("the folder that is graded", self.folder)
            self._judge = start_judge(self.registry, self.seed, self.strict)
        return self._judge

    def close(self) -> None:
        if self._judge is not None:
            self._judge.close()

    def check(self, wanted: list[str] | tuple[str, ...]) -> Iterator[list[ExerciseResult]]:
        """Grades what is asked for, part by part, and remembers what passed."""
        if self.strict:
            _ = self.judge  # children are forked from what there is before a lesson is read
        chosen = self.select(wanted)
        try:
            for results in self.judge.grade_all(chosen, self.folder):
                self._remember(results)
                yield results
        finally:
            if self.own:
                self.state.save()

    def select(self, wanted: list[str] | tuple[str, ...]) -> list[tuple[PartRef, list[str]]]:
        """Parts and their chosen exercises, for ids and for paths as seen from here."""
        return select(self.registry, wanted, self.folder)

    def grade(
        self, ref: PartRef, names: list[str], folder: Path | None = None
    ) -> list[ExerciseResult]:
        """Grades some exercises of one part; does not save.

        Args:
            folder: where the learner's definitions lie this time, if not in the learner's folder.
        """
        results = self.judge.grade(ref, names, folder or self.folder)
        self._remember(results)
        return results

    def _remember(self, results: list[ExerciseResult]) -> None:
        if not self.own:
            return
        for result in results:
            passed = result.status == "passed"
            ref = PartRef(result.lesson, result.part)
            new = self.state.record(result.id, passed, result.status != "todo")
            if new and passed and is_part_done(self.registry, ref, self.state.done):
                self.state.part = ref.file

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

    def cards(self, ref: PartRef) -> dict[str, Card]:
        """What is shown of a part's exercises without grading them."""
        return self.registry.cards(ref)

    def path(self, ref: PartRef) -> Path:
        return self.folder / ref.file

    def reference(self, ref: PartRef) -> Path:
        return self.root / "solutions" / ref.file

    def hints(self, text: str) -> tuple[tuple[str, ...], int]:
        """(all hints of an exercise, how many of them were shown before)."""
        ref, name = self.one(text)
        hints = tuple(self.cards(ref)[name].hints)
        return hints, min(self.state.hints.get(f"{ref.number}.{name}", 0), len(hints))

    def next_hint(self, text: str) -> tuple[str, int, int]:
        """(hint, its number, how many there are): the next rung, the last again at the top."""
        ref, name = self.one(text)
        hints, before = self.hints(text)
        if not hints:
            raise UserError(f"there is no hint for {ref.number}.{name}.")
        number = min(before + 1, len(hints))
        if number != before:
            key = f"{ref.number}.{name}"
            self.state.hints[key] = number
            history = self.state.history.setdefault(key, History())
            history.hints = max(history.hints, number)
            self.state.save()
        return hints[number - 1], number, len(hints)

    def reset(self, text: str, whole: bool = False) -> tuple[Path, Path | None]:
        """Puts one exercise back to its stub; (file, backup of the file as it was or None).

        Only the exercise's own definitions change. A missing file comes back as its stub.

        Args:
            text: the exercise.
            whole: put the whole file back to its stub.

        Raises:
            UserError: the file is broken elsewhere, so that its parts cannot be told apart, or it is no file.
        """
        ref, name = self.one(text)
        path = self.path(ref)
        stub = self._stub(ref)
        raw: bytes | None = None
        try:
            raw = read_once(path, MAX_BYTES)
        except FileNotFoundError:
            whole = True
        except (OSError, NotPlain) as error:
            why = getattr(error, "strerror", None) or error
            raise UserError(f"{shown(path)} cannot be reset: {why}.") from None
        fresh = stub
        if not whole:
            try:
                fresh = put_back((raw or b"").decode("utf-8"), stub, self.cards(ref)[name].targets)
            except (SyntaxError, UnicodeDecodeError) as error:
                line = getattr(error, "lineno", None)
                where = f", line {line}," if line else ""
                raise UserError(
                    f"{shown(path)}{where} is not valid Python outside of {ref.number}.{name}: "
                    "mend that first, or put the whole file back to its stub with "
                    f"`hero reset --file {ref.number}.{name}` (a backup is kept)."
                ) from None
        backup = None if raw is None else self.backup(path, raw)
        write_atomically(path, fresh)
        for reset in self.cards(ref) if whole else [name]:
            self.state.done.discard(f"{ref.number}.{reset}")
            self.state.hints.pop(f"{ref.number}.{reset}", None)
        self.state.save()
        return path, backup

    def _stub(self, ref: PartRef) -> str:
        from graders.core.stubs import stub_of

        return stub_of(self.registry.load(ref))

    def backup(self, path: Path, content: bytes) -> Path:
        """Keeps a content below .hero/backup, named by time. Raises OSError, and leaves nothing then."""
        folder = self.root / ".hero" / "backup" / path.parent.name
        stamp = time.strftime("%Y%m%d-%H%M%S")
        copy = folder / f"{path.stem}.{stamp}{path.suffix}"
        number = 1
        while os.path.lexists(copy):
            copy = folder / f"{path.stem}.{stamp}-{number}{path.suffix}"
            number += 1
        write_atomically(copy, content)
        return copy

    def solution(self, text: str, own: str | None = None) -> tuple[str, list[str]]:
        """(the reference's source of an exercise, a diff from the learner's to it).

        Args:
            own: the learner's source, where it is not the file's.
        """
        from graders.core.stubs import without_markers

        ref, name = self.one(text)
        targets = self.cards(ref)[name].targets
        right = texts(without_markers(self.reference(ref).read_text(encoding="utf-8")), targets)
        try:
            if own is None:
                own = read_once(self.path(ref), MAX_BYTES).decode("utf-8")
            mine = texts(own, targets)
        except (OSError, SyntaxError, ValueError):
            mine = ""
        diff = difflib.unified_diff(
            mine.splitlines(), right.splitlines(), "yours", "reference", lineterm="", n=2
        )
        return right, list(diff)


def start_judge(registry: Registry, seed: int | None, strict: bool) -> Judge:
    """Imports torch and starts the process that forks the children.

    A garbage collection in the middle of torch's import, or over all it made, is lost time, and grading makes
    much that lives on and little that is garbage.
    """
    import gc

    from graders.ground.machine import can_start

    can_start()
    gc.disable()
    try:
        from graders.core.judge import Judge
        from graders.ground.worker import Worker
    finally:
        gc.enable()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    return Judge(registry, Worker(strict=strict), seed)


def installed() -> Path:
    """The checkout that this program itself is from. Raises UserError if its solutions are not there."""
    if (ROOT / "solutions").is_dir():
        return ROOT
    raise UserError(
        "other people's files are graded by the workbook that `hero` is installed from, and this one has no "
        'solutions: install it in a clone, with pip install -e ".".'
    )


def around() -> Path | None:
    """The checkout around the current folder, as far as it is one; None where there is none."""
    here = Path.cwd()
    return next((f for f in (here, *here.parents) if _wings(f)["exercises"]), None)


def import_nothing_from(*folders: Path) -> None:
    """Takes folders out of where Python looks for modules, except this workbook's own.

    (`python -m` puts the current folder there, and so does an empty entry in PYTHONPATH. What was imported by
    then was imported.)
    """
    theirs = {folder.resolve() for folder in folders} - {ROOT}
    sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() not in theirs]


def _wings(folder: Path) -> dict[str, bool]:
    return {
        "graders": (folder / "graders" / "authoring.py").is_file(),
        "solutions": (folder / "solutions").is_dir(),
        "exercises": any((folder / "exercises").glob("[0-9][0-9]_*")),
    }


def checkout() -> Path:
    """The checkout that holds one's own lessons: around the current folder, or the installed one.

    A copy that is not whole is told, not passed over: the installed checkout's files are not the ones that
    the person looks at.
    """
    here = Path.cwd()
    for folder in (here, *here.parents):
        wings = _wings(folder)
        lessons = wings.pop("exercises")
        if all(wings.values()):
            return folder
        if wings["graders"] or lessons:
            lost = [f"{name}/" for name, there in wings.items() if not there]
            verb, it = ("is", "it") if len(lost) == 1 else ("are", "them")
            raise UserError(
                f"{folder} is not a whole copy of the workbook: {' and '.join(lost)} {verb} missing. Bring "
                f"{it} back (`git checkout {' '.join(lost)}`), or grade these files from a whole copy: "
                f"`hero check --from {folder / 'exercises'}`."
            )
    if (ROOT / "solutions").is_dir():
        return ROOT
    raise UserError(
        "there is no workbook here: run this inside a clone of it (the folder with exercises/)."
    )


def select(
    registry: Registry, wanted: list[str] | tuple[str, ...], folder: Path
) -> list[tuple[PartRef, list[str]]]:
    """As Registry.select, and paths to what lies below the folder (exercises/) work from anywhere."""
    asked = []
    for text in wanted:
        path, colons, rest = text.partition("::")
        try:
            inside = Path(path).resolve(strict=True).relative_to(folder.resolve())
        except (OSError, ValueError, RuntimeError):
            asked.append(text)
            continue
        if not inside.parts:
            return registry.select([])
        asked.append(inside.as_posix() + colons + rest)
    return registry.select(asked)
