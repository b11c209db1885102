"""The kernel's end: starts the process that judges, and asks it."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from graders.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
# what a kernel's environment says about the kernel, not about the machine
OF_THE_KERNEL = ("MPLBACKEND", "JPY_SESSION_NAME", "JPY_PARENT_PID", "PYTHONSTARTUP")


class Judging:
    """The process beside this kernel that judges. Started when first asked, or anew when it has ended.

    Args:
        root: the checkout whose lessons are meant.
        module: the process's program.
    """

    def __init__(self, root: Path, module: str = "graders.notebook.judging") -> None:
        self.root, self.module = root, module
        self.process: subprocess.Popen[bytes] | None = None
        self.said: Any = None  # what it wrote to standard error
        self.owner = os.getpid()
        self.part = ""  # told again to a new process
        atexit.register(self.stop)

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer to a request (see judging.py). Raises UserError with a sentence.

        When it is interrupted, the process is ended: the answer would come when nobody waits for it.
        """
        try:
            if self._start() and self.part and request["do"] != "part":
                self._exchange({"do": "part", "wanted": self.part})
            answer = self._exchange(request)
        except BaseException:
            self.stop()
            raise
        if "error" in answer:
            raise UserError(answer["error"])
        self.part = answer.get("part", self.part)
        return answer

    def _exchange(self, request: dict[str, Any]) -> dict[str, Any]:
        process = self.process
        assert process is not None and process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except BrokenPipeError:
            line = b""
        if not line.endswith(b"\n"):
            raise UserError(f"the process that judges has ended{self._why()}. Try again.")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _start(self) -> bool:
        """Starts the process unless it runs; whether it was started. Raises UserError."""
        if self.owner != os.getpid():  # a fork of the kernel: the process is not its
            raise UserError("check from the notebook itself, not from a process that it started.")
        if self.process is not None and self.process.poll() is None:
            return False
        self.stop()
        environment = {k: v for k, v in os.environ.items() if k not in OF_THE_KERNEL}
        path = os.pathsep.join(filter(None, [str(ROOT), environment.get("PYTHONPATH")]))
        self.said = tempfile.TemporaryFile()  # noqa: SIM115  (for as long as the process lives)
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", self.module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self.said,
                env={**environment, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
                cwd=self.root,
                start_new_session=True,  # interrupting a kernel is for the kernel
            )
        except OSError as error:
            raise UserError(f"the process that judges does not start: {error.strerror}.") from None
        return True

    def _why(self) -> str:
        with contextlib.suppress(OSError, ValueError):
            self.said.seek(0)
            lines = self.said.read().decode("utf-8", "replace").strip().splitlines()
            if lines:
                return f" ({lines[-1][:300]})"
        return ""

    def stop(self) -> None:
        """Ends the process, if it runs."""
        process, self.process = self.process, None
        if process is None or self.owner != os.getpid():
            return
        for stream in (process.stdin, process.stdout, self.said):
            with contextlib.suppress(OSError, ValueError):
                if stream is not None:
                    stream.close()
        process.kill()  # what it started sees that it is gone, and ends too
        process.wait()
