"""The case that comes once more at the end of a check: which it is, and what is said if it goes otherwise."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

ONCE_MORE = (
    "this call was right at first. The same call was made once more at the end, and what came first had been "
    "changed meanwhile, as a caller may: now the answer is another. Keep nothing from one call to the next."
)

BETWEEN = (
    "this case was right at first. It was run once more at the end, and between its calls other objects of "
    "the class were made and used: now it comes out otherwise. What belongs to one object stands on `self`, "
    "not on the class and not in a global."
)

AS_BEFORE = (
    "A moment before, when the same arguments held something else of the same size, your code gave this "
    "very answer. Is it kept from one call to the next?"
)

QUICK = 500  # items in a case of a function that may come twice


def once(cases: list[Any]) -> tuple[list[Any], int]:
    """The cases without the one that comes once more at the end, and 1 where there is such (else 0)."""
    again = len(cases) > 1 and any(case is cases[-1] for case in cases[:-1])
    return (cases[:-1], 1) if again else (cases, 0)


def which(cases: list[Any]) -> int:
    """The number of the case that comes once more at the end."""
    return next(i for i, case in enumerate(cases) if case is cases[-1])


def richest(cases: list[Any], objects: bool) -> int:
    """The number of the case that is to come once more: the one that has most to keep.

    Of a class's ``objects`` whatever it takes, else of what is quickly done.
    """
    sizes = [size(case) for case, _ in cases]
    return sizes.index(max(n for n in sizes if objects or n <= max(QUICK, sizes[0])))


def other(cases: list[Any]) -> int:
    """The number of the case that runs between that one's calls: of several the one with least in it."""
    at = which(cases)
    others = [i for i in range(len(cases) - 1) if i != at] or [at]
    return min(others, key=lambda i: size(cases[i][0]))


def size(value: Any) -> int:
    """About how much there is in a case."""
    if isinstance(value, dict):
        return sum(map(size, value.values()), len(value))
    if isinstance(value, (list, tuple, set)):
        return sum(map(size, value), len(value))
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return math.prod(value.shape)
    return len(value) if isinstance(value, (str, bytes)) else 1
