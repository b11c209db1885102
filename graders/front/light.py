"""The workbook without a judge, for commands that grade nothing: a hint forks no process."""

from __future__ import annotations

from graders.core.registry import Registry
from graders.front.state import State
from graders.front.workbook import Workbook, checkout


class Light(Workbook):
    """A workbook that cannot grade."""

    def __init__(self) -> None:
        self.registry = Registry(checkout())
        self.root = self.registry.root
        self.own = True
        self.folder = self.root / "exercises"
        self.state = State.load(self.root)
