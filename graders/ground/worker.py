"""The parent's side: sends a request to a child, which runs one learner's file and answers.

``Worker.submit`` starts a child and returns at once, so that the parent can compute what it expects
meanwhile; the ``collect`` of what it returns waits, and gives what came back. How a child is watched
is in pending.py, what it answers in result.py, how much it may use in limits.py.
"""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graders.ground import asking, folders, limits, machine, sandbox
from graders.ground.exposure import refuse_exposed
from graders.ground.limits import CHECK_SECONDS, SLOWER
from graders.ground.pending import Pending
from graders.ground.result import Label, RunResult, sentence

if TYPE_CHECKING:
    from graders.ground.server import Server

__all__ = [
    "CHECK_SECONDS",
    "SLOWER",
    "Label",
    "Pending",
    "RunResult",
    "Worker",
    "sentence",
]
ROOT = Path(__file__).resolve().parents[2]
READABLE = (ROOT / "data",)  # what a submission may read of the workbook


class Worker:
    """Runs requests one after the other, each in a child of its own.

    Args:
        method: "fork" (Linux, macOS) or "spawn"; the platform's best unless given.
        strict: confine children as for grading other people's code; refused (SandboxError) where
            the operating system cannot.
        best_effort: be content, in the strict level, without namespaces where there are none; ``lacking``
            names what is not there. Unless given, as HERO_STRICT says.
        fresh: start the server as a new interpreter, because this process has already loaded
            what submissions must not find (slower by torch's import); a strict one always is.

    Every method may raise MachineError, where this machine lacks what it takes.
    """

    def __init__(
        self,
        method: str | None = None,
        strict: bool = False,
        fresh: bool = False,
        best_effort: bool | None = None,
    ) -> None:
        self.method = method or ("fork" if hasattr(os, "fork") else "spawn")
        self.strict = strict
        self.fresh = fresh
        self.lacking: list[str] = []
        self.apart: list[str] | None = None  # what can be read, where nothing else is to be seen
        self.server: Server | None = None
        self._spare: subprocess.Popen[bytes] | None = None
        self._owner = os.getpid()
        self._folders: list[str] = []  # of children that may still be there
        self._swept = False
        if strict:
            machine.allow_files()
            self._confine(sandbox.best_effort() if best_effort is None else best_effort)

    def _confine(self, best_effort: bool) -> None:
        """Finds out how far this machine can hold other people's code. Raises SandboxError."""
        found = sandbox.capabilities()
        self.lacking = [name for name, held in found.items() if not held]
        if self.method == "fork" and found.get("namespaces"):
            self.apart = [str(path) for path in READABLE]
        # nothing of the last three can be done without; and a spawned child has no namespaces
        poor = [name for name in self.lacking if name != "namespaces"]
        if poor or not (self.apart or best_effort):
            raise sandbox.SandboxError(
                "strict mode needs an operating system that can confine a process; this one lacks: "
                f"{', '.join(self.lacking or ['namespaces'])}. `hero doctor` says more."
                + ("" if poor else " (--strict=best-effort does without.)")
            )
        if (ROOT / "solutions").is_dir():
            refuse_exposed("the workbook with its solutions", ROOT / "solutions")

    def start(self) -> None:
        """Starts the fork server. Call it before lessons are loaded; later calls do nothing."""
        if self.method == "spawn":
            self._spare = self._spare or self._spawn()
            return
        old = self.server
        if old is not None and old.ours and old.control is not None:
            return
        from graders.ground.server import Server

        machine.allow_files()
        # in place of one that has died: by now there may be solutions in this memory
        again = old is not None and old.ours
        if old is not None:
            old.bury()
        self.server = Server(again or self.fresh, self.strict, self.apart)
        self._owner = os.getpid()

    def close(self) -> None:
        """Ends the server and everything below it; returns when all of it is gone."""
        if self.server is not None:
            self.server.bury()
            self.server = None
        if self._spare is not None:
            self._spare.kill()
            self._spare.communicate()
            self._spare = None
        if self._owner == os.getpid():
            for folder in self._folders:  # also of what was begun and never collected
                folders.remove(folder)
            self._folders.clear()

    def __enter__(self) -> Worker:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def submit(self, request: dict[str, Any]) -> Pending:
        """Sends a request (see ``graders.ground.child``) to a fresh child."""
        self.start()
        self._folders = [*filter(os.path.isdir, self._folders)]
        folder = ""
        if self.apart is None:  # else it has one in its own memory
            folder = folders.make()
            self._folders.append(folder)
        request = {
            "gpu": False,
            "readable": [str(path) for path in READABLE],
            **request,
            "folder": folder or limits.ROOM,
            "strict": self.strict,
            "apart": self.apart is not None,
        }
        message = _Message(request)
        try:
            if self.method == "fork":
                pending = self._submit_fork(message, folder, request)
            else:
                pending = self._submit_spawn(message.text(), folder, request)
        except OSError as error:
            folders.remove(folder)
            raise machine.lack(error) from None
        except BaseException:
            folders.remove(folder)
            raise
        if not self._swept:  # the child works meanwhile
            self._swept = True
            folders.sweep()
        return pending

    # -- a child of the fork server ----------------------------------------------------------

    def _submit_fork(self, message: _Message, folder: str, request: dict[str, Any]) -> Pending:
        from graders.ground.pending_fork import PendingFork

        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            for end in (ours, theirs):  # a child whose answers are not read yet must not wait
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**20)
            out_read, out_write = os.pipe()
            try:
                pid = self._asked(
                    lambda server: server.run(
                        theirs.fileno(),
                        out_write,
                        folder,
                        closed="autograd" in request["forbid"],
                        meanwhile=message.encode,
                    )
                )
            except BaseException:
                os.close(out_read)
                raise
            finally:
                os.close(out_write)
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        assert self.server is not None
        try:
            text = message.text()
        except BaseException:
            self.server.kill(pid)
            self.server.leave(pid, folder)
            os.close(out_read)
            ours.close()
            raise
        return PendingFork(self.server, pid, ours, out_read, text, folder, request)

    def _asked(self, ask: Callable[[Server], int]) -> int:
        """What the server answers; a new one is asked, once, where it is gone (killed from outside)."""
        for attempt in range(2):
            self.start()
            assert self.server is not None
            try:
                return ask(self.server)
            except OSError:
                self.server.hang_up()
                if attempt:
                    raise
        raise AssertionError("not reached")

    # -- an interpreter of its own -----------------------------------------------------------

    def _submit_spawn(self, message: bytes, folder: str, request: dict[str, Any]) -> Pending:
        from graders.ground.pending_spawn import PendingSpawn

        process, self._spare = self._spare or self._spawn(), None
        pending = PendingSpawn(process, message, folder, request)
        self._spare = self._spawn()
        return pending

    def _spawn(self) -> subprocess.Popen[bytes]:
        env = sandbox.plain_environment() if self.strict else dict(os.environ)
        env["OMP_NUM_THREADS"] = "1"
        env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), env.get("PYTHONPATH")]))
        try:
            return subprocess.Popen(
                [sys.executable, "-P", "-m", "graders.ground.spawned"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=env,
                cwd=ROOT,  # torch cannot be imported in a folder that has been deleted
                start_new_session=True,
            )
        except OSError as error:
            raise machine.lack(error) from None


class _Message:
    """A request as it is sent; encoded once, when there is time for it."""

    def __init__(self, request: dict[str, Any]) -> None:
        self.request = request
        self.found: bytes | None = None
        self.error: Exception | None = None

    def encode(self) -> None:
        """Encodes the request, if that was not done. What goes wrong is kept for ``text``."""
        if self.found is None and self.error is None:
            try:
                message = asking.pack(self.request)
                self.found = struct.pack("<I", len(message)) + message
            except Exception as error:
                self.error = error

    def text(self) -> bytes:
        """The bytes. Raises what encoding raised."""
        self.encode()
        if self.found is None:
            assert self.error is not None
            raise self.error
        return self.found
