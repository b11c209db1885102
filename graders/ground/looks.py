"""What a caller could miss about an argument, by the names one would type: values, gradients, hooks, modes.

Of what a scenario made: a model, an optimizer, a graph of Values. ``looks`` gives pairs of a name and plain
data that compares; what is another after a call was changed in it (see watcher.py).
"""

from __future__ import annotations

import marshal
import types
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

import numpy as np
import torch

from graders.ground import inputs

MANY = 200  # things that are looked at around one call
WIDE = 400  # items of an attribute that is looked into: a vocabulary of all bytes, and some merges
HUGE = 1_000_000  # elements of a tensor of which it is only seen whether it is written to
LARGE = 2_000  # elements of a tensor or a dict; of a larger one only the sum, or the size, is seen
PLAIN = int, float, bool, str, bytes, complex, type(None)
PLAIN_KINDS = frozenset(PLAIN)
LESSONS = "part", "reference", "mutant", "other", "noting"  # what a part is called as a module
CODE = type, types.FunctionType, types.MethodType
# held here, because a submission may replace what their modules hold
_detach = torch.Tensor.detach
_sum, _to_numpy, _tobytes = torch.Tensor.sum, torch.Tensor.numpy, np.ndarray.tobytes
_marshal = marshal.dumps
_numel, _is_inference = torch.Tensor.numel, torch.Tensor.is_inference
_version = torch._C.TensorBase._version.__get__  # type: ignore[attr-defined]
_requires_grad = torch._C.TensorBase.requires_grad.__get__  # type: ignore[attr-defined]
_is_leaf = torch._C.TensorBase.is_leaf.__get__  # type: ignore[attr-defined]
_grad = torch._C.TensorBase.grad.__get__  # type: ignore[union-attr]
_retains = torch._C.TensorBase.retains_grad.__get__  # type: ignore[attr-defined]
_hooks = torch._C.TensorBase._backward_hooks.__get__  # type: ignore[union-attr]
_later = torch._C.TensorBase._post_accumulate_grad_hooks.__get__  # type: ignore[attr-defined]
_Module, _Optimizer = torch.nn.Module, torch.optim.Optimizer
_parameters_of = torch.nn.Module.parameters
HOOKS = (
    *("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks"),
    *("_state_dict_hooks", "_load_state_dict_pre_hooks"),
)


def looks(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """What an argument is made of that a caller could miss, by the name one would type."""
    kind = type(value)
    if kind in PLAIN:
        return
    if isinstance(value, (torch.Tensor, np.ndarray, list, dict, set, tuple)):
        if (seen := state(value)) is not None:
            yield name, (seen, isinstance(value, torch.Tensor) and _requires_grad(value))
            if isinstance(value, torch.Tensor):
                yield from _beside(name, value)
        if isinstance(value, dict) and (held := _tensors(value.values())):
            yield from _of_many(f"{name}.values()", held)
        if isinstance(value, (list, tuple)):
            if held := _tensors(value):
                yield from _of_many(name, held)
            for i, item in enumerate(value[:8]):
                if not isinstance(item, (torch.Tensor, np.ndarray, list, dict, set, tuple)):
                    yield from looks(f"{name}[{i}]", item)
        return
    if isinstance(value, _Module):
        yield f"[type(m) for m in {name}.modules()]", [*map(type, value.modules())]
        yield from _of_many(f"{name}.parameters()", [*_parameters_of(value)])
        yield from _of_module(name, value)
    if isinstance(value, _Optimizer):
        yield from _of_optimizer(name, value)
    own = getattr(value, "__dict__", None)
    if type(own) is dict and not isinstance(value, CODE):
        yield f"{name}.__class__", kind
        yield from _attributes(name, value, own)


def _attributes(name: str, value: Any, own: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """An object's own: its data, and functions that stand there instead of its class's."""
    mine, me = type(value).__module__ in LESSONS, name == "self"
    yield f"{name}.__dict__", [k for k in own if callable(getattr(type(value), k, None))]
    for key, held in own.items():
        if isinstance(held, torch.Tensor) and not me:  # an object knows when it learns
            yield f"{name}.{key}.requires_grad", _requires_grad(held)
        if mine and not me and isinstance(held, CODE):  # a Value's _backward
            yield f"{name}.{key}", held
        telling = mine or key == "training" or isinstance(held, torch.Tensor)
        if telling and (not key.startswith("_") or key == "_prev") and is_data(held):
            yield f"{name}.{key}", state(held)


def _of_optimizer(name: str, optimizer: torch.optim.Optimizer) -> Iterator[tuple[str, Any]]:
    """What it is set to, whose parameters it has, and what it keeps of each."""
    groups = optimizer.param_groups
    yield f"{name}.defaults", dict(optimizer.defaults)
    yield f"{name}.param_groups", [{**g, "params": [*map(id, g["params"])]} for g in groups]
    kept = [one for of_one in optimizer.state.values() for one in of_one.values()]
    yield f"{name}.state", [state(one) for one in kept[:MANY]]


def _beside(name: str, tensor: torch.Tensor) -> Iterator[tuple[str, Any]]:
    """What hangs on a tensor beside its values."""
    if _is_leaf(tensor):
        yield f"{name}.grad", _gradient(tensor)
        yield f"{name}._post_accumulate_grad_hooks", len(_later(tensor) or ())
    else:
        yield f"{name}.retains_grad", _retains(tensor)
    yield f"{name}._backward_hooks", len(_hooks(tensor) or ())
    yield f"{name}.__dict__", [*tensor.__dict__]


def beside_only(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Of an argument whose values somebody else looks at."""
    if isinstance(value, torch.Tensor):
        yield from _beside(name, value)


def _tensors(values: Iterable[Any]) -> list[torch.Tensor]:
    return [value for value in islice(values, MANY) if isinstance(value, torch.Tensor)]


def _of_many(name: str, tensors: list[torch.Tensor]) -> Iterator[tuple[str, Any]]:
    """The same of several at once, which leaves room for others among the MANY."""
    yield f"[p.requires_grad for p in {name}]", [*map(_requires_grad, tensors)]
    yield f"[p.grad for p in {name}]", [*map(_gradient, tensors)]
    yield f"[p._backward_hooks for p in {name}]", [*map(_hanging, tensors)]


def _hanging(tensor: torch.Tensor) -> int:
    return len(_hooks(tensor) or ()) + len(_later(tensor) or () if _is_leaf(tensor) else ())


def _gradient(tensor: torch.Tensor) -> Any:
    grad = _grad(tensor) if _is_leaf(tensor) else None  # torch warns where another is asked
    return grad if grad is None else state(grad)


def _of_module(name: str, module: torch.nn.Module) -> Iterator[tuple[str, Any]]:
    """The mode, the parameters and the buffers of a module and of all inside it."""
    yield f"{name}.training", module.training
    for hooks in HOOKS:
        yield f"{name}.{hooks}", len(getattr(module, hooks, ()))
    for held in (module._parameters, module._buffers):
        for key, tensor in held.items():
            if tensor is not None:
                yield f"{name}.{key}", state(tensor)
    for key, inner in module._modules.items():
        if inner is not None:
            yield from _of_module(f"{name}.{key}", inner)


def is_data(value: Any) -> bool:
    if isinstance(value, (list, tuple, set)):
        if len(value) >= WIDE:
            return False
        return PLAIN_KINDS.issuperset(map(type, value)) or all(is_data(item) for item in value)
    if isinstance(value, dict):
        return len(value) < WIDE and all(is_data(item) for item in value.values())
    return isinstance(value, (torch.Tensor, np.ndarray, *PLAIN))


def state(value: Any) -> Any:
    """Its values. Where a tensor lies is asked where it matters."""
    if isinstance(value, torch.Tensor):
        plain = _detach(value)
        if _is_inference(value):
            return None
        if _numel(value) > HUGE:  # an expanded one may have a million million
            return _version(value)
        if _numel(value) > LARGE:
            return _version(value), float(_sum(plain))
        try:
            return plain.dtype, plain.shape, _tobytes(_to_numpy(plain))
        except (RuntimeError, TypeError):  # bfloat16, say
            return inputs.state(plain)[:1]
    if isinstance(value, (list, tuple, dict, set)) and len(value) > LARGE:
        return type(value), len(value)
    listed = isinstance(value, (list, tuple))
    if not (listed and value and isinstance(value[0], torch.Tensor)):
        with suppress(ValueError):  # it holds more than numbers and texts
            return type(value), _marshal(value, 2)
    if listed:
        return type(value), [state(item) for item in value]
    if isinstance(value, dict):
        return [*value], [state(item) for item in value.values()]
    if isinstance(value, (set, np.ndarray)):
        return inputs.state(value)
    return None
