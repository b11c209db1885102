"""What an exercise declares: behaviours that its docstring allows, changes of its text without effect."""

from __future__ import annotations

import ast
import re

from graders.authoring import Exercise
from graders.core.loaded import LoadedPart
from graders.ground.definitions import definition

FLOAT32 = 1e-6  # a relative tolerance that forgives a float32 on the way
# "x.sum().item()  ->  x.sum()": a tensor for a number
UNWRAPPED = re.compile(r"(?:(.+)\.item\(\)  ->  \1|(?:float|int)\((.+)\)  ->  \2)")


class Declared:
    """The declarations of one exercise, ``legal`` and ``equivalent``; remembers which were needed."""

    def __init__(self, part: LoadedPart, exercise: Exercise) -> None:
        exercise.misconceptions  # noqa: B018  (reads the bank, where declarations stand)
        self.exercise = exercise
        self.legal = dict(exercise.legals)
        self.equivalent = dict(exercise.equivalents)
        self.said = _docstrings(part, exercise)
        self.used: set[str] = set()

    def _is_forgiven(self, kind: str, name: str) -> bool:
        """Whether an answer that is rounded so is within what the exercise forgives."""
        given = [check.tol.rtol or 0.0 for check in self.exercise.checks.values()]
        return kind == "universal" and name == "answer: in float32" and max(given) >= FLOAT32

    def reason(self, kind: str, place: str, name: str) -> str:
        """Why a mutant may pass; "" if nothing is declared. Of a text, "..." stands for every change."""
        if self._is_forgiven(kind, name):
            return "as exact as the exercise's own tolerance"
        known = self.equivalent if kind == "text" else self.legal
        number = f"answer: tensor for {'int' if name.startswith('int(') else 'float'}"
        if kind == "text" and number in self.legal and UNWRAPPED.fullmatch(name):
            self.used.add(number)
            return self.legal[number]
        for key in (f"{place} {name}", name, name.partition(": ")[2], *["..."] * (kind == "text")):
            if key and key in known:
                self.used.add(key)
                return known[key]
        return ""

    def wrong(self) -> list[str]:
        """The quotations that stand in no docstring."""
        return [
            f"legal({name!r}): no docstring says {words!r}"
            for name, words in self.legal.items()
            if " ".join(words.split()) not in self.said
        ]

    def unused(self) -> list[str]:
        """The declarations that no mutant needed; what an answer "may" do besides, none tries."""
        declared = [name for name in (*self.legal, *self.equivalent) if not name.startswith("may ")]
        return [name for name in declared if name not in self.used]


def _docstrings(part: LoadedPart, exercise: Exercise) -> str:
    """What the docstrings of the targets say, of their class and their methods too, on one line."""
    texts = []
    for target in exercise.targets:
        names = [target, target.rpartition(".")[0]]
        for node in [definition(part.bare_tree, n) for n in names if n]:
            for inner in ast.walk(node) if node else ():
                if isinstance(inner, (ast.FunctionDef, ast.ClassDef)):
                    texts.append(ast.get_docstring(inner) or "")
    return " ".join(" ".join(texts).split())
