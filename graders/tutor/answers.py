"""What each tool answers, as text. What goes wrong is a UserError: one sentence for the assistant."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any

from graders.core.registry import PartRef
from graders.core.report import ExerciseResult, footer, sentences
from graders.core.stubs import stub_of
from graders.errors import UserError
from graders.front.cards import line_in
from graders.front.files import MAX_BYTES
from graders.front.put_back import texts
from graders.front.render import sameness
from graders.front.state import State
from graders.front.words import as_typed, shown, visible
from graders.front.workbook import Workbook
from graders.ground.reading import NotPlain, read_once
from graders.tutor.seal import Seal
from graders.tutor.tools import ARGUMENTS, BY_NAME

CELL = re.compile(r"^# %%(.*)$", re.MULTILINE)
LINK = re.compile(r"!?\[([^\]]*)\]\((?![a-z]+:|#)[^)\s]*\)")  # to a file: its words are enough
LIMIT = 100_000  # characters of an answer; far above the longest text of a lesson


class Tutor:
    """Answers an assistant's questions about one workbook."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.seal = Seal(book.registry)
        self.stubs: dict[PartRef, str] = {}
        self.last: tuple[ExerciseResult, str] | None = None  # the last check's, and its report

    def answer(self, name: str, arguments: Mapping[str, Any]) -> str:
        """What a tool answers. Raises UserError with one sentence."""
        tool = BY_NAME.get(name)
        if tool is None:
            raise UserError(f"there is no tool {name[:80]!r}; there are {', '.join(BY_NAME)}.")
        for key in arguments:
            if key not in tool.takes:
                takes = f"takes {', '.join(tool.takes)} only" if tool.takes else "takes nothing"
                raise UserError(f"the tool {name} {takes}, not {key[:80]!r}.")
        words = {key: _word(key, arguments[key]) for key in tool.takes if arguments.get(key)}
        self.book.state = State.load(self.book.root)  # others may have written it
        text: str = getattr(self, f"_{name}")(**words)
        if self.book.state.note:
            text += f"\n\n{self.book.state.note}"
        return visible(as_typed(text), LIMIT)

    # -- the tools ---------------------------------------------------------------------------

    def _next_exercise(self) -> str:
        id_ = self._current
        ref, name = self.book.one(id_)
        card = self.book.cards(ref)[name]
        done = id_ in self.book.state.done
        lines = [
            f"{id_}: {card.title}" + (" (stretch)" if card.stretch else ""),
            f"{shown(self.book.path(ref))}, line {self._line(ref, name)}",
            "Everything is done." if done else f"Part {_short(ref)} of {ref.lesson}.",
        ]
        return "\n".join(lines)

    def _task(self, exercise: str = "") -> str:
        ref, name, id_ = self._one(exercise)
        card = self.book.cards(ref)[name]
        code = texts(self._stub(ref), card.targets).rstrip()
        lines = [
            f"{id_}: {card.title}",
            f"{shown(self.book.path(ref))}, line {self._line(ref, name)}",
            f"lesson_text {_short(ref)} is the text around it.",
        ]
        return self.seal.kept("\n".join(lines) + f"\n\n```python\n{code}\n```", ref)

    def _check(self, exercise: str = "") -> str:
        ref, name, id_ = self._one(exercise)
        self.book.judge.reseed(secrets.randbelow(2**16))  # fresh numbers, as in the terminal
        (result,) = [r for part in self.book.check([id_]) for r in part if r.name == name]
        self.last = result, self._report(ref, result)
        if sameness(result):  # nothing in it is about this exercise: the file cannot be checked
            said = sentences(result)[0].removeprefix(f"{id_}: ")
            here = shown(self.book.path(ref))
            raise UserError(said if here in said else f"{here}: {said}")
        return self.last[1]

    def _last_report(self) -> str:
        if self.last is None:
            raise UserError("nothing was checked here yet: use check.")
        result, report = self.last
        ref = PartRef(result.lesson, result.part)
        if self._own(ref) != result.source:
            report += "\n\nThe file was saved since: check tells how it is now."
        return report

    def _next_hint(self, exercise: str = "") -> str:
        ref, _, id_ = self._one(exercise)
        hints, before = self.book.hints(id_)
        if not hints:
            raise UserError(f"there is no hint for {id_}.")
        number = min(before + 1, len(hints))
        # the last rung is all but the code, and a few others hold a line of it
        if number == len(hints) or self.seal.broken_by(hints[number - 1], ref):
            return (
                f"Hint {number} of {len(hints)} of {id_} comes close to the solution, and is not given here. "
                f"The learner can ask for it in the terminal: `hero hint {id_}`."
            )
        hint, number, total = self.book.next_hint(id_)
        after = "Let the learner try with it before you ask for another."
        return f"{id_}, hint {number} of {total}: {hint}\n\n{after}"

    def _lesson_text(self, lesson: str = "") -> str:
        if not lesson:
            lesson = _short(self.book.one(self._current)[0])
        registry = self.book.registry
        if "/" not in lesson:
            name = registry.lesson(lesson)
            page = registry.root / "solutions" / name / "README.md"  # the page that both wings have
            return self.seal.kept(LINK.sub(r"\1", page.read_text(encoding="utf-8")))
        ((ref, names),) = self.book.select([lesson])
        pieces = []
        found = CELL.split(self._stub(ref))
        for mark, body in zip(found[1::2], found[2::2], strict=True):
            if "[markdown]" in mark:
                text = "\n".join(re.sub(r"^# ?", "", line) for line in body.strip().splitlines())
                pieces.append(LINK.sub(r"\1", text))
            else:
                asked = [f"{ref.number}.{n}" for n in names if f"TODO {ref.number}.{n}:" in body]
                pieces += [f"(Here stands {', '.join(asked)}.)"] if asked else []
        return self.seal.kept("\n\n".join(pieces), ref)

    def _progress(self, lesson: str = "") -> str:
        done = self.book.state.done
        lines: list[str] = []
        counts: dict[str, list[bool]] = {}
        for ref, names in self.book.select([lesson] if lesson else []):
            for name in names:
                card, id_ = self.book.cards(ref)[name], f"{ref.number}.{name}"
                counts.setdefault(ref.lesson, []).append(id_ in done)
                if lesson:
                    title = card.title + (" (stretch)" if card.stretch else "")
                    lines.append(f"{'done' if id_ in done else 'to do'}  {id_}  {title}")
        heads = [f"{name}: {sum(found)} of {len(found)} done" for name, found in counts.items()]
        return "\n".join([*heads, *lines])

    # -- what they need ----------------------------------------------------------------------

    @property
    def _current(self) -> str:
        """The exercise that the learner is at: the watch screen's; once that is done the next, as there."""
        state = self.book.state
        stretch = {
            f"{ref.number}.{name}": self.book.cards(ref)[name].stretch
            for ref, names in self.book.select([])
            for name in names
        }
        ids = list(stretch)
        if not ids:
            raise UserError("there are no exercises in this workbook.")
        left = [id_ for id_ in ids if id_ not in state.done]
        if state.current in left:
            return state.current
        at = ids.index(state.current) + 1 if state.current in stretch else len(ids)
        behind = [id_ for id_ in ids[at:] if id_ not in state.done]
        plain = [id_ for id_ in left if not stretch[id_]]
        return (behind or plain or left or ids[-1:])[0]

    def _one(self, exercise: str) -> tuple[PartRef, str, str]:
        ref, name = self.book.one(exercise or self._current)
        return ref, name, f"{ref.number}.{name}"

    def _stub(self, ref: PartRef) -> str:
        if ref not in self.stubs:
            self.stubs[ref] = stub_of(self.book.registry.load(ref))
        return self.stubs[ref]

    def _own(self, ref: PartRef) -> str:
        """The learner's file; "" if it cannot be read."""
        try:
            return read_once(self.book.path(ref), MAX_BYTES).decode("utf-8-sig")
        except (OSError, NotPlain, ValueError):
            return ""

    def _line(self, ref: PartRef, name: str) -> int:
        id_ = f"{ref.number}.{name}"
        return line_in(self._own(ref), id_, self.book.cards(ref)[name].targets)

    def _report(self, ref: PartRef, result: ExerciseResult) -> str:
        """The same report as in the terminal, without lines of a solution that are not the learner's own."""
        lines = sentences(result)
        if result.status == "passed":
            lines.append(f"Next: {self._current}.")
        elif footer(result):
            lines.append(footer(result))
        return self.seal.kept("\n".join(lines), ref, result.source)


def _word(key: str, value: Any) -> str:
    """An argument as it may be used: an id, never a path."""
    pattern, about = ARGUMENTS[key]
    if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
        raise UserError(f"{str(value)[:80]!r} is not understood here: write {about}.")
    return value


def _short(ref: PartRef) -> str:
    return f"{ref.number}/{ref.name.partition('_')[0]}"
