"""What is expected to go wrong, and how the unexpected is told: never as a traceback."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

# where the errors are defined that are one sentence for a person
EXPECTED = (
    ("graders.core.registry", "UserError"),
    ("graders.core.stubs", "SourceError"),
    ("graders.ground.sandbox", "SandboxError"),
    ("data.corpora", "DataError"),
)


def is_expected(error: BaseException) -> bool:
    """Whether the error's text is a sentence for the person. Imports nothing: torch would be among it."""
    known = (getattr(sys.modules.get(module), name, None) for module, name in EXPECTED)
    return any(kind is not None and isinstance(error, kind) for kind in known)


def blame(error: BaseException) -> str:
    """A fault of ours, in one sentence that can be reported; with HERO_TRACEBACK=1, all of it on stderr."""
    if os.environ.get("HERO_TRACEBACK"):
        traceback.print_exception(error)
    said = str(error)
    if type(error).__name__ != "GraderBug":  # whose text already says where
        last = (traceback.extract_tb(error.__traceback__) or [None])[-1]
        where = f" ({Path(last.filename).name}:{last.lineno})" if last else ""
        said = f"{type(error).__name__}: {error}{where}"
    return f"The workbook itself is at fault, not your code: {said}. Please report this."
