"""A grading process (``graders.teach.batch_worker``) as seen by whoever feeds it: here, or on a machine of a
cluster.

It is started with the first submission, keeps torch warm, and is replaced when it died.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import IO, Any

from graders.core.registry import ROOT
from graders.errors import UserError
from graders.ground.sandbox import plain_environment

COMMAND = (sys.executable, "-P", "-m", "graders.teach.batch_worker")
PATIENCE = 1800.0  # seconds for one submission, far above what the limits of its checks add up to
TRIES = 2


class Grader:
    """One grading process.

    Args:
        setup: the first line that it reads (``Batch.setup``).
        errors: where its standard error goes; None: where ours goes.
        command: that starts it.
    """

    def __init__(
        self,
        setup: Mapping[str, Any],
        errors: IO[str] | None = None,
        command: tuple[str, ...] = COMMAND,
    ) -> None:
        self.setup, self.errors, self.command = setup, errors, command
        self.stopped = False
        self._process: subprocess.Popen[str] | None = None

    def grade(self, job: Mapping[str, Any]) -> Any:
        """A job's result, as JSON holds it; None if the process died of it, or of itself, twice.

        Raises UserError where no process can grade here.
        """
        for _ in range(TRIES):
            if self.stopped:
                break
            answer = self._ask(job)
            if "result" in answer:
                return answer["result"]
            self.end()
        return None

    def stop(self) -> None:
        """Ends the process, whatever it does; another thread may wait for it."""
        self.stopped = True
        process = self._process
        if process is not None and process.poll() is None:
            with contextlib.suppress(OSError):
                process.terminate()

    def end(self) -> None:
        """Ends the process when it is idle. The next job starts another one."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(OSError):
            assert process.stdin is not None
            process.stdin.close()  # it ends by itself, and clears away what it made
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _ask(self, job: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the process answers; nothing if it died."""
        process = self._running()
        timer = threading.Timer(PATIENCE, process.kill)
        timer.start()
        try:
            _send(process.stdin, job)
            return _hear(process.stdout)
        finally:
            timer.cancel()

    def _running(self) -> subprocess.Popen[str]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.end()
        # what submitted code runs in is forked from there: no token may ever have been in its memory
        env = plain_environment() | {"OMP_NUM_THREADS": "1"}
        env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), env.get("PYTHONPATH")]))
        process = self._process = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            env=env,
            cwd=ROOT,
            text=True,
        )
        _send(process.stdin, self.setup)
        answer = _hear(process.stdout)
        if "ready" not in answer and not self.stopped:
            self.end()
            raise UserError(
                str(answer.get("fatal", "the grader does not start; its log says why."))
            )
        return process


def _send(stream: IO[str] | None, line: Mapping[str, Any]) -> None:
    assert stream is not None
    with contextlib.suppress(OSError):
        stream.write(json.dumps(line) + "\n")
        stream.flush()


def _hear(stream: IO[str] | None) -> Mapping[str, Any]:
    assert stream is not None
    try:
        found = json.loads(stream.readline())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
