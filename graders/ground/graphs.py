"""Whether an answer belongs to a graph that begins inside the call: nothing that went in has one.

Who computes with plain tensors gets plain tensors; only a ``requires_grad=True`` (or an nn.Parameter) of the
function's own makes another. What takes no tensor at all (an initialization, a table of positions) may
well make parameters: of that, nothing is said here. Nor where what goes in cannot be seen, as with a closure.
"""

from __future__ import annotations

import types
from typing import Any

import torch

_requires_grad = torch._C.TensorBase.requires_grad.__get__  # type: ignore[attr-defined]
_is_floating_point = torch.Tensor.is_floating_point
_Module, _Generator = torch.nn.Module, torch.Generator
GRAPH = "a graph of "  # the name of what was noted begins so
CODE = type, types.FunctionType, types.MethodType  # what they hold on to is not seen
PLAIN = int, float, bool, str, bytes, complex, type(None), torch.dtype, torch.device
DEPTH, MANY = 5, 200  # how deep, and how many things, are looked at


def begins_here(answer: Any, arguments: Any) -> bool:
    """Whether a graph that an answer belongs to began in the call.

    Args:
        answer: what came back.
        arguments: all that went in, an object's own self too.
    """
    made = [t for t in _tensors(answer) if _requires_grad(t)]
    return bool(made) and _has_none(arguments, made)


def _tensors(answer: Any) -> list[torch.Tensor]:
    if isinstance(answer, torch.Tensor):
        return [answer]
    if isinstance(answer, dict):
        answer = [*answer.values()]
    if isinstance(answer, (list, tuple)):
        return [t for item in answer[:8] for t in _tensors(item)]
    return []


def _has_none(arguments: Any, made: list[torch.Tensor]) -> bool:
    """Whether floats went in, and for certain nothing that requires a gradient.

    While gradients are off, whatever went in begins none: only what was ``made`` must not be among it.
    """
    off = not torch.is_grad_enabled()
    floats, seen, own = False, set(), {id(t) for t in made}
    left = [(arguments, 0)]
    while left:
        value, depth = left.pop()
        if isinstance(value, (*PLAIN, _Generator)) or id(value) in seen:
            continue
        seen.add(id(value))
        if depth > DEPTH or len(seen) > MANY:
            return False
        if isinstance(value, torch.Tensor):
            if id(value) in own or (_requires_grad(value) and not off):
                return False
            floats = floats or _is_floating_point(value)
        elif isinstance(value, (list, tuple)):
            left += [(item, depth + 1) for item in value]
        elif isinstance(value, dict):
            left += [(item, depth + 1) for item in value.values()]
        elif isinstance(value, _Module):
            held = [*value.parameters()]
            if any(id(p) in own or (_requires_grad(p) and not off) for p in held):
                return False
            floats = floats or any(_is_floating_point(t) for t in value.state_dict().values())
        elif type(mine := getattr(value, "__dict__", None)) is dict and not isinstance(value, CODE):
            left += [(item, depth + 1) for item in mine.values()]
        else:
            return False
    return floats
