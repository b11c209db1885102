"""Counts the steps that a file's own code takes: Python's instructions, the same on any machine.

What runs in C (a search through a list, a product of matrices) is one step here. This is the child's word.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

MOST = 3_000_000  # steps that are counted; then it is too much in any case


class TooManySteps(BaseException):
    """More than MOST steps; no ``except Exception`` may hide it."""


class Steps:
    """How many there were."""

    def __init__(self) -> None:
        self.count = 0


@contextmanager
def counting_steps(path: str, wanted: bool = True) -> Iterator[Steps]:
    """Counts the instructions of code from one file, where that is wanted."""
    steps = Steps()
    if not wanted:
        yield steps
        return

    def step(frame: Any, event: str, _: Any) -> Any:
        if event == "opcode":
            steps.count += 1
            if steps.count > MOST:
                raise TooManySteps(f"more than {MOST:,} steps")
        return step

    def enter(frame: Any, event: str, _: Any) -> Any:
        if frame.f_code.co_filename != path:
            return None
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        return step

    before, elsewhere = sys.gettrace(), threading.gettrace()
    threading.settrace(enter)  # what it starts counts, too
    sys.settrace(enter)
    try:
        yield steps
    finally:
        sys.settrace(before)
        threading.settrace(elsewhere)
