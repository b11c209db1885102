"""The list of allowed system calls: what is on it, by which numbers, and with which arguments."""

from __future__ import annotations

import ctypes
import json
import os
import platform
import re
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from graders.ground import calls, kernel, seccomp

pytestmark = pytest.mark.skipif(not seccomp.possible(), reason="no filters here")

HARMFUL = """
    acct add_key adjtimex bind bpf capset chroot clock_adjtime clock_settime clone3 close_range connect
    delete_module execve execveat fanotify_init fanotify_mark finit_module flock fork fsconfig fsmount
    fsopen fspick init_module inotify_add_watch inotify_init inotify_init1 io_uring_enter
    io_uring_register io_uring_setup ioperm iopl ioprio_set kcmp kexec_file_load kexec_load keyctl
    landlock_restrict_self lchown link linkat listen lookup_dcookie mbind memfd_create memfd_secret
    migrate_pages mknod mknodat mlock mlockall modify_ldt mount mount_setattr move_mount move_pages mq_open
    msgget name_to_handle_at nfsservctl open_by_handle_at open_tree perf_event_open personality
    pidfd_getfd pidfd_open pidfd_send_signal pivot_root process_madvise process_vm_readv
    process_vm_writev ptrace quotactl quotactl_fd reboot recvmsg request_key rt_sigqueueinfo
    rt_tgsigqueueinfo sched_setaffinity sched_setattr sched_setparam sched_setscheduler seccomp semget
    sendmsg setdomainname setfsgid setfsuid setgid setgroups sethostname setns setpgid setpriority
    setregid setresgid setresuid setreuid setsid settimeofday setuid setxattr lsetxattr fsetxattr shmget
    socket socketpair swapoff swapon symlink symlinkat sync syncfs syslog timer_create tkill truncate
    umount2 unshare userfaultfd ustat vfork vhangup vmsplice splice tee chown fchown fchownat futex_waitv
"""
EVERYTHING = {**calls.ALLOWED, **calls.ALLOWED_ON_OWN_FILES}


def test_each_has_a_reason() -> None:
    for name, (_, _, why) in EVERYTHING.items():
        assert len(why) >= 5, name
    for column in (0, 1):
        numbers = [entry[column] for entry in EVERYTHING.values() if entry[column] is not None]
        assert len(numbers) == len(set(numbers))


def test_nothing_harmful_is_allowed() -> None:
    assert not set(HARMFUL.split()) & set(EVERYTHING)
    taken = {calls.NUMBERS[name][0] for name in calls.FORBIDDEN if name != "prlimit64"}
    assert not taken & {entry[0] for entry in calls.ALLOWED.values()}
    # rules about an argument belong to a call that is allowed
    assert set(seccomp.ONLY) <= set(EVERYTHING)


def test_numbers_are_those_of_the_system() -> None:
    found = 0
    headers = [
        (0, ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm/unistd_64.h")),
        (1, ("/usr/include/asm-generic/unistd.h",)),
    ]
    for column, places in headers:
        for place in filter(os.path.exists, places):
            there = _numbers(Path(place).read_text())
            for table in (EVERYTHING, calls.NUMBERS):
                for name, entry in table.items():
                    if name in there:
                        found += 1
                        assert entry[column] == there[name], name
    if not found:
        pytest.skip("no headers here")
    assert found > 100


def _numbers(header: str) -> dict[str, int]:
    names = {"fstatat": "newfstatat"}  # one number under two names
    pairs = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)\b", header)
    return {names.get(name, name): int(number) for name, number in pairs}


# -- in a child ----------------------------------------------------------------------------------------------


def confined(attempt: Callable[[], object], own_files: bool = False) -> list[int]:
    """What an attempt returns in a process that the list confines."""
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking beside other threads
        pid = os.fork()
    if pid == 0:
        said: object = "it broke"
        try:
            assert seccomp.install(seccomp.allow_list(os.getpid(), own_files=own_files))
            said = attempt()
        except BaseException as error:
            said = repr(error)
        finally:
            os.write(writer, json.dumps(said).encode())
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as file:
        said = json.loads(file.read())
    os.waitpid(pid, 0)
    assert isinstance(said, list), said
    return said


def call(name: str, *arguments: object) -> int:
    """A system call by its name; minus the error's number where it is refused."""
    entry = EVERYTHING.get(name) or calls.NUMBERS[name]
    return _call(entry[kernel.COLUMN or 0], *arguments)


def _call(number: object, *arguments: object) -> int:
    ctypes.set_errno(0)
    result = kernel.libc().syscall(number, *arguments)
    return -ctypes.get_errno() if result == -1 else result


GRANTED: dict[str, list[Callable[[], int]]] = {
    "fcntl": [lambda: call("fcntl", 1, 1, 0), lambda: min(0, call("fcntl", 1, 3, 0))],
    "ioctl": [lambda: call("ioctl", _pipe(), 0x541B, ctypes.byref(ctypes.c_int()))],
    "prctl": [
        lambda: call("prctl", 16, ctypes.create_string_buffer(16), 0, 0, 0),
        lambda: call("prctl", 15, b"name", 0, 0, 0),
    ],
    "kill": [lambda: call("kill", os.getpid(), 0)],
    "tgkill": [lambda: call("tgkill", os.getpid(), threading.get_native_id(), 0)],
    "prlimit64": [lambda: call("prlimit64", 0, 7, None, ctypes.create_string_buffer(16))],
    "getpriority": [lambda: min(0, call("getpriority", 0, 0))],
    "futex": [
        lambda: call("futex", ctypes.byref(ctypes.c_int(5)), 129, 1, None, None, 0),
        lambda: call("futex", ctypes.byref(ctypes.c_int(5)), 1, 1, None, None, 0),
    ],
}
OWN, CHILD, NO_CALL, AGAIN = -1, 17, -38, -11
# locks, owners, signals, leases, news of folders, sizes of pipes, seals, locks of open files
LOCKS = (5, 6, 7, 8, 9, 10, 15, 16, 1024, 1025, 1026, 1031, 1033, 36, 37, 38)
REFUSED: dict[str, list[Callable[[], int]]] = {
    "fcntl": [lambda c=c: call("fcntl", 1, c, 0) for c in LOCKS],  # type: ignore[misc]
    "ioctl": [
        lambda r=r: call("ioctl", 1, r, 0)  # type: ignore[misc]
        for r in (0x5412, 0x541C, 0x540E, 0x5414, 0x5402, 0x8901, 0x8902, 0x5421, 0x5452)
    ],
    "prctl": [
        lambda o=o: call("prctl", o, 0, 0, 0, 0)  # type: ignore[misc]
        for o in (1, 4, 8, 22, 24, 28, 35, 36, 38, 47)
    ],
    "kill": [lambda p=p: call("kill", p, 0) for p in (-1, 0, 1, os.getpid())],  # type: ignore[misc]
    "tgkill": [lambda: call("tgkill", os.getppid(), os.getppid(), 0)],
    "prlimit64": [lambda: call("prlimit64", os.getppid(), 7, None, None)],
    "getpriority": [lambda: call("getpriority", 2, 0)],
    "clone": [
        lambda f=f: call("clone", f, 0, 0, 0, 0)  # type: ignore[misc]
        for f in (
            0,
            CHILD,
            0x8000 | CHILD,
            0x100,
            0x10000000,
            0x10010000,
            0x20010F00,
            0x80 | 0x10000,
        )
    ],
}


def _pipe() -> int:
    return os.pipe()[0]


@pytest.mark.parametrize("name", sorted(GRANTED))
def test_good_arguments(name: str) -> None:
    assert confined(lambda: [attempt() for attempt in GRANTED[name]]) == [0] * len(GRANTED[name])


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_bad_arguments(name: str) -> None:
    assert confined(lambda: [attempt() for attempt in REFUSED[name]]) == [-1] * len(REFUSED[name])


def test_threads_are_granted_and_joined() -> None:
    def attempt() -> list[int]:
        done: list[int] = []
        threads = [threading.Thread(target=done.append, args=(i,)) for i in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(done)

    assert confined(attempt) == [0, 1, 2]


def test_nobody_waits_on_a_shared_page() -> None:
    """ "Try again", and not a wait that ends when its time is over; nor several waits at once."""

    def attempt() -> list[int]:
        word, soon = ctypes.c_int(5), (ctypes.c_long * 2)(0, 1_000_000)
        where = ctypes.byref(word)
        return [
            call("futex", where, 0, 5, soon, None, 0),
            call("futex", where, 9, 5, soon, None, -1),
            call("futex", where, 3, 1, 1, where, 0),
            _call(449, None, 0, 0, None, 0),
        ]

    assert confined(attempt) == [AGAIN, AGAIN, AGAIN, NO_CALL]


def test_what_is_not_on_the_list() -> None:
    """Refused in so many words; but what the C library only tries is "no such call"."""

    def attempt() -> list[int]:
        names = ("socket", "execve", "ptrace", "unshare", "mount", "keyctl", "bpf", "memfd_create")
        others = [_call(number, 0, 0, 0) for number in (435, 437, 455, 999)]
        return [call(name, 0, 0, 0) for name in names] + others + [call("pidfd_open", 1, 0)]

    assert confined(attempt) == [-1] * 8 + [NO_CALL] * 4 + [-1]


@pytest.mark.skipif(platform.machine() != "x86_64", reason="a door of x86_64")
def test_the_other_door_is_closed() -> None:
    x32 = seccomp.X32
    assert confined(lambda: [_call(x32 | n, 0, 0, 0) for n in (1, 39, 41, 57)]) == [-1] * 4


def test_files_of_its_own_may_be_marked_and_others_not(tmp_path: Path) -> None:
    """Permissions and times: granted only where every file that can be seen is one's own."""
    file = tmp_path / "file"
    file.write_text("")

    def attempt() -> list[int]:
        said = []
        for mark in (lambda: os.chmod(file, 0o600), lambda: os.utime(file)):
            try:
                mark()
                said.append(0)
            except PermissionError:
                said.append(-1)
        return said

    assert confined(attempt) == [-1, -1]
    assert confined(attempt, own_files=True) == [0, 0]


def test_the_disk_is_left_alone_where_all_is_in_memory(tmp_path: Path) -> None:
    """To be sure of what is written, and to forget what was read: said to be done, and not done."""

    def attempt() -> list[int]:
        nothing = 77  # no open file
        return [
            call("fsync", nothing),
            call("fdatasync", nothing),
            call("fadvise64", nothing, 0, 0, 4),
        ]

    assert confined(attempt) == [-9, -9, -9]
    assert confined(attempt, own_files=True) == [0, 0, 0]


def test_it_holds_for_threads_that_were_there_before() -> None:
    if sys.platform != "linux":
        pytest.skip("Linux only")
    go, said = threading.Event(), []

    def attempt() -> list[int]:
        thread = threading.Thread(target=lambda: said.append(call("socket", 1, 1, 0)))
        thread.start()
        thread.join()
        go.set()
        return said

    assert confined(attempt) == [-1]
