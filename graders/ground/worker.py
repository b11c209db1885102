"""The parent's side: send a request to a child, collect its frames, end it when it must end.

``Worker.submit`` starts a child and returns at once, so that the parent can compute what it expects
meanwhile; ``Pending.collect`` returns what came back. Nothing that the child does can raise here:
a dead, silent, babbling or lying child becomes a ``RunResult`` that says so.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graders.ground import runner, wire
from graders.ground.child import BROKEN, FILE_SIZE, MEMORY
from graders.ground.runner import Outcome

MAX_FRAME = 3 * wire.MAX_BYTES
MAX_ANSWERS = 512 * 2**20  # bytes of all frames of a child together
MAX_DISK = 256 * 2**20  # bytes in a child's folder
MAX_FOLDER = 2_000  # files in it
MAX_OUTPUT = 1_000_000  # bytes a child may write on its standard output before it is ended
KEPT_OUTPUT = 8_000
LOAD_SECONDS = 3.0  # CPU seconds to execute the file itself
CHECK_SECONDS = 2.0  # CPU seconds a check may take on top of a multiple of the reference's
SLOWER = 40  # a solution may be this many times slower than the reference
WALL = 2.5  # wall-clock seconds allowed for each CPU second (others use the machine too)

Label = tuple[str, str]


@dataclass
class RunResult:
    """What came back from one child.

    Attributes:
        outcomes: {(exercise, check): one outcome per case} for the checks that finished.
        load: the outcome of executing the file, if that raised.
        died: why the child ended early ("timeout", "output", "disk", "memory", "exit", "signal",
            "broken", "garbage"), or "".
        detail: a number or name that goes with ``died`` (seconds, exit status, signal).
        during: what was running then; None while the file was being executed.
        printed: what reached standard output outside of any check, shortened.
        loaded: whether the file was executed.
        frames: where in it the interpreter crashed: [line, function], outermost first.
    """

    outcomes: dict[Label, list[Outcome]] = field(default_factory=dict)
    load: Outcome | None = None
    died: str = ""
    detail: str = ""
    during: Label | None = None
    printed: str = ""
    loaded: bool = False
    frames: list[list[Any]] = field(default_factory=list)


class Worker:
    """Runs requests one after the other, each in a child of its own.

    Args:
        method: "fork" (Linux, macOS) or "spawn"; the platform's best unless given.
        strict: confine children as for grading other people's code; refused (SandboxError) where
            the operating system cannot.
        fresh: start the server as a new interpreter, because this process has already loaded
            what submissions must not find (slower by torch's import).
    """

    def __init__(
        self, method: str | None = None, strict: bool = False, fresh: bool = False
    ) -> None:
        self.method = method or ("fork" if hasattr(os, "fork") else "spawn")
        self.strict = strict
        self.fresh = fresh
        self._control: socket.socket | None = None
        self._server = 0
        self._owner = 0
        self._spare: subprocess.Popen[bytes] | None = None
        self._lines = b""
        self._started: list[int] = []
        self._ended: dict[int, int] = {}
        self._folders: list[str] = []  # of children that may still be there
        self._leaving: dict[int, str] = {}  # killed, not yet gone: pid -> its folder
        if strict:
            from graders.ground import sandbox

            lacking = [name for name, ok in sandbox.capabilities().items() if not ok]
            if lacking:
                raise sandbox.SandboxError(
                    "strict mode needs an operating system that can confine a process; this one "
                    f"cannot take away: {', '.join(lacking)}"
                )

    def start(self) -> None:
        """Starts the fork server. Call it before lessons are loaded; later calls do nothing."""
        if self.method == "fork" and (self._control is None or self._owner != os.getpid()):
            from graders.ground import forkserver

            # in place of one that has died: by now there may be solutions in this memory
            again = self._server != 0 and self._owner == os.getpid()
            if again:
                self._bury()
            self._control, self._server = forkserver.start(again or self.fresh, self.strict)
            self._owner = os.getpid()
            self._lines = b""
            self._started.clear()
        elif self.method == "spawn" and self._spare is None:
            self._spare = self._spawn()

    def _bury(self) -> None:
        """Waits for the server's end, which closing its control socket brings."""
        if self._control is not None:
            self._control.close()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._server, 0)
        self._control = None
        # nobody will announce the ends of its last children, which went with it
        for folder in self._leaving.values():
            remove(folder)
        self._leaving.clear()

    def close(self) -> None:
        """Ends the server and everything below it; returns when all of it is gone."""
        if self._control is not None and self._owner == os.getpid():
            end = time.monotonic() + 10
            while self._leaving and self._control is not None and time.monotonic() < end:
                if select.select([self._control], [], [], 1.0)[0]:
                    self.listen()
        if self._server and self._owner == os.getpid():
            self._bury()
        self._control, self._server = None, 0
        if self._spare is not None:
            self._spare.kill()
            self._spare.communicate()
            self._spare = None
        if self.method == "spawn" or self._owner == os.getpid():
            for folder in self._folders:  # also of what was begun and never collected
                remove(folder)
            self._folders.clear()

    def __enter__(self) -> Worker:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _spawn(self) -> subprocess.Popen[bytes]:
        root = str(Path(__file__).resolve().parents[2])
        from graders.ground import sandbox

        env = sandbox.plain_environment() if self.strict else dict(os.environ)
        env["OMP_NUM_THREADS"] = "1"
        env["PYTHONPATH"] = os.pathsep.join(filter(None, [root, env.get("PYTHONPATH")]))
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "graders.ground.spawned"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=env,
            start_new_session=True,
        )

    def submit(self, request: dict[str, Any]) -> Pending:
        """Sends a request (see ``graders.ground.child``) to a fresh child."""
        self.start()
        self._folders = [*filter(os.path.isdir, self._folders)]
        folder = tempfile.mkdtemp(prefix="hero-")
        self._folders.append(folder)
        data_folder = Path(__file__).resolve().parents[2] / "data"
        request = {
            "gpu": False,
            "readable": [str(data_folder)],
            **request,
            "folder": folder,
            "strict": self.strict,
        }
        message = wire.encode(request, 2**31)
        message = struct.pack("<I", len(message)) + message
        if self.method == "fork":
            return self._submit_fork(message, folder, request)
        process, self._spare = self._spare or self._spawn(), None
        pending = _PendingSpawn(process, message, folder, request)
        self._spare = self._spawn()
        return pending

    def _submit_fork(self, message: bytes, folder: str, request: dict[str, Any]) -> Pending:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        for end in (ours, theirs):  # a child whose answers are not read yet must not wait for it
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**20)
        out_read, out_write = os.pipe()
        pid = 0
        try:
            for attempt in range(2):
                self.start()
                assert self._control is not None
                try:
                    socket.send_fds(self._control, [b"run\n"], [theirs.fileno(), out_write])
                    pid = self.started()
                    break
                except OSError:  # the server is gone (killed from outside)
                    self._bury()
                    if attempt:
                        raise
        except BaseException:
            ours.close()
            os.close(out_read)
            remove(folder)
            raise
        finally:
            theirs.close()
            os.close(out_write)
        return _PendingFork(self, pid, ours, out_read, message, folder, request)

    def started(self, seconds: float = 30.0) -> int:
        """The pid of the child that was asked for last. Raises OSError if none came up."""
        end = time.monotonic() + seconds
        while not self._started and time.monotonic() < end and self._control is not None:
            ready, _, _ = select.select([self._control], [], [], 1.0)
            if ready:
                self.listen()
        if not self._started:
            raise OSError("the process that runs checks could not be started")
        return self._started.pop(0)

    def listen(self) -> None:
        """Takes in what the server says: who has started, who has ended and how."""
        assert self._control is not None
        try:
            data = self._control.recv(4096)
        except OSError:
            data = b""
        if not data:  # the server is gone, and with it all its children
            self._control.close()
            self._control = None
            for folder in self._leaving.values():
                remove(folder)
            self._leaving.clear()
            return
        *lines, self._lines = (self._lines + data).split(b"\n")
        for line in lines:
            word, pid, *status = line.decode().split()
            if word == "started":
                self._started.append(int(pid))
            elif int(pid) in self._leaving:
                remove(self._leaving.pop(int(pid)))
            else:
                self._ended[int(pid)] = int(status[0])

    def status(self, pid: int) -> int | None:
        """The wait status of a child that has ended; None while it runs."""
        if self._control is None:
            return 9  # children die with their server
        return self._ended.pop(pid, None)

    def leave(self, pid: int, folder: str) -> None:
        """Notes a killed child whose end nobody waits for; its folder goes when it has gone."""
        if self._ended.pop(pid, None) is None:
            self._leaving[pid] = folder
        else:
            remove(folder)

    def kill(self, pid: int) -> None:
        """Ends a child (through the server, which knows whether the pid is still its)."""
        if self._control is not None:
            with contextlib.suppress(OSError):
                self._control.sendall(f"kill {pid}\n".encode())


class Pending:
    """A child at work. ``collect`` may be called once.

    Args:
        folder: the child's working folder, which goes when it ends.
        request: what it was asked; no answer to anything else is taken.
    """

    def __init__(self, folder: str, request: dict[str, Any]) -> None:
        self.folder = folder
        self.path = str(request["path"])
        self.labels = [(run["exercise"], run["check"]) for run in request["runs"]][::-1]
        self.result = RunResult()
        self.printed = b""
        self.output = 0
        self.frames = bytearray()
        self.received = 0
        self.looked = 0.0
        self.current: Label | None = None
        self.began_cpu = 0.0
        self.began = time.monotonic()
        self.ended = False

    # -- frames ----------------------------------------------------------------------------

    def feed(self, data: bytes) -> None:
        """Takes bytes from the child; marks the result as garbage when they make no sense."""
        self.received += len(data)
        if self.received > MAX_ANSWERS:
            self.stop("garbage")
        if self.ended or self.result.died:
            return  # whatever else it says
        self.frames += data
        while len(self.frames) >= 4 and not (self.ended or self.result.died):
            (length,) = struct.unpack("<I", self.frames[:4])
            if length > MAX_FRAME:
                self.result.died = "garbage"
                return
            if len(self.frames) < 4 + length:
                return
            message = bytes(self.frames[4 : 4 + length])
            del self.frames[: 4 + length]
            try:
                self.frame(wire.decode(message, MAX_FRAME))
            except (wire.WireError, TypeError, ValueError, KeyError, AttributeError, OverflowError):
                self.result.died = "garbage"

    def frame(self, frame: dict[str, Any]) -> None:
        """Takes one frame. Raises one of several errors when it is not the one that is due."""
        if "load" in frame:
            _must(not self.result.loaded)
            self.result.load = clean(frame["load"])
            _must("raised" in self.result.load)
        elif "loaded" in frame:
            _must(not self.result.loaded)
            self.result.loaded = True
            text = wire.printable(frame.get("printed", ""), KEPT_OUTPUT)
            self.printed += text.encode()
            self.restart_clock()
        elif "start" in frame:
            exercise, check = frame["start"]
            _must(self.result.loaded and self.current is None)
            _must(self.labels[-1:] == [(exercise, check)])
            self.current = self.labels.pop()
            self.restart_clock()
        elif "done" in frame:
            exercise, check = frame["done"]
            _must(self.current == (exercise, check))
            outcomes = [clean(outcome) for outcome in frame["outcomes"]]
            self.result.outcomes[exercise, check] = outcomes
            self.current = None
            self.restart_clock()
        if frame.get("end") is True:
            self.ended = True
            if self.result.load is None and (self.labels or self.current):
                self.result.died = "garbage"

    # -- time ------------------------------------------------------------------------------

    def cpu(self) -> float | None:
        """CPU seconds of the child so far; None where that cannot be known."""
        return None

    def restart_clock(self) -> None:
        self.began, self.began_cpu = time.monotonic(), self.cpu() or 0.0

    def overdue(self, limits: dict[Label, float]) -> float | None:
        """The limit in seconds that what is running now has passed, or None."""
        allowed = LOAD_SECONDS
        if self.current is not None:
            allowed = limits.get(self.current, CHECK_SECONDS)
        elapsed = time.monotonic() - self.began
        if elapsed < allowed:
            return None
        cpu = self.cpu()
        busy = elapsed if cpu is None else cpu - self.began_cpu
        if busy > allowed or elapsed > WALL * allowed:
            return allowed
        return None

    def look_at_disk(self) -> None:
        """Ends a child that fills its folder; looks ten times a second at most."""
        now = time.monotonic()
        if now - self.looked < 0.1:
            return
        self.looked = now
        size = count = 0
        for root, _, names in os.walk(self.folder):
            for name in names:
                with contextlib.suppress(OSError):
                    found = os.lstat(os.path.join(root, name))
                    size += getattr(found, "st_blocks", found.st_size // 512) * 512
            count += len(names) + 1
            if size > MAX_DISK or count > MAX_FOLDER:
                self.stop("disk")
                return

    def stop(self, reason: str, detail: str = "") -> None:
        if not self.result.died:
            self.result.died, self.result.detail = reason, detail
        self.kill()

    def kill(self) -> None:
        raise NotImplementedError

    def collect(self, limits: dict[Label, float]) -> RunResult:
        """Waits for the child and returns what came back.

        Args:
            limits: CPU seconds per check, CHECK_SECONDS where none is given.
        """
        try:
            self.restart_clock()
            self.pump(limits)
        finally:
            self.kill()
            self.clean()
        self.result.during = self.current
        text = wire.printable(self.printed.decode("utf-8", "replace"), KEPT_OUTPUT)
        # of faulthandler's dump only the place in the learner's own file is of interest
        text, crash, stack = text.partition("Fatal Python error: ")
        if crash:
            here = re.escape(self.path)
            found = re.findall(rf'File "{here}", line (\d{{1,9}}) in (\S+)', stack)
            self.result.frames = [[int(line), name] for line, name in found[5::-1]]
        self.result.printed = text
        return self.result

    def pump(self, limits: dict[Label, float]) -> None:
        raise NotImplementedError

    def note_output(self, data: bytes) -> None:
        self.output += len(data)
        if len(self.printed) < KEPT_OUTPUT:
            self.printed += data[: KEPT_OUTPUT - len(self.printed)]
        if self.output > MAX_OUTPUT:
            self.stop("output", f"{MAX_OUTPUT:,}")

    def conclude(self, status: int) -> None:
        """Names the end of a child that did not say goodbye; ``status`` as subprocess has it."""
        if self.ended or self.result.died:
            return
        if status == BROKEN:
            self.result.died = "broken"
        elif status < 0:
            try:
                name = signal.Signals(-status).name
            except ValueError:
                name = str(-status)
            reason = "memory" if name == "SIGKILL" else "signal"
            self.result.died, self.result.detail = reason, name
        else:
            self.result.died, self.result.detail = "exit", str(status)

    def clean(self) -> None:
        remove(self.folder)


class _PendingFork(Pending):
    def __init__(
        self,
        worker: Worker,
        pid: int,
        channel: socket.socket,
        out_fd: int,
        message: bytes,
        folder: str,
        request: dict[str, Any],
    ) -> None:
        super().__init__(folder, request)
        self.worker, self.pid = worker, pid
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
        try:
            text = Path(f"/proc/{self.pid}/stat").read_text()
            fields = text.rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        except (OSError, IndexError, ValueError):
            return None

    def kill(self) -> None:
        if self.status is None:
            self.worker.kill(self.pid)

    def pump(self, limits: dict[Label, float]) -> None:
        waiting = {self.channel.fileno(), self.out_fd}
        # the child's death is announced on the control socket; a grandchild that keeps the
        # pipes open must not hold us, so after that only what is already there is read
        while waiting or self.status is None:
            control = self.worker._control
            heard: list[Any] = [] if control is None or self.status is not None else [control]
            writers = [self.channel] if self.message else []
            timeout = 0.02 if self.status is None else 0.0
            ready, writable, _ = select.select([*waiting, *heard], writers, [], timeout)
            if writable:
                self._send()
            if self.channel.fileno() in ready:
                self._read_channel(waiting)
            if self.out_fd in ready:
                data = os.read(self.out_fd, 65536)
                if data:
                    self.note_output(data)
                else:
                    waiting.discard(self.out_fd)
            if control in ready:
                self.worker.listen()
            if self.status is not None and not ready:
                break
            if self.status is None:
                self.status = self.worker.status(self.pid)
            if self.status is None:
                self.look_at_disk()
                if self.ended or self.result.died:
                    break  # all is said: it is killed, and gone before the worker closes
                elif (limit := self.overdue(limits)) is not None:
                    self.stop("timeout", f"{limit:.0f}")
        if self.status is not None:
            self.conclude(os.waitstatus_to_exitcode(self.status))

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
        if self.status is None and self.worker._control is not None:
            self.worker.leave(self.pid, self.folder)
        else:
            super().clean()


class _PendingSpawn(Pending):
    """The same over a spawned interpreter's pipes, with reading threads (Windows has no select)."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        message: bytes,
        folder: str,
        request: dict[str, Any],
    ) -> None:
        super().__init__(folder, request)
        self.process = process
        self.lock = threading.Lock()
        self.threads = [
            threading.Thread(target=self._write, args=(message,), daemon=True),
            threading.Thread(target=self._drain, args=(process.stdout, self.feed), daemon=True),
            threading.Thread(
                target=self._drain, args=(process.stderr, self.note_output), daemon=True
            ),
        ]
        for thread in self.threads:
            thread.start()

    def _write(self, message: bytes) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            self.process.stdin.write(message)
            self.process.stdin.flush()

    def _drain(self, stream: Any, take: Any) -> None:
        with contextlib.suppress(OSError, ValueError):
            while data := stream.read1(65536):
                with self.lock:
                    take(data)

    def cpu(self) -> float | None:
        try:
            text = Path(f"/proc/{self.process.pid}/stat").read_text()
            fields = text.rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        except (OSError, IndexError, ValueError, AttributeError):
            return None

    def kill(self) -> None:
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.kill()

    def overdue(self, limits: dict[Label, float]) -> float | None:
        if not self.result.loaded and self.result.load is None and self.current is None:
            # the interpreter and torch have to come up first
            elapsed = time.monotonic() - self.began
            return None if elapsed < 60 else 60.0
        return super().overdue(limits)

    def pump(self, limits: dict[Label, float]) -> None:
        while self.process.poll() is None:
            with self.lock:
                self.look_at_disk()
                if self.ended or self.result.died:
                    self.kill()
                elif (limit := self.overdue(limits)) is not None:
                    self.stop("timeout", f"{limit:.0f}")
            time.sleep(0.005)
        for thread in self.threads[1:]:
            thread.join(2.0)
        with self.lock:
            self.conclude(self.process.returncode)

    def clean(self) -> None:
        self.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        super().clean()


def remove(folder: str) -> None:
    """Removes a run's folder, whatever was done to its permissions."""
    shutil.rmtree(folder, ignore_errors=True)
    if os.path.isdir(folder):
        for root, folders, _ in os.walk(folder):
            for name in (".", *folders):
                with contextlib.suppress(OSError):
                    os.chmod(os.path.join(root, name), 0o700)
        shutil.rmtree(folder, ignore_errors=True)


def _must(true: bool) -> None:
    if not true:
        raise ValueError("this frame is not due")


def clean(outcome: Any) -> Outcome:
    """An outcome with every field of the type it must have; the code that was run may have made it.

    Raises ValueError, TypeError, KeyError or AttributeError for what is none.
    """
    _must(type(outcome) is dict)
    made: Outcome = {}
    for field_name in ("raised", "message", "missing", "unsendable", "printed"):
        if field_name in outcome:
            made[field_name] = wire.printable(outcome[field_name], runner.MAX_PRINTED)
    for field_name in ("changed", "guard", "used"):
        names = outcome.get(field_name, [])
        _must(type(names) is list)  # asking a tensor whether it is true would raise
        made[field_name] = [wire.printable(name) for name in names[:100]]
    for field_name in ("todo", "syntax"):
        if outcome.get(field_name) is True:
            made[field_name] = True
    frames = outcome.get("frames", [])
    _must(type(frames) is list)
    made["frames"] = [[int(line), wire.printable(name)] for line, name in frames[:6]]
    if type(outcome.get("value")) is bytes:
        made["value"] = outcome["value"]
    return made


def sentence(result: RunResult) -> str:
    """Why a child ended early, in one sentence for the learner."""
    texts = {
        "timeout": (
            f"it was still running after {result.detail} s, where the reference takes a blink: "
            "is there a loop that never ends?"
        ),
        "output": f"it printed more than {MAX_OUTPUT // 10**6} MB and was stopped.",
        "memory": f"it was ended by the system, most likely for taking more than "
        f"{MEMORY // 2**30} GB of memory.",
        "exit": "it ended the whole process (os._exit or the like) before returning an answer.",
        "signal": f"it crashed the interpreter ({result.detail}).",
        "broken": "it broke the process that it runs in (by closing files, or by replacing what "
        "Python itself needs), so that no answer came back.",
        "disk": f"it wrote more than {MAX_DISK // 2**20} MB, or more than {MAX_FOLDER:,} files, "
        "and was stopped.",
        "garbage": "it wrote into the grader's channel instead of returning an answer.",
    }
    if result.detail == "SIGXFSZ":
        return f"it wrote a file larger than {FILE_SIZE // 2**20} MB and was stopped."
    return texts.get(result.died, "")
