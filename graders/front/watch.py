"""``hero`` without a command: checks the current exercise, and again at each save.

A ``Session`` holds what is shown and what the keys do; ``watch`` feeds it with keys and saves.
Where input or output is no terminal, the reports are printed one below the other, without keys.

Two environment variables are for programs: with ``HERO_WATCH_ONCE=1`` one screen is printed as
plain text, and that is all; with ``HERO_WATCH_LOG=FILE`` a line ``time.time_ns() ID STATUS`` is
appended to the file whenever a new verdict has been shown.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.style import Style
from rich.syntax import Syntax
from rich.text import Text

from graders.core.judge import GraderBug, trouble
from graders.core.registry import UserError
from graders.core.report import ExerciseResult, first_problem
from graders.front import render
from graders.front.keys import Keys
from graders.front.workbook import Workbook, shown
from graders.ground.definitions import definition

CLEAR = "\x1b[2J\x1b[H"
STEP_MS, DEBOUNCE_MS = 3, 15  # how long a save must be quiet before it is checked
LOOK_SECONDS = 0.5  # where the system does not tell of a save (some network drives), we look
SETTLE_SECONDS = 0.1  # how long a file may be missing or empty while an editor replaces it

Event = tuple[str, list[str]]


class Listing:
    """The list of exercises: which are shown, and which one is chosen.

    Args:
        session: whose exercises are listed.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.pending = False
        self.search = ""
        self.typing = False
        self.chosen = session.current

    def rows(self) -> list[str]:
        """The ids that the filter and the search leave."""
        words = self.search.lower().split()
        return [
            key
            for key in self.session.ids
            if not (self.pending and key in self.session.book.state.done)
            and all(word in self._about(key).lower() for word in words)
        ]

    def _about(self, key: str) -> str:
        return f"{key} {self.session.places[key][0].file} {self.session.title(key)}"

    def on_key(self, key: str) -> None:
        """Moves, filters, searches; Enter goes to the chosen exercise."""
        if self.typing:
            self._type(key)
        elif key in ("enter", "c"):
            if self.chosen in self.rows():
                self.session.listing = None
                self.session.go(self.chosen)
        elif key in ("l", "q", "escape"):
            self.session.listing = None
        elif key == "/":
            self.typing, self.search = True, ""
        elif key == "p":
            self.pending = not self.pending
        elif key == "a":
            self.pending, self.search = False, ""
        else:
            self._move(key)

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

    def _move(self, key: str) -> None:
        rows = self.rows()
        page, end = self.height(), len(rows)
        steps = {"j": 1, "down": 1, "k": -1, "up": -1, "pagedown": page, "pageup": -page}
        steps |= {" ": page, "g": -end, "home": -end, "G": end, "end": end}
        if rows and key in steps:
            at = rows.index(self.chosen) if self.chosen in rows else 0
            self.chosen = rows[min(max(at + steps[key], 0), end - 1)]

    def height(self) -> int:
        """How many rows fit."""
        return max(3, self.session.out.height - 6)

    def draw(self, out: Console) -> None:
        """Prints the list."""
        rows, state = self.rows(), self.session.book.state
        if rows and self.chosen not in rows:
            self.chosen = rows[0]
        at = rows.index(self.chosen) if rows else 0
        top = max(0, min(at - self.height() // 2, len(rows) - self.height()))
        head = f"{len(rows)} exercises" + (" still to do" if self.pending else "")
        if self.search or self.typing:
            head += f" with: {self.search}" + ("_" if self.typing else "")
        out.print(Text(head, "bold"))
        out.print()
        if not rows:
            out.print("  none; a shows all again")
        for key in rows[top : top + self.height()]:
            mark = ("✓ ", "green") if key in state.done else ("· ", "yellow")
            row = Text("> " if key == self.chosen else "  ", no_wrap=True, overflow="ellipsis")
            row.append_text(Text.assemble(mark, f"{key:34} ", (self.session.title(key), "dim")))
            if key == self.session.current:
                row.append("  (current)", "cyan")
            if key == self.chosen:
                row.stylize("bold")
            out.print(row)
        out.print()
        if self.typing:
            out.print(_keys("type to search", ("Enter", "done"), ("Esc", "all")))
        else:
            out.print(
                _keys("", ("j/k", "move"), ("Enter", "go there"), ("p", "pending only"),
                      ("/", "search"), ("a", "all"), ("l", "back"))
            )  # fmt: skip


class Session:
    """What the watch screen shows, and what the keys do.

    Args:
        book: the workbook.
        out: where to print.
        keys: whether there is a terminal to clear, and a keyboard.
    """

    def __init__(self, book: Workbook, out: Console, keys: bool = True) -> None:
        self.book, self.out, self.keys = book, out, keys
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
        self.listing: Listing | None = None
        self.quit = False
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

    def exercise(self, key: str) -> Any:
        ref, name = self.places[key]
        return self.book.registry.load(ref).exercises[name]

    def title(self, key: str) -> str:
        """ "dlogprobs: the loss picks n numbers (stretch)" """
        exercise = self.exercise(key)
        return str(exercise.title) + (" (stretch)" if exercise.stretch else "")

    def path(self) -> Path:
        return self.book.path(self.places[self.current][0])

    def is_done(self) -> bool:
        return self.current in self.book.state.done

    def _open(self) -> list[str]:
        return [key for key in self.ids if key not in self.book.state.done]

    def first_open(self) -> str:
        """The first exercise that is not done, stretch exercises last; the last one if all are."""
        left = self._open()
        plain = [key for key in left if not self.exercise(key).stretch]
        return (plain or left or self.ids[-1:])[0]

    def next_open(self) -> str:
        """The next exercise that is not done, looking behind the current one first."""
        at = self.ids.index(self.current)
        behind = [key for key in self._open() if self.ids.index(key) > at]
        return behind[0] if behind else self.first_open()

    def may_go_on(self) -> bool:
        """Whether n works: the exercise is done (or a stretch), and another one is not."""
        if not (self.is_done() or self.exercise(self.current).stretch):
            return False
        return any(key != self.current for key in self._open())

    def go(self, key: str) -> None:
        """Makes an exercise the current one, and checks it."""
        self.current = key
        self.hints, self.solution, self.asking = 0, False, ""
        self.book.state.current = key
        self.book.state.save()
        self.update(show=False)

    # -- checking --------------------------------------------------------------------------------

    def signature(self) -> object:
        """Differs after each save, even one that changes nothing; None if there is no file."""
        path = self.path()
        try:
            stat = path.stat()
            return stat.st_mtime_ns, stat.st_ino, path.read_bytes()
        except OSError:
            return None

    def changed(self) -> bool:
        """Whether the file was saved since it was last checked."""
        found = self.signature()
        if found == self.seen:
            return False
        end = time.monotonic() + SETTLE_SECONDS
        while (found is None or found[2] == b"") and time.monotonic() < end:  # type: ignore[index]
            time.sleep(0.005)
            found = self.signature()
        return found != self.seen

    def check(self) -> None:
        """Grades the current exercise."""
        self.message = ""
        self.seen = self.signature()
        ref, name = self.places[self.current]
        try:
            self.result = self.book.grade(ref, [name])[0]
        except (GraderBug, Exception) as error:  # the learner should not lose the screen
            self.result, self.message = None, _blame(error)

    def update(self, show: bool = True) -> None:
        """Says that it checks, checks, shows the verdict; saves the progress if it changed."""
        if self.listing is None:
            self.write(f"Checking {self.current} ...\n")
        was_done = self.is_done()
        self.check()
        self.fresh = True
        if show:
            self.show()
        if self.is_done():
            self.welcome = False
        if self.is_done() != was_done:
            self.book.state.save()

    def _log(self) -> None:
        """Notes a new verdict that has been shown in HERO_WATCH_LOG, if that is set."""
        path = os.environ.get("HERO_WATCH_LOG")
        if path and self.fresh and self.listing is None:
            status = self.result.status if self.result else "none"
            with open(path, "a", encoding="utf-8") as file:
                file.write(f"{time.time_ns()} {self.current} {status}\n")
        self.fresh = False

    def check_all(self) -> None:
        """Grades everything, then goes to the first exercise that is not done."""
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        self.write("")
        before = set(self.book.state.done)
        said = right = 0
        faults: list[str] = []
        try:
            with Progress(
                TextColumn("Checking {task.description}", markup=False),
                BarColumn(),
                MofNCompleteColumn(),
                console=self.out,
                transient=True,
            ) as progress:
                task = progress.add_task("", total=len(self.ids))
                for ref, names in self.book.registry.select([]):
                    progress.update(task, description=ref.file)
                    try:
                        results = self.book.grade(ref, names)
                    except (GraderBug, Exception) as error:
                        faults.append(_blame(error))
                        results = []
                    said += len(results)
                    right += sum(result.status == "passed" for result in results)
                    progress.advance(task, len(names))
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
            if self.quit or self.asking != asked:
                return

    def on_key(self, key: str) -> None:
        """Does what a key stands for; does not print the screen."""
        if self.listing is not None:
            self.listing.on_key(key)
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
            "q": self._quit,
        }
        if key in actions:
            actions[key]()
            self.welcome = False

    def _next(self) -> None:
        if self.may_go_on():
            self.go(self.next_open())
        elif self._open() and not self.is_done():
            self.message = "n goes on once this exercise is done; l lists the others."

    def _hint(self) -> None:
        hints, before = self.book.hints(self.current)
        if not hints:
            self.message = "There is no hint for this exercise."
        elif self.hints == before == len(hints):
            self.message = "That was the last hint; s shows the reference solution."
        else:
            _, self.hints, _ = self.book.next_hint(self.current)

    def _list(self) -> None:
        self.listing = Listing(self)

    def _ask_reset(self) -> None:
        self.asking = "reset"

    def _reset(self) -> None:
        try:
            path, backup = self.book.reset(self.current)
        except UserError as error:
            self.message = _capital(str(error))
            return
        except OSError as error:
            self.message = f"Nothing was reset: {error.strerror or error}."
            return
        self.hints, self.solution = 0, False
        self.update(show=False)
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
            self.solution = True
        else:
            self.asking = "solution"

    def _show_solution(self) -> None:
        self.solution = True

    def _quit(self) -> None:
        self.quit = True

    # -- showing ---------------------------------------------------------------------------------

    def write(self, text: str) -> None:
        """Puts text on the screen at once, in place of what was there."""
        self.out.file.write(CLEAR + text if self.keys else text)
        self.out.file.flush()

    def show(self) -> None:
        self.write(self.screen())
        self._log()

    def screen(self) -> str:
        """What is to be seen now."""
        with self.out.capture() as captured:
            if self.listing is not None:
                self.listing.draw(self.out)
            else:
                self._draw(self.out)
        return captured.get()

    def _draw(self, out: Console) -> None:
        if self.book.state.note:
            out.print(Text(self.book.state.note, "yellow"))
            out.print()
            self.book.state.note = ""
        if self.welcome:
            self._draw_welcome(out)
        out.print(Text.assemble((self.current, "bold"), f"  {self.title(self.current)}"))
        out.print()
        if self.result is not None:
            render.report(self.result, out, with_footer=not self.keys)
        if self.keys and self.seen is None:
            out.print("  The file is missing; x brings its stub back.")
        if self.is_done():
            self._draw_done(out)
        for number, hint in enumerate(self.book.hints(self.current)[0][: self.hints], 1):
            out.print()
            total = len(self.exercise(self.current).hints)
            out.print(Text.assemble((f"Hint {number} of {total}: ", "bold magenta"), hint))
        if self.solution:
            self._draw_solution(out)
        out.print()
        self._draw_place(out)
        if self.message:
            out.print()
            out.print(Text(self.message, "yellow"))
        out.print()
        if self.keys:
            out.print(self._question() if self.asking else self._key_line())
        elif self.is_done() and self._open():
            out.print(f"Next: {self.next_open()} (start hero again to go on)\n")

    def _draw_welcome(self, out: Console) -> None:
        out.print(Text("Welcome! You learn here by writing the code yourself.", "bold"))
        out.print("Open the file named below in your editor, put your code where its TODO is, and")
        out.print("save: this screen checks it at once and says what is off. It waits for you at")
        out.print("each exercise, and remembers your place when you quit.")
        out.print()

    def _draw_done(self, out: Console) -> None:
        ref, _ = self.places[self.current]
        part = self.book.registry.load(ref)
        node = definition(part.tree, self.exercise(self.current).targets[0])
        out.print()
        out.print(Text("Exercise done.", "bold green"))
        where = _link(part.reference_path, node.lineno if node else 1)
        more = "  (s shows both)" if self.keys else ""
        out.print(Text.assemble("The reference, to compare with yours: ", where, more))
        if not self._open():
            out.print()
            out.print(Text(f"That was the last one: all {len(self.ids)} are done.", "bold green"))
            out.print("Congratulations! You wrote every step of it yourself, and nothing in it is")
            out.print("magic to you any more. `hero run` starts what you built.")

    def _draw_solution(self, out: Console) -> None:
        right, diff = self.book.solution(self.current)
        out.print()
        out.print(Text("The reference:", "bold"))
        out.print(Syntax(right.rstrip("\n"), "python", background_color="default"))
        if diff:
            out.print(Text("From yours to the reference:", "bold"))
            out.print(Syntax("\n".join(diff), "diff", background_color="default"))

    def _draw_place(self, out: Console) -> None:
        lesson = self.places[self.current][0].lesson
        here = [key for key in self.ids if self.places[key][0].lesson == lesson]
        done = self.book.state.done
        count = sum(key in done for key in here)
        line = f"Progress: {render.bar(count, len(here), 30)} in {lesson}"
        if len(here) < len(self.ids):
            line += f", {sum(key in done for key in self.ids)}/{len(self.ids)} in all"
        out.print(line)
        where = _link(self.path(), self._line())
        out.print(Text.assemble("Current exercise: ", where))

    def _line(self) -> int:
        """Where to look: the exercise's first line, or the line that is not valid Python."""
        if self.result is None:
            return 1
        problem = first_problem(self.result)
        if self.result.line == 1 and problem is not None and problem.frames:
            return int(problem.frames[-1][0]) or 1
        return self.result.line

    def _question(self) -> Text:
        if self.asking == "reset":
            text = f"Put {self.current} back to its stub (a backup is kept)?"
        else:
            text = f"{self.current} is not done yet. Show its solution?"
        return Text(f"{text} y / n", "bold yellow")

    def _key_line(self) -> Text:
        pairs = [("h", "hint"), ("l", "list"), ("c", "check all"), ("x", "reset")]
        pairs += [("s", "solution"), ("q", "quit")]
        if self.may_go_on():
            pairs.insert(0, ("n", "next"))
        return _keys("", *pairs)


def _keys(lead: str, *pairs: tuple[str, str]) -> Text:
    """ "n next / h hint / q quit" """
    text = Text(f"{lead} / " if lead else "")
    for number, (key, word) in enumerate(pairs):
        text.append_text(Text.assemble(" / " if number else "", (key, "bold cyan"), f" {word}"))
    return text


def _link(path: Path, line: int) -> Text:
    """ "exercises/05_backprop/1_loss.py:42", to click on where the terminal can."""
    link = path.absolute().as_uri()
    return Text(f"{shown(path)}:{line}", Style(link=link, underline=True, bold=True))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _blame(error: BaseException) -> str:
    said = str(error) if isinstance(error, GraderBug) else trouble(error)
    return f"The workbook itself is at fault, not your code: {said}. Please report this."


# -- events ----------------------------------------------------------------------------------


def watch(book: Workbook) -> int:
    """Watches until the learner quits; the exit code."""
    once = os.environ.get("HERO_WATCH_ONCE", "") not in ("", "0")
    try:
        terminal = all(s is not None and s.isatty() for s in (sys.stdin, sys.stdout))
        keys = terminal and not once and os.environ.get("TERM") != "dumb"
        if keys:
            out = Console(highlight=False, markup=False, emoji=False)
        else:
            out = render.console()
        session = Session(book, out, keys)
        with _terminated():
            if not once:
                return _loop(session)
            session.update()
            return 0
    except KeyboardInterrupt:
        print()
        return 130
    finally:
        book.close()


def _loop(session: Session) -> int:
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()  # its put may interrupt its get

    def on_keys(keys: list[str] | None) -> None:
        events.put(("keys", keys) if keys is not None else ("end", []))

    keys = Keys(on_keys)
    with contextlib.ExitStack() as stack:
        stack.enter_context(_saves(session.book.folder, lambda: events.put(("save", []))))
        if session.keys:
            stack.enter_context(keys)
            stack.enter_context(_redraws(keys, lambda: events.put(("draw", []))))
            stack.enter_context(_no_cursor(session.out))
        session.update()
        if not session.keys:
            session.write("Watching: checks again at each save. Ctrl-C ends it.\n\n")
        while not session.quit:
            try:
                kind, pressed = events.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                kind, pressed = "save", []
            if kind == "end":
                return 0
            if kind == "keys":
                session.on_keys(pressed)
                session.show()
            elif kind == "draw":
                session.show()
            elif session.changed():
                session.update()
    session.out.print(f"\nYour place is kept: `hero` goes on at {session.current}.")
    return 0


@contextlib.contextmanager
def _saves(folder: Path, put: Callable[[], None]) -> Iterator[None]:
    """Meanwhile, calls ``put`` when something below the folder changes.

    The folder is watched and not the file, because many editors save by replacing the file.
    """
    import watchfiles

    stop = threading.Event()

    def follow() -> None:
        while not stop.is_set():
            try:
                for _ in watchfiles.watch(
                    folder,
                    watch_filter=None,
                    debounce=DEBOUNCE_MS,
                    step=STEP_MS,
                    stop_event=stop,
                    raise_interrupt=False,
                ):
                    put()
                    if not folder.is_dir():  # a new folder of this name is another one
                        break
            except (OSError, RuntimeError):  # no such folder, or the system has no watches left
                stop.wait(1)

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(1)


@contextlib.contextmanager
def _terminated() -> Iterator[None]:
    """Meanwhile, SIGTERM ends the program as an exception would, so that all is put back."""

    def end(*_: object) -> None:
        sys.exit(143)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def _redraws(keys: Keys, put: Callable[[], None]) -> Iterator[None]:
    """Meanwhile, calls ``put`` when the window changes its size or the program is resumed."""
    if sys.platform == "win32":
        yield
        return

    def resume(*_: object) -> None:
        keys.again()
        put()

    before = {
        signal.SIGWINCH: signal.signal(signal.SIGWINCH, lambda *_: put()),
        signal.SIGCONT: signal.signal(signal.SIGCONT, resume),
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _no_cursor(out: Console) -> Iterator[None]:
    out.show_cursor(False)
    try:
        yield
    finally:
        out.show_cursor(True)
