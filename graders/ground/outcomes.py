"""What a child says a case gave, held to the form that it must have.

The code that was run may have written it itself: a text may be a tensor, a list may have a million
members. What is not of the form is refused whole; what is of it is safe to show, and not long.
(What a *value* is worth is for the judge to say.)
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from graders.ground.limits import MAX_STOPPED
from graders.ground.runner import MAX_MESSAGE, MAX_PRINTED, Outcome
from graders.ground.shown import shown_text

TEXTS = {
    "raised": 80,
    "base": 80,
    "message": MAX_MESSAGE,
    "missing": 200,
    "unsendable": 200,
    "printed": MAX_PRINTED,
}
MAX_NAME = 120
MAX_NAMES = 100
MAX_FRAMES = 6
NAMELESS = "an exception without a name"


def must(true: bool) -> None:
    """Raises ValueError unless it is true."""
    if not true:
        raise ValueError("this is not what is due")


def clean(outcome: Any, standins: Collection[str] = ()) -> Outcome:
    """An outcome with every field of the type it must have.

    Args:
        outcome: anything.
        standins: the exercises for which stand-ins were sent; no other can have been called.

    Raises:
        ValueError: it is none.
    """
    must(type(outcome) is dict)
    made: Outcome = {}
    for name, limit in TEXTS.items():
        if name in outcome:
            must(type(outcome[name]) is str)
            made[name] = shown_text(outcome[name], limit)
    if "raised" in made:
        made["raised"] = made["raised"].strip() or NAMELESS
    for name in ("changed", "left", "gave", "guard", "used"):
        names = outcome.get(name, [])
        must(type(names) is list and all(type(item) is str for item in names[:MAX_NAMES]))
        made[name] = [shown_text(item, MAX_NAME) for item in names[:MAX_NAMES]]
    made["used"] = [name for name in made["used"] if name in standins]
    if "steps" in outcome:
        must(type(outcome["steps"]) is int and 0 <= outcome["steps"] < 2**31)
        made["steps"] = outcome["steps"]
    for name in ("todo", "syntax", "by_hand", "as_before"):
        if outcome.get(name) is True:
            made[name] = True
    made["frames"] = frames(outcome.get("frames", []))
    if "value" in outcome:
        must(type(outcome["value"]) is bytes)
        made["value"] = outcome["value"]
    must(any(name in made for name in ("value", "raised", "unsendable")))
    return made


def frames(found: Any) -> list[list[Any]]:
    """[line, function] of each frame. Raises ValueError for anything else."""
    must(type(found) is list)
    made: list[list[Any]] = []
    for frame in found[:MAX_FRAMES]:
        must(type(frame) is list and len(frame) == 2)
        line, function = frame
        must(type(line) is int and 0 <= line < 2**31 and type(function) is str)
        made.append([line, shown_text(function, MAX_NAME)])
    return made


def stopped(found: Any, standins: Collection[str] = ()) -> list[Outcome]:
    """The statements of a file that stopped: an outcome of each, with its lines [first, last].

    Raises ValueError for anything else.
    """
    must(type(found) is list and len(found) <= MAX_STOPPED)
    made = []
    for outcome in found:
        one = clean(outcome, standins)
        must("raised" in one)
        lines = outcome.get("lines")
        must(type(lines) is list and len(lines) == 2 and all(type(n) is int for n in lines))
        made.append({**one, "lines": lines})
    return made
