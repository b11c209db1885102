"""How a request travels to the child that is to run it.

Only the parent writes requests, and a child reads its own before any submitted code has run: so this may be
pickle, which takes a tenth of the time of what answers come back in (wire.py), where nothing is believed.
Tensors go as their bytes; pickle's own way for them is slow, and would send all that they are a view of.
"""

from __future__ import annotations

import io
import pickle
from typing import Any

import torch

from graders.ground import wire


def pack(request: dict[str, Any]) -> bytes:
    """The bytes of a request. Raises what pickle raises if a case holds more than plain data."""
    stream = io.BytesIO()
    _Pickler(stream, pickle.HIGHEST_PROTOCOL).dump(request)
    return stream.getvalue()


def unpack(message: bytes) -> dict[str, Any]:
    """The request that ``pack`` was given. Only for bytes that this program has written itself."""
    found: dict[str, Any] = pickle.loads(message)
    return found


class _Pickler(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        if not isinstance(value, torch.Tensor):
            return NotImplemented
        plain = value.detach()
        if type(value) is torch.Tensor and plain.dtype in PLAIN and plain.is_contiguous():
            data = bytearray(plain.numpy().tobytes())
            return _made, (data, plain.dtype, tuple(plain.shape), value.requires_grad)
        return wire.decode, (wire.encode(value, 2**31),)


PLAIN = (torch.float64, torch.float32, torch.int64)


def _made(data: bytearray, dtype: torch.dtype, shape: tuple[int, ...], grad: bool) -> torch.Tensor:
    flat = torch.frombuffer(data, dtype=dtype) if data else torch.empty(0, dtype=dtype)
    return flat.reshape(shape).requires_grad_(grad)
