"""Tells when a file was saved: at once where the system tells us, else by looking now and then."""

from __future__ import annotations

import contextlib
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from graders.front.files import MAX_BYTES
from graders.ground.reading import NotPlain, read_once

STEP_MS, DEBOUNCE_MS = 3, 15  # how long a save must be quiet before it is checked
LOOK_SECONDS = 0.5  # where the system does not tell of a save (some network drives), we look

Signature = tuple[int, int, bytes]


def signature(path: Path) -> Signature | None:
    """Differs after each save, even one that changes nothing; None if there is no file."""
    try:
        status = path.stat()
        plain = stat.S_ISREG(status.st_mode) and status.st_size <= MAX_BYTES
        return status.st_mtime_ns, status.st_ino, read_once(path, MAX_BYTES) if plain else b" "
    except (OSError, NotPlain):
        return None


def is_settled(found: Signature | None) -> bool:
    """Whether there is something in the file: while an editor replaces it, there may be nothing."""
    return found is not None and found[2] != b""


@contextlib.contextmanager
def saves(folder: Path, put: Callable[[], None]) -> Iterator[None]:
    """Meanwhile, calls ``put`` when something below the folder changes.

    The folder is watched and not the file, because many editors save by replacing the file.
    """
    import watchfiles

    stop = threading.Event()

    def follow() -> None:
        while not stop.is_set():
            try:
                for _ in watchfiles.watch(
                    folder,
                    watch_filter=None,
                    debounce=DEBOUNCE_MS,
                    step=STEP_MS,
                    stop_event=stop,
                    raise_interrupt=False,
                ):
                    put()
                    if not folder.is_dir():  # a new folder of this name is another one
                        break
            except (OSError, RuntimeError):  # no such folder, or the system has no watches left
                stop.wait(1)

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(1)
