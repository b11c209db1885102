"""Who may write a partial download: at most one process per file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: BinaryIO) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _try_lock(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def own_part(target: Path) -> Iterator[Path]:
    """Yield the path of a partial file for `target` that nobody else writes meanwhile.

    That is <target>.part, which stays for the next attempt to go on from. While another
    process has it (or where the file system knows no locks), it is a file of our own that
    does not stay: nobody waits for somebody else's slow download.

    The lock is a file that stays: a lock file that is deleted can end up with two owners. The
    operating system lets go of the lock when its process ends, however that happens.
    Raises OSError when the folder cannot be written.
    """
    with open(target.with_name(f".{target.name}.lock"), "ab") as file:
        try:
            _try_lock(file)
        except OSError:
            part = target.with_name(f"{target.name}.{uuid4().hex[:8]}.part")
            try:
                yield part
            finally:
                part.unlink(missing_ok=True)
        else:
            yield target.with_name(f"{target.name}.part")
