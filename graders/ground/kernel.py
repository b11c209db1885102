"""The kernel's doors that Python has no functions for, through ctypes.

The two packages that wrap these calls are compiled, and the learner's install stays small. Sources: man
pages prctl(2), unshare(2), mount_setattr(2), pivot_root(2). Nothing here needs torch.
"""

from __future__ import annotations

import ctypes
import os
import platform
from functools import cache

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_SECUREBITS = 28
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4

MACHINE = platform.machine()
CLONE3 = 435  # hides its flags from filters
COLUMN = {"x86_64": 0, "aarch64": 1}.get(MACHINE)  # in tables of system calls


@cache
def libc() -> ctypes.CDLL:
    """The C library of this process."""
    return ctypes.CDLL(None, use_errno=True)


def prctl(*args: int) -> bool:
    """Whether a prctl(2) was granted."""
    padded = [ctypes.c_ulong(a) for a in (*args, 0, 0, 0, 0)][:5]
    return bool(libc().prctl(*padded) == 0)


def must(result: int, what: str) -> int:
    """The result of a call of the C library. Raises OSError, which names it, if that is negative."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)
    return result
