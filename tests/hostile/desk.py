"""Somebody who grades what is handed in, in a checkout with the toy lesson."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

import psutil  # type: ignore[import-untyped,unused-ignore]
import pytest

from graders.core.judge import Judge
from graders.core.registry import Registry
from graders.core.report import ExerciseResult, sentences
from graders.ground import limits
from graders.ground.worker import Worker
from tests.hostile.verdicts import VERDICTS

HERE = Path(__file__).parent
SUBMISSIONS = HERE / "submissions"


def source(name: str) -> str:
    """The text of a submission, without the right answers that are appended to it."""
    return (SUBMISSIONS / VERDICTS[name].folder / f"{name}.py").read_text()


def patient(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Gives a check, and the execution of a file, so many CPU seconds."""
    for name, module in [*sys.modules.items()]:
        if name.startswith("graders.") and hasattr(module, "CHECK_SECONDS"):
            monkeypatch.setattr(module, "CHECK_SECONDS", seconds)
    monkeypatch.setattr(limits, "LOAD_SECONDS", seconds)


class Desk:
    """A checkout with the toy lesson, and somebody who grades what is handed in."""

    def __init__(self, root: Path, worker: Worker) -> None:
        self.root = root
        shutil.copytree(HERE / "lesson", root)
        self.temporary = root / "tmp"
        self.temporary.mkdir()
        self.judge = Judge(Registry(root), worker, seed=11)
        ((self.ref, self.names),) = self.judge.registry.select(["98"])
        self.folder = root / "exercises"
        self.file = self.folder / self.ref.file

    def hand_in(self, name: str) -> list[ExerciseResult]:
        """Grades one of the submissions: the results of its three exercises."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.file.parent.mkdir(parents=True)
        right = (HERE / "lesson" / "right.py").read_text()
        self.file.write_text(source(name) + "\n\n" + right)
        tempfile.tempdir = str(self.temporary)
        try:
            return self.judge.grade(self.ref, self.names, self.folder)
        finally:
            tempfile.tempdir = None

    def left_behind(self) -> list[str]:
        """Processes and temporary files that are still there; waits a little for killed ones."""
        end = time.monotonic() + 10
        server = self.judge.worker.server
        while True:
            found = [str(path) for path in self.temporary.iterdir()]
            if server:
                found += [str(p.pid) for p in _below(server.pid, apart=server.apart)]
            if not found or time.monotonic() > end:
                return found
            time.sleep(0.01)
            if server:  # the next grading would hear of it anyway; here there may be none
                server.hear(0)


def _below(pid: int, apart: bool) -> list[psutil.Process]:
    """The processes of the children; the server itself may be one namespace below whom one started."""
    found: list[psutil.Process] = psutil.Process(pid).children(recursive=True)
    return [p for p in found if _nested(p.pid) > _nested(pid) + 1] if apart else found


def _nested(pid: int) -> int:
    """In how many process namespaces a process has a number."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return len(next(line for line in text.splitlines() if line.startswith("NSpid:")).split()) - 1


def said(result: ExerciseResult, desk: Desk) -> str:
    """Its report, as the learner reads it."""
    return "\n".join(sentences(result, desk.file.read_text()))
