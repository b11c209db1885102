"""The format in which a child process answers: JSON for structure, raw bytes for tensors.

Never pickle: decoding executes nothing, whatever the bytes. ``decode`` raises WireError and nothing
else. What the format cannot carry becomes ``Unsupported``, which compares unequal to everything.

A number of Python's own goes as JSON writes it, whose decimals name the very same float.

A message is ``b"HW1" + uint32 length of the JSON + JSON + buffers``, one after the other.
"""

from __future__ import annotations

import builtins
import json
import math
import struct
from typing import Any

import numpy as np
import torch

from graders.ground.limits import MAX_BYTES, MAX_NODES
from graders.ground.wire_form import (
    ARRAY_KINDS,
    DTYPE_NAMES,
    DTYPES,
    MAGIC,
    MAX_DEPTH,
    MAX_INT_BITS,
    NAMELESS,
    NODE_BYTES,
    SAFE,
    TENSOR_NODES,
    Unsupported,
    WireError,
)
from graders.ground.wire_reading import decode

# Submitted code may put its own functions in the place of these, in the process that it shares with
# the encoder. The encoder keeps to what was there first, built-in functions included.
globals()["__builtins__"] = dict(vars(builtins))
_dumps = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode
_pack, _isfinite = struct.pack, math.isfinite
_detach, _cpu, _view = torch.Tensor.detach, torch.Tensor.cpu, torch.Tensor.view
_resolve_conj, _resolve_neg = torch.Tensor.resolve_conj, torch.Tensor.resolve_neg
_contiguous, _to_numpy = torch.Tensor.contiguous, torch.Tensor.numpy
_is_contiguous, _permute = torch.Tensor.is_contiguous, torch.Tensor.permute
_stride = torch.Tensor.stride
_requires_grad = torch._C.TensorBase.requires_grad
_asarray, _ascontiguousarray = np.asarray, np.ascontiguousarray
_name_of_type = type.__dict__["__name__"].__get__

__all__ = [
    "DTYPES",
    "MAGIC",
    "Unsupported",
    "WireError",
    "decode",
    "elements",
    "encode",
    "type_name",
]


def encode(value: Any, max_bytes: int = MAX_BYTES, max_nodes: int = MAX_NODES) -> bytes:
    """The message for a value. Raises WireError if it is too large, too deep or cyclic."""
    writer = _Writer(max_bytes, max_nodes)
    structure = writer.node(value, 0)
    header = _dumps(structure).encode()
    if len(header) > NODE_BYTES * max_nodes:
        raise WireError("the answer is too large")
    return b"".join([MAGIC, _pack("<I", len(header)), header, *writer.buffers])


def type_name(value: Any) -> str:
    """The name of a value's type, as it was defined: neither it nor its metaclass is asked."""
    return str(_name_of_type(type(value)))[:80].strip()


# exceptions of our own, and pytest's, of which a report has something to say
TOLD = ("TooLong", "TooManySteps", "PrintedTooMuch", "Skipped")


def exception_name(error: BaseException) -> str:
    """The same of an exception; a class that only borrows the name of a built-in one is not that one."""
    name, kind = type_name(error), type(error)
    borrowed = vars(builtins).get(name, kind) is not kind
    home = str(getattr(kind, "__module__", ""))
    if (
        name in TOLD and home != "builtins" and not home.startswith("graders.")
    ):  # pytest's says builtins
        borrowed = True
    return f"{name} of your own" if borrowed else name


def built_in_base(error: BaseException) -> str:
    """The built-in exception that an exception is one of: a class of one's own is what it inherits from."""
    bases = type.mro(type(error))
    return next((c.__name__ for c in bases if vars(builtins).get(c.__name__) is c), "")


def elements(message: bytes) -> int:
    """About how many elements a message has, found without decoding it."""
    header = message[7 : 7 + int.from_bytes(message[3:7], "little")]
    return max(header.count(b","), header.count(b"{"))


class _Writer:
    def __init__(self, max_bytes: int, max_nodes: int) -> None:
        self.buffers: list[bytes] = []
        self.left = max_bytes
        self.nodes_left = max_nodes

    def spend(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise WireError("the answer is too large")

    def buffer(self, data: bytes) -> int:
        size = len(data)
        self.left -= size
        if self.left < 0:
            raise WireError("the answer is too large")
        self.buffers.append(data)
        return size

    def count(self, nodes: int) -> None:
        self.nodes_left -= nodes
        if self.nodes_left < 0:
            raise WireError("the answer has too many elements")

    def node(self, value: Any, depth: int) -> Any:
        # exact types first: a subclass may lie about everything, so it is reduced to its base
        self.nodes_left -= 1
        self.left -= 8
        if self.nodes_left < 0 or self.left < 0:
            raise WireError("the answer has too many elements")
        if depth > MAX_DEPTH:
            raise WireError("the answer is nested too deeply")
        kind = type(value)
        if value is None or kind is bool:
            return value
        if kind is list or kind is tuple:  # most of what is sent is in lists
            return {"l" if kind is list else "t": self.items(value, depth + 1)}
        if kind is torch.Tensor:
            return self.tensor(value)
        if kind is int:
            return self.integer(value)
        if kind is str:
            return {"s": self.buffer(value.encode("utf-8", "surrogatepass"))}
        if issubclass(kind, float):
            number = float.__float__(value)
            return number if _isfinite(number) else {"f": repr(number)}
        if issubclass(kind, str):
            return {"s": self.buffer(str.__str__(value).encode("utf-8", "surrogatepass"))}
        if issubclass(kind, int):
            return self.integer(int.__int__(value))
        if issubclass(kind, bytes):
            return {"b": self.buffer(b"".join([value]))}
        if issubclass(kind, complex):
            plain = complex.__pos__(value)
            return {"c": [_float_text(plain.real), _float_text(plain.imag)]}
        if issubclass(kind, torch.Tensor):
            return self.tensor(value)
        if issubclass(kind, np.ndarray):
            return self.array(value)
        if issubclass(kind, np.generic):
            return self.array(_asarray(value), scalar=True)
        for tag, base in (("l", list), ("t", tuple), ("S", set), ("S", frozenset)):
            if issubclass(kind, base):
                return {tag: [self.node(item, depth + 1) for item in base.__iter__(value)]}
        if issubclass(kind, dict):
            pairs = dict.items(value)
            return {"d": [[self.node(k, depth + 1), self.node(v, depth + 1)] for k, v in pairs]}
        if kind is torch.dtype:
            return {"D": str(value)}
        if kind is range:
            return {"l": [self.node(item, depth + 1) for item in value]}
        return {"u": type_name(value) or NAMELESS}

    def items(self, values: list[Any] | tuple[Any, ...], depth: int) -> list[Any]:
        """The nodes of a list's members. Numbers, of which there may be thousands, go as they are."""
        for value in values:
            kind = type(value)
            safe = -SAFE < value < SAFE if kind is int else kind is float and _isfinite(value)
            if not safe:
                return [self.node(x, depth) for x in values]
        if values and depth > MAX_DEPTH:
            raise WireError("the answer is nested too deeply")
        self.count(len(values))
        self.spend(8 * len(values))
        return list(values)

    def integer(self, value: int) -> Any:
        if -SAFE < value < SAFE:
            return value
        if value.bit_length() > MAX_INT_BITS:
            raise WireError("the answer holds an enormous integer")
        return {"i": hex(value)}

    def tensor(self, value: torch.Tensor) -> Any:
        with torch._C.DisableTorchFunctionSubclass():
            plain = _detach(value)
            if plain.layout != torch.strided or plain.dtype not in DTYPE_NAMES:
                return {"u": f"{plain.dtype} tensor, layout {plain.layout}"}
            if plain.device.type == "meta":
                return {"u": "tensor on the meta device, which holds no numbers"}
            self.count(TENSOR_NODES - 1)
            name, shape = DTYPE_NAMES[plain.dtype], list(plain.shape)
            size = DTYPES[name][1] * plain.numel()  # an expanded tensor is small, its answer is not
            self.spend(size)
            self.spend(-size)
            plain = _resolve_neg(_resolve_conj(_cpu(plain)))
            order = _order(plain)
            plain = _permute(plain, order) if order else plain
            gaps = plain.dim() > 0 and plain.numel() > 0 and not _is_contiguous(plain)
            plain = _contiguous(plain)
            if plain.dtype == torch.bfloat16:
                plain = _view(plain, torch.int16)
            raw = _to_numpy(plain).tobytes()
            requires_grad = _requires_grad.__get__(value)  # type: ignore[attr-defined]
        node = {"T": name, "shape": shape, "n": self.buffer(raw)}
        if order:
            node["order"] = order
        if gaps:
            node["gaps"] = 1
        if requires_grad:
            node["grad"] = 1
        return node

    def array(self, value: np.ndarray, scalar: bool = False) -> Any:
        plain = _asarray(value)
        if plain.dtype.kind not in ARRAY_KINDS or plain.dtype.itemsize > 16:
            return {"u": f"numpy array of {plain.dtype.name}"}
        self.count(TENSOR_NODES - 1)
        self.spend(plain.nbytes)
        self.spend(-plain.nbytes)
        if not plain.dtype.isnative:
            plain = plain.astype(plain.dtype.newbyteorder("="))
        raw = _ascontiguousarray(plain).tobytes()
        tag = "g" if scalar else "A"
        return {tag: plain.dtype.str, "shape": list(plain.shape), "n": self.buffer(raw)}


def _order(plain: torch.Tensor) -> list[int]:
    """How the dimensions lie in memory, outermost first; [] if that is their own order.

    A transposed tensor arrives transposed, so that `view` refuses it on both sides of the fence.
    """
    if _is_contiguous(plain):
        return []
    strides = _stride(plain)
    order = sorted(range(len(strides)), key=lambda i: -strides[i])
    return [] if order == sorted(order) else order


def _float_text(value: float) -> str:
    return value.hex() if _isfinite(value) else repr(value)
