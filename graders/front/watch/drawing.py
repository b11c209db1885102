"""From a session to the text on the screen.

The verdict stands first, whatever else is open. Below it come what it says in detail, hints and the solution:
that part scrolls where it does not fit. At the bottom stay the place, the message or question, and the keys.
Without a keyboard nothing is cut.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.style import Style
from rich.syntax import Syntax
from rich.text import Text

from graders.core.registry import PartRef
from graders.front import render
from graders.front.cards import is_part_done, next_part, pictures
from graders.front.put_back import parse
from graders.front.watch.keyline import key_line
from graders.front.watch.session import Session
from graders.front.words import as_typed, bar, shown, visible
from graders.ground.definitions import definition

CLEAR = "\x1b[2J\x1b[H"
HEAD_SHARE = 3  # the headline may take a third of the screen


class Screen:
    """Shows a session.

    Args:
        session: what to show.
        out: where.
    """

    def __init__(self, session: Session, out: Console) -> None:
        self.session, self.out = session, out
        session.say = self.say

    # -- writing -----------------------------------------------------------------------------------

    def say(self, text: str) -> None:
        """Shows one line at once, in place of what was there."""
        self.write(f"{text}\n")

    def write(self, text: str) -> None:
        """Puts text on the screen at once, in place of what was there."""
        self.out.file.write(CLEAR + text if self.session.keys else text)
        self.out.file.flush()

    def show(self) -> None:
        self.write(self.text())
        self.session.log()

    # -- composing ---------------------------------------------------------------------------------

    def text(self) -> str:
        """What is to be seen now."""
        session = self.session
        if session.listing is not None:
            return "\n".join(self._lines(session.listing.draw))
        head, foot = self._lines(self._draw_head), self._lines(self._draw_foot)
        parts = {"": self._lines(self._draw_details)}
        parts["hint"] = self._lines(self._draw_hints) if session.hints else []
        parts["solution"] = self._lines(self._draw_solution) if session.solution else []
        if not session.keys:
            body = [line for lines in parts.values() for line in lines]
            return "\n".join([*head, *body, "", *foot, ""])
        head = head[: max(1, self.out.height // HEAD_SHARE)]
        body = self._scrolled(parts, self.out.height - len(head) - len(foot))
        return "\n".join([*head, *body, *foot][: self.out.height])

    def _lines(self, draw: Callable[[Console], None]) -> list[str]:
        with self.out.capture() as captured:
            draw(self.out)
        return captured.get().removesuffix("\n").split("\n")

    def _scrolled(self, parts: dict[str, list[str]], height: int) -> list[str]:
        """What of the middle fits into so many lines; scrolls to what was just opened."""
        session = self.session
        body = [line for lines in parts.values() for line in lines]
        if body[-1:] != [""]:
            body.append("")
        if len(body) <= height:
            session.scroll, session.focus = 0, ""
            return body
        room = session.page = max(1, height - 1)
        if session.focus:
            begin = 0
            for name, lines in parts.items():
                if name == session.focus:
                    newest = self._newest(lines) if name == "hint" else 0
                    end = begin + len(lines)
                    begin += newest
                    session.scroll = min(begin, max(0, end - room))
                    break
                begin += len(lines)
            session.focus = ""
        session.scroll = min(session.scroll, len(body) - room)
        last = session.scroll + room
        note = f"-- lines {session.scroll + 1} to {last} of {len(body)}; j and k scroll, also the arrows"
        return [*body[session.scroll : last], *self._lines(lambda out: out.print(_dim(note)))]

    def _newest(self, lines: list[str]) -> int:
        """Where the last hint begins."""
        mark = f"Hint {self.session.hints} of "
        return next((max(0, i - 1) for i, line in enumerate(lines) if mark in line), 0)

    # -- the verdict ---------------------------------------------------------------------------------

    def _draw_head(self, out: Console) -> None:
        session = self.session
        if session.result is not None:
            out.print(render.headline(session.result))
        else:
            out.print(Text(f"? {session.current}: not checked", "bold yellow"))

    def _draw_details(self, out: Console) -> None:
        session = self.session
        out.print(_dim(f"  {session.title(session.current)}"))
        if session.welcome:
            self._draw_welcome(out)
        if session.result is not None:
            render.details(session.result, out)
            if not session.keys:
                render.ending(session.result, out)
        if session.keys and session.seen is None:
            out.print("  The file is missing; x brings its stub back.")
        if session.is_done():
            self._draw_done(out)

    def _draw_welcome(self, out: Console) -> None:
        out.print()
        out.print(Text("Welcome! You learn here by writing the code yourself.", "bold"))
        out.print("Open the file named below in your editor, put your code where its TODO is, and")
        out.print("save: this screen checks it at once and says what is off. It waits for you at")
        out.print("each exercise, and remembers your place when you quit.")

    def _draw_done(self, out: Console) -> None:
        session = self.session
        reference = session.book.reference(session.ref)
        source = reference.read_text(encoding="utf-8")
        node = definition(parse(source), session.card(session.current).targets[0])
        out.print()
        out.print(Text("Exercise done.", "bold green"))
        where = link(reference, node.lineno if node else 1)
        more = "  (s shows both)" if session.keys else ""
        out.print(Text.assemble("The reference, to compare with yours: ", where, more))
        if is_part_done(session.book.registry, session.ref, session.book.state.done):
            self._draw_part_done(out, session.ref, source)
        if not session.left():
            out.print()
            all_done = f"That was the last one: all {len(session.ids)} are done."
            out.print(Text(all_done, "bold green"))
            out.print("Congratulations! You wrote every step of it yourself, and nothing in it is")
            out.print("magic to you any more.")

    def _draw_part_done(self, out: Console, ref: PartRef, source: str) -> None:
        book = self.session.book
        out.print()
        out.print(Text(f"That is all of {ref.lesson}/{ref.name}.", "bold green"))
        if "__main__" in source:
            drawn = pictures(source)
            starts = "r" if self.session.keys else f"`{as_typed('hero run ' + short(ref))}`"
            draws = f" and draws {', '.join(drawn)}" if drawn else ""
            out.print(f"  {starts} runs its program{draws}")
        page = book.folder / ref.lesson / "README.md"
        if page.is_file():
            out.print(Text.assemble("  the lesson's page: ", link(page)))
        about = book.registry.about(ref.lesson)
        if about.get("url"):
            url = about["url"]
            out.print(Text.assemble("  the lecture: ", (url, Style(link=url, underline=True))))
        after = next_part(book.registry, ref, book.state.done)
        if after is not None:
            out.print(f"  next: {after.lesson}/{after.name}")

    # -- what is open below it -----------------------------------------------------------------------

    def _draw_hints(self, out: Console) -> None:
        hints = self.session.book.hints(self.session.current)[0]
        for number, hint in enumerate(hints[: self.session.hints], 1):
            lead = (f"Hint {number} of {len(hints)}: ", "bold magenta")
            out.print()
            out.print(Text.assemble(lead, hint))

    def _draw_solution(self, out: Console) -> None:
        right, diff = self.session.book.solution(self.session.current)
        out.print()
        out.print(Text("The reference:", "bold"))
        out.print(Syntax(right.rstrip("\n"), "python", background_color="default", word_wrap=True))
        if diff:
            out.print(Text("From yours to the reference:", "bold"))
            text = visible("\n".join(diff))
            out.print(Syntax(text, "diff", background_color="default", word_wrap=True))

    # -- the bottom ----------------------------------------------------------------------------------

    def _draw_foot(self, out: Console) -> None:
        session = self.session
        lesson = session.ref.lesson
        here = [key for key in session.ids if session.places[key][0].lesson == lesson]
        done = session.book.state.done
        line = f"Progress: {bar(sum(k in done for k in here), len(here), 30)} in {lesson}"
        if len(here) < len(session.ids):
            line += f", {sum(key in done for key in session.ids)}/{len(session.ids)} in all"
        out.print(Text(line, no_wrap=True, overflow="ellipsis"))
        out.print(Text.assemble("Current exercise: ", link(session.path(), self._line())))
        for message in filter(None, (session.book.state.note, session.message)):
            out.print(Text(visible(as_typed(message)), "yellow"))
        session.book.state.note = ""
        if session.keys:
            out.print(self._question() if session.asking else key_line("", *session.key_pairs()))
        elif session.is_done() and session.left():
            out.print(f"Next: {session.next_open()} (start hero again to go on)")

    def _line(self) -> int:
        """Where to look: what raised, the TODO, or the exercise's first line."""
        session = self.session
        if session.result is None:
            return 1
        source = render.source_of(session.result)
        if session.is_done():
            return session.result.line
        return render.look_at(session.result, source)

    def _question(self) -> Text:
        session = self.session
        if session.asking == "reset":
            text = f"Put {session.current} back to its stub (a backup is kept)?"
        else:
            text = f"{session.current} is not done yet. Show its solution?"
        return Text(f"{text} y / n", "bold yellow")


def link(path: Path, line: int = 0) -> Text:
    """ "exercises/05_backprop/1_loss.py:42", to click on where the terminal can."""
    address = Path(os.path.abspath(path)).as_uri()
    place = f"{shown(path)}:{line}" if line else shown(path)
    return Text(place, Style(link=address, underline=True, bold=True))


def short(ref: PartRef) -> str:
    """ "05/1", what is enough to type."""
    return f"{ref.number}/{ref.name.partition('_')[0]}"


def _dim(text: str) -> Text:
    return Text(text, "dim", no_wrap=True, overflow="ellipsis")
