"""What kind of thing an answer is, in words that are plain data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

FEW = 8  # things in an answer whose kinds are noted
KINDS = torch.Tensor, np.ndarray, np.generic, bool, int, float, str, bytes, list, tuple, dict, set


def kind_of(answer: Any) -> str:
    """What an answer is, in a word; numpy's float64 is one of Python's floats."""
    if answer is None:
        return "None"
    if isinstance(answer, float):
        return "float"
    return next((kind.__name__ for kind in KINDS if isinstance(answer, kind)), "object")


def kinds_in(label: str, answer: Any) -> Iterator[str]:
    """What an answer is, and what lies in it: of a list the items, by place or key of what has such."""
    yield f"{label}: {kind_of(answer)}"
    inside: list[tuple[Any, Any]] = []
    if isinstance(answer, list):
        inside = [("", item) for item in answer[:FEW]]
    elif isinstance(answer, tuple):
        inside = [*enumerate(answer[:FEW])]
    elif isinstance(answer, dict):
        inside = [
            (repr(k), v) for k, v in [*answer.items()][:FEW] if type(k) is str and len(k) < 20
        ]
    for place, item in inside:
        yield f"{label}[{place}]: {kind_of(item)}"
        if isinstance(item, list):
            yield from (f"{label}[{place}][]: {kind_of(one)}" for one in item[:FEW])
