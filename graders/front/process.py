"""How the ``hero`` command stands in its system: its standard streams, and the signals that end it."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
from typing import Any, NoReturn


def open_streams() -> None:
    """A standard stream that is closed (`hero check >&-`) is the null device from here on.

    Else the next file that is opened would take its place, and be written into.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
    for number, (name, mode) in enumerate({"stdin": "r", "stdout": "w", "stderr": "w"}.items()):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode, closefd=False))


def end_in_order() -> None:
    """SIGTERM and SIGHUP end a command as an exception would: what it started and made is cleared away."""

    def end(number: int, _: Any) -> None:
        signal.signal(number, signal.SIG_IGN)  # once is enough; what clears away is not interrupted
        sys.exit(128 + number)

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:  # nohup ignores it
            signal.signal(number, end)


def leave(code: Any) -> NoReturn:
    """Ends the process: what was to be done at its end is done, but torch is not taken apart piece by piece.

    That takes a quarter of a second, longer than most checks.
    """
    others = [t for t in threading.enumerate() if t is not threading.main_thread()]
    if "torch" not in sys.modules or type(code) is not int or not all(t.daemon for t in others):
        sys.exit(code)
    try:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:  # as the interpreter would: it says what went wrong
        sys.exit(code)
    os._exit(code & 0xFF)
