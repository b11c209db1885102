"""The same over a spawned interpreter's pipes, with reading threads (Windows has no select)."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from typing import Any

from graders.ground.pending import Pending, cpu_seconds
from graders.ground.result import Label


class PendingSpawn(Pending):
    """A child at work in an interpreter of its own.

    Args:
        process: the interpreter, waiting for a request.
        message: the request, ready to send.
    """

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
        return cpu_seconds(self.process.pid)

    def kill(self) -> None:
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.kill()

    def pump(self, allowances: dict[Label, float]) -> None:
        while self.process.poll() is None:
            with self.lock:
                self.look_at_disk()
                if self.ended or self.result.died:
                    self.kill()
                elif (limit := self.overdue(allowances)) is not None:
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
