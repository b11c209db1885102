"""The list of exercises on the watch screen: which are shown, and which one is chosen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from rich.console import Console
from rich.text import Text

from graders.front.watch.keyline import key_line


class Listing:
    """A list to move in, to filter and to search.

    Args:
        about: {id: what a search looks at beside the id (file)}, in the order they are learned.
        titles: {id: title}.
        done: gives the ids that are done by now.
        current: the id that one came from.
    """

    def __init__(
        self,
        about: Mapping[str, str],
        titles: Mapping[str, str],
        done: Callable[[], Collection[str]],
        current: str,
    ) -> None:
        self.about, self.titles, self.done, self.current = about, titles, done, current
        self.pending = False
        self.search = ""
        self.typing = False
        self.chosen = current
        self.height = 10  # rows that fit; known once it is drawn
        self.closed = False
        self.taken = ""  # the exercise that Enter was pressed on
        self.message = ""

    def rows(self) -> list[str]:
        """The ids that the filter and the search leave."""
        words = self.search.lower().split()
        return [
            key
            for key, about in self.about.items()
            if not (self.pending and key in self.done())
            and all(word in f"{key} {about} {self.titles[key]}".lower() for word in words)
        ]

    def on_key(self, key: str) -> None:
        """Moves, filters, searches; Enter takes the chosen exercise."""
        self.message = ""
        if self.typing:
            self._type(key)
        elif key in ("enter", "c"):
            if self.chosen in self.rows():
                self.taken, self.closed = self.chosen, True
        elif key in ("l", "q", "escape"):
            self.closed = True
        elif key == "/":
            self.typing, self.search = True, ""
        elif key == "p":
            self.pending = not self.pending
        elif key == "a":
            self.pending, self.search = False, ""
        elif not self._move(key):
            self.message = f"{key} does nothing here."

    def _type(self, key: str) -> None:
        if key == "enter":
            self.typing = False
        elif key == "escape":
            self.typing, self.search = False, ""
        elif key == "backspace":
            self.search = self.search[:-1]
        elif len(key) == 1:
            self.search += key
        else:
            self._move(key)

    def _move(self, key: str) -> bool:
        """Whether the key was one that moves."""
        rows = self.rows()
        page, end = self.height, len(rows)
        steps = {"j": 1, "down": 1, "k": -1, "up": -1, "pagedown": page, "pageup": -page}
        steps |= {" ": page, "g": -end, "home": -end, "G": end, "end": end}
        if rows and key in steps:
            at = rows.index(self.chosen) if self.chosen in rows else 0
            self.chosen = rows[min(max(at + steps[key], 0), end - 1)]
        return key in steps

    def draw(self, out: Console) -> None:
        """Prints the list."""
        self.height = max(3, out.height - 6)
        rows = self.rows()
        if rows and self.chosen not in rows:
            self.chosen = rows[0]
        at = rows.index(self.chosen) if rows else 0
        top = max(0, min(at - self.height // 2, len(rows) - self.height))
        head = f"{len(rows)} exercises" + (" still to do" if self.pending else "")
        if self.search or self.typing:
            head += f" with: {self.search}" + ("_" if self.typing else "")
        out.print(Text(head, "bold", no_wrap=True, overflow="ellipsis"))
        out.print()
        if not rows:
            out.print("  none; a shows all again")
        for key in rows[top : top + self.height]:
            mark = ("✓ ", "green") if key in self.done() else ("· ", "yellow")
            row = Text("> " if key == self.chosen else "  ", no_wrap=True, overflow="ellipsis")
            row.append_text(Text.assemble(mark, f"{key:34} ", (self.titles[key], "dim")))
            if key == self.current:
                row.append("  (current)", "cyan")
            if key == self.chosen:
                row.stylize("bold")
            out.print(row)
        out.print(Text(self.message, "yellow"))
        if self.typing:
            out.print(key_line("type to search", ("Enter", "done"), ("Esc", "all")))
        else:
            out.print(
                key_line("", ("j/k", "move"), ("Enter", "go there"), ("p", "pending only"),
                      ("/", "search"), ("a", "all"), ("l", "back"))
            )  # fmt: skip
