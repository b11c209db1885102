"""Whether a function left its arguments as they were: the check "inputs".

This is the child's word: it is looked at beside the submitted code, which may have replaced whatever is
used here, or said so in our name. That costs nothing. Nobody gains by hiding a change, for whoever can
write that can write ``x = x.clone()`` as well, and is then right. So it is made to see every change that
is made by mistake, and to keep to what torch and numpy held when this was imported, so that a file that
replaces their functions (to look at what they do, say) is judged as any other.
"""

from __future__ import annotations

import builtins
import marshal
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from graders.ground import wire
from graders.ground.limits import MAX_BYTES

# what submitted code replaces in its own process is no matter to what runs it (see wire.py)
globals()["__builtins__"] = dict(vars(builtins))
_encode, _Tensor, _ndarray = wire.encode, torch.Tensor, np.ndarray
_detach, _to_numpy, _tobytes = torch.Tensor.detach, torch.Tensor.numpy, np.ndarray.tobytes
_is_neg, _numel, _size = torch.Tensor.is_neg, torch.Tensor.numel, torch.Tensor.element_size
_requires_grad = torch._C.TensorBase.requires_grad.__get__  # type: ignore[attr-defined]
_marshal = marshal.dumps
_stride, _data_ptr = torch.Tensor.stride, torch.Tensor.data_ptr
_offset = torch.Tensor.storage_offset
_without_subclasses = torch._C.DisableTorchFunctionSubclass
_is_leaf = torch._C.TensorBase.is_leaf.__get__  # type: ignore[attr-defined]
_grad = torch._C.TensorBase.grad.__get__  # type: ignore[union-attr]
_layout = np.ndarray.strides.__get__
_flags = np.ndarray.flags.__get__
_interface = np.ndarray.__array_interface__.__get__


def state(value: Any) -> Any:
    """All that a caller could miss about an argument, as plain data that compares.

    Its values, types, dtypes and shapes, whether it requires a gradient, the order of a dict; of each tensor
    and array in it also where it lies, with which strides, and what ``.grad`` holds. A value that was changed
    and changed back is as it was.

    Raises:
        WireError: it is larger than an answer may be.
    """
    kind = type(value)
    if kind is _Tensor:
        return _quick(value) or (_encode(value), [*_details(value)])
    if kind is list or kind is tuple or kind is dict:
        try:
            return kind, _marshal(value, 2)  # of 3 and 4 the bytes depend on who else holds it
        except ValueError:  # it holds more than numbers and texts: looked at one by one
            if kind is not dict:
                return kind, [state(item) for item in value]
            if all(type(key) in (str, int) for key in value):
                return kind, [*value], [state(item) for item in value.values()]
    return _encode(value), [*_details(value)]


PLAIN = torch.float64, torch.float32, torch.int64, torch.int32, torch.bool


def _quick(value: torch.Tensor) -> Any:
    """The same of a tensor as most are, in a tenth of the time; None of another."""
    plain = _detach(value)
    if plain.dtype not in PLAIN or plain.layout != torch.strided or plain.device.type != "cpu":
        return None
    if _is_neg(plain) or _numel(plain) * _size(plain) > MAX_BYTES:
        return None
    look = plain.dtype, plain.shape, _requires_grad(value), _tobytes(_to_numpy(plain))
    return *look, *_details(value)


def changed(value: Any, before: Any) -> bool:
    """Whether an argument is another than when ``state`` gave ``before``. Does not raise."""
    try:
        return bool(state(value) != before)
    except Exception:  # what could be told before, and cannot be now, is another
        return True


def _details(value: Any) -> Iterator[Any]:
    kind = type(value)
    if issubclass(kind, _Tensor):
        with _without_subclasses():
            yield kind is _Tensor, _stride(value), _offset(value), _data_ptr(value)
            # asking a tensor that was computed for its grad makes torch warn
            grad = _grad(value) if _is_leaf(value) else False
            yield grad if grad is None or grad is False else _encode(grad)
    elif issubclass(kind, _ndarray):
        yield kind is _ndarray, _layout(value), _flags(value).writeable, _interface(value)["data"]
    elif issubclass(kind, bytearray):
        yield b"".join([value])
    elif issubclass(kind, (list, tuple)):
        for item in (list if issubclass(kind, list) else tuple).__iter__(value):
            yield from _details(item)
    elif issubclass(kind, dict):
        for item in dict.values(value):
            yield from _details(item)
