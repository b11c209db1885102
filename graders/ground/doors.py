"""The door through which somebody's files come in: what lies below one folder, and nothing that it leads to.

A link below the folder may lead to the solutions, or to somebody else's work, which would then earn points.
In the strict level each folder on the way is opened from the one above it, and no link is followed. So what
is read is what was looked at, whoever moves things about meanwhile. Otherwise links are a learner's own
affair, except into the solutions.
"""

from __future__ import annotations

import errno
import os
import stat
from functools import cached_property
from pathlib import Path, PurePath

from graders.ground.reading import NotPlain, open_plain, read_once, read_open

LINK = "it is a link, or lies in one, and links are not followed in files of other people"
TWICE = "it has a second name elsewhere (a hard link), so whose file it is cannot be told"
SOLUTION = "it leads to the workbook's own solutions"


class Door:
    """Reads files below a folder.

    Args:
        folder: may itself be a link: whoever asks has named it.
        solutions: the folder of the reference, whose files are nobody's answer; unless it is what is graded.
        strict: the files are other people's.
    """

    def __init__(self, folder: Path, solutions: Path | None = None, strict: bool = False) -> None:
        self.folder, self.solutions, self.strict = folder, solutions, strict

    def read(self, name: str, limit: int) -> bytes:
        """The bytes of a file below the folder.

        Args:
            name: its path from there.
            limit: of its size, in bytes.

        Raises:
            NotPlain: it is no plain file, too large, or came by a way that is not allowed.
            OSError: it is missing, or may not be read.
        """
        if not self.strict:
            return read_once(self.folder / name, limit, self._look)
        fd = self._open(PurePath(name).parts)
        try:
            status = os.fstat(fd)
            if stat.S_ISREG(status.st_mode):
                self._look(status)
                if status.st_nlink > 1:
                    raise NotPlain(TWICE)
            return read_open(fd, limit)
        finally:
            os.close(fd)

    def _look(self, status: os.stat_result) -> None:
        if (status.st_dev, status.st_ino) in self._answers:
            raise NotPlain(SOLUTION)

    @cached_property
    def _answers(self) -> frozenset[tuple[int, int]]:
        """The solutions' files, by device and number: whatever name or link leads to them."""
        if self.solutions is None:
            return frozenset()
        named = Path(os.path.abspath(self.folder))
        if named.parent.resolve() / named.name == self.solutions.resolve():
            return frozenset()  # so are solutions checked, by those who write them
        found = (path.stat() for path in self.solutions.glob("*/*.py"))
        return frozenset((status.st_dev, status.st_ino) for status in found)

    def _open(self, parts: tuple[str, ...]) -> int:
        """Opens a file below the folder without following a link on the way."""
        if not parts or os.pardir in parts or PurePath(*parts).is_absolute():
            raise NotPlain("its name leads out of the folder")
        if os.open not in os.supports_dir_fd or not hasattr(os, "O_NOFOLLOW"):
            raise NotPlain("this system cannot open files without following links")
        at = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for part in parts[:-1]:
                flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
                below = _without_links(part, flags, at)
                os.close(at)
                at = below
            return _without_links(parts[-1], None, at)
        finally:
            os.close(at)


def _without_links(name: str, flags: int | None, at: int) -> int:
    try:
        if flags is None:
            return open_plain(name, os.O_NOFOLLOW, at)
        return os.open(name, flags, dir_fd=at)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK, errno.ENOTDIR):
            status = os.stat(name, dir_fd=at, follow_symlinks=False)
            if stat.S_ISLNK(status.st_mode):
                raise NotPlain(LINK) from None
        raise
