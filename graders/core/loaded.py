"""One part as it lies in the three wings: its reference solution, its cards, its grader files.

Reading cards and the reference needs no torch. An exercise's grader file is executed when the exercise is
first asked for, its bank when something is wrong and the bank is asked for.
"""

from __future__ import annotations

import ast
import marshal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, Any

from graders.core import cards as card_files
from graders.core import prune
from graders.core.cards import LESSON, PART, Card
from graders.core.kept import kept
from graders.errors import AuthoringError

if TYPE_CHECKING:
    from graders.authoring import Exercise

RULES = (
    b"".join(Path(str(m.__file__)).read_bytes() for m in (prune, card_files))
    + Path(__file__).read_bytes()
)


@dataclass(frozen=True)
class PartRef:
    """One part of a lesson: a name shared by every wing."""

    lesson: str  # "05_backprop"
    name: str  # "1_loss"

    @property
    def file(self) -> str:
        """ "05_backprop/1_loss.py", the same below exercises/ and solutions/."""
        return f"{self.lesson}/{self.name}.py"

    @property
    def folder(self) -> str:
        """ "05_backprop/1_loss", the part's room below graders/."""
        return f"{self.lesson}/{self.name}"

    @property
    def number(self) -> str:
        """The lesson's number, "05"."""
        return self.lesson[:2]


class LoadedPart:
    """A part with its reference solution read. Raises OSError, SyntaxError, AuthoringError."""

    def __init__(self, ref: PartRef, root: Path) -> None:
        self.ref = ref
        self.folder = root / "graders" / ref.folder
        self.reference_path = root / "solutions" / ref.file
        self.reference = self.reference_path.read_text(encoding="utf-8")
        self.cards: dict[str, Card] = card_files.cards(self.folder, self.reference_path)
        self.exercises = _Exercises(self)
        self.modules: dict[Any, Any] = {}  # the reference and its alternatives, once executed

    @cached_property
    def shared(self) -> _Shared:
        """part.py, executed."""
        return _Shared(self.folder / f"{PART}.py")

    @cached_property
    def reference_code(self) -> CodeType:
        """The reference solution, compiled."""
        path = str(self.reference_path)
        key = blake2b(f"{path}\0{self.reference}".encode()).digest()
        found: CodeType = kept(
            self.folder / "reference.py",
            key,
            lambda: compile(self.reference, path, "exec", dont_inherit=True),
        )
        return found

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

    def scenarios(self, name: str) -> str:
        """What of an exercise's grader file travels to the process that runs submitted code."""
        return self.exercises.file(name).scenarios

    def scenario_code(self, name: str) -> bytes:
        """The same as it travels: compiled, because every run needs it."""
        return self.exercises.file(name).scenario_code


class _Exercises(Mapping[str, "Exercise"]):
    """A part's exercises in the order of its solution, each executed when it is first asked for."""

    def __init__(self, part: LoadedPart) -> None:
        self.part = part
        self.files: dict[str, _GraderFile] = {}

    def file(self, name: str) -> _GraderFile:
        """An exercise's grader file, executed as far as it is asked."""
        if name not in self.files:
            if name not in self.part.cards:
                raise KeyError(name)
            self.files[name] = _GraderFile(self.part.folder / f"{name}.py", self.part.shared)
        return self.files[name]

    def __getitem__(self, name: str) -> Exercise:
        return self.file(name).exercise

    def __iter__(self) -> Iterator[str]:
        return iter(self.part.cards)

    def __len__(self) -> int:
        return len(self.part.cards)


class _Shared:
    """part.py: what the exercises of a part share. There need not be one."""

    def __init__(self, path: Path) -> None:
        from graders.authoring import collecting  # only now is torch needed

        self.path = path
        self.source = _with_lesson(path) if path.exists() else ""
        self.names: dict[str, Any] = {"__name__": f"graders.{path.parent.name}.{PART}"}
        with collecting() as said:
            if self.source:
                key = blake2b(RULES + f"\0{path}\0{self.source}".encode()).digest()
                exec(
                    kept(
                        path,
                        key,
                        lambda: compile(self.source, str(path), "exec", dont_inherit=True),
                    ),
                    self.names,
                )
        self.forbid = said.forbid


def _with_lesson(path: Path) -> str:
    """The text of a part.py, below that of the lesson.py from which it takes names, if it does."""
    source = path.read_text(encoding="utf-8")
    for node in ast.parse(source, str(path)).body:
        if isinstance(node, ast.ImportFrom) and (node.level, node.module) == (2, LESSON):
            lines = source.splitlines(keepends=True)
            above = (path.parent.parent / f"{LESSON}.py").read_text(encoding="utf-8")
            return above + "".join(lines[: node.lineno - 1] + lines[node.end_lineno :])
    return source


class _GraderFile:
    """One exercise's grader file: what is asked executed, the bank when it is asked for."""

    def __init__(self, path: Path, shared: _Shared) -> None:
        from graders.authoring import collecting  # only now is torch needed

        self.path, self.shared = path, shared
        self.source = source = path.read_text(encoding="utf-8")
        key = blake2b(RULES + f"\0{path}\0{shared.source}\0{source}".encode()).digest()
        names, asked, scenarios, code, bank = kept(path, key, lambda: self._make(source))
        self.scenarios: str = scenarios
        self.scenario_code: bytes = code
        self._bank: bytes = bank
        self.names: dict[str, Any] = {"__name__": f"graders.{path.parent.name}.{path.stem}"}
        for name in names:
            if name not in shared.names:
                raise AuthoringError(f"{path.name} takes {name} from {PART}.py, where it is not")
            self.names[name] = shared.names[name]
        with collecting() as said:
            exec(asked, self.names)
        (self.exercise,) = said.exercises.values()
        self.exercise.forbid = shared.forbid or self.exercise.forbid
        self.exercise.read_bank = self._read_bank

    def _make(self, source: str) -> tuple[list[str], Any, str, bytes, bytes]:
        tree = ast.parse(source, str(self.path))
        part = ast.parse(self.shared.source)
        names = prune.imported(tree)
        prune.no_second_meaning(tree, part, names)
        asked, bank = prune.divide(tree, part)
        code = compile(bank, str(self.path), "exec", dont_inherit=True)
        scenarios = prune.prune(tree, part)
        return (
            names,
            compile(asked, str(self.path), "exec", dont_inherit=True),
            scenarios,
            marshal.dumps(compile(scenarios, "<scenarios>", "exec")),
            marshal.dumps(code),
        )

    def _read_bank(self) -> None:
        exec(marshal.loads(self._bank), self.names)
