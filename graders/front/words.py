"""How paths, commands and a learner's own text are written for the person who reads them."""

from __future__ import annotations

import os
import re
import shutil
import sys
from functools import cache
from pathlib import Path

from graders.ground.shown import shown_text

NAMES = (
    "check|hint|list|notebook|book|play|run|reset|again|restore|update|solution|doctor|data|assignment|"
    "grade|author|derive|audit|tutor"
)
COMMAND = re.compile(rf"(?<![\w/\\.-])hero(?= (?:{NAMES})\b)")


def shown(path: Path | str) -> str:
    """A path as a person would type it from here."""
    try:
        return visible(os.path.relpath(path))
    except (ValueError, OSError):  # another drive; a working folder that is gone
        return visible(str(path))


@cache
def command() -> str:
    """What to type for ``hero`` here: its path, unless the environment is activated."""
    beside = Path(sys.executable).parent / ("hero.exe" if os.name == "nt" else "hero")
    found = shutil.which("hero")
    if not beside.exists():
        return "hero"
    if found is not None and os.path.samefile(found, beside):
        return "hero"
    try:
        near = os.path.relpath(beside)
    except (ValueError, OSError):
        return str(beside)
    return str(beside) if near.startswith("..") else near


def as_typed(text: str) -> str:
    """A sentence in which each ``hero check ...`` is what must be typed here.

    For example "stuck? `hero hint 05.x`" is "stuck? `.venv/bin/hero hint 05.x`" outside of the environment.
    """
    here = command()
    return text if here == "hero" else COMMAND.sub(lambda _: here, text)


def bar(done: int, total: int, width: int = 40) -> str:
    """ "[####----] 4/8" """
    filled = width * done // total if total else 0
    return f"[{'#' * filled}{'-' * (width - filled)}] {done}/{total}"


def visible(text: str, limit: int = 20_000) -> str:
    """Text that a learner's file or code made, harmless to a terminal and not endless."""
    return shown_text(text, limit)
