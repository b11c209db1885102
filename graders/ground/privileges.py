"""Privileges, given up for good."""

from __future__ import annotations

import struct

from graders.ground import kernel

VERSION_3 = 0x20080522  # of the sets that capset(2) takes
LEAST = 38  # capabilities that the oldest of today's kernels has
# root's number gives none, a change of user keeps and gives none; and all of that is locked
NO_ROOT = 0x2F


def give_up() -> None:
    """No capability now, and none later, by whatever way. Raises OSError.

    Who has none may not lower what it could get, and need not: no_new_privs holds.
    """
    kernel.prctl(kernel.PR_CAP_AMBIENT, kernel.PR_CAP_AMBIENT_CLEAR_ALL)
    number = 0
    while kernel.prctl(kernel.PR_CAPBSET_DROP, number):
        number += 1
    if 0 < number < LEAST:
        raise OSError(1, "capabilities cannot be dropped")
    kernel.prctl(kernel.PR_SET_SECUREBITS, NO_ROOT)
    kernel.must(kernel.libc().capset(struct.pack("<Ii", VERSION_3, 0), bytes(24)), "capset")
    if not kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1):
        raise OSError(1, "no_new_privs")
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
