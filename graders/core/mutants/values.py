"""Answers and arguments as nested data: told apart to the last bit, and changed leaf by leaf."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

SAME: Any = type(
    "Same", (), {"__repr__": lambda self: "SAME"}
)()  # a change that would change nothing
PLAIN = (int, float, bool, str, bytes, complex, type(None))
Change = Callable[[Any], Any]


def deep(value: Any, change: Change, lists: bool = True) -> Any:
    """A value with a change made wherever it applies, from the outside in; SAME if it nowhere does.

    Args:
        lists: whether to look into lists, too.
    """
    new = change(value)
    if new is not SAME:
        return new
    if type(value) is list and not lists:
        return SAME
    if type(value) in (list, tuple):
        made = [deep(item, change, lists) for item in value]
        if all(m is SAME for m in made):
            return SAME
        return type(value)(old if m is SAME else m for old, m in zip(value, made, strict=True))
    if type(value) is dict:
        new_items = {key: deep(item, change, lists) for key, item in value.items()}
        if all(m is SAME for m in new_items.values()):
            return SAME
        return {k: value[k] if m is SAME else m for k, m in new_items.items()}
    return SAME


def inside(value: Any, change: Change) -> Any:
    """The same, but not for the value itself."""
    if type(value) not in (list, tuple, dict):
        return SAME
    return deep(value, lambda v: SAME if v is value else change(v))


def leaves(value: Any) -> Iterator[Any]:
    """What stands in a value, through lists, tuples and dicts."""
    if type(value) in (list, tuple):
        for item in value:
            yield from leaves(item)
    elif type(value) is dict:
        for item in value.values():
            yield from leaves(item)
    else:
        yield value


def tensors(value: Any) -> list[torch.Tensor]:
    """The tensors in a value."""
    return [leaf for leaf in leaves(value) if isinstance(leaf, torch.Tensor)]


def is_data(value: Any) -> bool:
    """Whether a value is made of tensors, arrays, numbers and texts alone."""
    return all(isinstance(v, (torch.Tensor, np.ndarray, *PLAIN)) for v in leaves(value))


def differ(a: Any, b: Any) -> bool:
    """Whether two values are told apart: by type, dtype, shape or any bit; objects by who they are."""
    if type(a) is not type(b):
        return True
    if isinstance(a, torch.Tensor):
        if a is b:
            return False
        if a.dtype != b.dtype or a.shape != b.shape or a.requires_grad != b.requires_grad:
            return True
        return not _same(a.detach(), b.detach())
    if isinstance(a, np.ndarray):
        return a.dtype != b.dtype or a.shape != b.shape or a.tobytes() != b.tobytes()
    if isinstance(a, (list, tuple)):
        return len(a) != len(b) or any(differ(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict):
        return list(a) != list(b) or any(differ(a[k], b[k]) for k in a)
    if isinstance(a, float):
        return repr(a) != repr(b)
    if isinstance(a, (*PLAIN, set, frozenset, range)):
        return bool(a != b)
    return a is not b


def _same(a: torch.Tensor, b: torch.Tensor) -> bool:
    try:
        return bool(torch.equal(a.nan_to_num(123.25), b.nan_to_num(123.25)))
    except RuntimeError:
        return bool(torch.equal(a, b))


def kept(value: Any) -> Any:
    """A value to hold on to: a copy of what may be changed later, the very thing where it has a graph."""
    if isinstance(value, torch.Tensor):
        return value if value.requires_grad else value.clone()
    if isinstance(value, np.ndarray):
        return value.copy()
    if type(value) in (list, tuple):
        return type(value)(kept(item) for item in value)
    if type(value) is dict:
        return {key: kept(item) for key, item in value.items()}
    return value


def form(value: Any) -> Any:
    """What is left of a value when its numbers are forgotten: types, shapes, lengths."""
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return str(value.dtype), tuple(value.shape)
    if isinstance(value, (list, tuple)):
        return type(value).__name__, tuple(form(item) for item in value)
    if isinstance(value, dict):
        return tuple((repr(k), form(v)) for k, v in value.items())
    if isinstance(value, (str, bytes)):
        return type(value).__name__, len(value)
    return type(value).__name__


def shares(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Whether two tensors lie in the same memory."""
    if not a.numel() or not b.numel():
        return False
    try:
        return a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr()
    except (RuntimeError, NotImplementedError):
        return False


def attributes(thing: Any) -> dict[str, Any]:
    """What an object of a lesson's own class holds that is data; of a module its parameters too."""
    if not hasattr(thing, "__dict__") or isinstance(thing, (type, torch.Generator)):
        return {}
    if callable(thing) and not isinstance(thing, torch.nn.Module) and hasattr(thing, "__code__"):
        return {}
    found = {k: v for k, v in vars(thing).items() if not k.startswith("_") or k == "_prev"}
    if isinstance(thing, torch.nn.Module):
        found.update({k: v for k, v in thing._parameters.items() if v is not None})
        found.update({k: v for k, v in thing._buffers.items() if v is not None})
    return {k: v for k, v in found.items() if is_data(v)}


def copied(value: Any) -> Any:
    """A deep copy where there is one, else the thing itself."""
    try:
        return copy.deepcopy(value)
    except Exception:
        return value
