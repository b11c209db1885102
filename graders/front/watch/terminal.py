"""The terminal's cursor and the signals that concern it; all is put back at the end."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator

from rich.console import Console

from graders.front.watch.keys import Keys


@contextlib.contextmanager
def cursor_hidden(out: Console) -> Iterator[None]:
    out.show_cursor(False)
    try:
        yield
    finally:
        out.show_cursor(True)


@contextlib.contextmanager
def cursor_shown(out: Console) -> Iterator[None]:
    """For a while, as while another program has the screen."""
    out.show_cursor(True)
    try:
        yield
    finally:
        out.show_cursor(False)


@contextlib.contextmanager
def without_interrupt() -> Iterator[None]:
    """Meanwhile Ctrl-C is for the program that runs in the foreground, not for us.

    A handler that does nothing, because a signal that is ignored would be so in the other program too.
    """
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def redraws(keys: Keys, out: Console, put: Callable[[], None]) -> Iterator[None]:
    """Meanwhile, calls ``put`` when the window changes its size or the program is resumed.

    Ctrl-Z leaves the shell a terminal as it was: with a cursor, and with lines instead of single keys.
    """
    if sys.platform == "win32":
        yield
        return

    def suspend(*_: object) -> None:
        out.show_cursor(True)
        out.file.write("\n")
        out.file.flush()
        keys.pause()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)  # stops here until the shell resumes us

    def resume(*_: object) -> None:
        signal.signal(signal.SIGTSTP, suspend)
        keys.again()
        out.show_cursor(False)
        put()

    handlers: dict[signal.Signals, Callable[..., None]] = {
        signal.SIGWINCH: lambda *_: put(),
        signal.SIGCONT: resume,
        signal.SIGTSTP: suspend,
    }
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
