"""Which cells of this kernel were run, and how far: what it defines now can be told from their source."""

from __future__ import annotations

import re
import sys
from importlib import import_module  # IPython is there only where a notebook is
from typing import Any

from graders.notebook.gather import RunCell

# cell magics that run the code below them as it stands
RUNS_BELOW = re.compile(r"\s*%%(time|capture|prun)\b[^\n]*\n")


class Record:
    """The cells that a shell has run. What ran before this is known from its history, without how far."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.done: list[RunCell] = []
        self.current = ""  # the code of the cell that is running; "" if none is
        history = list(shell.history_manager.input_hist_raw)[1:]
        # the cell that imports this is in the history already, and still running
        for number, raw in enumerate(history, 1):
            if number < shell.execution_count:
                self._add(number, raw)
            else:
                self.current = raw
        shell.events.register("pre_run_cell", self._begin)
        shell.events.register("post_run_cell", self._end)

    def cells(self) -> list[RunCell]:
        """All that was run, oldest first; of the cell that is running, what stands before this call."""
        running = []
        if self.current:
            line = self._line_now()
            running = [RunCell(self.shell.execution_count, self._python(self.current), line)]
        return [*self.done, *running]

    def names(self) -> list[str]:
        """The names that the kernel knows now."""
        return [name for name in self.shell.user_ns if isinstance(name, str)]

    def _begin(self, info: Any) -> None:
        self.current = info.raw_cell or ""

    def _end(self, result: Any) -> None:
        raw, self.current = self.current, ""
        info = getattr(result, "info", None)
        raw = getattr(info, "raw_cell", None) or raw
        if getattr(result, "error_before_exec", None) is None:
            number = result.execution_count or self.shell.execution_count
            self._add(number, raw, _reached(result.error_in_exec))

    def _add(self, number: int, raw: str, lines: int = 10**9) -> None:
        source = self._python(raw)
        if source.strip():
            self.done.append(RunCell(number, source, lines))

    def _python(self, raw: str) -> str:
        below = RUNS_BELOW.match(raw)
        if below:  # its lines stay, so that the others keep their numbers
            return "\n" * below.group().count("\n") + self._translated(raw[below.end() :])
        return self._translated(raw)

    def _translated(self, raw: str) -> str:
        try:
            return str(self.shell.transform_cell(raw))
        except Exception:  # not valid Python: it was not run either
            return ""

    def _line_now(self) -> int:
        """The line of the running cell before the one from which this was called."""
        found = 10**9
        frame = sys._getframe().f_back
        while frame is not None:  # the outermost frame of the notebook's own is the cell
            if frame.f_globals is self.shell.user_ns:
                found = frame.f_lineno - 1
            frame = frame.f_back
        return found


def _reached(error: BaseException | None) -> int:
    """The last line of a cell that was left behind when it ended early."""
    trace = getattr(error, "__traceback__", None)
    while trace is not None:
        code = trace.tb_frame.f_code
        # "<module>", or "<cell line: 3>" in some versions
        if code.co_name.startswith(("<module", "<cell")) and "IPython" not in code.co_filename:
            return int(trace.tb_lineno) - 1
        trace = trace.tb_next
    return 0 if error is not None else 10**9


def shell() -> Any:
    """IPython's shell, or None outside of a notebook."""
    return import_module("IPython").get_ipython() if "IPython" in sys.modules else None
