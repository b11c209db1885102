"""What is expected to go wrong, and how the unexpected is told: never as a traceback."""

from __future__ import annotations

import os
import sys
import traceback

from graders.core.faults import GraderBug, trouble
from graders.errors import UserError

# where other errors are defined whose text is one sentence for a person
EXPECTED = (
    ("graders.core.stubs", "SourceError"),
    ("graders.ground.sandbox", "SandboxError"),
    ("data.corpora", "DataError"),
)


def is_expected(error: BaseException) -> bool:
    """Whether the error's text is a sentence for the person. Imports nothing: that would take a while."""
    known = (getattr(sys.modules.get(module), name, None) for module, name in EXPECTED)
    kinds = [UserError, *(kind for kind in known if kind is not None)]
    return isinstance(error, tuple(kinds))


def blame(error: BaseException) -> str:
    """A fault of ours in one sentence, to be reported; with HERO_TRACEBACK=1, all of it on stderr."""
    if os.environ.get("HERO_TRACEBACK"):
        traceback.print_exception(error)
    said = str(error) if isinstance(error, GraderBug) else trouble(error)
    return f"The workbook itself is at fault, not your code: {said}. Please report this."
