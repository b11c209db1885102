"""Changes what was given in the cases before, as a caller may: a memo that gives it again shows itself."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import torch

from graders.ground.looks import HUGE, PLAIN, is_data

_detach = torch.Tensor.detach
# what was given since the last case began, and to whom
handed: list[tuple[Any, dict[str, Any]]] = []


def use_up() -> None:
    """Changes what was given in the cases before, as a caller may: a memo that gives it again shows itself.

    Not what the caller has handed in, nor tensors that may belong to a model.
    """
    for answer, bound in handed:
        given = [*bound.values()]
        with suppress(Exception):
            tensors = all(is_data(value) for value in given)
            _use_up(answer, {id(value) for value in given}, given if tensors else None, 3)
    handed.clear()


def _use_up(value: Any, theirs: set[int], given: list[Any] | None, depth: int) -> None:
    if id(value) in theirs or not depth:
        return
    if isinstance(value, (torch.Tensor, np.ndarray)):
        small = math.prod(value.shape) <= HUGE and getattr(value, "is_cpu", True)
        if small and given is not None and not any(_share(value, other) for other in given):
            with suppress(Exception):
                plain: Any = _detach(value) if isinstance(value, torch.Tensor) else value
                plain[...] = 1 - plain if plain.dtype in (torch.bool, np.bool_) else plain + 1
        return
    if isinstance(value, (list, tuple)):
        for item in value[:8]:
            _use_up(item, theirs, given, depth - 1)
    if type(value) is list:
        value[:] = [None]
    elif type(value) is dict:
        value.clear()
        value[None] = None
    elif type(value) is set:
        value.clear()
        value.add(None)


def apart_from(answers: list[Any], bound: dict[str, Any]) -> list[Any]:
    """Those of some answers that have nothing to do with what a function was given, as far as one sees."""
    given = [v for v in bound.values() if not isinstance(v, torch.Generator)] if answers else []
    theirs = {id(thing) for value in given for thing in _all_in(value)}
    return [a for a in answers if id(a) not in theirs and not any(_share(a, g) for g in given)]


def _all_in(value: Any) -> Iterator[Any]:
    yield value
    if isinstance(value, dict):
        value = [*value.values()]
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _all_in(item)


def _share(value: Any, other: Any) -> bool:
    """Whether two arrays lie in the same memory, or something in which there may be one."""
    if isinstance(other, PLAIN):
        return False
    if isinstance(value, torch.Tensor) and isinstance(other, torch.Tensor):
        return value.untyped_storage().data_ptr() == other.untyped_storage().data_ptr()
    if isinstance(value, np.ndarray) and isinstance(other, np.ndarray):
        return np.shares_memory(value, other)
    if isinstance(other, dict):
        other = [*other.values()]
    if isinstance(other, (list, tuple)):
        return any(_share(value, item) for item in other)
    return not isinstance(other, (torch.Tensor, np.ndarray))
