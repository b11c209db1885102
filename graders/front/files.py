"""Writing a single file so that nothing is lost: it is there whole or not at all.

Reading one so that nothing hangs is a floor below, in ground/reading.py.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from pathlib import Path

MAX_BYTES = 4 * 2**20  # of a file that is read here; far above any source or progress file


def write_atomically(path: Path, content: str | bytes) -> None:
    """Writes a file (text as UTF-8) so that it is the old one or the new one, never half of either."""
    path = Path(os.path.realpath(path))  # a link stays a link
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISREG(os.stat(path).st_mode):  # renaming over a device would take it away
            raise OSError(errno.EINVAL, "it is not a plain file", str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    fd, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name + ".")
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(content.encode("utf-8") if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            with contextlib.suppress(OSError):
                os.chmod(temporary, path.stat().st_mode & 0o777)
        else:
            os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
