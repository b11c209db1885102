"""What a process that runs submitted code may not do, as far as this operating system can say.

On Linux, without any privilege: no new processes, no network, no signals to others (seccomp), no
writing outside one folder and, if asked, no reading outside a few (Landlock), limits on memory and
file size (setrlimit), and death with its parent. On macOS only the limits. ``capabilities()`` tells
which; the caller decides whether that is enough.

Everything goes through ctypes, because the two packages that wrap these calls are compiled and the
learner's install stays small. Sources: man pages seccomp(2), landlock(7), prctl(2).
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from graders.ground.machine import MachineError

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
SECCOMP_MODE_FILTER = 2

ALLOW = 0x7FFF0000
ERRNO = 0x00050000
KILL_PROCESS = 0x80000000
EPERM, ENOSYS = 1, 38
CLONE_THREAD = 0x00010000

# landlock: syscall numbers are the same on every architecture
LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446
FS_EXECUTE, FS_WRITE_FILE, FS_READ_FILE, FS_READ_DIR = 1, 2, 4, 8
FS_TRUNCATE = 1 << 14
FS_IOCTL_DEV = 1 << 15
NET_TCP, SCOPES = 3, 3  # bind and connect; abstract unix sockets and signals

# name: (x86_64, aarch64); None where the architecture has no such call
SYSCALLS: dict[str, tuple[int | None, int | None]] = {
    "fork": (57, None),
    "vfork": (58, None),
    "clone": (56, 220),
    "clone3": (435, 435),
    "execve": (59, 221),
    "execveat": (322, 281),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "bind": (49, 200),
    # to be told of a file's news by a signal, which another process may be made to get
    "fcntl": (72, 25),
    "ioctl": (16, 29),
    # these slow others down
    "sched_setscheduler": (144, 119),
    "sched_setparam": (142, 118),
    "sched_setattr": (314, 274),
    "sched_setaffinity": (203, 122),
    "ioprio_set": (251, 30),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "perf_event_open": (298, 241),
    "kill": (62, 129),
    "prctl": (157, 167),
    "tkill": (200, 130),
    "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_send_signal": (424, 424),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "prlimit64": (302, 261),
    "setpriority": (141, 140),
    "setsid": (112, 157),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    # Landlock does not govern permissions, owners and times, nor older ones a file's length
    "truncate": (76, 45),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "lchown": (94, None),
    "fchown": (93, 55),
    "fchownat": (260, 54),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    # these live on when the process is gone
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    # memory that no limit counts
    "memfd_create": (319, 279),
}
FORBIDDEN = (
    "tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal", "pidfd_open",
    "pidfd_getfd", "ptrace", "process_vm_readv", "process_vm_writev", "setpriority", "unshare",
    "setns", "mount", "bpf", "userfaultfd", "io_uring_setup", "keyctl", "add_key", "chmod",
    "fchmod", "fchmodat", "fchmodat2", "chown", "lchown", "fchown", "fchownat", "setxattr",
    "lsetxattr", "fsetxattr", "shmget", "semget", "msgget", "truncate", "utime", "utimes",
    "futimesat", "utimensat", "ioprio_set", "migrate_pages", "move_pages", "perf_event_open",
)  # fmt: skip
# F_SETOWN, F_SETSIG, F_SETOWN_EX; FIOSETOWN, SIOCSPGRP: who gets the signal, and which
SIGNALLING = {"fcntl": (8, 10, 15), "ioctl": (0x8901, 0x8902)}
AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


class SandboxError(MachineError):
    """A protection that was asked for is not to be had on this machine."""


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _prctl(*args: int) -> bool:
    padded = [ctypes.c_ulong(a) for a in (*args, 0, 0, 0, 0)][:5]
    return _libc().prctl(*padded) == 0


def adopt_orphans() -> None:
    """On Linux: processes whose parents end below this one become its children, not init's."""
    if sys.platform == "linux":
        _prctl(PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(number: int = 9) -> None:
    """On Linux: SIGKILL, or another signal, when the parent ends, however it ends."""
    if sys.platform == "linux":
        _prctl(PR_SET_PDEATHSIG, number)


def plain_environment() -> dict[str, str]:
    """The variables that programs need to run; no tokens, keys or passwords."""
    names = {"PATH", "HOME", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV"}
    prefixes = ("LC_", "OMP_", "MKL_", "CUDA_", "NVIDIA_", "PYTHON", "HERO_")
    return {k: v for k, v in os.environ.items() if k in names or k.startswith(prefixes)}


def forget_environment() -> None:
    """Reduces this process's environment to the plain one, in the memory it was started with too.

    (That memory is what /proc/self/environ shows.)
    """
    kept = plain_environment()
    os.environ.clear()
    if sys.platform == "linux":
        fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        begin, end = int(fields[47]), int(fields[48])  # env_start, env_end: see proc(5)
        if 0 < begin < end:
            ctypes.memset(begin, 0, end - begin)
    os.environ.update(kept)


def limit_memory(budget: int) -> None:
    """Allows ``budget`` bytes of address space on top of what the process has mapped now."""
    import resource

    used = 0
    try:
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except (OSError, ValueError):
        if sys.platform == "darwin":  # RLIMIT_AS is not enforced there
            return
    _lower(resource.RLIMIT_AS, used + budget)


def limit_files(max_bytes: int, max_open: int) -> None:
    """No core dumps, no file larger than ``max_bytes``, at most ``max_open`` open at a time.

    The last bounds what can be hidden in files that are deleted but open.
    """
    import resource

    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, max_bytes)
    _lower(resource.RLIMIT_NOFILE, max_open)


def _lower(which: int, value: int) -> None:
    import resource

    _, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(which, (value, value))


# -- seccomp ------------------------------------------------------------------------------------


def _filter(pid: int, processes: bool) -> bytes:
    """A BPF program: deny what is listed, allow the rest. ``processes``: let it start some."""
    machine = platform.machine()
    column = {"x86_64": 0, "aarch64": 1}[machine]
    load_nr, load_arch = 0, 4
    low_word = (16, 24, 32, 40, 48, 56)  # offsets of the arguments' lower halves

    def stmt(code: int, k: int) -> bytes:
        return struct.pack("<HBBI", code, 0, 0, k & 0xFFFFFFFF)

    def jump(code: int, k: int, yes: int, no: int) -> bytes:
        return struct.pack("<HBBI", code, yes, no, k & 0xFFFFFFFF)

    load, equal, ge, bits, ret = 0x20, 0x15, 0x35, 0x45, 0x06
    deny = stmt(ret, ERRNO | EPERM)
    program = [stmt(load, load_arch), jump(equal, AUDIT_ARCH[machine], 1, 0)]
    program += [stmt(ret, KILL_PROCESS), stmt(load, load_nr)]
    if machine == "x86_64":  # the x32 numbers would go around the list
        program += [jump(ge, 0x40000000, 0, 1), deny]

    def rule(name: str, *body: bytes) -> None:
        number = SYSCALLS[name][column]
        if number is not None:
            program.append(jump(equal, number, 0, len(body)))
            program.extend(body)

    if not processes:
        # threads are fine, processes are not; clone3 hides its flags, so libc must use clone
        rule("clone", stmt(load, low_word[0]), jump(bits, CLONE_THREAD, 0, 1), stmt(ret, ALLOW),
             deny)  # fmt: skip
        rule("clone3", stmt(ret, ERRNO | ENOSYS))
        for name in ("fork", "vfork", "execve", "execveat", "setsid"):
            rule(name, deny)
        # a unix socket leads to whatever service listens on this machine: Docker's, the session's;
        # of a pair, too, each end can send to an address of its choice
        for name in ("socket", "socketpair", "connect", "bind", "memfd_create", "mq_open"):
            rule(name, deny)
    # otherwise only unix sockets (family 1)
    rule("socket", stmt(load, low_word[0]), jump(equal, 1, 0, 1), stmt(ret, ALLOW), deny)
    for name, commands in SIGNALLING.items():
        tests = [jump(equal, c, len(commands) - i, 0) for i, c in enumerate(commands)]
        rule(name, stmt(load, low_word[1]), *tests, stmt(ret, ALLOW), deny)
    scheduling = [name for name in SYSCALLS if name.startswith("sched_")]
    for name in ("kill", "tgkill", "prlimit64", *scheduling):
        # to itself (its pid, or 0 for those that send no signal) is fine
        zero = 0 if name in ("kill", "tgkill") else 1
        rule(name, stmt(load, low_word[0]), jump(equal, pid, 2, 0), jump(equal, 0, zero, 0),
             deny, stmt(ret, ALLOW))  # fmt: skip
    # it ends with its parent, and may not change its mind about that
    rule("prctl", stmt(load, low_word[0]), jump(equal, PR_SET_PDEATHSIG, 0, 1), deny,
         stmt(ret, ALLOW))  # fmt: skip
    for name in FORBIDDEN:
        rule(name, deny)
    program.append(stmt(ret, ALLOW))
    return b"".join(program)


def install_seccomp(processes: bool = False) -> bool:
    """Puts the filter in force for this process and its threads; False where there is none."""
    if sys.platform != "linux" or platform.machine() not in AUDIT_ARCH:
        return False
    code = _filter(os.getpid(), processes)
    buffer = ctypes.create_string_buffer(code, len(code))

    class Program(ctypes.Structure):
        _fields_ = [("len", ctypes.c_ushort), ("filter", ctypes.c_void_p)]

    program = Program(len(code) // 8, ctypes.addressof(buffer))
    if not _prctl(PR_SET_NO_NEW_PRIVS, 1):
        return False
    return _prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(program))


# -- landlock -----------------------------------------------------------------------------------


@cache
def landlock_abi() -> int:
    """The kernel's Landlock version; 0 where there is none."""
    if sys.platform != "linux":
        return 0
    return max(0, _libc().syscall(LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), 1))


def install_landlock(write: Iterable[Path], read: Iterable[Path] | None = None) -> bool:
    """Allows writing below ``write`` only and, if ``read`` is given, reading below those only."""
    abi = landlock_abi()
    if abi == 0:
        return False
    bits = {1: 13, 2: 14, 3: 15, 4: 15}.get(abi, 16)
    everything = (1 << bits) - 1
    reading = FS_EXECUTE | FS_READ_FILE | FS_READ_DIR
    handled = everything & ~FS_IOCTL_DEV
    if read is None:
        handled &= ~reading
    attr = struct.pack("<Q", handled)
    if read is not None and abi >= 6:  # no TCP, no abstract sockets, no signals to others either
        attr += struct.pack("<QQ", NET_TCP, SCOPES)
    ruleset = _libc().syscall(LANDLOCK_CREATE_RULESET, attr, ctypes.c_size_t(len(attr)), 0)
    if ruleset < 0:
        return False
    try:
        for paths, rights in ((write, handled), (read or (), handled & reading)):
            for path in paths:
                _allow(ruleset, path, rights)
        if not _prctl(PR_SET_NO_NEW_PRIVS, 1):
            return False
        return _libc().syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0) == 0
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
            _libc().syscall(LANDLOCK_ADD_RULE, ruleset, 1, struct.pack("<Qi", rights, fd), 0)
    finally:
        os.close(fd)


def readable_in_strict_mode() -> list[Path]:
    """What Python and torch need to read: the interpreter, its packages, the system's libraries."""
    roots = {sys.prefix, sys.base_prefix, sys.exec_prefix, "/usr", "/lib", "/lib64", "/bin"}
    roots |= {"/etc", "/dev/null", "/dev/urandom", "/dev/random", "/sys/devices/system/cpu"}
    roots |= {"/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat"}
    torch = find_spec("torch")  # whoever asks need not import it
    if torch is not None and torch.origin:
        roots.add(str(Path(torch.origin).parent.parent))
    return [Path(root) for root in sorted(roots)]


def exposed(path: Path) -> Path | None:
    """The folder that strict mode lets submissions read and in which a path lies; None if there is none."""
    path = path.resolve()
    for root in readable_in_strict_mode():
        if root.is_dir() and path.is_relative_to(root.resolve()):
            return root
    return None


@cache
def capabilities() -> dict[str, bool]:
    """Which protections this machine gives, tried out in a process of their own."""
    if sys.platform != "linux":
        return {"processes": False, "network": False, "files": False}
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:  # pragma: no cover
        seccomp = install_seccomp()
        landlock = install_landlock([Path("/dev/null")])
        os.write(writer, bytes([seccomp, landlock]))
        os._exit(0)
    os.close(writer)
    answer = os.read(reader, 2)
    os.close(reader)
    os.waitpid(pid, 0)
    seccomp, landlock = (bool(b) for b in answer) if len(answer) == 2 else (False, False)
    return {"processes": seccomp, "network": seccomp, "files": landlock}
