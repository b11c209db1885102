"""The reading end of the wire (see wire.py): bytes that submitted code had a say in become plain data."""

from __future__ import annotations

import json
import math
import struct
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from graders.ground.layout import apart
from graders.ground.limits import MAX_BYTES, MAX_NODES
from graders.ground.shown import shown_text
from graders.ground.wire_form import (
    ARRAY_DTYPE,
    ARRAY_KINDS,
    DTYPES,
    MAGIC,
    MAX_DEPTH,
    MAX_EQUAL_HASHES,
    MAX_INT_BITS,
    NAMELESS,
    NODE_BYTES,
    PYTORCH_DTYPES,
    TENSOR_NODES,
    Unsupported,
    WireError,
)


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
        room = apart if node.get("gaps") and shape and raw else _as_it_is
        if order is None:
            tensor = room(flat.reshape(shape))
        elif type(order) is list and sorted(map(_index, order)) == list(range(len(shape))):
            tensor = room(flat.reshape([shape[i] for i in order]))
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


def _as_it_is(tensor: torch.Tensor) -> torch.Tensor:
    return tensor


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
