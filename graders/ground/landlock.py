"""Which files a process may write and read, and whom it may signal, by Landlock. Source: landlock(7).

What is allowed to a process can only be narrowed later on. It holds beside the permissions of the file
system, and beside what is mounted.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from graders.ground import kernel

# the numbers are the same on every architecture
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
FS_EXECUTE, FS_WRITE_FILE, FS_READ_FILE, FS_READ_DIR = 1, 2, 4, 8
FS_TRUNCATE = 1 << 14
FS_IOCTL_DEV = 1 << 15
NET_TCP, SCOPES = 3, 3  # bind and connect; abstract unix sockets and signals


@cache
def abi() -> int:
    """The kernel's Landlock version; 0 where there is none."""
    if sys.platform != "linux":
        return 0
    return max(0, kernel.libc().syscall(CREATE_RULESET, None, ctypes.c_size_t(0), 1))


def install(write: Iterable[Path], read: Iterable[Path] | None = None) -> bool:
    """Allows writing below ``write`` only and, if ``read`` is given, reading below those only.

    With ``read``, also (where the kernel knows how): no TCP, no abstract sockets of others, no signals
    to others. Returns False where there is no Landlock.
    """
    version = abi()
    if version == 0:
        return False
    bits = {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)
    everything = (1 << bits) - 1
    reading = FS_EXECUTE | FS_READ_FILE | FS_READ_DIR
    handled = everything if read is not None else everything & ~FS_IOCTL_DEV & ~reading
    attr = struct.pack("<Q", handled)
    if read is not None and version >= 6:
        attr += struct.pack("<QQ", NET_TCP, SCOPES)
    libc = kernel.libc()
    ruleset = libc.syscall(CREATE_RULESET, attr, ctypes.c_size_t(len(attr)), 0)
    if ruleset < 0:
        return False
    try:
        for paths, rights in ((write, handled & ~FS_IOCTL_DEV), (read or (), handled & reading)):
            for path in paths:
                _allow(ruleset, path, rights)
        if not kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1):
            return False
        return bool(libc.syscall(RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)  # type: ignore[attr-defined,unused-ignore]
    except OSError:
        return  # what is not there needs no permission
    try:
        if not path.is_dir():  # the other rights mean something for folders only
            rights &= FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE
        if rights:
            kernel.libc().syscall(ADD_RULE, ruleset, 1, struct.pack("<Qi", rights, fd), 0)
    finally:
        os.close(fd)
