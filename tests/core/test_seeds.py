"""What a child is told of a case's seed says nothing of the one that cases are drawn from."""

from __future__ import annotations

from graders.core.judge import Judge
from graders.core.part_judge import MAX_SEED, PartJudge
from graders.core.registry import Registry
from graders.ground.worker import Worker


def travelling(seed: int) -> list[int]:
    registry = Registry()
    (ref, *_) = registry.parts("02_bigram")
    part = registry.load(ref)
    exercise = next(iter(part.exercises.values()))
    (cases, *_) = PartJudge(part, seed).cases(exercise).cases.values()
    return [travels for _, travels in cases]


def test_the_seed_that_travels_is_another_one() -> None:
    for seed in (0, 7, 65_535, MAX_SEED - 1):
        found = travelling(seed)
        assert found == travelling(seed)  # so that a report's seed brings the same numbers
        assert all(0 <= travels < MAX_SEED for travels in found)
        assert not {*found} & {*range(seed * 1000, seed * 1000 + 50)}
        assert not {*found} & {*travelling(seed + 1)}


def test_for_others_code_it_is_one_of_too_many_to_try() -> None:
    drawn = []
    for _ in range(4):
        with Worker(strict=True, best_effort=True) as worker:
            drawn.append(Judge(worker=worker).seed)
    assert max(drawn) >= 2**20 and len({*drawn}) == 4
