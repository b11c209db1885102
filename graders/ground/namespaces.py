"""A view of the machine in which there is nothing to take and nothing to spoil.

Two steps. The process that forks the children moves once into namespaces of its own (``move_out``): it is
process 1 there, its root is empty but for what Python and torch need, mounted read-only, and when it ends,
however it does, the kernel ends everything below it. For each child it opens one more process
namespace (``next_child_apart``), and the child gives itself namespaces for the rest and a small
folder in memory, the only place that can be written (``room_of_its_own``). So a child sees no process but
itself, no network, no file of the user's, and whatever it did is gone with it: files, times, attributes,
locks, whatever hangs on them.

An ordinary user may do all this where the system lets users have user namespaces. Of root's children each
becomes nobody. Sources: man pages user_namespaces(7), pid_namespaces(7), mount_namespaces(7), pivot_root(2).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import stat
import struct
import sysconfig
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from graders.ground import kernel
from graders.ground.kernel import libc, must
from graders.ground.limits import MAX_DISK, MAX_FOLDER, MAX_THREADS, ROOM

NEW_MOUNTS, NEW_CGROUPS, NEW_NAMES, NEW_IPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
NEW_USERS, NEW_PROCESSES, NEW_NETWORK = 0x10000000, 0x20000000, 0x40000000
SELF = NEW_MOUNTS | NEW_CGROUPS | NEW_NAMES | NEW_IPC | NEW_NETWORK

MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 8, 4096, 16384, 1 << 18
ATTR_RDONLY, ATTR_NOSUID, ATTR_NODEV = 1, 2, 4
MOUNT_SETATTR = 442  # on every architecture
AT_RECURSIVE, AT_FDCWD = 0x8000, -100
PIVOT_ROOT = (155, 41)
UMOUNT_DETACH = 2

INSIDE = 1000  # the user's and the group's number, as seen from inside
NOBODY = 65534
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache", "/etc/localtime",
          "/usr/share/zoneinfo", "/sys/devices/system/cpu")  # fmt: skip


@cache
def visible() -> tuple[Path, ...]:
    """What Python and torch need to read: the standard library, the packages, the system's libraries."""
    names = {"stdlib", "platstdlib", "purelib", "platlib"}
    found = {path for name, path in sysconfig.get_paths().items() if name in names}
    base = sysconfig.get_paths(vars={"base": sysconfig.get_config_var("installed_base") or ""})
    found |= {base["stdlib"], base["platstdlib"]}
    torch = find_spec("torch")  # whoever asks need not import it
    if torch is not None and torch.origin:
        found.add(str(Path(torch.origin).parent.parent))
    return tuple(Path(path) for path in sorted({*found, *SYSTEM}) if os.path.exists(path))


# -- the process that forks the children -----------------------------------------------------------------


class Apart(NamedTuple):
    """What the process that forks keeps open of the outside; no child has it once it has its room."""

    processes: int  # its own process namespace
    proc: int  # the old /proc, where a child says who it is
    user: int  # whom children are to be, by the number that this process knows


def move_out(readable: Iterable[Path]) -> Apart:
    """Moves this process into namespaces of its own. Returns in a fork; the old process waits and ends.

    Args:
        readable: what there is to see, besides what Python needs.

    Raises:
        OSError: the system does not let it; the process must not go on.
    """
    sources = _outermost([*visible(), *readable, *map(Path, DEVICES)])
    _alone_in_this_process()
    root = os.geteuid() == 0
    write_maps = _mapper() if root else partial(_map_users, os.geteuid(), os.getegid())
    must(libc().unshare(NEW_USERS | NEW_PROCESSES | SELF), "user namespaces")
    proc = os.open("/proc", os.O_RDONLY | os.O_CLOEXEC)
    write_maps(proc)
    _wait_for(os.fork())  # only a child is in the new process namespace: it returns from here
    kernel.prctl(kernel.PR_SET_PDEATHSIG, 9)
    own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    _new_root(sources)
    return Apart(own, proc, NOBODY if root else INSIDE)


def _outermost(paths: Iterable[Path]) -> list[Path]:
    """The paths as they are without links, those left out that lie in another; each that exists."""
    real = sorted({path.resolve() for path in paths if path.exists()})
    return [p for p in real if not any(p != q and p.is_relative_to(q) for q in real)]


def _alone_in_this_process() -> None:
    """Sees to it that there is one thread: a new user namespace is for single ones."""
    if len(os.listdir("/proc/self/task")) > 1:
        _wait_for(os.fork())
        kernel.prctl(kernel.PR_SET_PDEATHSIG, 9)


def _wait_for(child: int) -> None:
    """In the parent: waits for the child, holding nothing open, and ends. In the child: goes on."""
    if child == 0:
        return
    parent = os.getppid()
    # sent when the thread ends that started this; what matters is whether its process is still there
    signal.signal(signal.SIGHUP, lambda *_: None if os.getppid() == parent else os._exit(0))
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGHUP)
    os.closerange(0, 65536)
    with contextlib.suppress(OSError):
        os.waitpid(child, 0)
    os._exit(0)


def _map_users(user: int, group: int, proc: int) -> None:
    """In a user namespace that was just begun: INSIDE is who one was before."""
    _write_at(proc, "self/setgroups", "deny")
    _write_at(proc, "self/uid_map", f"{INSIDE} {user} 1")
    _write_at(proc, "self/gid_map", f"{INSIDE} {group} 1")


def _mapper() -> Callable[[int], None]:
    """The same for root, with nobody as a second one; only somebody who stays outside may say so."""
    os.setgroups([])
    mine, ready, done = os.getpid(), os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(ready[1])
            os.read(ready[0], 1)
            proc = os.open("/proc", os.O_RDONLY)
            for name in ("uid_map", "gid_map"):
                _write_at(proc, f"{mine}/{name}", f"{INSIDE} 0 1\n{NOBODY} {NOBODY} 1\n")
            os.write(done[1], b"1")
        finally:
            os._exit(0)
    os.close(done[1])

    def write_maps(proc: int) -> None:
        os.close(ready[1])
        try:
            if not os.read(done[0], 1):
                raise OSError(1, "root may not be nobody here", "uid_map")
        finally:
            os.close(ready[0])
            os.close(done[0])
            os.waitpid(pid, 0)

    return write_maps


def _write_at(folder: int, name: str, text: str) -> None:
    fd = os.open(name, os.O_WRONLY, dir_fd=folder)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)


def _new_root(sources: list[Path]) -> None:
    """Makes an empty root, puts the sources into it at their own places, and leaves the old one."""
    _mount(None, "/", None, MS_REC | MS_PRIVATE)
    base = _somewhere()
    # opened now: some may lie below what is mounted upon
    handles = [os.open(path, os.O_PATH | os.O_CLOEXEC) for path in sources]  # type: ignore[attr-defined,unused-ignore]
    links = [link for path in visible() for link in _links_on_the_way(path)]
    _mount("tmpfs", base, "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=755")
    for path, handle in zip(sources, handles, strict=True):
        kind = os.fstat(handle).st_mode
        target = base + str(path)
        if stat.S_ISDIR(kind):
            os.makedirs(target, exist_ok=True)
        else:
            _write(target, "")
        _mount(f"/proc/self/fd/{handle}", target, None, MS_BIND | MS_REC)
        os.close(handle)
        device = stat.S_ISCHR(kind)  # can be written all the same, but its times cannot be set
        _set_attributes(target, ATTR_RDONLY | ATTR_NOSUID | (0 if device else ATTR_NODEV))
    for link, where in [*links, ("/tmp", ROOM)]:
        if not os.path.lexists(base + link):
            os.makedirs(os.path.dirname(base + link), exist_ok=True)
            os.symlink(where, base + link)
    os.makedirs(base + ROOM, exist_ok=True)
    _write(f"{base}/etc/passwd", f"learner:x:{INSIDE}:{INSIDE}::{ROOM}:/bin/false\n")
    _write(f"{base}/etc/group", f"learner:x:{INSIDE}:\n")
    os.chdir(base)
    must(libc().syscall(PIVOT_ROOT[kernel.COLUMN or 0], b".", b"."), "pivot_root")
    must(libc().umount2(b".", UMOUNT_DETACH), "umount")
    os.chdir("/")
    _set_attributes("/", ATTR_RDONLY, recursive=False)


def _somewhere() -> str:
    """A folder to mount upon: any that is there, since what is in it is not needed again by its name."""
    for folder in (tempfile.gettempdir(), "/tmp", "/mnt", "/var"):
        if os.path.isdir(folder):
            return folder
    raise FileNotFoundError(2, "there is no folder to mount upon")


def _links_on_the_way(path: Path) -> Iterator[tuple[str, str]]:
    """The links that lead from a path, as it is written, to where it really is: /lib to /usr/lib, say."""
    for part in (*reversed(path.parents), path):
        if part.is_symlink():
            yield str(part), os.readlink(part)


def _write(path: str, text: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with contextlib.suppress(OSError), open(path, "w") as file:
        file.write(text)


def _mount(source: str | None, target: str, kind: str | None, flags: int, data: str = "") -> None:
    texts = [None if text is None else os.fsencode(text) for text in (source, target, kind, data)]
    must(
        libc().mount(texts[0], texts[1], texts[2], ctypes.c_ulong(flags), texts[3]),
        f"mount {target}",
    )


def _set_attributes(target: str, attributes: int, recursive: bool = True) -> None:
    asked = struct.pack("<QQQQ", attributes, 0, 0, 0)
    must(
        libc().syscall(
            MOUNT_SETATTR,
            AT_FDCWD,
            os.fsencode(target),
            AT_RECURSIVE * recursive,
            asked,
            len(asked),
        ),
        f"read-only {target}",
    )


# -- for each child ----------------------------------------------------------------------------------------


def next_child_apart(apart: Apart) -> None:
    """The next fork of this process begins a process namespace of its own. Raises OSError."""
    must(libc().setns(apart.processes, NEW_PROCESSES), "setns")
    must(libc().unshare(NEW_PROCESSES), "process namespaces")


def room_of_its_own(apart: Apart) -> None:
    """In the child: its own user, network, names, queues and mounts, and ROOM in memory. Raises OSError."""
    if apart.user == NOBODY:
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        kernel.prctl(kernel.PR_SET_DUMPABLE, 1)  # else its own files in /proc are root's
    must(libc().unshare(NEW_USERS | SELF), "namespaces")
    _map_users(apart.user, apart.user, apart.proc)
    os.close(apart.proc)
    os.close(apart.processes)
    quota = f"size={MAX_DISK},nr_inodes={MAX_FOLDER},mode=700,uid={INSIDE},gid={INSIDE}"
    _mount("tmpfs", ROOM, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, quota)
    os.chdir(ROOM)
    # counted for this user namespace alone; the system counts threads as processes
    resource.setrlimit(resource.RLIMIT_NPROC, (MAX_THREADS, MAX_THREADS))
