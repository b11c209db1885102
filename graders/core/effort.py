"""Does the work grow as it has to? Steps on a small case and on a larger one, beside the reference's.

A walk that goes through shared nodes once per path, or a loop inside a loop where one is enough, is right on
small cases and never comes to an end on large ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graders.ground.runner import Outcome

FASTER = 2.5  # times as much as the reference's steps grow: another way to do it may well cost something more
FEW = 60  # steps; below, what grows is not the work


def grows_too_fast(
    came: list[Outcome], right: list[Outcome], cases: Sequence[Mapping[str, Any]] = ()
) -> str:
    """A sentence where the steps of a pair of cases (small, large) grow too fast; "" if they do not.

    As fast as the cases do, steps may grow anyway: where the reference begins with what is the same for all
    of them (256 bytes, say), another way may do that in C, and what is left grows as the case does.
    """
    pairs = zip(came[::2], came[1::2], right[::2], right[1::2], strict=True)
    for n, (small, large, known, more) in enumerate(pairs):
        counts = [o.get("steps", 0) for o in (small, large, known, more)]
        a, b, c, d = counts
        if min(counts) < FEW:
            continue
        enough = max(d / c, 1.0)
        if cases:
            enough = max(enough, _size(cases[2 * n + 1]) / _size(cases[2 * n]))
        if b / a > FASTER * enough:
            return (
                "the result is right, but the work grows too fast: the larger of two cases takes "
                f"{b / a:.0f} times the steps, and {enough:.1f} times is enough. Is the same done again and "
                "again?"
            )
    return ""


def _size(case: Mapping[str, Any]) -> int:
    return extent([*case.values()])


def extent(data: Any) -> int:
    """How much there is: characters, numbers, entries, in all."""
    if isinstance(data, Mapping):
        data = [*data.keys(), *data.values()]
    if isinstance(data, (str, bytes)):
        return max(1, len(data))
    if isinstance(data, (list, tuple)):
        return max(1, sum(map(extent, data)))
    return max(1, data.numel() if hasattr(data, "numel") else getattr(data, "size", 1))
