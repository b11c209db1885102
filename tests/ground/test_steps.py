"""Steps are counted of one file's code, the same each time, and not without end."""

from __future__ import annotations

import sys
import threading
import types

import pytest
import torch

from graders.core.alternatives import as_of
from graders.core.effort import extent, grows_too_fast
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


def test_as_fast_as_the_case_grows() -> None:
    """The reference begins with 3,000 steps that are the same for all; another way does that in C."""
    mine, right = ([{"steps": n} for n in counts] for counts in ([100, 800], [3100, 3800]))
    cases = [{"ids": [1] * 10, "pair": None}, {"ids": [1] * 80, "pair": None}]
    assert "1.2 times is enough" in grows_too_fast(mine, right)
    assert grows_too_fast(mine, right, cases) == ""
    assert "7.4 times is enough" in grows_too_fast([{"steps": 100}, {"steps": 2000}], right, cases)


def test_how_much_there_is() -> None:
    assert extent([["ab", "c"], {1: "a"}]) == 5
    assert extent(torch.zeros(3, 4)) == 12 and extent(7) == 1 and extent("") == extent([]) == 1


def test_a_function_of_another_file_counts_as_the_part_s(part: types.ModuleType) -> None:
    def twice(n: int, by: int = 2, *, more: int = 0) -> list[int]:
        return [i * by + more for i in range(n) for _ in range(n)]

    with counting_steps("counted.py") as found:
        assert as_of(twice, "counted.py")(9) == twice(9)
    assert found.count > 81
    assert as_of(twice, "") is twice and as_of(len, "counted.py") is len
