"""The watch screen: what it shows, what the keys do, and that it sees every kind of save."""

import contextlib
import fcntl
import io
import os
import re
import select
import signal
import struct
import subprocess
import termios
import time

import pytest
from rich.console import Console

from graders.front.state import State
from graders.front.watch.drawing import Screen
from graders.front.watch.keys import decode
from graders.front.watch.session import Session
from graders.front.workbook import Workbook
from tests.front.small import FILE, FIRST, PROBS, command, environment, save, solve

RIGHT = "    return dlogprobs / probs"
ESCAPES = re.compile(rb"\x1b\](?:[^\x1b\x07])*(?:\x1b\\|\x07)|\x1b\[[0-9;?]*[a-zA-Z]")


@pytest.fixture
def book(small):
    book = Workbook(seed=3)
    yield book
    book.close()


@pytest.fixture
def out():
    return Console(file=io.StringIO(), width=100, height=40, markup=False, highlight=False)


@pytest.fixture
def session(book):
    session = Session(book)
    session.update()
    return session


@pytest.fixture
def drawn(session, out):
    """Draws the session's screen: what is to be seen, as text."""
    return Screen(session, out).text


@pytest.fixture
def press(session, drawn):
    """Presses keys, one after the other; what is to be seen then."""

    def press(keys):
        for key in keys:
            session.on_keys([key])
        return drawn()

    return press


def test_the_first_screen(session, press, drawn):
    screen = drawn()
    for words in ("Welcome!", "05.logprobs_backward: still a TODO", "Progress: [----", "0/8"):
        assert words in screen
    assert re.search(rf"Current exercise: {FILE}:\d+\n", screen)
    assert screen.rstrip().endswith(
        "h hint / l list / c check all / x reset / s solution / r run / q quit"
    )
    assert "n goes on once this exercise is done" in press("n")
    assert session.current == "05.logprobs_backward"


def test_it_waits_when_an_exercise_is_done(session, small, press, drawn):
    assert not session.changed()
    solve(small / FILE, FIRST, "    raise ValueError('mine')")
    assert session.changed()
    session.update()
    assert not session.changed()
    assert "ValueError: mine" in drawn()
    solve(small / FILE, "    raise ValueError('mine')", "    d = torch.zeros_like(logprobs)\n"
          "    d[range(len(Yb)), Yb] = -1 / len(Yb)\n    return d")  # fmt: skip
    session.update()
    screen = drawn()
    for words in ("Exercise done.", "solutions/05_backprop/1_loss.py:", "n next / ", "1/8"):
        assert words in screen
    assert session.current == "05.logprobs_backward"
    assert "logprobs_backward" in State.load(small).done.pop()
    screen = press("n")
    assert "05.probs_backward: still a TODO" in screen
    assert "Welcome" not in screen
    assert State.load(small).current == "05.probs_backward"
    again = Session(session.book)
    assert again.current == "05.probs_backward"  # it never loses your place


def test_hints_climb_under_what_is_there(press):
    assert "Hint 1 of 3" in press("h")
    screen = press("hh")
    assert all(f"Hint {n} of 3" in screen for n in (1, 2, 3))
    assert "still a TODO" in screen
    assert "last hint" in press("h")


def test_reset_asks_first(session, small, press):
    stub = (small / FILE).read_text()
    solve(small / FILE, FIRST, "    return 7")
    mine = (small / FILE).read_text()
    session.update()
    assert "back to its stub (a backup is kept)? y / n" in press("x")
    press("n")
    assert (small / FILE).read_text() == mine
    session.on_keys(["x", "y"])  # at once: the y was not an answer
    assert session.asking == "reset"
    screen = press("y")
    assert "is a stub again; the file as it was is kept as" in screen
    assert (small / FILE).read_text() == stub
    (backup,) = (small / ".hero/backup/05_backprop").iterdir()
    assert backup.read_text() == mine
    assert not session.changed()


def test_solution_asks_while_unsolved(press):
    assert "Show its solution? y / n" in press("s")
    assert "-1 / n" not in press("n")
    assert "dlogprobs[torch.arange(n), Yb] = -1 / n" in press("sy")
    assert "-1 / n" not in press("s")


def test_the_list(session, press):
    screen = press("l")
    assert "8 exercises" in screen
    assert "> · 05.logprobs_backward" in screen
    assert "> · 05.counts_sum_inv_backward" in press(["j", "down"])
    screen = press("/sum")
    assert "2 exercises with: sum" in screen
    assert "05.probs_backward" not in screen
    assert "none" in press("xyz")
    press(["backspace"] * 3 + ["enter", "G", "enter"])
    assert session.current == "05.counts_sum_backward"
    assert session.listing is None
    session.book.state.done.add("05.probs_backward")
    assert "7 exercises still to do" in press("lp")
    press("q")
    assert session.listing is None
    assert not session.quit
    press("q")
    assert session.quit


def test_check_all_goes_to_the_first_that_is_not_done(session, small, press):
    solve(small / FILE)
    session.book.state.done.add("05.counts_backward")
    press(["l", "G", "enter"])
    screen = press("c")
    assert "Checked 8 exercises: 1 right, 7 not yet. No longer right: 05.counts_backward." in screen
    assert session.current == "05.logprobs_backward"


def test_the_end(session, small, press):
    path = small / FILE
    path.write_text((small / FILE.replace("exercises", "solutions")).read_text())
    screen = press("c")
    assert "all 8 are done" in screen
    assert "[##############################] 8/8" in screen
    assert "n next" not in screen
    press("n")
    assert not session.quit


def test_syntax_error_missing_file_and_grader_trouble(session, small, monkeypatch, press, drawn):
    path = small / FILE
    text = path.read_text()
    path.write_text(text.replace(FIRST, "    return (", 1))
    session.update()
    line = text[: text.index(FIRST)].count("\n") + 1
    assert f"line {line} is not valid Python" in drawn()
    assert f"Current exercise: {FILE}:{line}\n" in drawn()
    path.unlink()
    session.update()
    assert "there is no file" in drawn()
    assert "was missing; it is there again" in press("xy")
    assert path.read_text() == text
    monkeypatch.setattr(session.book, "grade", lambda *_: 1 / 0)
    session.update()
    assert "not your code: ZeroDivisionError" in drawn()


def test_a_note_is_shown_once(book, drawn):
    book.state.note = "Your progress could not be saved."
    assert "could not be saved" in drawn()
    assert "could not be saved" not in drawn()


def test_keys():
    assert decode("aé") == ["a", "é"]
    assert decode("\x1b[A\x1bOB\x1b[5~\x1b[200~\r\x7f\x1b") == [
        "up", "down", "pageup", "enter", "backspace", "escape",
    ]  # fmt: skip
    assert decode("\x1b[") == decode("\x00\x01") == []


# -- the program itself ----------------------------------------------------------------------------


class Terminal:
    """A terminal that remembers what came since the screen was last cleared."""

    def __init__(self, folder, **env):
        self.master, terminal = os.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 110, 0, 0))
        self.terminal, self.before = terminal, termios.tcgetattr(terminal)
        self.process = subprocess.Popen(
            command(),
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            cwd=folder,
            env={**environment(), "TERM": "xterm-256color", **env},
            start_new_session=True,
        )
        self.came = b""

    def text(self):
        while select.select([self.master], [], [], 0.01)[0]:
            try:
                self.came += os.read(self.master, 65536)
            except OSError:
                break
        return ESCAPES.sub(b"", self.came.rpartition(b"\x1b[2J")[2]).decode().replace("\r", "")

    def wait(self, words, seconds=20):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            text = self.text()
            if words in text and "Checking" not in text:
                return text
            if self.process.poll() is not None and words not in self.text():
                break
        raise AssertionError(f"{words!r} did not come:\n{self.text()}")

    def press(self, key):
        os.write(self.master, key.encode())

    def end(self):
        """The exit code; asserts that the terminal is as it was."""
        code = self.process.wait(10)
        assert termios.tcgetattr(self.terminal) == self.before
        return code

    def close(self):
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.terminal)


@pytest.fixture
def terminal(small):
    with contextlib.ExitStack() as stack:

        def start(**env):
            screen = Terminal(small, **env)
            stack.callback(screen.close)
            return screen

        yield start


def test_in_a_terminal(terminal, small):
    (small / ".hero").mkdir()
    (small / ".hero/state.json").write_text('{"done": [], "current": "05.probs_backward"}')
    path, log = small / FILE, small / "log"
    screen = terminal(HERO_WATCH_LOG=str(log))
    screen.wait("05.probs_backward: still a TODO")
    assert b"\x1b]8;" in screen.came and b"file://" in screen.came  # to click on
    stub = path.read_text()
    screen.press("h")
    screen.wait("Hint 1 of 3")
    path.write_text(stub.replace(PROBS, "    return (dlogprobs"))  # saved in place
    screen.wait("is not valid Python: '(' was never closed")
    path.unlink()
    screen.wait("there is no file")
    path.write_text(stub.replace(PROBS, "    return dlogprobs * probs"))
    screen.wait("wrong values")
    save(path, stub.replace(PROBS, RIGHT))  # saved by replacing
    text = screen.wait("Exercise done.")
    assert "n next / h hint" in text
    assert "05.probs_backward" in text  # and waits
    backup = path.with_name("1_loss.py.bak")  # as vim does with 'backup'
    path.rename(backup)
    path.write_text(stub.replace(PROBS, RIGHT + "  # again"))
    end = time.monotonic() + 10
    while log.read_text().count(" passed\n") < 2 and time.monotonic() < end:
        time.sleep(0.02)
    screen.press("n")
    screen.wait("05.counts_sum_inv_backward: still a TODO")
    screen.press("q")
    assert screen.end() == 0
    assert State.load(small).current == "05.counts_sum_inv_backward"
    statuses = [line.split()[2] for line in log.read_text().splitlines()]
    assert statuses[:2] == ["todo", "error"]
    assert statuses[-3:] == ["passed", "passed", "todo"]


def test_the_terminal_is_put_back_when_terminated(terminal, small):
    screen = terminal()
    screen.wait("still a TODO")
    assert termios.tcgetattr(screen.terminal) != screen.before
    screen.process.send_signal(signal.SIGTERM)
    assert screen.end() == 143


def test_without_a_terminal(small):
    out = small / "out.txt"
    path = small / FILE
    with open(out, "wb") as file:
        process = subprocess.Popen(
            command(), stdin=subprocess.DEVNULL, stdout=file, stderr=file, cwd=small,
            env=environment(), start_new_session=True,
        )  # fmt: skip
    try:

        def wait(words, times=1):
            end = time.monotonic() + 20
            while out.read_text().count(words) < times:
                assert time.monotonic() < end, out.read_text()
                time.sleep(0.02)

        wait("Watching: ")
        solve(path, FIRST, "    return 1")
        wait("✗ 05.logprobs_backward")
        path.unlink()
        wait("there is no file")
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
    finally:
        process.kill()
        process.wait()
    text = out.read_text()
    assert "\x1b" not in text
    assert "h hint" not in text
    assert "Traceback" not in text
