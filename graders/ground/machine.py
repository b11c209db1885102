"""What this machine lacks, said in one sentence: open files, room, processes, a null device.

None of it is a learner's doing. MachineError goes past everything that speaks about a learner's
code, up to whoever started the grading, and is shown there as it is. Nothing here needs torch.
"""

from __future__ import annotations

import errno
import os
import tempfile

from graders.errors import UserError
from graders.ground.limits import OPEN_FILES

ENOUGH_FILES = 512  # asked for where the system lets a program ask


class MachineError(UserError):
    """This machine cannot run checks as it is now; the text is one sentence about why."""


def lack(error: BaseException) -> MachineError:
    """The sentence for an error that the operating system gave to us, not to submitted code."""
    number = getattr(error, "errno", None)
    if number in (errno.EMFILE, errno.ENFILE):
        return MachineError(
            f"too many files are open on this machine or in this program{_allowed()}: close some, "
            "or allow more (`ulimit -n 1024`), and check again."
        )
    if number in (errno.EAGAIN, errno.ENOMEM) or isinstance(error, MemoryError):
        return MachineError(
            "this machine has no memory or no process left to run the checks in: close some "
            "programs, and check again."
        )
    if number in (errno.ENOSPC, errno.EDQUOT):
        return MachineError(
            f"there is no room left on the disk for temporary files{_where(error)}."
        )
    if number in (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENOTDIR):
        said = str(getattr(error, "strerror", "") or error)
        return MachineError(f"the checks have no folder to run in{_where(error)}: {said}.")
    text = " ".join(str(error).split())[:300] or type(error).__name__
    return MachineError(f"this machine could not run the checks: {text}")


def _where(error: BaseException) -> str:
    name = getattr(error, "filename", None)
    return f" ({name})" if name else ""


def _allowed() -> str:
    try:
        import resource
    except ImportError:  # Windows
        return ""
    return f" (it may have {resource.getrlimit(resource.RLIMIT_NOFILE)[0]:,} at a time)"


def allow_files() -> None:
    """Sees to it that enough files may be open. Raises MachineError if they may not."""
    try:
        import resource
    except ImportError:  # Windows counts otherwise
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    if soft == unlimited or soft >= ENOUGH_FILES:
        return
    wanted = ENOUGH_FILES if hard == unlimited else min(ENOUGH_FILES, hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    except (OSError, ValueError):
        wanted = soft
    if max(soft, wanted) < OPEN_FILES:
        raise MachineError(
            f"only {max(soft, wanted)} files may be open at a time here (`ulimit -n`), and "
            f"checking needs {OPEN_FILES}: allow more, and check again."
        )


def temporary_folder() -> str:
    """Where temporary files go. Raises MachineError if there is no such place."""
    try:
        return tempfile.gettempdir()
    except OSError:
        raise MachineError(
            "there is no folder for temporary files: set TMPDIR to one that can be written to."
        ) from None


def null(flags: int) -> int:
    """A descriptor of the null device; where there is none, of a pipe with nobody at its end."""
    try:
        return os.open(os.devnull, flags)
    except OSError:
        reader, writer = os.pipe()
        ours, other = (reader, writer) if flags == os.O_RDONLY else (writer, reader)
        os.close(other)
        return ours


def can_start() -> None:
    """Raises MachineError where torch could not even be imported; to be called before it is."""
    try:
        os.getcwd()
    except OSError:
        raise MachineError(
            "the folder that you are in has been deleted: go to another one (`cd ~`), and try again."
        ) from None
    if os.name == "posix" and not os.access("/dev/urandom", os.R_OK):
        raise MachineError("there is no /dev/urandom here, which torch needs: is /dev mounted?")
