"""A child of the fork server at work: its frames on a socket, its prints on a pipe."""

from __future__ import annotations

import os
import select
import socket
from typing import Any

from graders.ground import folders
from graders.ground.pending import Pending, cpu_seconds
from graders.ground.result import Label
from graders.ground.server import Server

READABLE = select.POLLIN | select.POLLHUP | select.POLLERR if hasattr(select, "poll") else 0


class PendingFork(Pending):
    """A child at work below a fork server.

    Args:
        channel: our end of the socket that the request goes out on and the frames come in on.
        out_fd: the end of the pipe on which its standard output comes.
        message: the request, ready to send.
    """

    def __init__(
        self,
        server: Server,
        pid: int,
        channel: socket.socket,
        out_fd: int,
        message: bytes,
        folder: str,
        request: dict[str, Any],
    ) -> None:
        super().__init__(folder, request)
        self.server, self.pid = server, pid
        self.channel, self.out_fd = channel, out_fd
        self.message = memoryview(message)
        self.status: int | None = None
        channel.setblocking(False)
        self._send()

    def _send(self) -> None:
        try:
            while self.message:
                self.message = self.message[self.channel.send(self.message) :]
        except BlockingIOError:
            return
        except OSError:
            self.message = self.message[:0]

    def cpu(self) -> float | None:
        return cpu_seconds(self.server.number(self.pid))

    def kill(self) -> None:
        if self.status is None:
            self.server.kill(self.pid)

    def pump(self, allowances: dict[Label, float]) -> None:
        waiting = {self.channel.fileno(), self.out_fd}
        # the child's death is announced on the control socket; a grandchild that keeps the
        # pipes open must not hold us, so after that only what is already there is read
        while waiting or self.status is None:
            ready = self._ready(waiting)
            if self.channel.fileno() in ready:
                self._read_channel(waiting)
            if self.out_fd in ready:
                data = os.read(self.out_fd, 65536)
                if data:
                    self.note_output(data)
                else:
                    waiting.discard(self.out_fd)
            if self.status is not None and not ready:
                break
            if self.status is None:
                self.status = self.server.status(self.pid)
            if self.status is None:
                self.look_at_disk()
                if self.ended or self.result.died:
                    break  # all is said: it is killed, and gone before the worker closes
                elif self.server.control is None:
                    if not ready:  # all that was on its way is here
                        self.result.died = "server"
                elif (self.ready or not ready) and (limit := self.overdue(allowances)) is not None:
                    self.stop("timeout", f"{limit:.0f}")
        if self.status is not None:
            self.conclude(os.waitstatus_to_exitcode(self.status))

    def _ready(self, waiting: set[int]) -> set[int]:
        """Waits a moment, does what concerns others, and returns which of ``waiting`` have data."""
        poll = select.poll()  # select() knows no descriptor beyond 1,023
        for fd in waiting:
            sending = self.message and fd == self.channel.fileno()
            poll.register(fd, READABLE | (select.POLLOUT if sending else 0))
        control = self.server.control if self.status is None else None
        if control is not None:
            poll.register(control, READABLE)
        ready = set()
        for fd, events in poll.poll(0 if control is None else 20):
            if events & select.POLLOUT:
                self._send()
            if control is not None and fd == control.fileno():
                self.server.listen()
            elif events & READABLE:
                ready.add(fd)
        return ready

    def _read_channel(self, waiting: set[int]) -> None:
        try:
            data = self.channel.recv(2**20)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self.feed(data)
        else:
            waiting.discard(self.channel.fileno())

    def clean(self) -> None:
        self.channel.close()
        os.close(self.out_fd)
        if self.status is None:
            self.server.leave(self.pid, self.folder)
        else:
            folders.remove(self.folder)
