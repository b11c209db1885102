"""Reads a file once, whatever lies there: a pipe, a device, a folder, something endless.

A path is opened a single time and everything is asked of what was opened, so that nobody can put
another file there between the question and the answer. What is not a plain file of a sensible size
is refused before a byte of it is read.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path


class NotPlain(ValueError):
    """There is something at the path, but it cannot be read as a file; the text says why.

    The text goes on after the file's name: "it is a folder, not a file".
    """


def read_once(
    path: Path | str, limit: int, look: Callable[[os.stat_result], None] | None = None
) -> bytes:
    """The bytes of a plain file.

    A link is followed; what it leads to must be a plain file.

    Args:
        limit: of the file's size, in bytes.
        look: is shown what was opened, before it is read, and may raise.

    Raises:
        NotPlain: a ValueError: it is a folder, a pipe, a device, or larger than the limit.
        OSError: it is missing, or may not be read.
    """
    fd = open_plain(path)
    try:
        if look is not None:
            look(os.fstat(fd))
        return read_open(fd, limit)
    finally:
        os.close(fd)


def open_plain(path: Path | str, more: int = 0, at: int | None = None) -> int:
    """Opens a path for ``read_open``, without waiting for what may be behind it.

    Args:
        more: further flags.
        at: the descriptor of the folder that the path starts from.

    Raises:
        NotPlain, OSError: as ``read_once``.
    """
    # without O_NONBLOCK, opening a pipe waits for somebody to write
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
    flags |= getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0) | more
    try:
        return os.open(path, flags, dir_fd=at)
    except PermissionError:
        if at is None and os.path.isdir(path):  # Windows opens no folders
            raise NotPlain("it is a folder, not a file") from None
        raise
    except ValueError as error:  # a null character in the path
        raise NotPlain(f"its name cannot be: {error}") from None
    except OSError as error:
        kind = _kind(path, at)
        if kind:  # a socket cannot be opened, nor can a device without a driver
            raise NotPlain(kind) from error
        raise


def read_open(fd: int, limit: int) -> bytes:
    """The bytes of what was opened, as ``read_once``; the descriptor stays open."""
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode):
        raise NotPlain(_name(status.st_mode))
    if status.st_size > limit:
        raise NotPlain(_too_large(limit))
    parts: list[bytes] = []
    left = limit + 1
    while left > 0:  # it may grow meanwhile; and files of /proc say that they have no size
        part = os.read(fd, min(left, 2**20))
        if not part:
            return b"".join(parts)
        parts.append(part)
        left -= len(part)
    raise NotPlain(_too_large(limit))


def _kind(path: Path | str, at: int | None = None) -> str:
    """What lies at the path, in words, if that is no plain file; "" otherwise."""
    try:
        mode = os.stat(path, dir_fd=at, follow_symlinks=at is None).st_mode
    except (OSError, ValueError):
        return ""
    return "" if stat.S_ISREG(mode) or stat.S_ISLNK(mode) else _name(mode)


def _name(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "it is a folder, not a file"
    if stat.S_ISFIFO(mode):
        return "it is a pipe, not a plain file"
    if stat.S_ISSOCK(mode):
        return "it is a socket, not a plain file"
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        return "it is a device, not a plain file"
    return "it is not a plain file"


def _too_large(limit: int) -> str:
    if limit >= 2**20:
        return f"it is larger than {limit // 2**20} MB"
    return f"it is larger than {limit:,} bytes"
