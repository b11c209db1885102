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
import re
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from graders.ground.limits import MAX_BYTES, MAX_NODES, MAX_STRUCTURE
from graders.ground.shown import shown_text

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

MAGIC = b"HW1"
MAX_DEPTH = 60
MAX_INT_BITS = 8192
SAFE = 2**53  # a whole number below it is the same in every JSON
NODE_BYTES = MAX_STRUCTURE // MAX_NODES
TENSOR_NODES = 10  # a tensor takes as long to make, and to look at, as ten numbers
NAMELESS = "nameless thing"
MAX_EQUAL_HASHES = 32  # members of one set or dict that only look alike to a hash table

DTYPES: dict[str, tuple[torch.dtype, int]] = {
    "float64": (torch.float64, 8),
    "float32": (torch.float32, 4),
    "float16": (torch.float16, 2),
    "bfloat16": (torch.bfloat16, 2),
    "int64": (torch.int64, 8),
    "int32": (torch.int32, 4),
    "int16": (torch.int16, 2),
    "int8": (torch.int8, 1),
    "uint8": (torch.uint8, 1),
    "uint16": (torch.uint16, 2),
    "bool": (torch.bool, 1),
    "complex64": (torch.complex64, 8),
    "complex128": (torch.complex128, 16),
}
DTYPE_NAMES = {dtype: name for name, (dtype, _) in DTYPES.items()}
ARRAY_KINDS = "biufc"
ARRAY_DTYPE = re.compile(r"[<>|=]?[biufc]\d{1,2}")
PYTORCH_DTYPES = {str(d): d for d in vars(torch).values() if isinstance(d, torch.dtype)}


class WireError(Exception):
    """The bytes are not a message, or the value is too large to send."""


@dataclass(frozen=True, eq=False)
class Unsupported:
    """Stands for a value that is not plain data; only the name of its type travels."""

    type_name: str


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
        if issubclass(kind, (bytes, bytearray)):
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
            plain = _contiguous(_permute(plain, order) if order else plain)
            if plain.dtype == torch.bfloat16:
                plain = _view(plain, torch.int16)
            raw = _to_numpy(plain).tobytes()
            requires_grad = _requires_grad.__get__(value)  # type: ignore[attr-defined]
        node = {"T": name, "shape": shape, "n": self.buffer(raw)}
        if order:
            node["order"] = order
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


def decode(message: bytes, max_bytes: int = 2 * MAX_BYTES, max_nodes: int = MAX_NODES) -> Any:
    """The value of a message. Raises WireError for anything that is not one.

    A message cannot become much more than it is: what it would unfold to is counted before it is.
    """
    try:
        return _Reader(message, max_bytes, max_nodes).value()
    except WireError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise WireError(f"not a message: {type(error).__name__}") from None
    except (OverflowError, RuntimeError, SyntaxError, struct.error, MemoryError) as error:
        raise WireError(f"not a message: {type(error).__name__}") from None


class _Reader:
    def __init__(self, message: bytes, max_bytes: int, max_nodes: int) -> None:
        if len(message) > max_bytes:
            raise WireError("the message is too large")
        if len(message) < 7 or message[:3] != MAGIC:
            raise WireError("not a message")
        (length,) = struct.unpack("<I", message[3:7])
        if length > len(message) - 7:
            raise WireError("the message is cut off")
        if length > NODE_BYTES * max_nodes:
            raise WireError("the message is too large")
        header = message[7 : 7 + length]
        for mark, usual in ((b"{", 1), (b"[", 3), (b",", 8)):  # of each, for one node
            if header.count(mark) > usual * max_nodes:
                raise WireError("the message has too many elements")
        self.structure = json.loads(header.decode("utf-8"))
        self.message = message
        self.at = 7 + length
        self.nodes_left = max_nodes

    def value(self) -> Any:
        result = self.node(self.structure, 0)
        if self.at != len(self.message):
            raise WireError("the message has bytes left over")
        return result

    def count(self, nodes: int) -> None:
        self.nodes_left -= nodes
        if self.nodes_left < 0:
            raise WireError("the message has too many elements")

    def node(self, node: Any, depth: int) -> Any:
        self.nodes_left -= 1
        if self.nodes_left < 0:
            raise WireError("the message has too many elements")
        if depth > MAX_DEPTH + 1:
            raise WireError("the message is nested too deeply")
        if node is None or type(node) in (bool, int, float):
            return node
        if type(node) is not dict or not node:
            raise WireError("not a message")
        tag = next(iter(node))
        return TAGS[tag](self, node[tag], node, depth)

    def items(self, nodes: Any, depth: int) -> list[Any]:
        for node in _list(nodes):
            if type(node) is not int and type(node) is not float:
                return [self.node(item, depth) for item in nodes]
        self.count(len(nodes))
        return list(nodes)

    def take(self, size: Any) -> bytes:
        if type(size) is not int or size < 0 or self.at + size > len(self.message):
            raise WireError("a buffer is cut off")
        self.at += size
        return self.message[self.at - size : self.at]

    @staticmethod
    def big(text: Any) -> int:
        if type(text) is not str or len(text) > MAX_INT_BITS // 4 + 8:
            raise WireError("not an integer")
        return int(text, 16)

    @staticmethod
    def hashed(make: type, items: list[Any]) -> Any:
        """A set or dict; unhashable members (lists in a set, tensors) stay visible as they are."""
        try:
            # thousands of keys of one hash would keep the parent busy for minutes
            keys = [item[0] for item in items] if make is dict else items
            alike = Counter(map(hash, keys))
            if alike and max(alike.values()) > MAX_EQUAL_HASHES:
                raise WireError("the message is made to be slow")
            return make(items)
        except TypeError:
            return Unsupported(f"{make.__name__} with members that cannot be compared")

    def shape(self, node: Any, itemsize: int) -> tuple[tuple[int, ...], bytes]:
        self.count(TENSOR_NODES - 1)
        shape = tuple(_list(node["shape"]))
        if len(shape) > 32 or any(type(n) is not int or n < 0 or n > 2**40 for n in shape):
            raise WireError("not a shape")
        raw = self.take(node["n"])
        if math.prod(shape) * itemsize != len(raw):
            raise WireError("a shape does not fit its buffer")
        return shape, raw

    def tensor(self, name: Any, node: Any, depth: int) -> torch.Tensor:
        dtype, itemsize = DTYPES[name]
        shape, raw = self.shape(node, itemsize)
        if not raw:
            flat = torch.empty(0, dtype=dtype)
        elif dtype == torch.bool:  # any non-zero byte is True; other bytes are not valid bools
            flat = torch.frombuffer(bytearray(raw), dtype=torch.uint8) != 0
        else:
            flat = torch.frombuffer(bytearray(raw), dtype=dtype)
        order = node.get("order")
        if order is None:
            tensor = flat.reshape(shape)
        elif type(order) is list and sorted(map(_index, order)) == list(range(len(shape))):
            tensor = flat.reshape([shape[i] for i in order])
            tensor = tensor.permute([order.index(i) for i in range(len(shape))])
        else:
            raise WireError("not an order of dimensions")
        if node.get("grad") and tensor.dtype.is_floating_point:
            tensor.requires_grad_()
        return tensor

    def array(self, text: Any, node: Any, depth: int) -> np.ndarray:
        if type(text) is not str or not ARRAY_DTYPE.fullmatch(text):
            raise WireError("not a dtype")
        dtype = np.dtype(text)
        if dtype.kind not in ARRAY_KINDS or dtype.itemsize > 16:
            raise WireError("not a dtype")
        shape, raw = self.shape(node, dtype.itemsize)
        if dtype.kind == "b":
            return (np.frombuffer(raw, np.uint8) != 0).reshape(shape)
        return np.frombuffer(raw, dtype).reshape(shape).astype(dtype.newbyteorder("="))


TAGS: dict[str, Callable[[_Reader, Any, Any, int], Any]] = {
    "i": lambda r, v, _, __: r.big(v),
    "f": lambda r, v, _, __: _read_float(v),
    "s": lambda r, v, _, __: r.take(v).decode("utf-8", "surrogatepass"),
    "b": lambda r, v, _, __: r.take(v),
    "c": lambda r, v, _, __: complex(_read_float(v[0]), _read_float(v[1])),
    "T": _Reader.tensor,
    "A": _Reader.array,
    "g": lambda r, v, node, depth: r.array(v, node, depth)[()],
    "l": lambda r, v, _, depth: r.items(v, depth + 1),
    "t": lambda r, v, _, depth: tuple(r.items(v, depth + 1)),
    "S": lambda r, v, _, depth: r.hashed(set, r.items(v, depth + 1)),
    "d": lambda r, v, _, depth: r.hashed(
        dict, [(r.node(k, depth + 1), r.node(x, depth + 1)) for k, x in _list(v)]
    ),
    "D": lambda r, v, _, __: _read_dtype(v),
    "u": lambda r, v, _, __: Unsupported(_read_name(v)),
}


def _index(value: Any) -> int:
    if type(value) is not int:
        raise WireError("not a dimension")
    return value


def _list(value: Any) -> list[Any]:
    if type(value) is not list:
        raise WireError("not a message")
    return value


def _read_float(text: Any) -> float:
    if type(text) is not str or len(text) > 40:
        raise WireError("not a number")
    return float(text) if text in ("inf", "-inf", "nan") else float.fromhex(text)


def _read_name(text: Any) -> str:
    if type(text) is not str:
        raise WireError("not a name")
    return shown_text(text, 120).strip() or NAMELESS


def _read_dtype(text: Any) -> torch.dtype:
    if type(text) is not str or text not in PYTORCH_DTYPES:
        raise WireError("not a dtype")
    return PYTORCH_DTYPES[text]
