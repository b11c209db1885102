"""Runs misconceptions and variants, which are trusted, but may not come to an end."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

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


@contextmanager
def patience(sentence: str, seconds: float = PATIENCE) -> Iterator[None]:
    """Raises Endless, with this sentence, where what stands inside computes for longer."""
    if not hasattr(signal, "setitimer"):  # Windows
        yield
        return

    def stop(*_: object) -> None:
        raise KeyboardInterrupt  # the one exception that is not an outcome of trusted code

    late = False
    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
        return
    except KeyboardInterrupt:
        late = signal.getitimer(signal.ITIMER_VIRTUAL)[0] == 0.0
        if not late:
            raise
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
        signal.signal(signal.SIGVTALRM, before)
    raise Endless(sentence)


@contextmanager
def waiting(sentence: str, seconds: float) -> Iterator[None]:
    """Raises Endless where what stands inside takes longer by the clock: it waits for what never comes."""
    if not hasattr(signal, "setitimer"):  # Windows
        yield
        return

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    late = False
    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
        return
    except KeyboardInterrupt:
        late = signal.getitimer(signal.ITIMER_REAL)[0] == 0.0
        if not late:
            raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
    raise Endless(sentence)
