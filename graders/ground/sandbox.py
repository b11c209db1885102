"""What a process that runs submitted code may not do, as far as this operating system can say.

Three levels, each made of layers that stand in files of their own:

* ``own``, for one's own code, needs nothing: no new processes, no network, no signals to others
  (seccomp.py), no writing outside one folder (landlock.py), limits on memory and files. What the system
  does not have is left out; on macOS only the limits remain.
* ``strict``, for other people's, all or nothing: namespaces with an empty root (namespaces.py), no
  privileges (privileges.py), Landlock upon that, and of the system calls only those that are listed.
* ``best-effort``, the same without the namespaces, where the system does not let users have them: whatever
  else is there is in force. ``capabilities()`` tells what is, and the caller says it.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path

from graders.ground import kernel, landlock, privileges, seccomp
from graders.ground.limits import FILE_SIZE, MEMORY, OPEN_FILES
from graders.ground.machine import MachineError

BEST_EFFORT = "best-effort"
NULL = Path("/dev/null")


def best_effort() -> bool:
    """Whether whoever started this said to be content, in the strict level, with what there is."""
    return os.environ.get("HERO_STRICT") == BEST_EFFORT


class SandboxError(MachineError):
    """A protection that was asked for is not to be had on this machine."""


def adopt_orphans() -> None:
    """On Linux: processes whose parents end below this one become its children, not init's."""
    if sys.platform == "linux":
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(number: int = 9) -> None:
    """On Linux: SIGKILL, or another signal, when the parent ends, however it ends."""
    if sys.platform == "linux":
        kernel.prctl(kernel.PR_SET_PDEATHSIG, number)


# by their whole names: whoever keeps a password in a variable calls it as they like
PLAIN = frozenset(
    {
        "PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "LC_ALL",
        "LC_CTYPE", "LC_COLLATE", "LC_MESSAGES", "LC_NUMERIC", "LC_TIME", "OMP_NUM_THREADS",
        "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "CUDA_VISIBLE_DEVICES", "PYTHONPATH", "PYTHONHOME",
        "PYTHONHASHSEED", "PYTHONIOENCODING", "PYTHONUNBUFFERED", "PYTHONNOUSERSITE",
        "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "HERO_STRICT", "HERO_OUT", "HERO_TRACEBACK",
    }
)  # fmt: skip


def plain_environment() -> dict[str, str]:
    """The variables that programs need to run; no tokens, keys or passwords."""
    return {name: value for name, value in os.environ.items() if name in PLAIN}


def started_plainly() -> bool:
    """Whether the environment that this process was started with, and has now, is the plain one."""
    try:
        first = Path("/proc/self/environ").read_bytes().split(b"\0")
    except OSError:
        return False
    names = {os.fsdecode(entry.partition(b"=")[0]) for entry in first if entry}
    return names | {*os.environ} <= PLAIN


# -- limits ------------------------------------------------------------------------------------------------


@cache
def mapped() -> int:
    """Bytes of address space that this process had mapped when it was first asked; children inherit it."""
    import resource

    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except (OSError, ValueError):
        return 0


def limit_memory(budget: int) -> None:
    """Allows ``budget`` bytes of address space on top of what is mapped."""
    import resource

    if sys.platform != "darwin":  # RLIMIT_AS is not enforced there
        _lower(resource.RLIMIT_AS, mapped() + budget)


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


# -- the levels --------------------------------------------------------------------------------------------


def confine_own(folder: Path, gpu: bool = False, threads: bool = True) -> None:
    """One's own code: what is free on this system. A GPU needs more than others may have."""
    if sys.platform == "win32":
        return
    limit_files(FILE_SIZE, 65536 if gpu else OPEN_FILES)
    writable = [folder, NULL]
    if gpu:  # CUDA maps enormous address ranges and opens its devices for writing
        writable += [Path("/dev"), Path("/tmp")]
    else:
        limit_memory(MEMORY)
    landlock.install(writable)
    if seccomp.possible():
        seccomp.install(seccomp.deny_list(os.getpid(), processes=gpu, threads=threads))


def confine_others(room: Path, apart: bool, readable: list[Path], threads: bool = True) -> None:
    """Other people's code: everything, or SandboxError.

    Args:
        room: the folder that it may write.
        apart: it is in namespaces of its own, where nothing is to be seen that it may not read.
        readable: otherwise, what it may read besides what Python needs.
    """
    limit_files(FILE_SIZE, OPEN_FILES)
    limit_memory(MEMORY)
    privileges.give_up()
    roots = [Path("/")] if apart else [*readable_in_strict_mode(), *readable]
    held = landlock.install([room, NULL], roots)
    held = held and seccomp.possible()
    held = held and seccomp.install(seccomp.allow_list(os.getpid(), threads, own_files=apart))
    if not held:
        raise SandboxError("this machine cannot confine a submission")


def readable_in_strict_mode() -> list[Path]:
    """What Python and torch need to read: the standard library, the packages, the system's libraries."""
    from graders.ground.namespaces import DEVICES, visible

    more = [*DEVICES, "/proc/self/statm", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat"]
    return [*visible(), *map(Path, more)]


# -- what there is on this machine ---------------------------------------------------------------------------

LAYERS = ("namespaces", "processes", "network", "files")


def lacking(content: bool | None = None) -> list[str]:
    """The layers without which other people's code is not run here.

    Args:
        content: with less than namespaces; unless given, as HERO_STRICT says.
    """
    content = best_effort() if content is None else content
    return [
        n for n, held in capabilities().items() if not held and not (content and n == "namespaces")
    ]


@cache
def capabilities() -> dict[str, bool]:
    """Which layers this machine gives, tried out in a process of their own."""
    if sys.platform != "linux":
        return dict.fromkeys(LAYERS, False)
    calls = _tried(lambda: seccomp.possible() and seccomp.install(seccomp.allow_list(os.getpid())))
    files = _tried(lambda: landlock.install([NULL], [Path("/")]))
    return {"namespaces": _tried(_apart), "processes": calls, "network": calls, "files": files}


def _apart() -> bool:
    """Goes all the way, and sees that torch can still be read at the end of it."""
    from importlib.util import find_spec

    from graders.ground import namespaces

    torch = find_spec("torch")
    apart = namespaces.move_out([])
    namespaces.next_child_apart(apart)
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            namespaces.room_of_its_own(apart)
            privileges.give_up()
            if torch is not None and torch.origin:
                os.close(os.open(torch.origin, os.O_RDONLY))
            code = 0
        finally:
            os._exit(code)
    return os.waitpid(pid, 0)[1] == 0


def _tried(layer: Callable[[], bool]) -> bool:
    """Whether a layer holds, found out in a child, since there is no way back from it."""
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking beside other threads
        pid = os.fork()
    if pid == 0:  # pragma: no cover
        held = False
        try:
            held = layer()
        finally:
            os.write(writer, bytes([held]))
            os._exit(0)
    os.close(writer)
    try:
        return os.read(reader, 1) == b"\1"
    finally:
        os.close(reader)
        os.waitpid(pid, 0)
