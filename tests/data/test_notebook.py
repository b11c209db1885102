"""Pictures in a notebook. IPython is played by a stand-in: the tests need no kernel."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from data import picture


class Shell:
    """What of IPython's shell is asked for: callbacks that run when a cell ends."""

    def __init__(self) -> None:
        self.waiting: list[Callable[..., None]] = []
        self.shown: list[tuple[str, str]] = []
        self.events = SimpleNamespace(
            register=lambda _, function: self.waiting.append(function),
            unregister=lambda _, function: self.waiting.remove(function),
        )

    def end_cell(self) -> list[tuple[str, str]]:
        self.shown.clear()
        for function in list(self.waiting):
            function("the result of the cell")
        return list(self.shown)


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Shell:
    shell = Shell()
    top, display = ModuleType("IPython"), ModuleType("IPython.display")
    made: dict[str, Any] = {
        "get_ipython": lambda: shell,
        "display": shell.shown.append,
        "SVG": lambda filename: ("svg", Path(filename).name),
        "Image": lambda filename: ("image", Path(filename).name),
    }
    vars(top).update(made)
    vars(display).update(made)
    monkeypatch.setitem(sys.modules, "ipykernel", ModuleType("ipykernel"))
    monkeypatch.setitem(sys.modules, "IPython", top)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    monkeypatch.setenv("HERO_OUT", str(tmp_path))
    return shell


def test_what_a_cell_saved_appears_once(shell: Shell) -> None:
    picture("graph.svg").write_text("<svg/>")
    picture("loss.png").write_bytes(b"png")
    assert shell.end_cell() == [("svg", "graph.svg"), ("image", "loss.png")]
    assert shell.end_cell() == []


def test_an_old_picture_does_not_pass_for_a_new_one(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "loss.png").write_bytes(b"of yesterday")
    picture("loss.png")  # the cell ends in an error before it saves
    assert shell.end_cell() == []
    picture("never.png")
    assert shell.end_cell() == []


def test_what_is_no_picture_is_not_shown(shell: Shell) -> None:
    picture("shakespeare.tokenizer").write_text("merges")
    assert shell.waiting == []


def test_outside_of_a_notebook_nothing_waits(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "ipykernel")
    picture("loss.png").write_bytes(b"png")
    assert shell.waiting == []
