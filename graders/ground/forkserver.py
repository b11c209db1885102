"""A process that has imported torch, and little else, and forks a child for every request.

It is itself forked from the parent before any lesson is loaded, so no reference solution, no
expected value and no other submission is in the memory that a child inherits. (When it has to be
replaced later, a fresh interpreter takes its place: ``start(fresh=True)``; and other people's code
gets one in any case.) It stays single-threaded, which makes forking safe whatever threads the parent
runs (file watchers, progress bars).

Protocol on the control socket, text lines: the parent sends ``run FOLDER DOORS`` (the folder in
hexadecimal, the doors ``open`` or ``closed``, see no_autograd.py) with two descriptors attached (the child's
channel, the child's output) and ``kill PID``; the server answers ``started PID`` (with a descriptor of
the process, where its number means nothing outside) or ``failed ERRNO``, and ``ended PID STATUS`` (a wait
status). When the parent is gone, however it went, the server ends what is left, removes its folders and
exits.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import gc
import os
import selectors
import signal
import socket
import sys
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path

import torch

from graders.ground import folders, machine, namespaces, no_autograd, runner, sandbox
from graders.ground.child import FdChannel, main
from graders.ground.limits import UNREADY
from graders.ground.namespaces import Apart

CHANNEL, OUTPUT = 100, 101  # a child's descriptors


def start(
    fresh: bool = False, strict: bool = False, apart: Sequence[str] | None = None
) -> tuple[socket.socket, int]:
    """Forks the server; returns the parent's end of the control socket and the server's pid.

    Args:
        fresh: start a new interpreter instead (slower by torch's import), which knows nothing
            that this process has loaded.
        strict: likewise, unless this process was itself started with nothing but settings in its environment:
            tokens that it once held would lie on in the memory that a fork copies.
        apart: the server moves into namespaces of its own, where there is nothing to be seen but this and
            what Python needs; if it cannot, it ends. (The pid is then that of a process that waits for it.)
    """
    torch.set_num_threads(1)
    ours, theirs = map(_no_standard_file, socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM))
    if fresh or (strict and not sandbox.started_plainly()):
        root = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
        theirs.set_inheritable(True)
        # torch cannot be imported in a folder that has been deleted
        first = f"import os; os.chdir({root!r}); from graders.ground import forkserver; "
        first += f"forkserver.serve_on({theirs.fileno()}, {apart and list(apart)!r})"
        argv = [sys.executable, "-P", "-c", first]
        environment = sandbox.plain_environment() if strict else dict(os.environ)
        environment["OMP_NUM_THREADS"] = environment["OPENBLAS_NUM_THREADS"] = "1"
        try:
            pid = os.posix_spawn(sys.executable, argv, {**environment, "PYTHONPATH": path})
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        return ours, pid
    sys.stdout.flush()
    sys.stderr.flush()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking beside other threads
        try:
            pid = os.fork()
        except OSError:
            ours.close()
            theirs.close()
            raise
    if pid:
        theirs.close()
        return ours, pid
    try:
        ours.close()
        _become_server(theirs, apart)
    finally:
        os._exit(0)


def _no_standard_file(end: socket.socket) -> socket.socket:
    """The same socket under a number that is not taken for standard input, output or error."""
    if end.fileno() > 2:
        return end
    with end:
        return socket.socket(fileno=fcntl.fcntl(end.fileno(), fcntl.F_DUPFD_CLOEXEC, 3))


def serve_on(fd: int, apart: Sequence[str] | None = None) -> None:
    """The whole life of a server in an interpreter of its own."""
    torch.set_num_threads(1)
    _become_server(socket.socket(fileno=fd), apart)


def _become_server(control: socket.socket, apart: Sequence[str] | None) -> None:
    parent = os.getppid()
    # the socket tells when the parent is gone; this does too, should another hold its end open: it wakes
    # the loop, which looks for the parent
    signal.signal(signal.SIGHUP, lambda *_: None)
    sandbox.die_with_parent(signal.SIGHUP)
    sandbox.adopt_orphans()
    with contextlib.suppress(OSError):
        os.setsid()  # Ctrl-C is for the parent, which decides what ends
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _keep_only(control.fileno())
    torch.set_num_threads(1)
    runner.warm_up()
    gc.collect()
    gc.freeze()  # a collection in a child would touch, and so copy, every page
    gc.set_threshold(20_000)  # and graphs are many there, and short-lived
    moved = None
    if apart is not None:
        sandbox.mapped()  # asked while there is a /proc
        moved = namespaces.move_out([Path(path) for path in apart])
        parent = (
            os.getppid()
        )  # from here on it is out of sight: the kernel ends this process with it
    server = _Server(control, parent, moved)
    signal.signal(signal.SIGHUP, lambda *_: None)
    signal.signal(signal.SIGTERM, server.finish)
    try:
        server.loop()
    finally:
        server.end_all()


def _keep_only(fd: int) -> None:
    """Closes every inherited descriptor but the standard ones and ``fd``.

    The standard ones go to the null device: a child's own are set later, and the server
    must not keep the pipe open that whoever started the parent is reading.
    """
    for standard, flags in ((0, os.O_RDONLY), (1, os.O_WRONLY), (2, os.O_WRONLY)):
        os.dup2(machine.null(flags), standard)
    top = os.sysconf("SC_OPEN_MAX") if hasattr(os, "sysconf") else 4096
    os.closerange(3, fd)
    os.closerange(fd + 1, min(top, 65536) if top > 0 else 65536)


class _Server:
    """The loop, and what it has to remember: who runs, and in which folder."""

    def __init__(self, control: socket.socket, parent: int, apart: Apart | None) -> None:
        self.control, self.parent, self.apart = control, parent, apart
        self.alive: set[int] = set()
        self.fds: list[int] = []  # received, and not yet a child's
        self.folders: list[str] = []  # the parent removes them; if it is gone, this does
        self.finished = False

    def finish(self, *_: object) -> None:
        self.finished = True

    def loop(self) -> None:
        """Serves until the parent is gone, or something ends it."""
        wake_read, wake_write = os.pipe()
        os.set_blocking(wake_write, False)
        os.set_blocking(wake_read, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        selector = selectors.DefaultSelector()
        selector.register(self.control, selectors.EVENT_READ)
        selector.register(wake_read, selectors.EVENT_READ)
        buffer = b""
        while not self.finished and os.getppid() == self.parent:
            for key, _ in selector.select():
                if key.fd == wake_read:
                    with contextlib.suppress(BlockingIOError):
                        os.read(wake_read, 4096)
                    self.reap()
                    continue
                data, fds, _, _ = socket.recv_fds(self.control, 65536, 16)
                self.fds += fds
                if not data:
                    return
                *lines, buffer = (buffer + data).split(b"\n")
                for line in lines:
                    self.obey(line.decode())

    def obey(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        if word == "run":
            mine, self.fds = self.fds[:2], self.fds[2:]
            rest, _, how = rest.partition(" ")
            no_autograd.keep(how == "closed")  # a child finds them so, and need not do it itself
            try:
                if len(mine) < 2:  # they were sent, but there was no place for them here
                    raise OSError(errno.EMFILE, "")
                pid = _fork(mine[0], mine[1], self.apart)
            except OSError as error:
                self.control.sendall(f"failed {error.errno or errno.EIO}\n".encode())
                return
            finally:
                for fd in mine:
                    os.close(fd)
            self.alive.add(pid)
            if self.apart is not None:
                self.tell_number(pid)
                return
            folder = os.fsdecode(bytes.fromhex(rest))
            self.folders = [*filter(os.path.isdir, self.folders), folder]
            self.control.sendall(f"started {pid}\n".encode())
        elif word == "kill" and int(rest) in self.alive:  # not reaped, so the pid is still its
            _end_group(int(rest))

    def tell_number(self, pid: int) -> None:
        """Says that a child has started; by a descriptor of it the parent learns its number outside."""
        handle = os.pidfd_open(pid)  # type: ignore[attr-defined,unused-ignore]
        try:
            socket.send_fds(self.control, [f"started {pid}\n".encode()], [handle])
        finally:
            os.close(handle)

    def reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid in self.alive:
                self.alive.discard(pid)
                _end_group(pid)
                _end_orphans(self.alive)
                self.control.sendall(f"ended {pid} {status}\n".encode())

    def end_all(self) -> None:
        """Ends every process below this one, then removes what they wrote."""
        for pid in self.alive:
            _end_group(pid)
        with contextlib.suppress(ChildProcessError):
            while True:
                _end_orphans(set())
                os.waitpid(-1, 0)
        for folder in self.folders:
            folders.remove(folder)


def _end_group(pid: int) -> None:
    """Ends a child and what it has started, where the system lets it start processes."""
    for end in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            end(pid, signal.SIGKILL)


def _end_orphans(alive: Iterable[int]) -> None:
    """Ends what left its process group (Linux: it has become a child of this process)."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            found = {int(word) for word in file.read().split()}.difference(alive)
    except (OSError, ValueError):
        return
    for pid in found:
        _end_group(pid)


def _fork(channel_fd: int, output_fd: int, apart: Apart | None) -> int:
    server = os.getpid()
    if apart is not None:
        namespaces.next_child_apart(apart)
    pid = os.fork()
    if pid:
        return pid
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        sandbox.die_with_parent()
        if apart is None and os.getppid() != server:  # it ended just before
            os._exit(UNREADY)
        os.setpgid(0, 0)
        os.dup2(channel_fd, CHANNEL)
        os.dup2(output_fd, OUTPUT)
        failed = None
        if apart is not None:
            try:
                namespaces.room_of_its_own(apart)
            except OSError as error:
                failed = error
        os.closerange(3, CHANNEL)  # the control socket, the wake-up pipe
        os.closerange(OUTPUT + 1, 1024)
        main(FdChannel(CHANNEL, CHANNEL), OUTPUT, failed)
    finally:
        os._exit(UNREADY)
