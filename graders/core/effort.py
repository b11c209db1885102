"""Does the work grow as it has to? Steps on a small case and on a larger one, beside the reference's.

A walk that goes through shared nodes once per path, or a loop inside a loop where one is enough, is right on
small cases and never comes to an end on large ones.
"""

from __future__ import annotations

from graders.ground.runner import Outcome

FASTER = 2.5  # times as much as the reference's steps grow: another way to do it may well cost something more
FEW = 60  # steps; below, what grows is not the work


def grows_too_fast(came: list[Outcome], right: list[Outcome]) -> str:
    """A sentence where the steps of a pair of cases (small, large) grow too fast; "" if they do not."""
    pairs = zip(came[::2], came[1::2], right[::2], right[1::2], strict=True)
    for small, large, known, more in pairs:
        counts = [o.get("steps", 0) for o in (small, large, known, more)]
        a, b, c, d = counts
        if min(counts) < FEW:
            continue
        if b / a > FASTER * d / c:
            return (
                "the result is right, but the work grows too fast: on the larger of two cases your code "
                f"takes {b / a:.0f} times the steps (Python's instructions: {a:,}, then {b:,}), and "
                f"{max(d / c, 1.0):.1f} times is enough. Is the same done again and again?"
            )
    return ""
