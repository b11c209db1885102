"""What happens inside the process that runs submitted code.

A request is read from a channel, the process confines itself, the learner's file is loaded, the
scenarios run, and frames go back. It decides nothing: it only reports what came out. The process is
ended with ``os._exit`` in any case, so neither threads nor exit handlers of the learner's keep it.

Frames, each a uint32 length and a wire message:

    {"ready": True} or {"unready": [whose fault, why], "end": True}
    {"loaded": True, "stopped": [...]} or {"load": outcome}   the file was executed, but for some of its
        statements perhaps; or it could not be
    {"start": [exercise, check]}
    {"done": [exercise, check], "outcomes": [...]}
    {"end": True}

Up to the first of them no submitted code has run, so it can be believed: what goes wrong before is
never the learner's doing.
"""

from __future__ import annotations

import builtins
import contextlib
import faulthandler
import marshal
import os
import signal
import struct
import sys
from pathlib import Path
from typing import Any, Protocol

import torch

from graders.authoring import collecting
from graders.ground import asking, machine, no_autograd, runner, sandbox, wire
from graders.ground.between import among_the_watched
from graders.ground.limits import BROKEN, MAX_BYTES, UNREADY

# what submitted code replaces in its own process is no matter to what runs it (see wire.py)
globals()["__builtins__"] = dict(vars(builtins))
_pack = struct.pack

Scenarios = dict[tuple[str, str], Any]  # by exercise and check


class Channel(Protocol):
    """Where frames come from and go to."""

    def read(self, size: int) -> bytes: ...
    def write(self, data: bytes) -> None: ...


class FdChannel:
    """A channel over file descriptors (two ends of a socket or of pipes)."""

    def __init__(self, read_fd: int, write_fd: int) -> None:
        self.read_fd, self.write_fd = read_fd, write_fd

    def read(self, size: int) -> bytes:
        parts = []
        while size:
            part = os.read(self.read_fd, min(size, 2**20))
            if not part:
                raise EOFError("the request is cut off")
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self.write_fd, view) :]


def send(channel: Channel, frame: Any) -> None:
    """Writes one frame."""
    message = wire.encode(frame, 2 * MAX_BYTES)
    channel.write(_pack("<I", len(message)) + message)


def receive(channel: Channel) -> Any:
    """Reads the request, which comes from the parent. Raises GradersFault where it cannot be understood."""
    (length,) = struct.unpack("<I", channel.read(4))
    message = channel.read(length)
    try:
        return asking.unpack(message)
    except Exception as error:
        raise GradersFault(f"{type(error).__name__}: {error}") from error


class GradersFault(Exception):
    """The graders' own code cannot be executed here."""


def prepare(channel: Channel) -> tuple[dict[str, Any], Scenarios]:
    """Reads a request and makes everything ready for it; no submitted code has run yet."""
    request = receive(channel)
    folder = Path(request["folder"])
    os.chdir(folder)
    runner.quiet_environment(str(folder))
    confine(request, folder)
    torch.set_num_threads(1)
    no_autograd.close_the_doors(request["forbid"])
    try:
        return request, load_scenarios(request["scenarios"])
    except Exception as error:
        raise GradersFault(f"{type(error).__name__}: {error}") from error


def serve(channel: Channel, request: dict[str, Any], scenarios: Scenarios) -> None:
    """Runs one request and writes the frames."""
    used: list[str] = []
    outcome: runner.Outcome = {}
    stopped: list[runner.Outcome] = []
    try:
        if not request[
            "strict"
        ]:  # a module of one's own beside the part; behind all else: no torch.py
            sys.path.append(os.path.dirname(request["path"]))
        runner.seed_everything(0)
        with runner.printing_into(outcome):
            module = runner.load(
                request["source"],
                request["path"],
                request["name"],
                request["standins"],
                used,
                stopped=stopped,
            )
    except BaseException as error:
        send(channel, {"load": _described(error, request["path"]), "end": True})
        return
    printed = outcome.get("printed", "")
    send(channel, {"loaded": True, "printed": printed, "stopped": stopped})
    for run in request["runs"]:
        label = [run["exercise"], run["check"]]
        send(channel, {"start": label})
        # many runs may have one scenario: a model that writes takes the same step again and again
        scenario = scenarios.get((run["exercise"], run.get("scenario", run["check"])))
        scenario = scenario or runner.call_target(run["target"])
        outcomes = []
        cases, targets = run["cases"], tuple(run.get("targets", ()))
        again = run.get("again", -1)
        for number, (case, seed) in enumerate(cases):
            used.clear()
            last = 0 < number == len(cases) - 1
            try:
                outcome = runner.run_case(
                    scenario,
                    module,
                    case,
                    seed,
                    tuple(request["forbid"]),
                    pure=run["pure"],
                    used=used,
                    path=request["path"],
                    trusted=False,
                    targets=targets if among_the_watched(number, len(cases), again) else (),
                    steps=bool(run.get("steps")),
                    between=cases[run["between"]][0]
                    if last and run.get("between", -1) >= 0
                    else None,
                    turning=number == again,
                )
            except BaseException as error:  # an exception that cannot be described, or late ones
                outcome = _described(error, "")
            outcomes.append(outcome)
        try:
            send(channel, {"done": label, "outcomes": outcomes})
        except wire.WireError as error:
            few = [{"unsendable": str(error)} for _ in outcomes]
            send(channel, {"done": label, "outcomes": few})
    send(channel, {"end": True})


def _described(error: BaseException, path: str) -> runner.Outcome:
    try:
        return runner.describe(error, path)
    except BaseException:
        return {"raised": wire.type_name(error), "message": "", "frames": [], "todo": False}


def load_scenarios(sources: list[bytes] | list[str]) -> Scenarios:
    """Executes pruned grader files, compiled (by marshal) or as text: {(exercise, check): scenario}."""
    with collecting() as part:
        for source in sources:
            if isinstance(source, str):
                code = compile(source, "<scenarios>", "exec")
            else:
                code = marshal.loads(source)
            exec(code, {"__name__": "scenarios"})
    return {
        (exercise.name, check.name): check.scenario
        for exercise in part.exercises.values()
        for check in exercise.checks.values()
        if check.scenario is not None
    }


def confine(request: dict[str, Any], folder: Path) -> None:
    """Takes away what a submission has no business with; raises if the strict level cannot."""
    threads = request.get("threads", True)
    if request["strict"]:
        readable = [Path(path) for path in request["readable"]]
        sandbox.confine_others(folder, request["apart"], readable, threads)
    else:
        sandbox.confine_own(folder, request["gpu"], threads)


def main(channel: Channel, output_fd: int, failed: OSError | None = None) -> None:
    """The whole life of a child: redirect, serve, end. Never returns.

    Args:
        failed: why it cannot begin, if that is known.
    """
    code = UNREADY
    try:
        # Ctrl-C is the parent's; a KeyboardInterrupt in here comes from the code itself
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        os.dup2(machine.null(os.O_RDONLY), 0)
        os.dup2(output_fd, 1)
        os.dup2(output_fd, 2)
        with contextlib.suppress(Exception):
            faulthandler.enable(file=2, all_threads=False)
        if failed is not None:
            raise sandbox.SandboxError(f"this machine cannot confine a submission: {failed}")
        request, scenarios = prepare(channel)
        send(channel, {"ready": True})
        code = BROKEN
        serve(channel, request, scenarios)
        code = 0
    except BaseException as error:  # the channel is gone, or the request is broken
        if code == UNREADY:
            _excuse(channel, error)
    finally:
        os._exit(code)


def _excuse(channel: Channel, error: BaseException) -> None:
    """Says why nothing could begin; where not even that goes, the parent sees an early end."""
    whose, text = "machine", str(error)
    if isinstance(error, GradersFault):
        whose = "graders"
    elif not isinstance(error, machine.MachineError):
        text = str(machine.lack(error))
    with contextlib.suppress(BaseException):
        send(channel, {"unready": [whose, text], "end": True})
