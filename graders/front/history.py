"""What is remembered of an exercise over weeks: attempts, time to the first pass, when it is due again.

Times are seconds since 1970. A recheck of what is done already is no practice: only `hero again` makes one.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, fields

DAY = 86400
# after the first pass, after the first repeat, after every later one
STEPS = (DAY, 7 * DAY, 30 * DAY)


@dataclass
class History:
    """One exercise.

    Attributes:
        tries: verdicts on something that was not a TODO, until it passed.
        started, passed, last: the first attempt, the first pass, the last attempt or pass that counts.
        success: the last pass that counts.
        repeats: how often it passed again from blank.
        again: when it was put back to blank to be practised; 0 if it is not.
        hints: the most hints that were taken.
    """

    tries: int = 0
    started: float = 0
    passed: float = 0
    last: float = 0
    success: float = 0
    repeats: int = 0
    again: float = 0
    hints: int = 0

    @classmethod
    def of(cls, data: object) -> History:
        """Raises TypeError, ValueError. What a newer version added is passed over."""
        if not isinstance(data, dict):
            raise TypeError("not the right form")
        known = {f.name: type(f.default) for f in fields(cls)}
        found = {k: max(0, float(v)) for k, v in data.items() if k in known}
        if any(v > 1e12 or v != v for v in found.values()):
            raise ValueError("no such time")
        whole = ("tries", "repeats", "hints")
        return cls(**{k: int(v) if k in whole else v for k, v in found.items()})  # type: ignore[arg-type]

    def plain(self) -> dict[str, float]:
        return {k: v for k, v in asdict(self).items() if v}

    def attempt(self, passed: bool, done: bool, now: float | None = None) -> bool:
        """A verdict; True if it counts.

        Args:
            done: whether it had passed when last checked.
        """
        if passed and done:
            return False
        now = time.time() if now is None else now
        self.tries += 1
        self.started = self.started or now
        self.last = now
        if passed:
            if not self.passed:
                self.passed = self.success = now
            elif self.again:
                self.repeats, self.again, self.success = self.repeats + 1, 0, now
        return True

    @property
    def due(self) -> float:
        """When to practise it again; 0 for what never passed, or is being practised."""
        if not self.success or self.again:
            return 0
        return self.success + STEPS[min(self.repeats, len(STEPS) - 1)]

    def _how_soon(self) -> str:
        if not 0 < self.started <= self.passed:
            return "before there was a record"
        if self.started == self.passed:
            return "at the first try"
        return _span(self.passed - self.started, "within a minute", "after ")

    def sentence(self, now: float | None = None) -> str:
        """ "3 attempts, passed after 12 min, 1 hint, last practised 2 days ago, due again"."""
        now = time.time() if now is None else now
        if not self.tries and not self.hints and not self.passed:
            return "not begun"
        said = [_many(self.tries, "attempt")] if self.tries else []
        if self.passed:
            said.append("passed " + self._how_soon())
        if self.hints:
            said.append(_many(self.hints, "hint"))
        if self.repeats:
            said.append(f"repeated {self.repeats}x")
        if self.last:
            said.append(f"last practised {_span(now - self.last, 'just now', '', ' ago')}")
        if self.again:
            said.append("being practised again")
        elif self.due and now >= self.due:
            said.append("DUE AGAIN")
        elif self.due:
            said.append("due in " + _span(self.due - now, "a minute"))
        return ", ".join(said)


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _span(seconds: float, none: str, before: str = "", behind: str = "") -> str:
    for unit, size in (("day", DAY), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            return before + _many(round(seconds / size), unit) + behind
    return none
