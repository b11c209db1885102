"""A child at work, as its parent sees it: what it says, how long it takes, how it ended.

``Pending`` holds what is the same wherever the child comes from: the frames that are due, the clock,
the disk. Nothing that the child does can raise here: a dead, silent, babbling or lying child becomes
a ``RunResult`` that says so. What a child says before it has read the learner's file is ours, and
only that can raise: MachineError, or ScenarioError.
"""

from __future__ import annotations

import os
import re
import signal
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from graders.ground import folders, limits, wire
from graders.ground.machine import MachineError
from graders.ground.outcomes import clean, must, stopped
from graders.ground.result import Label, RunResult, ScenarioError
from graders.ground.runner import Outcome
from graders.ground.shown import shown_text

NONSENSE = (wire.WireError, TypeError, ValueError, LookupError, ArithmeticError, RuntimeError)
NOT_DELIVERED = {"unsendable": "the answer is too large"}


class Pending:
    """A child at work. ``collect`` may be called once.

    Args:
        folder: the child's working folder, which goes when it ends.
        request: what it was asked; no answer to anything else is taken.
    """

    def __init__(self, folder: str, request: dict[str, Any]) -> None:
        self.folder = folder
        self.path = str(request["path"])
        self.standins = frozenset(request.get("standins", ()))
        self.labels = [(run["exercise"], run["check"]) for run in request["runs"]][::-1]
        self.cases = {(run["exercise"], run["check"]): len(run["cases"]) for run in request["runs"]}
        self.result = RunResult()
        self.printed = b""
        self.output = 0  # bytes written on standard output
        self.frames = bytearray()
        self.received = 0
        self.spent: dict[str, list[float]] = {}  # exercise: bytes, elements, seconds of its answers
        self.looked = 0.0
        self.current: Label | None = None
        self.began_cpu = 0.0
        self.began = time.monotonic()
        self.ready = False
        self.ended = False
        self.fault: tuple[str, str] | None = None  # why it could not begin: whose fault, in words
        self.on_answer: Callable[[Label, list[Outcome]], None] | None = None  # for who cannot wait

    # -- frames ----------------------------------------------------------------------------

    def feed(self, data: bytes) -> None:
        """Takes bytes from the child; notes it in the result when they make no sense."""
        self.received += len(data)
        if self.received > limits.MAX_ANSWERS and not self.ended and not self.result.died:
            self.result.died = "answers"
        if self.result.died or self.ended:
            return
        self.frames += data
        while len(self.frames) >= 4 and not self.result.died and not self.ended:
            (length,) = struct.unpack("<I", self.frames[:4])
            if length > limits.MAX_FRAME:
                self.result.died = "garbage"
                return
            if len(self.frames) < 4 + length:
                return
            message = bytes(self.frames[4 : 4 + length])
            del self.frames[: 4 + length]
            exercise = self.current[0] if self.current else ""
            began = time.thread_time()
            try:
                self.frame(wire.decode(message, limits.MAX_FRAME))
            except NONSENSE:
                self.result.died = "garbage"
            spent = self.spent.setdefault(exercise, [0, 0, 0.0])
            spent[2] += time.thread_time() - began
            if spent[2] > limits.LISTEN_SECONDS and not self.result.died and not self.ended:
                self.result.died = "answers"

    def frame(self, frame: Any) -> None:
        """Takes one frame. Raises one of NONSENSE when it is not the one that is due."""
        must(type(frame) is dict)
        if not self.ready:
            self.first(frame)
        elif "load" in frame:
            must(not self.result.loaded)
            self.result.load = clean(frame["load"], self.standins)
            must("raised" in self.result.load)
        elif "loaded" in frame:
            must(not self.result.loaded and type(frame.get("printed")) is str)
            self.result.stopped = stopped(frame.get("stopped", []), self.standins)
            self.result.loaded = True
            text = shown_text(frame["printed"], limits.KEPT_OUTPUT)
            self.printed += text.encode()
            self.restart_clock()
        elif "start" in frame:
            label = _label(frame["start"])
            must(self.result.loaded and self.current is None)
            must(self.labels[-1:] == [label])
            self.current = self.labels.pop()
            self.restart_clock()
        elif "done" in frame:
            label = _label(frame["done"])
            must(self.current == label)
            self.result.outcomes[label] = self.answers(label, frame["outcomes"])
            self.current = None
            self.restart_clock()
            if self.on_answer is not None:
                self.on_answer(label, self.result.outcomes[label])
        else:
            must(frame.get("end") is True)
        if frame.get("end") is True:
            self.ended = True
            all_said = self.result.loaded and not self.labels and self.current is None
            if self.ready and self.result.load is None and not all_said:
                self.result.died = "garbage"

    def first(self, frame: dict[str, Any]) -> None:
        """The frame before the learner's file is read: it can begin, or why it cannot."""
        if "ready" in frame:
            self.ready = True
            self.restart_clock()
        else:
            whose, text = frame["unready"]
            must(type(whose) is str and type(text) is str)
            self.fault = (whose, shown_text(text, 500))

    def answers(self, label: Label, outcomes: Any) -> list[dict[str, Any]]:
        """The outcomes of a check, one for each case; those of a glutton without their values."""
        must(type(outcomes) is list and len(outcomes) == self.cases[label])
        cleaned = [clean(outcome, self.standins) for outcome in outcomes]
        spent = self.spent.setdefault(label[0], [0, 0, 0.0])
        for outcome in cleaned:
            value = outcome.get("value", b"")
            spent[0] += len(value)
            spent[1] += wire.elements(value)
        if spent[0] > limits.MAX_EXERCISE or spent[1] > limits.MAX_EXERCISE_NODES:
            return [dict(NOT_DELIVERED) for _ in cleaned]
        return cleaned

    # -- time ------------------------------------------------------------------------------

    def cpu(self) -> float | None:
        """CPU seconds of the child so far; None where that cannot be known."""
        return None

    def restart_clock(self) -> None:
        self.began, self.began_cpu = time.monotonic(), self.cpu() or 0.0

    def overdue(self, allowances: dict[Label, float]) -> float | None:
        """The limit in seconds that what is running now has passed, or None."""
        elapsed = time.monotonic() - self.began
        if not self.ready:
            return limits.READY_SECONDS if elapsed > limits.READY_SECONDS else None
        allowed = limits.LOAD_SECONDS + limits.LOAD_GRACE
        if self.current is not None:
            allowed = allowances.get(self.current, limits.CHECK_SECONDS)
        if elapsed < allowed:
            return None
        cpu = self.cpu()
        busy = elapsed if cpu is None else cpu - self.began_cpu
        if busy > allowed or elapsed > limits.WALL * allowed:
            return allowed
        return None

    def look_at_disk(self) -> None:
        """Ends a child that fills its folder; looks ten times a second at most."""
        now = time.monotonic()
        if not self.ready or now - self.looked < 0.1:
            return
        self.looked = now
        if reason := folders.too_much(self.folder):
            self.stop(reason)

    def stop(self, reason: str, detail: str = "") -> None:
        if not self.result.died:
            self.result.died, self.result.detail = reason, detail
        self.kill()

    def kill(self) -> None:
        raise NotImplementedError

    # -- the end ---------------------------------------------------------------------------

    def collect(self, allowances: dict[Label, float]) -> RunResult:
        """Waits for the child and returns what came back.

        Args:
            allowances: CPU seconds per check, CHECK_SECONDS where none is given.

        Raises:
            MachineError: it could not begin, for a reason that lies with this machine.
            ScenarioError: it could not begin, because the graders' own code failed in it.
        """
        try:
            self.restart_clock()
            self.pump(allowances)
        finally:
            self.kill()
            self.clean()
        if not self.ready and self.result.died != "server":
            raise self.unready()
        text = self.printed.decode("utf-8", "replace")
        # of faulthandler's dump only the place in the learner's own file is of interest
        text, crash, stack = text.partition("Fatal Python error: ")
        if crash:
            here = re.escape(self.path)
            found = re.findall(rf'File "{here}", line (\d{{1,9}}) in (\S+)', stack)
            self.result.frames = [[int(line), shown_text(name, 120)] for line, name in found[5::-1]]
        self.result.printed = shown_text(text, limits.KEPT_OUTPUT)
        return self.result

    def unready(self) -> Exception:
        """Why it could not begin, as an exception."""
        if self.fault is not None:
            whose, text = self.fault
            return ScenarioError(text) if whose == "graders" else MachineError(text)
        if self.result.died == "timeout":
            return MachineError(
                f"no check could begin within {limits.READY_SECONDS:.0f} s: "
                "is this machine very busy? Check again."
            )
        how = " ".join(filter(None, [self.result.died, self.result.detail]))
        last = self.printed.decode("utf-8", "replace").strip().rpartition("\n")[2]
        return MachineError(
            f"the process that runs the checks ended before it could begin ({how}). Check again; "
            "if this stays, `hero doctor` says what this machine has."
            + (f" It said: {shown_text(last, 300)}" if last else "")
        )

    def pump(self, allowances: dict[Label, float]) -> None:
        """Listens until all is said, or the child is gone or has to go."""
        raise NotImplementedError

    def note_output(self, data: bytes) -> None:
        self.output += len(data)
        if len(self.printed) < limits.KEPT_OUTPUT:
            self.printed += data[: limits.KEPT_OUTPUT - len(self.printed)]
        if self.output > limits.MAX_OUTPUT:
            self.stop("output")

    def conclude(self, status: int) -> None:
        """Names the end of a child that did not say goodbye; ``status`` as subprocess has it."""
        if self.ended or self.result.died:
            return
        if status == limits.BROKEN:
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
        folders.remove(self.folder)


def _label(found: Any) -> Label:
    must(type(found) is list and len(found) == 2)
    exercise, check = found
    must(type(exercise) is str and type(check) is str)
    return exercise, check


def cpu_seconds(pid: int) -> float | None:
    """CPU seconds of a process so far; None where that cannot be known."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError, ValueError, AttributeError):
        return None
