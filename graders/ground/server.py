"""The parent's handle on the fork server (graders/ground/forkserver.py is the server itself)."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import time
from collections.abc import Callable, Sequence

from graders.ground import folders, forkserver, machine

GONE = "the process that runs the checks is gone"


class Server:
    """A fork server that was started: asks it for children, and hears of their ends.

    Args:
        fresh: a new interpreter, which knows nothing that this process has loaded.
        strict: its environment holds nothing but settings.
        apart: it and its children are in namespaces of their own, where this can be read.
    """

    def __init__(self, fresh: bool, strict: bool, apart: Sequence[str] | None = None) -> None:
        self.owner = os.getpid()
        self.apart = apart is not None
        try:
            control, self.pid = forkserver.start(fresh, strict, apart)
        except OSError as error:
            raise machine.lack(error) from None
        self.control: socket.socket | None = control
        self._lines = b""
        self._started: list[int] = []  # a pid, or minus the number of the error
        self._ended: dict[int, int] = {}
        self._leaving: dict[int, str] = {}  # killed, not yet gone: pid -> its folder
        self._numbers: dict[int, int] = {}  # pid -> what it is called out here

    @property
    def ours(self) -> bool:
        """Whether this process started it; one that was forked off since did not."""
        return self.owner == os.getpid()

    def run(
        self,
        channel: int,
        output: int,
        folder: str,
        *,
        closed: bool,
        meanwhile: Callable[[], object],
    ) -> int:
        """The pid of a new child.

        Args:
            channel: the descriptor on which it is asked and answers.
            output: the descriptor of its standard output.
            folder: where it works.
            closed: without autograd (see no_autograd.py); only spares it the time of doing that itself.
            meanwhile: done while it starts, which takes some milliseconds; must not raise.

        Raises:
            OSError: the server is gone.
            MachineError: it could not start one.
        """
        if self.control is None:
            raise OSError(GONE)
        how = "closed" if closed else "open"
        request = f"run {os.fsencode(folder).hex()} {how}\n".encode()
        socket.send_fds(self.control, [request], [channel, output])
        meanwhile()
        end = time.monotonic() + 120.0  # a machine may be very busy
        while not self._started and time.monotonic() < end and self.control is not None:
            self.hear(1.0)
        if not self._started:
            raise OSError(GONE)
        pid = self._started.pop(0)
        if pid < 0:
            raise machine.lack(OSError(-pid, os.strerror(-pid)))
        return pid

    def hear(self, seconds: float) -> None:
        """Waits for news, so long at most, and takes them in."""
        if self.control is not None:
            poll = select.poll()
            poll.register(self.control, select.POLLIN)
            if poll.poll(seconds * 1000):
                self.listen()

    def listen(self) -> None:
        """Takes in what the server says: who has started, who has ended and how."""
        assert self.control is not None
        handles: list[int] = []
        try:
            data, handles, _, _ = socket.recv_fds(self.control, 4096, 4)
        except OSError:
            data = b""
        if not data:  # the server is gone, and with it all its children
            self.hang_up()
            return
        *lines, self._lines = (self._lines + data).split(b"\n")
        for line in lines:
            word, number, *status = line.decode().split()
            if word == "started":
                self._started.append(int(number))
                self._numbers[int(number)] = _number(handles.pop()) if handles else int(number)
            elif word == "failed":
                self._started.append(-int(number))
            elif int(number) in self._leaving:
                folders.remove(self._leaving.pop(int(number)))
            else:
                self._ended[int(number)] = int(status[0])

    def number(self, pid: int) -> int:
        """What a child is called out here; 0 if that cannot be known."""
        return self._numbers.get(pid, 0)

    def hang_up(self) -> None:
        """Closes the control socket, which tells the server to end, if it is still there."""
        if self.control is not None:
            self.control.close()
            self.control = None
        for folder in self._leaving.values():  # nobody will announce the ends of these
            folders.remove(folder)
        self._leaving.clear()

    def status(self, pid: int) -> int | None:
        """The wait status of a child that has ended; None while it runs."""
        return self._ended.pop(pid, None)

    def leave(self, pid: int, folder: str) -> None:
        """Notes a killed child whose end nobody waits for; its folder goes when it has gone."""
        if self._ended.pop(pid, None) is None and self.control is not None:
            self._leaving[pid] = folder
        else:
            folders.remove(folder)

    def kill(self, pid: int) -> None:
        """Ends a child (through the server, which knows whether the pid is still its)."""
        if self.control is not None:
            with contextlib.suppress(OSError):
                self.control.sendall(f"kill {pid}\n".encode())

    def bury(self) -> None:
        """Waits for the ends of killed children, then for the server's, which it brings about."""
        if not self.ours:
            self.control = None
            return
        end = time.monotonic() + 10
        while self._leaving and self.control is not None and time.monotonic() < end:
            self.hear(1.0)
        if self.control is not None:
            self.control.close()
            self.control = None
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)
        self.hang_up()


def _number(handle: int) -> int:
    """The process that a descriptor stands for, as /proc here counts; 0 if it does not say."""
    try:
        with open(f"/proc/self/fdinfo/{handle}") as file:
            found = [line.split()[1] for line in file if line.startswith("Pid:")]
        return max(0, int(found[0]))
    except (OSError, ValueError, IndexError):
        return 0
    finally:
        os.close(handle)
