"""The progress bar: plain lines, a terminal, and what a call costs."""

from __future__ import annotations

import gc
import os
import re
import subprocess
import sys
import weakref
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
import torch

import data
from data import progress

ROOT = Path(data.__file__).parent.parent


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The printed lines, without the seconds at their end, which differ from run to run."""
    printed = capsys.readouterr().out.splitlines()
    assert all(re.search(r" ?\(\d+\.\d s\)$", line) for line in printed)
    return [re.sub(r" ?\(\d+\.\d s\)$", "", line) for line in printed]


def test_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(2000, "training", every=0.25) as bar:
        for step in range(2000):
            bar.update(loss=1 / (step + 1), lr=0.1)
    assert lines(capsys) == [
        "training: 500/2,000 loss=0.002 lr=0.1",
        "training: 1,000/2,000 loss=0.001 lr=0.1",
        "training: 1,500/2,000 loss=0.0006667 lr=0.1",
        "training: 2,000/2,000 loss=0.0005 lr=0.1",
    ]


@pytest.mark.parametrize("total", [0, 1, 2, 9, 10, 11, 19, 99, 1001])
def test_at_most_ten_lines_and_the_last_one_is_the_end(
    total: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with progress(total) as bar:
        for _ in range(total):
            bar.update()
    printed = lines(capsys)
    assert 1 <= len(printed) <= 10
    assert printed[-1] == f"{total:,}/{total:,}"
    assert len(set(printed)) == len(printed)


def test_steps_by_their_index(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(100, "x", every=0.5) as bar:
        for step in range(9, 100, 10):
            bar.update(step)
            assert bar.done == step + 1
        bar.update(step=49)  # and back again
        assert bar.done == 50
    assert lines(capsys) == ["x: 50/100", "x: 50/100"]


def test_more_steps_than_announced(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(10, every=0.5) as bar:
        for _ in range(1000):
            bar.update()
    assert lines(capsys) == ["5/10", "1,000/10"]


def test_left_early(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(10, "x", every=1) as bar:
        bar.update(loss=2.5)
    with pytest.raises(KeyError), progress(10, "x", every=1) as bar:
        bar.update(loss=2.5)
        raise KeyError
    assert lines(capsys) == ["x: 1/10 loss=2.5", "x: stopped at 1/10 loss=2.5"]


def test_figures_of_every_kind(capsys: pytest.CaptureFixture[str]) -> None:
    loss = torch.tensor(2.30259, requires_grad=True)
    with progress(1) as bar:
        bar.update(
            loss=loss,
            n=torch.tensor(182625),
            big=123456,
            nan=float("nan"),
            phase="warm\nup",
            many=[0, 1],
            self=None,
        )
    assert lines(capsys) == [
        "1/1 loss=2.303 n=182625 big=123456 nan=nan phase=warm up many=[0, 1] self=None"
    ]


def test_a_figure_with_many_numbers_stays_short(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(1) as bar:
        bar.update(weights=torch.zeros(100, 100))
    (line,) = lines(capsys)
    assert line.startswith("1/1 weights=tensor([[0., 0.")
    assert len(line) < 60


def test_figures_stay_until_they_change(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(2, every=1) as bar:
        bar.update(train=1.0, val=2.0)
        bar.update(train=0.5)
    assert lines(capsys) == ["2/2 train=0.5 val=2"]


class Marker:
    """Lives as long as the graph it is attached to."""


class Double(torch.autograd.Function):
    """2x, with a Marker in the graph."""

    seen: weakref.ref[Marker]

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        ctx.marker = Marker()
        Double.seen = weakref.ref(ctx.marker)
        return x * 2


def test_the_graph_of_a_loss_is_let_go() -> None:
    with progress(10) as bar:
        double: Any = Double.apply
        loss = double(torch.ones((), requires_grad=True))
        assert Double.seen() is not None
        bar.update(loss=loss)
        del loss
        gc.collect()
        assert Double.seen() is None


def test_a_negative_total_is_refused() -> None:
    with pytest.raises(ValueError, match="-1"):
        progress(-1)


def test_an_update_is_cheap() -> None:
    began = perf_counter()
    with progress(100_000) as bar:
        for _ in range(100_000):
            bar.update(loss=2.31)
    assert perf_counter() - began < 1.0


def test_without_a_terminal_rich_is_not_even_imported() -> None:
    code = (
        "import sys, data\nwith data.progress(3, 'x') as bar: bar.update()\n"
        "print('rich' in sys.modules, 'torch' in sys.modules)"
    )
    command = [sys.executable, "-c", code]
    printed = subprocess.check_output(command, cwd=ROOT, text=True, timeout=60)
    assert printed.splitlines()[-1] == "False False"


def in_terminal(code: str, term: str = "xterm-256color") -> str:
    """Run `code` with a terminal as its output, and return all it wrote there."""
    pty = pytest.importorskip("pty")  # not on Windows
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "TERM": term, "COLUMNS": "100"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    written = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # how Linux says that nobody has the other end open
            break
        if not chunk:
            break
        written += chunk
    os.close(ours)
    assert child.wait(timeout=60) == 0, written.decode()
    return written.decode()


LOOP = """
import time
from data import progress
began = time.perf_counter()
with progress(100_000, "train [bold]", every=0.5) as bar:
    for step in range(100_000):
        bar.update(loss=2.31)
        if step == 7: print("hello")
print("seconds", time.perf_counter() - began)
"""


def test_in_a_terminal_it_is_a_bar() -> None:
    written = in_terminal(LOOP)
    assert "\x1b[" in written
    assert "100,000/100,000" in written
    assert "50,000/100,000" not in written  # no plain lines, and drawn by the clock only
    assert "loss=2.31" in written
    assert "train [bold]" in written  # not taken for markup
    assert "hello" in written
    assert float(written.split()[-1]) < 2.0
    assert written.count("/100,000") < 40


def test_a_dumb_terminal_gets_plain_lines() -> None:
    written = in_terminal(LOOP, term="dumb")
    assert "\x1b[" not in written
    assert "train [bold]: 50,000/100,000 loss=2.31" in written


def test_bars_may_be_nested() -> None:
    written = in_terminal(
        "from data import progress\n"
        "with progress(2, 'outer') as outer:\n"
        "    for _ in range(2):\n"
        "        with progress(3, 'inner') as inner:\n"
        "            for _ in range(3): inner.update()\n"
        "        outer.update()\n"
    )
    assert "outer" in written
    assert "inner" in written
    assert "2/2" in written


def test_where_rich_is_busy_the_lines_are_plain() -> None:
    # Before 14.1, rich had room for one bar at a time.
    written = in_terminal(
        "import rich.errors, rich.progress\n"
        "def busy(self): raise rich.errors.LiveError('Only one')\n"
        "rich.progress.Progress.start = busy\n"
        "from data import progress\n"
        "with progress(2, 'x', every=0.5) as bar: bar.update(); bar.update()\n"
    )
    assert "x: 1/2 (" in written
    assert "x: 2/2 (" in written


def test_after_an_error_the_terminal_has_its_cursor_again() -> None:
    written = in_terminal(
        "from data import progress\n"
        "try:\n"
        "    with progress(2, 'x') as bar: raise KeyError\n"
        "except KeyError: print('caught')\n"
    )
    assert "caught" in written
    assert written.rindex("\x1b[?25h") > written.rindex("\x1b[?25l")
