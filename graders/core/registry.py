"""Which lessons, parts and exercises there are, and what an id typed by a person means.

Everything is derived from folder and file names: a lesson is a folder ``NN_name`` below graders/, a part is a
file of the same name in graders/, solutions/ and exercises/. There is no list to keep in step.
"""

from __future__ import annotations

import ast
import difflib
import re
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from graders.authoring import Exercise, Part, collecting
from graders.core.kept import code_and_scenarios

ROOT = Path(__file__).resolve().parents[2]
LESSON = re.compile(r"\d\d_\w+")


class UserError(Exception):
    """Something a person asked for cannot be; the message is one clear sentence for them."""


@dataclass(frozen=True)
class PartRef:
    """One part of a lesson: a file name shared by every wing."""

    lesson: str  # "05_backprop"
    name: str  # "1_cross_entropy"

    @property
    def file(self) -> str:
        """ "05_backprop/1_cross_entropy.py", the same below every wing."""
        return f"{self.lesson}/{self.name}.py"

    @property
    def number(self) -> str:
        """The lesson's number, "05"."""
        return self.lesson[:2]


class LoadedPart:
    """A part with its grader file executed and its reference solution read."""

    def __init__(self, ref: PartRef, root: Path) -> None:
        self.ref = ref
        self.grader_path = root / "graders" / ref.file
        self.reference_path = root / "solutions" / ref.file
        self.grader_source = self.grader_path.read_text(encoding="utf-8")
        self.reference = self.reference_path.read_text(encoding="utf-8")
        # scenarios: what of the grader file travels to the process that runs submitted code
        code, self.scenarios = code_and_scenarios(self.grader_source, self.grader_path)
        with collecting() as part:
            exec(code, {"__name__": f"graders.{ref.lesson}.{ref.name}"})
        self.part: Part = part
        self.modules: dict[Any, Any] = {}  # the reference and its alternatives, once executed

    @property
    def exercises(self) -> dict[str, Exercise]:
        return self.part.exercises

    @cached_property
    def tree(self) -> ast.Module:
        """The reference solution, parsed."""
        return ast.parse(self.reference, str(self.reference_path))

    @cached_property
    def bare_source(self) -> str:
        """The reference without its marker lines."""
        lines = self.reference.splitlines(keepends=True)
        return "".join(
            n for n in lines if "### BEGIN SOLUTION" not in n and "### END SOLUTION" not in n
        )

    @cached_property
    def bare_tree(self) -> ast.Module:
        """The reference without its marker lines, parsed."""
        return ast.parse(self.bare_source)

    def exercise_id(self, name: str) -> str:
        """ "05.tanh_backward" """
        return f"{self.ref.number}.{name}"


class Registry:
    """The lessons below a checkout."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        self._parts: dict[PartRef, LoadedPart] = {}

    @cached_property
    def lessons(self) -> list[str]:
        """Folder names, in order."""
        below = self.root / "graders"
        return sorted(p.name for p in below.iterdir() if p.is_dir() and LESSON.fullmatch(p.name))

    def parts(self, lesson: str) -> list[PartRef]:
        """The parts of a lesson, in the order of their file names."""
        files = sorted((self.root / "graders" / lesson).glob("*.py"))
        return [PartRef(lesson, f.stem) for f in files if not f.name.startswith("_")]

    def all_parts(self) -> list[PartRef]:
        return [part for lesson in self.lessons for part in self.parts(lesson)]

    def about(self, lesson: str) -> dict[str, str]:
        """lesson.toml: title, about, lecture, url."""
        path = self.root / "graders" / lesson / "lesson.toml"
        return {k: str(v) for k, v in tomllib.loads(path.read_text(encoding="utf-8")).items()}

    def load(self, ref: PartRef) -> LoadedPart:
        """A part, loaded once."""
        if ref not in self._parts:
            self._parts[ref] = LoadedPart(ref, self.root)
        return self._parts[ref]

    def exercise_names(self, ref: PartRef) -> list[str]:
        return list(self.load(ref).exercises)

    # -- what people type ------------------------------------------------------------------

    def select(self, wanted: list[str] | tuple[str, ...]) -> list[tuple[PartRef, list[str]]]:
        """Parts and their chosen exercises, in order, for ids such as "05", "05.tanh_backward".

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
                f"{text!r} is not an exercise: write a lesson (05), one exercise (05.tanh_backward) "
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
            here = self.exercise_names(ref)
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
