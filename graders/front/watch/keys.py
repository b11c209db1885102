"""Single key presses, without Enter, from a terminal; the terminal is put back as it was."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable

SEQUENCES = {
    "[A": "up",
    "OA": "up",
    "[B": "down",
    "OB": "down",
    "[5~": "pageup",
    "[6~": "pagedown",
    "[H": "home",
    "OH": "home",
    "[1~": "home",
    "[F": "end",
    "OF": "end",
    "[4~": "end",
}
CONTROLS = {"\r": "enter", "\n": "enter", "\x7f": "backspace", "\b": "backspace", "\x04": "q"}


def decode(text: str) -> list[str]:
    """The keys in what a terminal sent: "a", "up", "enter", "escape"; unknown ones are left out."""
    keys: list[str] = []
    at = 0
    while at < len(text):
        char = text[at]
        at += 1
        if char == "\x1b":
            end = _sequence_end(text, at)
            if end == at:
                keys.append("escape")
            elif name := SEQUENCES.get(text[at:end]):
                keys.append(name)
            at = end
        elif char in CONTROLS:
            keys.append(CONTROLS[char])
        elif char.isprintable():
            keys.append(char)
    return keys


def _sequence_end(text: str, at: int) -> int:
    """Where the escape sequence whose ESC stands before ``at`` ends; ``at`` if there is none."""
    if text[at : at + 1] == "O":
        return min(at + 2, len(text))
    if text[at : at + 1] != "[":
        return at
    end = at + 1
    while end < len(text) and not "@" <= text[end] <= "~":
        end += 1
    return min(end + 1, len(text))


class Keys:
    """While entered, hands the keys that are pressed to ``put``, some at a time; None at the end.

    Args:
        put: called from another thread.
    """

    def __init__(self, put: Callable[[list[str] | None], None]) -> None:
        self.put = put
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    if sys.platform == "win32":

        def __enter__(self) -> Keys:
            os.system("")  # makes the console understand escape sequences
            self._start()
            return self

        def __exit__(self, *exc: object) -> None:
            self._stop.set()

        def pause(self) -> None:
            """Nothing is to be put back here."""

        def again(self) -> None:
            """Nothing is to be set anew here."""

        def _read(self) -> None:
            import msvcrt

            special = {"H": "up", "P": "down", "I": "pageup", "Q": "pagedown"}
            special |= {"G": "home", "O": "end"}
            while not self._stop.is_set():
                if not msvcrt.kbhit():
                    self._stop.wait(0.02)
                    continue
                char = msvcrt.getwch()
                if char in ("\x00", "\xe0"):
                    name = special.get(msvcrt.getwch())
                    self.put([name] if name else [])
                elif char == "\x03":
                    self.put(["q"])
                else:
                    self.put(decode(char))

    else:

        def __enter__(self) -> Keys:
            import termios

            self._fd = sys.stdin.fileno()
            self._before = termios.tcgetattr(self._fd)
            self._wake_read, self._wake = os.pipe()
            self.again()
            self._start()
            return self

        def __exit__(self, *exc: object) -> None:
            self._stop.set()
            with contextlib.suppress(OSError):
                os.write(self._wake, b".")
            if self._thread is not None:
                self._thread.join(1)
            os.close(self._wake)
            self.pause()

        def pause(self) -> None:
            """Puts the terminal back as it was, for as long as the program is suspended."""
            import termios

            with contextlib.suppress(termios.error):  # the terminal may be gone
                termios.tcsetattr(self._fd, termios.TCSADRAIN, self._before)

        def again(self) -> None:
            """Sets the terminal to single keys (again, after the program was suspended)."""
            import termios
            import tty

            with contextlib.suppress(termios.error):
                tty.setcbreak(self._fd, termios.TCSADRAIN)

        def _read(self) -> None:
            import codecs
            import select

            decoder = codecs.getincrementaldecoder("utf-8")("ignore")
            while not self._stop.is_set():
                ready, _, _ = select.select([self._fd, self._wake_read], [], [])
                if self._wake_read in ready:
                    os.close(self._wake_read)
                    return
                try:
                    data = os.read(self._fd, 1024)
                    begun = data in (b"\x1b", b"\x1b[", b"\x1bO")  # the rest may be on its way
                    if begun and select.select([self._fd], [], [], 0.03)[0]:
                        data += os.read(self._fd, 1024)
                except OSError:
                    data = b""
                if not data:
                    self.put(None)
                    return
                self.put(decode(decoder.decode(data)))

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
