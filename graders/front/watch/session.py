"""What is true of the watch screen, and what the keys do. It prints nothing: drawing.py does."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graders.core.registry import PartRef, UserError
from graders.front.faults import blame
from graders.front.watch.listing import Listing
from graders.front.watch.saves import is_settled, signature
from graders.front.words import as_typed, bar, shown
from graders.front.workbook import Workbook

if TYPE_CHECKING:
    from graders.core.report import ExerciseResult

SETTLE_SECONDS = 0.1  # how long a file may be missing or empty while an editor replaces it
SCROLLING = ("up", "k", "down", "j", "pageup", "b", "pagedown", " ", "home", "g", "end", "G")


class Session:
    """The current exercise, its verdict, and what is open below it.

    Args:
        book: the workbook.
        keys: whether there is a keyboard.
        say: shows a line at once, before something that takes a moment.
    """

    def __init__(
        self, book: Workbook, keys: bool = True, say: Callable[[str], None] = lambda text: None
    ) -> None:
        self.book, self.keys, self.say = book, keys, say
        self.places = {
            f"{ref.number}.{name}": (ref, name)
            for ref, names in reversed(book.registry.select([]))
            for name in reversed(names)
        }
        self.ids = list(reversed(self.places))
        if not self.ids:
            raise UserError("there are no exercises in this workbook.")
        self.result: ExerciseResult | None = None
        self.message = ""  # shown until the next key or save
        self.asking = ""  # "reset" or "solution": waits for y or n
        self.hints = 0
        self.solution = False
        self.scroll = 0  # lines of what is below the verdict that are scrolled away
        self.page = 10  # how many of them fit; known once it is drawn
        self.focus = ""  # "hint" or "solution": what was just opened must be seen
        self.listing: Listing | None = None
        self.quit = False
        self.run = False  # r was pressed: the part's program is to be started
        self.fresh = False  # whether the verdict was not shown yet
        self.seen: object = None
        state = book.state
        self.welcome = not state.done
        self.current = state.current if state.current in self.places else self.first_open()
        if not keys and self.current in state.done:  # nobody can press n here
            self.current = self.next_open()
        if state.current != self.current:
            state.current = self.current
            state.save()

    # -- which exercise ------------------------------------------------------------------------

    @property
    def ref(self) -> PartRef:
        """The current exercise's part."""
        return self.places[self.current][0]

    def card(self, key: str) -> Any:
        ref, name = self.places[key]
        return self.book.cards(ref)[name]

    def title(self, key: str) -> str:
        """ "dlogprobs: the loss picks n numbers (stretch)" """
        card = self.card(key)
        return str(card.title) + (" (stretch)" if card.stretch else "")

    def path(self) -> Path:
        return self.book.path(self.ref)

    def is_done(self) -> bool:
        return self.current in self.book.state.done

    def left(self) -> list[str]:
        """What is still to do, in order."""
        return [key for key in self.ids if key not in self.book.state.done]

    def first_open(self) -> str:
        """The first exercise that is not done, stretch exercises last; the last one if all are."""
        left = self.left()
        plain = (key for key in left if not self.card(key).stretch)
        return next(plain, (left or self.ids[-1:])[0])

    def next_open(self) -> str:
        """The next exercise that is not done, looking behind the current one first."""
        at = self.ids.index(self.current)
        done = self.book.state.done
        behind = (key for key in self.ids[at + 1 :] if key not in done)
        return next(behind, "") or self.first_open()

    def may_go_on(self) -> bool:
        """Whether n works: the exercise is done (or a stretch), and another one is not."""
        if not (self.is_done() or self.card(self.current).stretch):
            return False
        return any(key != self.current for key in self.left())

    def go(self, key: str) -> None:
        """Makes an exercise the current one, and checks it."""
        self.current = key
        self.hints, self.solution, self.asking = 0, False, ""
        self.book.state.current = key
        self.book.state.save()
        self.update()

    # -- checking --------------------------------------------------------------------------------

    def changed(self) -> bool:
        """Whether the file was saved since it was last checked."""
        found = signature(self.path())
        if found == self.seen:
            return False
        end = time.monotonic() + SETTLE_SECONDS
        while not is_settled(found) and time.monotonic() < end:
            time.sleep(0.005)
            found = signature(self.path())
        return found != self.seen

    def check(self) -> None:
        """Grades the current exercise."""
        self.message, self.scroll, self.focus = "", 0, ""
        self.seen = signature(self.path())
        try:
            self.result = self.book.grade(self.ref, [self.places[self.current][1]])[0]
        except UserError as error:
            self.result, self.message = None, as_typed(_capital(str(error)))
        except Exception as error:  # the learner should not lose the screen
            self.result, self.message = None, blame(error)

    def update(self) -> None:
        """Says that it checks, checks; saves the progress if it changed."""
        if self.listing is None:
            self.say(f"Checking {self.current} ...")
        was_done = self.is_done()
        self.check()
        self.fresh = True
        if self.is_done():
            self.welcome = False
        if self.is_done() != was_done:
            self.book.state.save()

    def log(self) -> None:
        """Notes a new verdict that has been shown in HERO_WATCH_LOG, if that is set."""
        path = os.environ.get("HERO_WATCH_LOG")
        if path and self.fresh and self.listing is None:
            status = self.result.status if self.result else "none"
            with open(path, "a", encoding="utf-8") as file:
                file.write(f"{time.time_ns()} {self.current} {status}\n")
        self.fresh = False

    def check_all(self) -> None:
        """Grades everything, then goes to the first exercise that is not done."""
        before = set(self.book.state.done)
        said = right = 0
        faults: list[str] = []
        try:
            for ref, names in self.book.registry.select([]):
                self.say(f"Checking {ref.file}  {bar(said, len(self.ids), 30)}")
                try:
                    results = self.book.grade(ref, names)
                except Exception as error:
                    faults.append(blame(error))
                    results = []
                said += len(results)
                right += sum(result.status == "passed" for result in results)
        except KeyboardInterrupt:
            faults.append("Stopped early.")
        self.book.state.save()
        lost = sorted(before - self.book.state.done)
        self.go(self.first_open())
        text = f"Checked {said} exercises: {right} right, {said - right} not yet."
        if lost:
            text += f" No longer right: {', '.join(lost[:5])}{' ...' if lost[5:] else ''}."
        self.message = " ".join([text, *faults, self.message]).strip()

    # -- keys ------------------------------------------------------------------------------------

    def on_keys(self, keys: list[str]) -> None:
        """Several keys at once; keys pressed before a question was there do not answer it."""
        for key in keys:
            asked = self.asking
            self.on_key(key)
            if self.quit or self.run or self.asking != asked:
                return

    def on_key(self, key: str) -> None:
        """Does what a key stands for."""
        if self.listing is not None:
            self._list_key(self.listing, key)
            return
        self.message = ""
        if self.asking:
            asked, self.asking = self.asking, ""
            if key in ("y", "Y"):
                (self._reset if asked == "reset" else self._show_solution)()
            return
        actions: dict[str, Callable[[], None]] = {
            "n": self._next,
            "h": self._hint,
            "l": self._list,
            "c": self.check_all,
            "x": self._ask_reset,
            "s": self._ask_solution,
            "r": self._run,
            "q": self._quit,
        }
        if key in actions:
            actions[key]()
            self.welcome = False
        elif key in SCROLLING:
            steps = {"up": -1, "k": -1, "down": 1, "j": 1, "pageup": -self.page, "b": -self.page}
            steps |= {
                "pagedown": self.page,
                " ": self.page,
                "home": -self.scroll,
                "g": -self.scroll,
            }
            self.scroll = max(
                0, self.scroll + steps.get(key, 1_000_000)
            )  # end, G: to the last line
        else:
            self.message = (
                f"{key} does nothing here; the keys are in the line below, and j, k scroll."
            )

    def key_pairs(self) -> list[tuple[str, str]]:
        """The keys and what each does now."""
        pairs = [("h", "hint"), ("l", "list"), ("c", "check all"), ("x", "reset")]
        pairs += [
            ("s", "hide" if self.solution else "solution"),
            ("r", "run"),
            ("q", "quit"),
        ]
        if self.may_go_on():
            pairs.insert(0, ("n", "next"))
        return pairs

    def _list_key(self, listing: Listing, key: str) -> None:
        listing.on_key(key)
        if listing.closed:
            self.listing = None
        if listing.taken:
            self.go(listing.taken)

    def _next(self) -> None:
        if self.may_go_on():
            self.go(self.next_open())
        elif not self.left():
            self.message = "All exercises are done."
        elif self.is_done():
            self.message = "This was the last one that was open."
        else:
            self.message = "n goes on once this exercise is done; l lists the others."

    def _hint(self) -> None:
        hints, before = self.book.hints(self.current)
        if not hints:
            self.message = "There is no hint for this exercise."
        elif self.hints == before == len(hints):
            self.message = "That was the last hint; s shows the reference solution."
            self.focus = "hint"
        else:
            _, self.hints, _ = self.book.next_hint(self.current)
            self.focus = "hint"

    def _list(self) -> None:
        about = {key: self.places[key][0].file for key in self.ids}
        titles = {key: self.title(key) for key in self.ids}
        self.listing = Listing(about, titles, lambda: self.book.state.done, self.current)

    def _ask_reset(self) -> None:
        self.asking = "reset"

    def _reset(self) -> None:
        try:
            path, backup = self.book.reset(self.current)
        except UserError as error:
            self.message = as_typed(_capital(str(error)))
            return
        except OSError as error:
            self.message = f"Nothing was reset: {error.strerror or error}."
            return
        self.hints, self.solution = 0, False
        self.update()
        if backup is None:
            self.message = f"{shown(path)} was missing; it is there again, as its stub."
        else:
            self.message = (
                f"{self.current} is a stub again; the file as it was is kept as {shown(backup)}"
            )

    def _ask_solution(self) -> None:
        if self.solution:
            self.solution = False
        elif self.is_done():
            self._show_solution()
        else:
            self.asking = "solution"

    def _show_solution(self) -> None:
        self.solution, self.focus = True, "solution"

    def _run(self) -> None:
        self.run = True

    def _quit(self) -> None:
        self.quit = True


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
