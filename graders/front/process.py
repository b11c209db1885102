"""How the ``hero`` command stands in its system: its standard streams, and the signals that end it."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any


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
