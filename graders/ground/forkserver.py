"""A process that has imported torch, and little else, and forks a child for every request.

It is itself forked from the parent before any lesson is loaded, so no reference solution, no
expected value and no other submission is in the memory that a child inherits. (When it has to be
replaced later, a fresh interpreter takes its place: ``start(fresh=True)``.) It stays
single-threaded, which makes forking safe whatever threads the parent runs (file watchers, progress
bars).

Protocol on the control socket, text lines: the parent sends ``run`` with two descriptors attached
(the child's channel, the child's output) and ``kill PID``; the server answers ``started PID`` and
``ended PID STATUS`` (a wait status). When the parent's end closes, it kills what is left and exits.
"""

from __future__ import annotations

import contextlib
import gc
import os
import selectors
import signal
import socket
import sys
import warnings
from pathlib import Path

import torch

from graders.ground import runner, sandbox
from graders.ground.child import FdChannel, main


def start(fresh: bool = False, strict: bool = False) -> tuple[socket.socket, int]:
    """Forks the server; returns the parent's end of the control socket and the server's pid.

    Args:
        strict: the server's environment holds nothing but settings.
        fresh: start a new interpreter instead (slower by torch's import), which knows nothing
            that this process has loaded.
    """
    torch.set_num_threads(1)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    if fresh:
        root = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
        theirs.set_inheritable(True)
        argv = [sys.executable, "-P", "-m", "graders.ground.forkserver", str(theirs.fileno())]
        environment = sandbox.plain_environment() if strict else dict(os.environ)
        pid = os.posix_spawn(sys.executable, argv, {**environment, "PYTHONPATH": path})
        theirs.close()
        return ours, pid
    sys.stdout.flush()
    sys.stderr.flush()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking beside other threads
        pid = os.fork()
    if pid:
        theirs.close()
        return ours, pid
    try:
        ours.close()
        if strict:
            sandbox.forget_environment()
        _become_server(theirs)
    finally:
        os._exit(0)


def _become_server(control: socket.socket) -> None:
    sandbox.die_with_parent()
    sandbox.adopt_orphans()
    os.setsid()  # Ctrl-C is for the parent, which decides what ends
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _keep_only(control.fileno())
    torch.set_num_threads(1)
    runner.warm_up()
    gc.collect()
    gc.freeze()  # a collection in a child would touch, and so copy, every page
    _loop(control)


def _keep_only(fd: int) -> None:
    """Closes every inherited descriptor but the standard ones and ``fd``.

    The standard ones go to the null device: a child's own are set later, and the server
    must not keep the pipe open that whoever started the parent is reading.
    """
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    top = os.sysconf("SC_OPEN_MAX") if hasattr(os, "sysconf") else 4096
    os.closerange(3, fd)
    os.closerange(fd + 1, min(top, 65536) if top > 0 else 65536)


def _loop(control: socket.socket) -> None:
    alive: set[int] = set()
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    os.set_blocking(wake_read, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    selector = selectors.DefaultSelector()
    selector.register(control, selectors.EVENT_READ)
    selector.register(wake_read, selectors.EVENT_READ)
    buffer = b""
    fds: list[int] = []
    while True:
        for key, _ in selector.select():
            if key.fd == wake_read:
                with contextlib.suppress(BlockingIOError):
                    os.read(wake_read, 4096)
                _reap(control, alive)
                continue
            data, new_fds, _, _ = socket.recv_fds(control, 4096, 16)
            fds += new_fds
            if not data:
                for pid in alive:
                    _end_group(pid)
                    with contextlib.suppress(ChildProcessError):
                        os.waitpid(pid, 0)
                _end_orphans(set())
                return
            *lines, buffer = (buffer + data).split(b"\n")
            for line in lines:
                word, _, rest = line.decode().partition(" ")
                if word == "run":
                    channel_fd, output_fd = fds.pop(0), fds.pop(0)
                    pid = _fork(channel_fd, output_fd)
                    alive.add(pid)
                    os.close(channel_fd)
                    os.close(output_fd)
                    control.sendall(f"started {pid}\n".encode())
                elif word == "kill" and int(rest) in alive:  # not reaped, so the pid is still its
                    _end_group(int(rest))


def _end_group(pid: int) -> None:
    """Ends a child and what it has started, where the system lets it start processes."""
    for end in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            end(pid, signal.SIGKILL)


def _end_orphans(alive: set[int]) -> None:
    """Ends what left its process group (Linux: it has become a child of this process)."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            found = {int(word) for word in file.read().split()} - alive
    except (OSError, ValueError):
        return
    for pid in found:
        _end_group(pid)


def _reap(control: socket.socket, alive: set[int]) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        if pid in alive:
            alive.discard(pid)
            _end_group(pid)
            _end_orphans(alive)
            control.sendall(f"ended {pid} {status}\n".encode())


def _fork(channel_fd: int, output_fd: int) -> int:
    pid = os.fork()
    if pid:
        return pid
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sandbox.die_with_parent()
    os.setpgid(0, 0)
    channel = os.dup2(channel_fd, 100)
    output = os.dup2(output_fd, 101)
    os.closerange(3, 100)  # the control socket, the wake-up pipe
    os.closerange(102, 1024)
    main(FdChannel(channel, channel), output)
    os._exit(70)  # not reached


if __name__ == "__main__":
    torch.set_num_threads(1)
    _become_server(socket.socket(fileno=int(sys.argv[1])))
