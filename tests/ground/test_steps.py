"""Steps are counted of one file's code, the same each time, and not without end."""

from __future__ import annotations

import sys
import threading
import types

import pytest

from graders.core.effort import grows_too_fast
from graders.ground import steps
from graders.ground.steps import TooManySteps, counting_steps

SOURCE = """
def line(n):
    return sum(x for x in range(n))

def square(n):
    return [i for i in range(n) for _ in range(n)]

def endless():
    while True:
        try:
            pass
        except Exception:
            pass
"""


@pytest.fixture
def part() -> types.ModuleType:
    module = types.ModuleType("part")
    exec(compile(SOURCE, "counted.py", "exec"), module.__dict__)
    return module


def counted(call: object, n: int) -> int:
    with counting_steps("counted.py") as found:
        call(n)  # type: ignore[operator]
    return found.count


def test_they_grow_as_the_work_does(part: types.ModuleType) -> None:
    assert counted(part.line, 40) == counted(part.line, 40)
    assert 3 < counted(part.line, 400) / counted(part.line, 100) < 4.5
    assert 12 < counted(part.square, 80) / counted(part.square, 20) < 17


def test_only_of_the_file(part: types.ModuleType) -> None:
    with counting_steps("another.py") as found:
        part.square(20)
    assert found.count == 0 and sys.gettrace() is None
    with counting_steps("counted.py", False) as found:
        part.square(20)
    assert found.count == 0


def test_no_end(part: types.ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "MOST", 5_000)
    with pytest.raises(TooManySteps), counting_steps("counted.py"):
        part.endless()
    assert sys.gettrace() is None


@pytest.mark.parametrize(
    "mine, right, said",
    [
        ([100, 400], [90, 350], ""),
        ([100, 1600], [90, 350], "takes 16 times the steps"),
        ([100, 800], [90, 350], ""),  # another way may cost something more
        ([10, 500], [90, 350], ""),  # too few to tell
        ([100, 300, 100, 2000], [90, 350, 90, 350], "takes 20 times"),
    ],
)
def test_what_is_said(mine: list[int], right: list[int], said: str) -> None:
    found = grows_too_fast([{"steps": n} for n in mine], [{"steps": n} for n in right])
    assert said in found and bool(said) == bool(found)


def test_in_a_thread_too(part: types.ModuleType) -> None:
    alone = counted(part.square, 20)
    with counting_steps("counted.py") as found:
        thread = threading.Thread(target=part.square, args=(20,))
        thread.start()
        thread.join()
    assert found.count >= alone
