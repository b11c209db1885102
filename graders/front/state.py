"""The learner's progress: one small file in the checkout, `.hero/state.json`, ignored by git.

Written atomically (a new file, renamed over the old one); a file that cannot be understood is set aside
under another name, with a sentence, never thrown away.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

VERSION = 1


@dataclass
class State:
    """What is remembered between runs.

    Attributes:
        path: the file.
        done: ids of exercises that passed when last checked.
        current: the id that the watch screen shows, or "".
        hints: how many hints of each exercise were shown.
        note: a sentence to show once (the old file was set aside, say), or "".
    """

    path: Path
    done: set[str] = field(default_factory=set)
    current: str = ""
    hints: dict[str, int] = field(default_factory=dict)
    note: str = ""

    @classmethod
    def load(cls, root: Path) -> State:
        """The state below a checkout; an empty one if there is none yet."""
        state = cls(root / ".hero" / "state.json")
        try:
            text = state.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return state
        except (OSError, UnicodeDecodeError) as error:
            state._set_aside(str(error))
            return state
        try:
            data = json.loads(text)
            done, hints = data["done"], data.get("hints", {})
            if not isinstance(done, list) or not isinstance(hints, dict):
                raise TypeError("not the right form")
            state.done = {str(item) for item in done}
            state.current = str(data.get("current", ""))
            state.hints = {str(k): int(v) for k, v in hints.items()}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            state._set_aside("it cannot be understood")
        return state

    def _set_aside(self, why: str) -> None:
        aside = self.path.with_name("state.corrupt.json")
        number = 1
        while aside.exists():
            aside = self.path.with_name(f"state.corrupt-{number}.json")
            number += 1
        with contextlib.suppress(OSError):
            os.replace(self.path, aside)
        self.done, self.hints, self.current = set(), {}, ""
        self.note = (
            f"Your progress file could not be read ({why}); it is kept as .hero/{aside.name}, "
            "and progress starts anew. Your solutions are untouched: `hero check` finds them again."
        )

    def save(self) -> None:
        """Writes the file atomically. Failing (no space, no permission) costs only the progress."""
        data = {
            "version": VERSION,
            "done": sorted(self.done),
            "current": self.current,
            "hints": dict(sorted(self.hints.items())),
        }
        try:
            write_atomically(self.path, json.dumps(data, indent=1) + "\n")
        except OSError as error:
            self.note = f"Your progress could not be saved: {error.strerror or error}."

    def record(self, exercise: str, passed: bool) -> bool:
        """Remembers a verdict; True if something changed (then call ``save``)."""
        if passed == (exercise in self.done):
            return False
        (self.done.add if passed else self.done.discard)(exercise)
        return True


def write_atomically(path: Path, text: str) -> None:
    """Writes text (UTF-8) so that the file is the old one or the new one, never half of either."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fd, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name + ".")
    try:
        with os.fdopen(fd, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            with contextlib.suppress(OSError):
                os.chmod(temporary, path.stat().st_mode & 0o777)
        else:
            os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
