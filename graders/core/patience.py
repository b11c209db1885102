"""Runs misconceptions and variants, which are trusted, but may not come to an end."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from graders.authoring import Alternative, Exercise
from graders.core.part_judge import PartJudge
from graders.core.verdict import Outcomes

PATIENCE = 20.0  # seconds of computing for one alternative on one seed's cases


class Endless(Exception):
    """A misconception or a variant that does not come to an end."""


def alternative_outcomes(
    judge: PartJudge, exercise: Exercise, alternative: Alternative, seconds: float = PATIENCE
) -> Outcomes:
    """What an alternative gives on the cases. Raises Endless."""
    with patience(f"{alternative.name} does not come to an end (seed {judge.seed})", seconds):
        return judge.alternative_outcomes(exercise, alternative)


def patience(sentence: str, seconds: float = PATIENCE) -> AbstractContextManager[None]:
    """Raises Endless, with this sentence, where what stands inside computes for longer."""
    return _limited(sentence, seconds, "VIRTUAL", "SIGVTALRM")


def waiting(sentence: str, seconds: float) -> AbstractContextManager[None]:
    """Raises Endless where what stands inside takes longer by the clock: it waits for what never comes."""
    return _limited(sentence, seconds, "REAL", "SIGALRM")


@contextmanager
def _limited(sentence: str, seconds: float, clock: str, alarm: str) -> Iterator[None]:
    if not hasattr(signal, "setitimer"):  # Windows
        yield
        return
    timer, number = getattr(signal, f"ITIMER_{clock}"), getattr(signal, alarm)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt  # the one exception that is not an outcome of trusted code

    late = False
    before = signal.signal(number, stop)
    signal.setitimer(timer, seconds)
    try:
        yield
        return
    except KeyboardInterrupt:
        late = signal.getitimer(timer)[0] == 0.0
        if not late:
            raise
    finally:
        signal.setitimer(timer, 0.0)
        signal.signal(number, before)
    raise Endless(sentence)
