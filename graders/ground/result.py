"""What came back from one child, and, when it ended early, why, in a sentence for the learner."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from graders.ground import limits
from graders.ground.runner import Outcome

Label = tuple[str, str]  # (exercise, check)


class ScenarioError(Exception):
    """The graders' own code fails where submissions run: the workbook's fault, nobody else's."""


@dataclass
class RunResult:
    """What came back from one child.

    Attributes:
        outcomes: {(exercise, check): one outcome per case} for the checks that finished.
        load: the outcome of executing the file, if that raised, and nothing of it can be used.
        stopped: else the statements at its top level that stopped, with their "lines".
        died: why the child ended early (a key of ENDS), or "".
        detail: a number or name that goes with ``died`` (seconds, exit status, signal).
        printed: what reached standard output outside of any check, shortened.
        loaded: whether the file was executed.
        frames: where in it the interpreter crashed: [line, function], outermost first.
    """

    outcomes: dict[Label, list[Outcome]] = field(default_factory=dict)
    load: Outcome | None = None
    stopped: list[Outcome] = field(default_factory=list)
    died: str = ""
    detail: str = ""
    printed: str = ""
    loaded: bool = False
    frames: list[list[Any]] = field(default_factory=list)


ENDS = {
    "timeout": "it was still running after {detail} s, where the reference takes a blink: "
    "is there a loop that never ends?",
    "output": f"it printed more than {limits.MAX_OUTPUT // 10**6} MB and was stopped.",
    "memory": "it was ended by the system, most likely for taking more than "
    f"{limits.MEMORY // 2**30} GB of memory.",
    "exit": "it ended the whole process (os._exit or the like) before returning an answer.",
    "signal": "it crashed the interpreter ({detail}).",
    "server": "the process that runs the checks was ended from outside meanwhile. Check again.",
    "broken": "it broke the process that it runs in (by closing files, or by replacing what "
    "Python itself needs), so that no answer came back.",
    "disk": f"it wrote more than {limits.MAX_DISK // 2**20} MB, or more than "
    f"{limits.MAX_FOLDER:,} files, and was stopped.",
    "depth": f"it made folders inside folders, more than {limits.MAX_DEPTH} deep, and was stopped.",
    "answers": "its answers are too large, or too many, to be read.",
    "garbage": "it wrote into the grader's channel instead of returning an answer.",
}


def sentence(result: RunResult) -> str:
    """Why a child ended early, in one sentence for the learner; "" if it did not."""
    if result.died == "signal" and result.detail == "SIGXFSZ":
        return f"it wrote a file larger than {limits.FILE_SIZE // 2**20} MB and was stopped."
    return ENDS.get(result.died, "").format(detail=result.detail)
