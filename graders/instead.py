"""What a scenario says where something of another kind stands than should: plain data, not a sentence.

A scenario that unpacks an answer (a Value's number, a list's members) finds None or a float there one day. It
returns ``instead(value, "a Value")``, and the report says: got None, expected a Value. An oracle
that expects an exception returns ``Raises("ValueError")``; the scenario just lets it come.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

GOT, WANTED = "(got)", "(instead of)"
FORGOTTEN = " (is the `return` missing?)"
NAMES = {"str": "string", "int": "whole number (int)", "bool": "True/False value"}


@dataclass(frozen=True)
class Raises:
    """The right outcome of a case is an exception of this name."""

    name: str
    message: str = ""


def instead(value: Any, wanted: str, returned: bool = True) -> dict[str, str]:
    """Says what stands where ``wanted`` ("a Value", "a list") should. Compares equal to nothing else.

    Args:
        returned: whether the value is what the learner's function returned, so that a None there
            asks for a ``return``.
    """
    if value is None:
        return {GOT: "None", WANTED: wanted + FORGOTTEN * returned}
    return {GOT: a(type(value).__name__), WANTED: wanted}


def a(type_name: str) -> str:
    """ "an ndarray", "a string" """
    name = NAMES.get(type_name, type_name)
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def said_instead(value: Any) -> tuple[str, str] | None:
    """(got, wanted), if this is what ``instead`` made; the process that made it may have lied."""
    if type(value) is dict and value.keys() == {GOT, WANTED}:
        got, wanted = value[GOT], value[WANTED]
        if type(got) is str and type(wanted) is str:
            return got[:80], wanted[:120]
    return None
