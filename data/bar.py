"""The bar behind `data.progress`: rich in a terminal or notebook, plain lines elsewhere."""

from __future__ import annotations

import importlib.util
import math
import os
import sys
from contextlib import suppress
from time import perf_counter
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Self

    from rich.progress import Progress, TaskID

REDRAW = 0.1  # seconds between two drawings in a terminal


def _can_draw() -> bool:
    """Whether standard output can show a bar that moves."""
    if type(sys.stdout).__module__.startswith("ipykernel"):
        # Without ipywidgets, rich prints a warning instead of a bar.
        found = importlib.util.find_spec("ipywidgets") is not None
    else:
        isatty = getattr(sys.stdout, "isatty", None)
        found = isatty is not None and isatty() and os.environ.get("TERM") != "dumb"
    return found and importlib.util.find_spec("rich") is not None


def _as_text(value: object) -> str:
    """Return a figure in a few characters: 2.30259 -> '2.303', tensor(3) -> '3'."""
    with suppress(AttributeError, RuntimeError, ValueError):
        value = value.item()  # type: ignore[attr-defined]  # a tensor or array of one number
    if isinstance(value, float):
        return f"{value:.4g}"
    return " ".join(str(value).split())[:40]


class Bar:
    """How far a run is. Use it in a `with` block.

    total:       how many steps the run has
    description: what is going on, in a word or two
    every:       plain lines only: the fraction of the run between two lines
    unit:        what is counted, such as "bytes"
    """

    def __init__(
        self, total: int, description: str = "", every: float = 0.1, unit: str = ""
    ) -> None:
        if total < 0:
            raise ValueError(f"total is {total}: a run cannot have fewer than no steps")
        self.total = total
        self.done = 0
        self.description = description
        self._unit = f" {unit}" if unit else ""
        self._gap = max(1, math.ceil(total * every))  # steps between two plain lines
        self._figures: dict[str, object] = {}
        self._began = perf_counter()
        self._rich: Progress | None = None
        self._task: TaskID | None = None
        self._due = 0.0  # when to show something next: a time with rich, else a step

    def __enter__(self) -> Self:
        self._began = perf_counter()
        if not _can_draw() or not self._start_rich():
            self._plan_line()
        return self

    def update(self, /, step: int | None = None, **figures: object) -> None:
        """Count one more step, and show the latest `figures`, such as loss=2.31.

        step: the index of the step just done, from 0 as in `for step in range(total)`, for a
        loop that skips or starts late; left out, the bar moves on by one.

        A figure may be a number, a string or a tensor with one element. It is turned into text
        only when it is shown, so that a loss on a GPU is not waited for at every step.
        """
        if figures:
            for name, value in figures.items():
                # Do not keep the graph of a loss, and its memory, alive until the next step.
                detach = getattr(value, "detach", None)
                self._figures[name] = value if detach is None else detach()
        self.reach(self.done + 1 if step is None else step + 1)

    def reach(self, done: int) -> None:
        """Say that `done` steps in all are done."""
        self.done = done
        if self._rich is None:
            if done >= self._due:
                print(self._line(), flush=True)
                self._plan_line()
        else:
            now = perf_counter()
            if now >= self._due:
                self._draw()
                self._due = now + REDRAW

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._rich is None:
            print(self._line(stopped=kind is not None), flush=True)
        else:
            try:
                self._draw()
            finally:
                self._rich.stop()  # or the terminal stays without its cursor

    def _count(self) -> str:
        return f"{self.done:,}/{self.total:,}{self._unit}"

    def _figures_text(self) -> str:
        return " ".join(f"{name}={_as_text(value)}" for name, value in self._figures.items())

    def _plan_line(self) -> None:
        due = (self.done // self._gap + 1) * self._gap
        # The line at the end is the one of __exit__.
        self._due = due if due < self.total else math.inf

    def _line(self, stopped: bool = False) -> str:
        begin = f"{self.description}: " if self.description else ""
        seconds = perf_counter() - self._began
        words = [
            begin + ("stopped at " if stopped else "") + self._count(),
            self._figures_text(),
            f"({seconds:.1f} s)",
        ]
        return " ".join(word for word in words if word)

    def _start_rich(self) -> bool:
        """Show the bar; return False where rich is busy with another one and cannot."""
        from rich import get_console
        from rich.errors import LiveError
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        def text(field: str) -> TextColumn:
            # No markup: "loss[0]" is to be seen as it is.
            return TextColumn("{task.fields[" + field + "]}", markup=False)

        # auto_refresh would start a thread; a process with threads should not fork.
        columns = (text("what"), BarColumn(), text("count"), text("figures"), TimeRemainingColumn())
        bars = Progress(*columns, console=get_console(), auto_refresh=False)
        try:
            bars.start()
        except LiveError:
            return False
        self._rich = bars
        self._task = bars.add_task(
            "", total=self.total, what=self.description, count=self._count(), figures=""
        )
        return True

    def _draw(self) -> None:
        assert self._rich is not None and self._task is not None
        self._rich.update(
            self._task,
            completed=self.done,
            count=self._count(),
            figures=self._figures_text(),
            refresh=True,
        )
