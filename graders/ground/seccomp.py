"""Filters on system calls (seccomp), as programs for the kernel's small machine (BPF).

``install(allow_list(...))`` for other people's code, ``install(deny_list(...))`` for one's own. A filter
cannot be taken off again, and holds for every thread. Source: man page seccomp(2).
"""

from __future__ import annotations

import ctypes
import struct
import sys

from graders.ground import calls, kernel
from graders.ground.kernel import CLONE3, COLUMN, MACHINE

ALLOW = 0x7FFF0000
ERRNO = 0x00050000
KILL_PROCESS = 0x80000000
EPERM, EAGAIN, ENOSYS = 1, 11, 38
MODE_FILTER = 2
AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32 = 0x40000000  # x86_64 has every call a second time, from this number on

FUTEX_PRIVATE, FUTEX_WAKE = 128, 1
CLONE_THREAD = 0x00010000
# of a clone: new namespaces, and a trace or a parent of one's choice
CLONE_MORE = 0x7E020000 | 0x80 | 0x2000 | 0x8000

# which requests of these are harmless, by the value of one argument
ONLY: dict[str, tuple[int, tuple[int, ...]]] = {
    # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC, F_GETPIPE_SZ: no locks, leases, signals
    "fcntl": (1, (0, 1, 2, 3, 4, 1030, 1032)),
    # TCGETS, FIONREAD, FIONCLEX, FIOCLEX: nothing that types, nothing that sets
    "ioctl": (1, (0x5401, 0x541B, 0x5450, 0x5451)),
    # PR_GET_PDEATHSIG, PR_GET_DUMPABLE, PR_SET_NAME, PR_GET_NAME, PR_CAPBSET_READ, PR_SET_VMA
    "prctl": (0, (2, 3, 15, 16, 23, 0x53564D41)),
    "prlimit64": (0, (0,)),  # itself
    "getpriority": (0, (0,)),
}
# F_SETOWN, F_SETSIG, F_SETOWN_EX; FIOSETOWN, SIOCSPGRP: who gets the signal, and which
SIGNALLING = {"fcntl": (8, 10, 15), "ioctl": (0x8901, 0x8902)}

LOAD, EQUAL, AT_LEAST, BITS, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCH = 0, 4  # where the kernel puts them
LOW_WORD = (16, 24, 32, 40, 48, 56)  # offsets of the arguments' lower halves


def _do(code: int, k: int) -> bytes:
    return struct.pack("<HBBI", code, 0, 0, k & 0xFFFFFFFF)


def _jump(code: int, k: int, yes: int, no: int) -> bytes:
    """Skips ``yes`` or ``no`` instructions."""
    return struct.pack("<HBBI", code, yes, no, k & 0xFFFFFFFF)


GRANT, DENY, NO_SUCH = _do(RETURN, ALLOW), _do(RETURN, ERRNO | EPERM), _do(RETURN, ERRNO | ENOSYS)
AGAIN, PRETEND = _do(RETURN, ERRNO | EAGAIN), _do(RETURN, ERRNO)
# done already, or not worth doing, where all that can be written is in memory; but asked of a file that all
# share, they would keep the disk busy, or make the next one read it again
IDLE_ON_OWN_FILES = ("fsync", "fdatasync", "fadvise64")


def _argument(which: int) -> bytes:
    return _do(LOAD, LOW_WORD[which])


class _Program:
    """Rules by system call, in order; the first that fits decides."""

    def __init__(self) -> None:
        self.code = [_do(LOAD, ARCH), _jump(EQUAL, AUDIT_ARCH[MACHINE], 1, 0)]
        self.code += [_do(RETURN, KILL_PROCESS), _do(LOAD, NUMBER)]
        if MACHINE == "x86_64":
            self.code += [_jump(AT_LEAST, X32, 0, 1), DENY]

    def rule(self, number: int | None, *body: bytes) -> None:
        """What becomes of one system call; the body must decide."""
        if number is not None:
            self.code += [_jump(EQUAL, number, 0, len(body)), *body]

    def finish(self, *last: bytes) -> bytes:
        return b"".join([*self.code, *last])


def _one_of(argument: int, values: tuple[int, ...], yes: bytes, no: bytes) -> list[bytes]:
    tests = [_jump(EQUAL, v, len(values) - i, 0) for i, v in enumerate(values)]
    return [_argument(argument), *tests, no, yes]


def _threads_only() -> list[bytes]:
    return [
        _argument(0),
        _jump(BITS, CLONE_MORE, 1, 0),
        _jump(BITS, CLONE_THREAD, 1, 0),
        DENY,
        GRANT,
    ]


def _own_locks() -> list[bytes]:
    """Nobody waits on a page that others may map as well: who wakes a waiter there has told it something.

    The C library waits so for a thread's end, and looks again when it hears "try again".
    """
    return [
        _argument(1),
        _jump(BITS, FUTEX_PRIVATE, 2, 0),
        _jump(EQUAL, FUTEX_WAKE, 1, 0),
        AGAIN,
        GRANT,
    ]


def allow_list(pid: int, threads: bool = True, own_files: bool = False) -> bytes:
    """Refuses whatever calls.ALLOWED does not name.

    Args:
        pid: of the process that the filter is for; signals go to it alone.
        threads: whether it may start any.
        own_files: it sees no file whose permissions and times could matter to anybody.
    """
    assert COLUMN is not None
    program = _Program()
    allowed = dict(calls.ALLOWED)
    if own_files:
        allowed |= calls.ALLOWED_ON_OWN_FILES
    for name, numbers in allowed.items():
        number = (numbers[0], numbers[1])[COLUMN]
        if own_files and name in IDLE_ON_OWN_FILES:
            program.rule(number, PRETEND)
        elif name == "clone":
            program.rule(number, *(_threads_only() if threads else [DENY]))
        elif name == "futex":
            program.rule(number, *_own_locks())
        elif name in ("kill", "tgkill"):
            program.rule(number, *_one_of(0, (pid,), GRANT, DENY))
        elif name in ONLY:
            program.rule(number, *_one_of(*ONLY[name], GRANT, DENY))
        else:
            program.rule(number, GRANT)
    for newer in calls.REFUSED_AMONG_NEWER:
        program.rule(newer, DENY)
    return program.finish(_jump(AT_LEAST, calls.NEWER, 0, 1), NO_SUCH, DENY)


def deny_list(pid: int, processes: bool = False, threads: bool = True) -> bytes:
    """Refuses what calls.FORBIDDEN and a few rules name. ``processes``: it may start some."""
    assert COLUMN is not None
    numbers = {name: both[COLUMN] for name, both in calls.NUMBERS.items()}
    program = _Program()
    if not processes:
        # threads are fine, processes are not; clone3 hides its flags, so libc must use clone
        program.rule(numbers["clone"], *(_threads_only() if threads else [DENY]))
        program.rule(CLONE3, NO_SUCH)
        for name in ("fork", "vfork", "execve", "execveat", "setsid"):
            program.rule(numbers[name], DENY)
        # a unix socket leads to whatever service listens on this machine: Docker's, the session's;
        # of a pair, too, each end can send to an address of its choice
        for name in ("socket", "socketpair", "connect", "bind", "memfd_create", "mq_open"):
            program.rule(numbers[name], DENY)
    # otherwise only unix sockets (family 1)
    program.rule(numbers["socket"], *_one_of(0, (1,), GRANT, DENY))
    for name, commands in SIGNALLING.items():
        program.rule(numbers[name], *_one_of(1, commands, DENY, GRANT))
    # to itself (its pid, or 0 for those that send no signal) is fine
    for name in ("kill", "tgkill"):
        program.rule(numbers[name], *_one_of(0, (pid,), GRANT, DENY))
    for name in ("prlimit64", *(n for n in numbers if n.startswith("sched_"))):
        program.rule(numbers[name], *_one_of(0, (pid, 0), GRANT, DENY))
    # it ends with its parent, and may not change its mind about that
    program.rule(numbers["prctl"], *_one_of(0, (kernel.PR_SET_PDEATHSIG,), DENY, GRANT))
    for name in calls.FORBIDDEN:
        program.rule(numbers[name], DENY)
    return program.finish(GRANT)


def possible() -> bool:
    """Whether filters can be written for this kind of machine."""
    return sys.platform == "linux" and MACHINE in AUDIT_ARCH


def install(code: bytes) -> bool:
    """Puts a filter in force for this process and its threads, for good; False where there is none."""
    buffer = ctypes.create_string_buffer(code, len(code))

    class Program(ctypes.Structure):
        _fields_ = [("len", ctypes.c_ushort), ("filter", ctypes.c_void_p)]

    program = Program(len(code) // 8, ctypes.addressof(buffer))
    if not kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1):
        return False
    return kernel.prctl(kernel.PR_SET_SECCOMP, MODE_FILTER, ctypes.addressof(program))
