"""The folders that submissions run in: made, measured, and gone afterwards, whatever happened.

A folder's name tells who made it: a mark of the machine, the process and when that was started. So
what a run left behind that was killed with everything below it can be told from what is in use,
and the next run takes it away. Nothing here needs torch.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import socket
import stat
import tempfile
import time
from functools import cache
from pathlib import Path
from zlib import crc32

from graders.ground import machine
from graders.ground.limits import MAX_DEPTH, MAX_DISK, MAX_FOLDER

NAME = re.compile(r"hero-([0-9a-f]{8})-(\d+)-(\d+)-.+")
PATIENCE = 30.0  # seconds for one folder that something may still be writing into
# what lies below a folder is reached through the folder that was opened, never through a name that
# somebody could have put a link in the place of
_SAFE = {os.open, os.unlink, os.rmdir, os.stat, os.chmod} <= os.supports_dir_fd
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)


def make() -> str:
    """A new empty folder. Raises MachineError where there is no room for it."""
    own = os.getpid()
    place = machine.temporary_folder()
    try:
        return tempfile.mkdtemp(prefix=f"hero-{_here()}-{own}-{_born(own)}-", dir=place)
    except OSError as error:
        raise machine.lack(error) from None


@cache
def _here() -> str:
    """A mark of this machine, or of this container: process numbers mean something inside it."""
    with contextlib.suppress(OSError):
        return f"{crc32((socket.gethostname() + os.readlink('/proc/self/ns/pid')).encode()):08x}"
    return f"{crc32(socket.gethostname().encode()):08x}"


def _born(pid: int) -> int:
    """When a process was started, as its system counts; 0 where that cannot be known."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
        return int(text.rpartition(")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return 0


def _lives(pid: int, born: int) -> bool:
    """Whether the process that made a folder is still there (and no other of its number)."""
    if os.name == "nt":  # asking by a signal would end it there
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    now = _born(pid)
    return not born or not now or now == born


def sweep() -> None:
    """Removes what killed runs of this user left, on this machine, in the temporary folder."""
    with contextlib.suppress(OSError, machine.MachineError):
        for entry in os.scandir(machine.temporary_folder()):
            found = NAME.fullmatch(entry.name)
            if not found or found[1] != _here() or _lives(int(found[2]), int(found[3])):
                continue
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid():
                remove(entry.path)


# -- measuring --------------------------------------------------------------------------------------


def too_much(folder: str) -> str:
    """What a folder has too much of: "disk" (bytes or files), "depth", or "" if all is well."""
    size = count = 0
    left = [(folder, 0)]
    while left:
        path, depth = left.pop()
        try:
            entries = list(os.scandir(path))
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                return "depth"
            continue
        for entry in entries:
            count += 1
            try:
                found = entry.stat(follow_symlinks=False)
            except OSError as error:
                if error.errno == errno.ENAMETOOLONG:
                    return "depth"
                continue
            size += getattr(found, "st_blocks", found.st_size // 512) * 512
            if stat.S_ISDIR(found.st_mode):
                left.append((entry.path, depth + 1))
        if size > MAX_DISK or count > MAX_FOLDER:
            return "disk"
        if depth > MAX_DEPTH:
            return "depth"
    return ""


# -- removing ---------------------------------------------------------------------------------------


def remove(folder: str) -> None:
    """Removes a folder, however deep it is and whatever was done to its permissions."""
    if not _SAFE:  # Windows
        shutil.rmtree(folder, ignore_errors=True)
        return
    with contextlib.suppress(OSError):
        if not stat.S_ISDIR(os.lstat(folder).st_mode):
            return
        with contextlib.suppress(OSError):
            os.rmdir(folder)  # most often it is empty; and this needs no descriptor
            return
        os.chmod(folder, 0o700)
        _empty(os.open(folder, _FOLDER))
        os.rmdir(folder)


def _empty(opened: int) -> None:
    """Empties an open folder, and closes it.

    Only the folder that is being looked at is open: ``..`` leads back up. So neither the depth of
    calls, nor of open files, nor the length of a path grows with the tree.
    """
    end = time.monotonic() + PATIENCE
    above: list[tuple[str, tuple[int, int], list[str]]] = []  # name, identity and rest of each
    try:
        names = os.listdir(opened)
        while (names or above) and time.monotonic() < end:
            if not names:  # empty now: up, and away with it
                name, identity, names = above.pop()
                opened = _step(opened, "..")
                if _identity(opened) != identity:  # somebody moved it
                    return
                os.rmdir(name, dir_fd=opened)
                continue
            name = names.pop()
            if not stat.S_ISDIR(os.stat(name, dir_fd=opened, follow_symlinks=False).st_mode):
                os.unlink(name, dir_fd=opened)
                continue
            try:
                os.rmdir(name, dir_fd=opened)
            except OSError:
                above.append((name, _identity(opened), names))
                os.chmod(name, 0o700, dir_fd=opened)
                opened = _step(opened, name)
                names = os.listdir(opened)
    finally:
        os.close(opened)


def _step(opened: int, name: str) -> int:
    """The folder of that name, seen from an open one, which is closed for it."""
    new = os.open(name, _FOLDER, dir_fd=opened)
    os.close(opened)
    return new


def _identity(opened: int) -> tuple[int, int]:
    status = os.fstat(opened)
    return status.st_dev, status.st_ino
