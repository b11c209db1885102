"""Whether this machine can confine what students wrote; where it cannot, grading is refused."""

from __future__ import annotations

from pathlib import Path

from graders.errors import UserError


def refuse_unless_confined(course: Path | None = None) -> None:
    """Raises UserError where submitted code could reach what it must not; a course, if it lies here."""
    from graders.ground.exposure import exposed
    from graders.ground.sandbox import lacking

    words = {
        "namespaces": "see this user's files",
        "processes": "start processes",
        "network": "use the network",
        "files": "read and write other files",
    }
    free = [words.get(name, name) for name in lacking()]
    if free:
        raise UserError(
            f"on this system submitted code could {', '.join(free)}, so a class is not graded here. Use "
            "Linux (`hero doctor` says what is missing), or say --trust-submissions if you know all that was "
            "handed in."
        )
    folder = None if course is None else exposed(course)
    if folder is not None:
        raise UserError(
            f"{course} lies in {folder}, where Python's packages are and submitted code may read: move the "
            "course elsewhere, or say --trust-submissions if you know all that was handed in."
        )
