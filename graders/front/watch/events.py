"""The loop of the watch screen: keys, saves and the window's size, one after the other."""

from __future__ import annotations

import contextlib
import os
import queue
import sys

from rich.console import Console

from graders.front import render
from graders.front.running import run_part
from graders.front.watch.drawing import Screen
from graders.front.watch.keys import Keys
from graders.front.watch.saves import LOOK_SECONDS, saves
from graders.front.watch.session import Session
from graders.front.watch.terminal import cursor_hidden, cursor_shown, redraws, without_interrupt
from graders.front.words import shown
from graders.front.workbook import Workbook

Event = tuple[str, list[str]]


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
        assert book.judge  # started before threads are
        screen = Screen(Session(book, keys), out)
        if not once:
            return _Loop(screen).run()
        screen.session.update()
        screen.show()
        return 0
    except KeyboardInterrupt:
        print()
        return 130
    finally:
        book.close()


class _Loop:
    """Feeds a session with what happens."""

    def __init__(self, screen: Screen) -> None:
        self.screen, self.session = screen, screen.session
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()  # its put may interrupt its get

    def run(self) -> int:
        session, screen = self.session, self.screen
        keys = Keys(self._on_keys)
        with contextlib.ExitStack() as stack:
            stack.enter_context(saves(session.book.folder, lambda: self.events.put(("save", []))))
            if session.keys:
                stack.enter_context(keys)
                stack.enter_context(cursor_hidden(screen.out))
                stack.enter_context(
                    redraws(keys, screen.out, lambda: self.events.put(("draw", [])))
                )
            session.update()
            screen.show()
            if not session.keys:
                screen.write("Watching: checks again at each save. Ctrl-C ends it.\n\n")
            while not session.quit:
                kind, pressed = self._next()
                if kind == "end":
                    return 0
                if kind == "keys":
                    session.on_keys(pressed)
                    if session.run:
                        self._run_part()
                    screen.show()
                elif kind == "draw":
                    screen.show()
                elif session.changed():
                    session.update()
                    screen.show()
        screen.out.print(f"\n\nYour place is kept: `hero` goes on at {session.current}.")
        return 0

    def _on_keys(self, keys: list[str] | None) -> None:
        self.events.put(("keys", keys) if keys is not None else ("end", []))

    def _next(self) -> Event:
        try:
            return self.events.get(timeout=LOOK_SECONDS)
        except queue.Empty:
            return "save", []

    def _run_part(self) -> None:
        """Runs the current part's program in place of the screen, until a key is pressed after it."""
        session, screen = self.session, self.screen
        session.run = False
        path = session.path()
        screen.write("")
        with cursor_shown(screen.out):
            with without_interrupt():
                code = run_part(session.book.registry, session.ref, path, [])
            while not self.events.empty():  # keys pressed meanwhile were not meant for us
                if self.events.get()[0] == "end":
                    session.quit = True
                    return
            screen.out.print("\nAny key goes back to the exercise.")
            while True:
                kind, _ = self._next()
                if kind in ("keys", "end"):
                    session.quit = kind == "end"
                    break
        session.message = f"{shown(path)} was run." if code == 0 else f"{shown(path)} ended early."
