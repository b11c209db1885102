"""Whether this machine can confine what students wrote; where it cannot, grading is refused."""

from __future__ import annotations

from graders.errors import UserError


def refuse_unless_confined() -> None:
    """Raises UserError where submitted code could reach what it must not."""
    from graders.ground.sandbox import capabilities

    words = {
        "processes": "start processes",
        "network": "use the network",
        "files": "read and write other files",
    }
    free = [words.get(name, name) for name, held in capabilities().items() if not held]
    if free:
        raise UserError(
            f"on this system submitted code could {', '.join(free)}, so a class is not graded here. Use "
            "Linux, or say --trust-submissions if you know all that was handed in."
        )
