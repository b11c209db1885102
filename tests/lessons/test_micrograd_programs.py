"""The programs of lesson 01 with odd flags: a sentence, never a traceback, and no false numbers."""

from __future__ import annotations

import gc
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

LESSON = Path(__file__).resolve().parents[2] / "solutions" / "01_micrograd"


def run(part: str, *flags: str) -> None:
    sys.argv = [part, *flags]
    runpy.run_path(str(next(LESSON.glob(f"{part}_*.py"))), run_name="__main__")


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("HERO_OUT", str(tmp_path))
    monkeypatch.setattr(sys, "argv", [])
    threshold = gc.get_threshold()
    yield
    gc.set_threshold(*threshold)  # part 9 lets the garbage collector wait


@pytest.mark.parametrize("flags", [
    "1 --point 0 3 4", "1 --point 2 3 0", "1 --point 2 -3 4", "1 --point 1e200 3 4", "1 --point nan 3 4",
    "4 --number 0", "4 --number -2", "4 --number nan", "4 --number 1e300",
    "5 --a -0.75 --b 0", "5 --a 1e300", "5 --b nan",
    "6 --floors -1", "7 --hidden 0", "8 --steps 0", "8 --lr nan", "8 --lr -1",
    "9 --points 1", "9 --steps 0", "9 --hidden 0", "9 --seed -1",
])  # fmt: skip
def test_what_cannot_work_is_one_sentence(flags: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        run(*flags.split())
    assert end.value.code == 2
    assert " error: " in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("flags", [
    "1 --point 1e-3 1e6 -1000000", "2 --step inf", "3 --depth -1", "3 --depth 3", "5 --a 0 --b 0",
    "6 --floors 0", "6 --floors 40", "7 --hidden 1", "8 --steps 1", "8 --lr 10", "8 --lr 0",
    "9 --points 2 --steps 1 --hidden 1",
])  # fmt: skip
def test_what_is_merely_odd_works(flags: str) -> None:
    run(*flags.split())


@pytest.mark.parametrize("number", ["1e-30", "0.01", "1", "2", "4", "10", "123456", "1e30"])
def test_the_square_root_is_found(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    run("4", "--number", number)
    found, known = capsys.readouterr().out.splitlines()[-1].split(": ")[1:]
    assert float(found.split(";")[0]) == pytest.approx(float(known), rel=1e-6)


@pytest.mark.parametrize("part", list("123456"))  # the others take their time
def test_the_arguments_of_a_kernel_are_not_ours(
    part: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ipykernel", ModuleType("ipykernel"))
    monkeypatch.setattr("data.show_after_cell", lambda path: None)
    run(part, "-f", "/run/kernel-1.json")
    assert capsys.readouterr().out
