"""Many parts judged in several processes: the same results, in the same order, whatever happens to one."""

import os
import signal
from pathlib import Path

import pytest

from graders.core import side_by_side
from graders.core.judge import Judge
from graders.core.registry import Registry

SOLUTIONS = Path(__file__).resolve().parents[2] / "solutions"


@pytest.fixture
def chosen():
    return Registry().select(["01", "05/1"])


def _told(parts):
    return [(r.id, r.status, r.seed, [c.name for c in r.checks]) for part in parts for r in part]


def test_the_same_results_in_the_same_order(chosen, monkeypatch):
    with_one, with_two = Judge(seed=4), Judge(seed=4)
    monkeypatch.setattr("graders.core.judge.how_many", lambda parts: 1)
    one = _told(with_one.grade_all(chosen, SOLUTIONS))
    monkeypatch.setattr("graders.core.judge.how_many", lambda parts: 2)
    two = _told(with_two.grade_all(chosen, SOLUTIONS))
    assert one == two and {status for _, status, _, _ in one} == {"passed"}
    with_one.close(), with_two.close()


def test_a_lost_process_loses_nothing(chosen, monkeypatch):
    judge = Judge(seed=4)
    monkeypatch.setattr("graders.core.judge.how_many", lambda parts: 2)
    here, grade = os.getpid(), Judge.grade

    def dies(self, ref, *args):
        if ref.name.startswith("4") and os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return grade(self, ref, *args)

    monkeypatch.setattr(Judge, "grade", dies)
    told = _told(judge.grade_all(chosen, SOLUTIONS))
    assert [t[0] for t in told] == [
        f"{ref.lesson[:2]}.{name}" for ref, names in chosen for name in names
    ]
    judge.close()


def test_few_parts_are_not_worth_it():
    assert side_by_side.how_many(side_by_side.ENOUGH - 1) == 1
    assert 1 <= side_by_side.how_many(100) <= side_by_side.AT_MOST
