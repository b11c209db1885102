"""Faults of ours: a grader file that says what cannot be, and how to tell of it. Not the learner's errors."""

from __future__ import annotations

import traceback
from pathlib import Path


class GraderBug(Exception):
    """A grader file is at fault, not the learner."""


def trouble(error: BaseException) -> str:
    """A grader's own fault, in one line for a bug report."""
    said = " ".join(str(error).split())[:300] or "no message"
    where = traceback.extract_tb(error.__traceback__)[-1:]
    place = "".join(f" ({Path(frame.filename).name}:{frame.lineno})" for frame in where)
    return f"{type(error).__name__}: {said}{place}"


def stumbled(error: BaseException) -> str:
    """What a learner is told about it."""
    return f"the grader itself stumbled ({trouble(error)}), not your code: please report this."
