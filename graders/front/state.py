"""The learner's progress: one small file in the checkout, `.hero/state.json`, ignored by git.

Written atomically (a new file, renamed over the old one); a file that cannot be understood is set
aside under another name, with a sentence, never thrown away. Several programs may run at once (a
watch, a pytest): each writes only what it changed itself, into what the file holds by then.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from graders.front.files import MAX_BYTES, write_atomically
from graders.front.history import History
from graders.ground.reading import NotPlain, read_once

VERSION = 1


@dataclass
class _Content:
    """What the file says."""

    done: set[str] = field(default_factory=set)
    current: str = ""
    hints: dict[str, int] = field(default_factory=dict)
    part: str = ""
    history: dict[str, dict[str, float]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> _Content:
        """The file's content; empty if there is no file. Raises OSError, ValueError."""
        try:
            data = json.loads(read_once(path, MAX_BYTES).decode("utf-8"))
            done, hints = data["done"], data.get("hints", {})
            if not isinstance(done, list) or not isinstance(hints, dict):
                raise TypeError("not the right form")
            return cls(
                {str(item) for item in done},
                str(data.get("current", "")),
                {str(k): max(0, int(v)) for k, v in hints.items()},
                str(data.get("part", "")),
                {str(k): History.of(v).plain() for k, v in data.get("history", {}).items()},
            )
        except FileNotFoundError:
            return cls()
        except NotPlain:
            raise
        except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError):
            raise ValueError("it cannot be understood") from None


@dataclass
class State:
    """What is remembered between runs.

    Attributes:
        path: the file.
        done: ids of exercises that passed when last checked.
        current: the id that the watch screen shows, or "".
        hints: how many hints of each exercise were shown.
        part: the file of the part that was finished last, or "".
        history: what is remembered of each exercise over weeks.
        note: a sentence to show once (the old file was set aside, say), or "".
    """

    path: Path
    done: set[str] = field(default_factory=set)
    current: str = ""
    hints: dict[str, int] = field(default_factory=dict)
    part: str = ""
    history: dict[str, History] = field(default_factory=dict)
    note: str = ""
    _seen: _Content = field(default_factory=lambda: _Content(), repr=False)
    _keep: bool = field(default=False, repr=False)  # the file must not be written over

    @classmethod
    def load(cls, root: Path) -> State:
        """The state below a checkout; an empty one if there is none yet."""
        state = cls(root / ".hero" / "state.json")
        try:
            state._seen = _Content.read(state.path)
        except (OSError, ValueError) as error:
            state._set_aside(error)
        state.done, state.current = set(state._seen.done), state._seen.current
        state.hints, state.part = dict(state._seen.hints), state._seen.part
        state.history = {k: History.of(v) for k, v in state._seen.history.items()}
        return state

    @property
    def unsaved(self) -> bool:
        """Whether an attempt or a pass is not in the file yet."""
        return self.done != self._seen.done or self._plain() != self._seen.history

    def _plain(self) -> dict[str, dict[str, float]]:
        return {k: v.plain() for k, v in sorted(self.history.items())}

    def _set_aside(self, error: Exception) -> None:
        why = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
        aside = self.path.with_name("state.corrupt.json")
        number = 1
        while os.path.lexists(aside):
            aside = self.path.with_name(f"state.corrupt-{number}.json")
            number += 1
        try:
            os.replace(self.path, aside)
        except OSError:
            self._keep = True
            self.note = (
                f"Your progress file .hero/{self.path.name} could not be read ({why}) and stays as "
                "it is; this time, progress is not remembered."
            )
            return
        self.note = (
            f"Your progress file could not be read ({why}); it is kept as .hero/{aside.name}, "
            "and progress starts anew. Your solutions are untouched: `hero check` finds them again."
        )

    def save(self) -> None:
        """Writes the file atomically. Failing (no space, no permission) costs only the progress."""
        if self._keep:
            return
        try:
            there = _Content.read(self.path)
        except (OSError, ValueError):
            there = self._seen
        before = self._seen
        self.done = (there.done | (self.done - before.done)) - (before.done - self.done)
        changed = {k: v for k, v in self.hints.items() if before.hints.get(k) != v}
        gone = before.hints.keys() - self.hints.keys()
        self.hints = {k: v for k, v in {**there.hints, **changed}.items() if k not in gone}
        plain = self._plain()
        mine = {k: v for k, v in plain.items() if before.history.get(k) != v}
        lost = before.history.keys() - plain.keys()
        merged = {k: v for k, v in {**there.history, **mine}.items() if k not in lost}
        self.history = {k: History.of(v) for k, v in merged.items()}
        if self.current == before.current:
            self.current = there.current
        if self.part == before.part:
            self.part = there.part
        data = {
            "version": VERSION,
            "done": sorted(self.done),
            "current": self.current,
            "hints": dict(sorted(self.hints.items())),
            "part": self.part,
            "history": self._plain(),
        }
        try:
            write_atomically(self.path, json.dumps(data, indent=1) + "\n")
        except OSError as error:
            self.note = f"Your progress could not be saved: {error.strerror or error}."
        else:
            self._seen = _Content(
                set(self.done), self.current, dict(self.hints), self.part, self._plain()
            )

    def record(self, exercise: str, passed: bool, tried: bool = True) -> bool:
        """Remembers a verdict; True if what is done changed (then call ``save``).

        Args:
            tried: whether there was something to judge: a TODO is no attempt.
        """
        if tried:
            history = self.history.get(exercise, History())
            if history.attempt(passed, exercise in self.done):
                self.history[exercise] = history
        if passed == (exercise in self.done):
            return False
        (self.done.add if passed else self.done.discard)(exercise)
        return True
