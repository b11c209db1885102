"""What happens inside the process that runs submitted code.

``serve`` reads one request from a channel, loads the learner's file, runs the scenarios and
writes frames back. It decides nothing: it only reports what came out. The process is ended with
``os._exit`` in any case, so neither threads nor exit handlers of the learner's keep it.

Frames, each a uint32 length and a wire message:

    {"loaded": True} or {"load": outcome}      the file was executed, or could not be
    {"start": [exercise, check]}
    {"done": [exercise, check], "outcomes": [...]}
    {"end": True}
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import struct
import sys
from pathlib import Path
from typing import Any, Protocol

import torch

from graders.authoring import collecting
from graders.ground import runner, sandbox, wire

MEMORY = 2 * 2**30  # bytes a run may use on top of what torch takes
FILE_SIZE = 64 * 2**20


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
    message = wire.encode(frame, 2 * wire.MAX_BYTES)
    channel.write(struct.pack("<I", len(message)) + message)


def receive(channel: Channel) -> Any:
    """Reads one frame (the request, which comes from the parent)."""
    (length,) = struct.unpack("<I", channel.read(4))
    return wire.decode(channel.read(length), 2**31)


def serve(channel: Channel) -> None:
    """Runs one request and writes the frames."""
    request = receive(channel)
    folder = Path(request["folder"])
    os.chdir(folder)
    runner.quiet_environment(str(folder))
    confine(request, folder)
    torch.set_num_threads(1)
    used: list[str] = []
    try:
        scenarios = load_scenarios(request["scenarios"])
        outcome: runner.Outcome = {}
        runner.seed_everything(0)
        with runner.printing_into(outcome):
            module = runner.load(
                request["source"], request["path"], request["name"], request["standins"], used
            )
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        outcome = runner.describe(error, request["path"])
        send(channel, {"load": outcome, "end": True})
        return
    send(channel, {"loaded": True, "printed": outcome.get("printed", "")})
    for run in request["runs"]:
        label = [run["exercise"], run["check"]]
        send(channel, {"start": label})
        scenario = scenarios.get((run["exercise"], run["check"]))
        scenario = scenario or runner.call_target(run["target"])
        outcomes = []
        for case, seed in run["cases"]:
            used.clear()
            outcomes.append(
                runner.run_case(
                    scenario,
                    module,
                    case,
                    seed,
                    tuple(request["forbid"]),
                    pure=run["pure"],
                    used=used,
                    path=request["path"],
                )
            )
        send(channel, {"done": label, "outcomes": outcomes})
    send(channel, {"end": True})


def load_scenarios(source: str) -> dict[tuple[str, str], Any]:
    """Executes the pruned grader file: {(exercise, check): scenario}."""
    with collecting() as part:
        exec(compile(source, "<scenarios>", "exec"), {"__name__": "scenarios"})
    return {
        (exercise.name, check.name): check.scenario
        for exercise in part.exercises.values()
        for check in exercise.checks.values()
        if check.scenario is not None
    }


def confine(request: dict[str, Any], folder: Path) -> None:
    """Takes away what a submission has no business with; raises if strict mode cannot."""
    if sys.platform == "win32":
        return
    gpu, strict = request["gpu"], request["strict"]
    sandbox.limit_files(FILE_SIZE)
    writable = [folder, Path("/dev/null")]
    if gpu:  # CUDA maps enormous address ranges and opens its devices for writing
        writable += [Path("/dev"), Path("/tmp")]
    else:
        sandbox.limit_memory(MEMORY)
    readable = None
    if strict:
        readable = [*sandbox.readable_in_strict_mode(), *map(Path, request["readable"])]
    files = sandbox.install_landlock(writable, readable)
    calls = sandbox.install_seccomp(processes=gpu)
    if strict and not (files and calls):
        raise sandbox.SandboxError("this machine cannot confine a submission")


def main(channel: Channel, output_fd: int) -> None:
    """The whole life of a child: redirect, serve, end. Never returns."""
    code = 70
    try:
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.dup2(output_fd, 1)
        os.dup2(output_fd, 2)
        with contextlib.suppress(Exception):
            faulthandler.enable(file=2, all_threads=False)
        serve(channel)
        code = 0
    except BaseException:  # the channel is gone, or the request is broken: the parent will see
        pass
    finally:
        os._exit(code)
