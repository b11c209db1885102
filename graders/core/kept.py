"""What costs milliseconds to find out about grader files, kept beside Python's byte code.

``__pycache__/softmax.cpython-311.grader`` holds what was made of ``softmax.py``, under a key of all that it
depends on. A kept file may be missing, stale, broken or impossible to write: then the work is done again,
and nothing is said.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import sys
import tempfile
from collections.abc import Callable
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any


def kept(path: Path, key: bytes, make: Callable[[], Any]) -> Any:
    """What ``make`` gives, from the file kept for ``path`` if that was made under this key.

    Args:
        path: the grader file it is made of; it need not exist.
        key: a digest of everything that the result depends on.
        make: makes it: numbers, texts, code objects, and tuples, lists and dicts of them. Whatever it
            raises is passed on, and nothing is kept.
    """
    file = Path(cache_from_source(str(path))).with_suffix(".grader")
    try:
        under, found = marshal.loads(file.read_bytes())
        if under == key:
            return found
    except (OSError, EOFError, ValueError, TypeError):
        pass
    made = make()
    if not sys.dont_write_bytecode:
        with contextlib.suppress(OSError):
            _write(file, marshal.dumps((key, made)))
    return made


def _write(file: Path, content: bytes) -> None:
    """All of it or nothing: another process may read the file at any moment."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.replace(name, file)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
