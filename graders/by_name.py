"""A module's parameters by the names that an exercise asks for, whatever other names they have besides.

`self.net = nn.Sequential(self.expand, nn.ReLU(), self.shrink)` gives the same layers second names. torch's
load_state_dict wants numbers for each of the names, and named_parameters() knows each tensor by the name
that came first: neither is what was asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Any

import torch


def parameters(module: torch.nn.Module, asked: Iterable[str]) -> dict[str, torch.nn.Parameter]:
    """The parameters under the names asked for, and behind them whatever has none of these names."""
    every = dict(module.named_parameters(remove_duplicate=False))
    learns = {id(p) for p in every.values()}
    found = {name: p for name in asked if id(p := _at(module, name)) in learns}
    known = {id(p) for p in found.values()}
    for name, p in every.items():
        if id(p) not in known:
            known.add(id(p))
            found[name] = p
    return found


def _at(module: torch.nn.Module, name: str) -> Any:
    """What `module.a.b` is, a property too; None if there is nothing."""
    try:
        return attrgetter(name)(module)
    except AttributeError:
        return None


def fill(module: torch.nn.Module, numbers: Mapping[str, torch.Tensor]) -> torch.nn.Module:
    """The module, moved to the precision of these numbers, with them in it.

    Raises:
        AttributeError: there is no parameter of that name.
        ValueError: it has another shape.
    """
    module = module.to(next(iter(numbers.values())).dtype)
    there = parameters(module, numbers)
    for name, tensor in numbers.items():
        if name not in there:
            raise AttributeError(f"there is no parameter called {name}")
        if there[name].shape != tensor.shape:
            shapes = [tuple(t.shape) for t in (there[name], tensor)]
            raise ValueError(f"the shape of {name} is {shapes[0]}, and should be {shapes[1]}")
        with torch.no_grad():
            there[name].copy_(tensor)
    return module


def put(layer: Any, **numbers: torch.Tensor) -> Any:
    """The layer with these tensors as its attributes; a Parameter stays, with these numbers in it."""
    for name, tensor in numbers.items():
        there = getattr(layer, name)
        if isinstance(there, torch.nn.Parameter):
            there.data = tensor
        else:
            setattr(layer, name, tensor)
    return layer
