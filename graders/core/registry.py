"""Which lessons, parts and exercises there are, and what an id typed by a person means.

Everything is derived from folder and file names: a lesson is a folder ``NN_name`` below graders/, a part is a
folder in it (and a file of the same name in solutions/ and exercises/), an exercise is a file in that. There
is no list to keep in step. Torch is imported only when an exercise of a loaded part is asked for.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from functools import cached_property
from pathlib import Path

from graders.core.cards import Card, cards, files
from graders.core.loaded import LoadedPart, PartRef
from graders.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
LESSON = re.compile(r"\d\d_\w+")
PART_NAME = re.compile(r"\d+_\w+")


def _number(part: str) -> tuple[int, str]:
    return int(part.split("_")[0]), part


class Registry:
    """The lessons below a checkout."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        self._parts: dict[PartRef, LoadedPart] = {}
        self._cards: dict[PartRef, dict[str, Card]] = {}

    @property
    def read(self) -> bool:
        """Whether a part was read, so that its reference is in the memory of this process."""
        return bool(self._parts)

    @cached_property
    def lessons(self) -> list[str]:
        """Folder names, in order."""
        below = self.root / "graders"
        return sorted(p.name for p in below.iterdir() if p.is_dir() and LESSON.fullmatch(p.name))

    def parts(self, lesson: str) -> list[PartRef]:
        """The parts of a lesson, in the order of their numbers: 10_tasks comes after 9_paper."""
        below = (self.root / "graders" / lesson).iterdir()
        names = [p.name for p in below if PART_NAME.fullmatch(p.name) and any(p.glob("*.py"))]
        return [PartRef(lesson, name) for name in sorted(names, key=_number)]

    def all_parts(self) -> list[PartRef]:
        return [part for lesson in self.lessons for part in self.parts(lesson)]

    def about(self, lesson: str) -> dict[str, str]:
        """lesson.toml: title, about, lecture, url."""
        path = self.root / "graders" / lesson / "lesson.toml"
        return {k: str(v) for k, v in tomllib.loads(path.read_text(encoding="utf-8")).items()}

    def load(self, ref: PartRef) -> LoadedPart:
        """A part, read once."""
        if ref not in self._parts:
            self._parts[ref] = LoadedPart(ref, self.root)
        return self._parts[ref]

    def cards(self, ref: PartRef) -> dict[str, Card]:
        """What lists show of a part's exercises, in order; without torch."""
        if ref not in self._cards:
            folder, solution = (
                self.root / "graders" / ref.folder,
                self.root / "solutions" / ref.file,
            )
            self._cards[ref] = cards(folder, solution)
        return self._cards[ref]

    def exercise_names(self, ref: PartRef) -> list[str]:
        """The names of a part's exercises, in order."""
        return list(self.cards(ref))

    # -- what people type ------------------------------------------------------------------

    def select(self, wanted: list[str] | tuple[str, ...]) -> list[tuple[PartRef, list[str]]]:
        """Parts and their chosen exercises, in order, for ids such as "05", "05.logits_backward".

        Also understood: "5", "05_backprop", "05_backprop/1_x", "05/1_x.py", and paths that end so.
        Nothing wanted means everything. Raises UserError with a suggestion.
        """
        if not wanted:
            return [(ref, self.exercise_names(ref)) for ref in self.all_parts()]
        chosen: dict[PartRef, list[str]] = {}
        for text in wanted:
            for ref, names in self._select_one(text):
                known = chosen.setdefault(ref, [])
                known.extend(name for name in names if name not in known)
        order = {ref: i for i, ref in enumerate(self.all_parts())}
        return [
            (ref, [n for n in self.exercise_names(ref) if n in chosen[ref]])
            for ref in sorted(chosen, key=order.__getitem__)
        ]

    def _select_one(self, text: str) -> list[tuple[PartRef, list[str]]]:
        path, _, exercise = text.partition("::")
        pieces = [p for p in re.split(r"[/\\]", path) if p not in ("", ".", "..")]
        at = next((i for i, p in enumerate(pieces) if re.fullmatch(r"\d{1,2}(_\w+)?", p)), None)
        if at is None:
            if pieces and re.fullmatch(r"\d{1,2}\..+", pieces[-1]) and not exercise:
                number, _, exercise = pieces[-1].partition(".")
                return [self._find_exercise(self.lesson(number), exercise, text)]
            raise UserError(
                f"{text!r} is not an exercise: write a lesson (05), one exercise (05.logits_backward) "
                "or a path (exercises/05_backprop)."
            )
        lesson = self.lesson(pieces[at])
        refs = self.parts(lesson)
        rest = pieces[at + 1 :]
        if rest:
            stem = rest[0].removesuffix(".py")
            matching = [r for r in refs if r.name == stem or r.name.startswith(stem + "_")]
            if not matching:
                raise UserError(
                    f"there is no part {rest[0]!r} in {lesson}; its parts are "
                    f"{_listed([r.name for r in refs])}.{_meant(stem, [r.name for r in refs])}"
                )
            refs = matching[:1]
        if exercise:
            return [self._find_exercise(lesson, exercise.split("::")[0], text, refs)]
        return [(ref, self.exercise_names(ref)) for ref in refs]

    def lesson(self, text: str) -> str:
        """The lesson that "5", "05" or "05_backprop" names. Raises UserError."""
        number = text.split("_")[0].zfill(2)
        for lesson in self.lessons:
            if lesson == text or lesson[:2] == number:
                return lesson
        raise UserError(f"there is no lesson {text!r}; there are {_listed(self.lessons)}.")

    def _find_exercise(
        self, lesson: str, name: str, text: str, refs: list[PartRef] | None = None
    ) -> tuple[PartRef, list[str]]:
        names: list[str] = []
        for ref in refs or self.parts(lesson):
            here = list(files(self.root / "graders" / ref.folder))
            if name in here:
                return ref, [name]
            names += here
        raise UserError(
            f"there is no exercise {text!r}.{_meant(name, names, lesson[:2] + '.')} "
            f"`hero list {lesson[:2]}` shows them all."
        )


def _listed(names: list[str]) -> str:
    return ", ".join(names)


def _meant(name: str, names: list[str], prefix: str = "") -> str:
    close = difflib.get_close_matches(name, names, 1, 0.5)
    return f" Did you mean {prefix}{close[0]}?" if close else ""


__all__ = ["ROOT", "LoadedPart", "PartRef", "Registry", "UserError"]
