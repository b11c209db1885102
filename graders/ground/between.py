"""Lets another object be made and used between an object's calls: what belongs to one is not kept elsewhere.

A method that keeps its state on the class, or in a global, is right as long as objects come one after the
other. So a class's first case is run once more, and when its first objects have been made, and before the
first calls of its methods, the scenario of another case runs from beginning to end (and once the same one,
which makes objects from the same arguments); nobody looks at what comes of it. What came of the first case
has to come again.
"""

from __future__ import annotations

import contextlib
import io
import random
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch

Act = Callable[[bool], object]
MADE, CALLED = 2, 2  # so many objects and calls of one case
FIRST, EVERY = 3, 4  # cases of a check whose calls are watched
# held here, because a submission may replace what their modules hold
_states: list[Any] = [random.getstate, np.random.get_state, torch.get_rng_state]
_put_back: list[Any] = [random.setstate, np.random.set_state, torch.set_rng_state]
_is_grad_enabled, _set_grad_enabled = torch.is_grad_enabled, torch._C._set_grad_enabled


def among_the_watched(number: int, many: int, again: int = -1) -> bool:
    """Whether the calls of one of so many cases of a check are watched: in the first ones, then now and then.

    In the last, and in the one that comes ``again`` as the last, too.
    """
    return number < FIRST or not (number + 1) % EVERY or number in (many - 1, again)


class Aside:
    """Something to be done between the first calls of a case; meanwhile nobody watches.

    Attributes:
        act: told whether it is the first time of its kind, behind a constructor or before a call.
        watched: whose each watched function is, what it is called there, and its own plain self.
    """

    def __init__(self, act: Act | None) -> None:
        self.act, self.left = act, {True: MADE, False: CALLED}
        self.watched: list[tuple[Any, str, Any]] = []

    def do(self, label: str, made: bool) -> None:
        """Does it, if there is something to do: behind a constructor's call, before any other's."""
        if self.act is None or not self.left[made] or label.endswith(".__init__") is not made:
            return
        first = self.left[made] == (MADE if made else CALLED)
        self.left[made] -= 1
        now = [(owner, name, vars(owner).get(name)) for owner, name, _ in self.watched]
        _put(self.watched)
        try:
            unseen(partial(self.act, first))
        finally:
            _put(now)


def _put(functions: list[tuple[Any, str, Any]]) -> None:
    for owner, name, function in functions:
        with contextlib.suppress(Exception):
            setattr(owner, name, function)


_unseen = [0]  # how many such calls are going on, one inside the other


def is_unseen() -> bool:
    """Whether what runs now is something that nobody looks at."""
    return _unseen[0] > 0


def unseen(act: Callable[[], object], afresh: bool = True) -> None:
    """Does something whose result, exceptions and prints are nobody's, and which rolls nobody's dice.

    Args:
        afresh: gradients are recorded in it, whether they are here or not.
    """
    states, grad, streams = [get() for get in _states], _is_grad_enabled(), (sys.stdout, sys.stderr)
    sys.stdout = sys.stderr = io.StringIO()
    _set_grad_enabled(afresh or grad)
    _unseen[0] += 1
    try:
        with contextlib.suppress(Exception):
            act()
    finally:
        _unseen[0] -= 1
        sys.stdout, sys.stderr = streams
        _set_grad_enabled(grad)
        for put, state in zip(_put_back, states, strict=True):
            put(state)
