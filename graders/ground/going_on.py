"""Executes a learner's file to its end, although some of its statements may stop.

A file holds more than what is asked: `words = open("names.txt")`, a print, a training of minutes. What stops
at the top level, by an exception or because it takes too long, costs what needs its names, and nothing else:
execution goes on behind that statement, and what stopped is noted.
"""

from __future__ import annotations
import __future__

import ast
import builtins
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

from graders.ground import limits

# what submitted code replaces in its own process is no matter to what runs it (see wire.py)
globals()["__builtins__"] = dict(vars(builtins))
FUTURES = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
TICK = 0.05  # seconds between two looks at the clock, once a file has taken that long


class TooLong(BaseException):
    """A statement was still running when its time was over; no ``except Exception`` may hide it."""


def execute(
    code: CodeType,
    tree: Callable[[], ast.Module],
    names: dict[str, Any],
    own: range,
    note: Callable[[BaseException, ast.stmt], None],
) -> None:
    """Executes a module's code; raises what stops it where nothing can be said about where that was.

    Args:
        code: the module, compiled.
        tree: gives the same, parsed; asked for when something stops.
        names: its namespace.
        own: the lines that are the learner's. What stops elsewhere is raised.
        note: told of each statement that stopped, at most limits.MAX_STOPPED times.
    """
    body: list[ast.stmt] | None = None
    with _clock() as clock:
        for stops in range(limits.MAX_STOPPED + 1):
            clock.begin()
            try:
                exec(code, names)
                return
            except BaseException as error:
                clock.running = False
                body = tree().body if body is None else body
                at = _place(error, code, body, own)
                if at is None or stops == limits.MAX_STOPPED:
                    raise
                note(error, body[at])
            body = body[at + 1 :]
            flags = code.co_flags & FUTURES
            rest = ast.Module(body, [])
            code = compile(rest, code.co_filename, "exec", flags=flags, dont_inherit=True)


def _place(error: BaseException, code: CodeType, body: list[ast.stmt], own: range) -> int | None:
    """Which of a module's statements an exception came through."""
    trace = BaseException.__dict__["__traceback__"].__get__(error)
    while trace is not None and trace.tb_frame.f_code is not code:
        trace = trace.tb_next
    if trace is None:
        return None
    line, _, column, _ = list(code.co_positions())[trace.tb_lasti // 2]
    here = (line or trace.tb_lineno, column or 0)
    began = [(_start(node), i) for i, node in enumerate(body) if node.lineno in own]
    return max((i for start, i in began if start <= here), default=None) if here[0] in own else None


def _start(node: ast.stmt) -> tuple[int, int]:
    return min(
        (n.lineno, n.col_offset) for n in [node, *getattr(node, "decorator_list", [])]
    )  # a decorator's own, without its @


class _Clock:
    """How long what is running may still run: half of what is left of the time for the whole file.

    So there is always some left to go on with.
    """

    def __init__(self) -> None:
        self.running = False
        self.cpu = time.process_time() + limits.LOAD_SECONDS
        self.wall = time.monotonic() + limits.LOAD_SECONDS * limits.WALL
        self.ends = (0.0, 0.0)

    def begin(self) -> None:
        now, least = (time.process_time(), time.monotonic()), 2 * TICK
        self.ends = (
            now[0] + max((self.cpu - now[0]) / 2, least),
            now[1] + max((self.wall - now[1]) / 2, least),
        )
        self.running = True

    def look(self, _: int, frame: FrameType | None) -> None:
        over = time.process_time() > self.ends[0] or time.monotonic() > self.ends[1]
        if self.running and over and frame is not None and frame.f_globals is not globals():
            raise TooLong("it took too long")


@contextmanager
def _clock() -> Iterator[_Clock]:
    """A clock that stops what is running. Where there is no such thing (Windows), it never does."""
    clock = _Clock()
    if not hasattr(signal, "setitimer"):
        yield clock
        return
    before = signal.signal(signal.SIGALRM, clock.look)
    signal.setitimer(signal.ITIMER_REAL, 20 * TICK, TICK)  # an ordinary file never hears of it
    try:
        yield clock
    finally:
        clock.running = False
        if signal.getsignal(signal.SIGALRM) == clock.look:  # else the file has made it its own
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
