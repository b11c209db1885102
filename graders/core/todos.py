"""Which exercises of a file are still a TODO: told by its text, as far as that goes.

A stub that stands as it was is one, unless the file may put something else in its place (`Value.tanh = ...`,
`globals()["f"] = ...`). Then it is run, and a TODO only if it is the stub that answers.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import cached_property

from graders.core.asking import Run
from graders.core.blame import lines_of
from graders.core.report import CheckResult
from graders.core.standins import is_todo
from graders.ground.definitions import is_put_in, stored

TODO = "NotImplementedError"  # what every stub says


class Todos:
    """The TODOs of a file.

    Args:
        tree: the file.
        targets: what each exercise of the part asks for.
        stub: gives the part's stub.
        text: the file's text; where it does not name what a stub raises, none of it is looked through.
    """

    def __init__(
        self,
        tree: ast.Module,
        targets: Mapping[str, tuple[str, ...]],
        stub: Callable[[], ast.Module],
        text: str = TODO,
    ) -> None:
        self.tree, self.targets, self.stub, self.text = tree, targets, stub, text

    @cached_property
    def stubs(self) -> list[str]:
        """The exercises whose stub stands as it was."""
        if TODO not in self.text:
            return []
        return [
            name for name, asked in self.targets.items() if is_todo(self.tree, self.stub, asked)
        ]

    @cached_property
    def sure(self) -> list[str]:
        """Those of them that are a TODO whatever runs."""
        held = stored(self.tree) if self.stubs else frozenset()
        return [
            n for n in self.stubs if not any(is_put_in(self.tree, held, t) for t in self.targets[n])
        ]

    def lines(self, name: str) -> set[int]:
        """The lines of an exercise's own definitions."""
        return lines_of(self.tree, self.targets[name])

    def answers(self, name: str, run: Run, verdicts: list[CheckResult]) -> bool:
        """Whether it was the stub of an exercise that answered in its run."""
        if name not in self.stubs or all(check.status != "todo" for check in verdicts):
            return False
        return run.raised_in(name) <= self.lines(name)
