"""What strict mode lets a submission read, for Python, must hold nothing of ours and of nobody else."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from graders.ground import sandbox


def exposed(path: Path, roots: Iterable[Path] | None = None) -> Path | None:
    """The folder that submissions may read and in which a path lies; None if there is none.

    Args:
        roots: the folders that may be read; those of strict mode unless given.
    """
    path = path.resolve()
    for root in sandbox.readable_in_strict_mode() if roots is None else roots:
        if root.is_dir() and path.is_relative_to(root.resolve()):
            return root
    return None


def refuse_exposed(what: str, path: Path, roots: Iterable[Path] | None = None) -> None:
    """Raises SandboxError where submissions could read what lies at a path.

    Args:
        what: the path in words, the beginning of the sentence.
    """
    folder = exposed(path, roots)
    if folder is not None:
        raise sandbox.SandboxError(
            f"{what} ({path}) lies in {folder}, where Python's packages are and submissions may read: move "
            "it elsewhere"
        )
