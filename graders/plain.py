"""Numbers as plain data: what a scenario returns of a number that submitted code gave.

numpy's float64 is a float, here as elsewhere. True and False are none, although Python counts them as 1
and 0: whoever puts a gradient to False has not put it to 0.
"""

from __future__ import annotations

import numbers
from typing import Any

import torch

from graders.instead import instead


def number(x: Any, graph: bool = False) -> Any:
    """A number as it is; a tensor with one counts as that number, unless it keeps its graph.

    Args:
        graph: whether it may.
    """
    if isinstance(x, torch.Tensor) and x.numel() == 1 and (graph or not x.requires_grad):
        x = x.item()
    return instead(x, "a number", returned=False) if isinstance(x, bool) else x


def real(x: Any, wanted: str = "a number") -> Any:
    """A number of any kind as a float; for anything else, what it is."""
    plain = isinstance(x, numbers.Real) and not isinstance(x, bool)
    return float(x) if plain else instead(x, wanted, returned=False)


def value_data(m: Any, value: Any) -> Any:
    """A Value's number (lesson 01); for anything else, what it is."""
    if not isinstance(value, m.Value):
        return instead(value, "a Value")
    return real(value.data, "a number as the Value's data")


def python_number(x: Any, kind: type = float) -> Any:
    """A Python float (or int), or what stands in its place: a tensor, a bool."""
    plain = isinstance(x, kind) and not isinstance(x, bool)
    return x if plain else instead(x, "an int" if kind is int else "a Python float")


def kind_of(x: Any) -> str:
    """The name of a value's type."""
    return "float" if isinstance(x, float) else type(x).__name__
