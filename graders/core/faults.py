"""Faults of ours: a grader file that says what cannot be, and how to tell of it. Not the learner's errors."""

from __future__ import annotations

import traceback
from pathlib import Path


class GraderBug(Exception):
    """A grader file is at fault, not the learner."""


def trouble(error: BaseException) -> str:
    """A grader's own fault, in one line for a bug report."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({Path(last.filename).name}:{last.lineno})"
