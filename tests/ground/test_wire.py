"""The wire format: what goes in comes out, and no bytes whatever do harm."""

from __future__ import annotations

import contextlib
import json
import math
import struct
import time
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graders.ground import wire
from graders.ground.wire import Unsupported, WireError, decode, encode

quick = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))

numbers = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**2000), 2**2000)
    | st.floats()
    | st.complex_numbers()
    | st.text()
    | st.text(st.characters())  # lone surrogates too
    | st.binary()
)
shapes = st.lists(st.integers(0, 4), max_size=4).map(tuple)


@st.composite
def tensors(draw: Any) -> torch.Tensor:
    dtype, size = draw(st.sampled_from(list(wire.DTYPES.values())))
    shape = draw(shapes)
    raw = draw(st.binary(min_size=math.prod(shape) * size, max_size=math.prod(shape) * size))
    if dtype == torch.bool:
        raw = bytes(b & 1 for b in raw)
    flat = torch.frombuffer(bytearray(raw), dtype=dtype) if raw else torch.empty(0, dtype=dtype)
    made = flat.reshape(shape)
    if made.dim() == 2 and draw(st.booleans()):
        made = made.T
    return made


@st.composite
def arrays(draw: Any) -> np.ndarray:
    dtype = np.dtype(draw(st.sampled_from(["<f8", "<f4", ">f8", "<i8", ">i4", "u2", "?", "c16"])))
    shape = draw(shapes)
    size = math.prod(shape) * dtype.itemsize
    raw = draw(st.binary(min_size=size, max_size=size))
    if dtype.kind == "b":
        raw = bytes(b & 1 for b in raw)
    return np.frombuffer(raw, dtype).reshape(shape)


values = st.recursive(
    numbers | tensors() | arrays(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text() | st.integers(), inner, max_size=4)
        | st.sets(st.integers() | st.text(), max_size=4)
    ),
    max_leaves=12,
)


def same(a: Any, b: Any) -> bool:
    """Equal in type and in every bit (NaN included)."""
    if isinstance(a, torch.Tensor):
        return (
            isinstance(b, torch.Tensor)
            and a.dtype == b.dtype
            and a.shape == b.shape
            and a.requires_grad == b.requires_grad
            and encode(a) == encode(b)
        )
    if isinstance(a, np.ndarray):
        return (
            isinstance(b, np.ndarray)
            and a.dtype.newbyteorder("=") == b.dtype
            and a.shape == b.shape
            and a.astype(b.dtype).tobytes() == b.tobytes()
        )
    if type(a) is not type(b):
        return False
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, float):
        return (a == b and math.copysign(1, a) == math.copysign(1, b)) or (a != a and b != b)
    if isinstance(a, complex):
        return same(a.real, b.real) and same(a.imag, b.imag)
    return bool(a == b)


@quick
@given(values)
def test_round_trip(value: Any) -> None:
    assert same(value, decode(encode(value)))


@quick
@given(st.binary())
def test_no_bytes_do_harm(message: bytes) -> None:
    for raw in (message, b"HW1" + message):
        with contextlib.suppress(WireError):
            decode(raw)


@quick
@given(values, st.data())
def test_damaged_messages_do_no_harm(value: Any, data: st.DataObject) -> None:
    raw = bytearray(encode(value))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at] = data.draw(st.integers(0, 255))
    del raw[data.draw(st.integers(1, len(raw))) :]
    with contextlib.suppress(WireError):
        encode(decode(bytes(raw)))


tags = st.sampled_from([*"ifsbcTAgltSdDu", "x", "__reduce__"])
parts = (
    st.sampled_from(["float64", "torch.float32", "torch.onnx", "<f8", "O", "V8", "(,)", "i4,i4"])
    | st.integers(-1, 9)
    | st.text(max_size=3)
    | st.none()
)
json_nodes = st.recursive(
    parts | st.floats(),
    lambda inner: (
        st.dictionaries(tags, inner, max_size=2)
        | st.lists(inner, max_size=3)
        | st.fixed_dictionaries(
            {"T": inner, "shape": st.lists(st.integers(-1, 3), max_size=3), "n": inner}
        )
        | st.fixed_dictionaries(
            {"A": inner, "shape": st.lists(st.integers(-1, 3), max_size=3), "n": inner}
        )
    ),
    max_leaves=8,
)


def message_of(structure: Any, buffers: bytes = b"") -> bytes:
    text = json.dumps(structure).encode()
    return b"HW1" + struct.pack("<I", len(text)) + text + buffers


@quick
@given(json_nodes, st.binary(max_size=32))
def test_well_formed_nonsense_does_no_harm(structure: Any, buffers: bytes) -> None:
    with contextlib.suppress(WireError):
        decode(message_of(structure, buffers))


@pytest.mark.parametrize(
    "structure",
    [
        {"D": "torch.onnx"},  # an attribute that imports, and is no dtype
        {"D": "torch.nn"},
        {"A": "(,)", "shape": [1], "n": 0},
        {"A": "O", "shape": [1], "n": 8},
        {"T": "float64", "shape": [2**39, 2**39], "n": 0},
        {"T": "float64", "shape": [0, 2**50], "n": 0},
        {"T": "float64", "shape": [1] * 40, "n": 0},
        {"T": "float64", "shape": [0, 2], "n": 0, "order": [0, 0]},
        {"T": "float64", "shape": [0, 2], "n": 0, "order": [True, 0]},
        {"T": "float64", "shape": [0, 2], "n": 0, "order": "10"},
        {"T": "float64", "shape": [0, 2], "n": 0, "order": [[], {}]},
        {"s": -1},
        {"s": True},
        {"i": "0x" + "f" * 10_000},
        {"i": "import os"},
        {"f": "one"},
        {"f": 1},
        {"c": []},
        {},
        [],
        "text",
        [1.5],
    ],
)
def test_what_is_no_message(structure: Any) -> None:
    with pytest.raises(WireError):
        decode(message_of(structure, b""))


def test_a_transposed_tensor_arrives_transposed() -> None:
    for tensor in (
        torch.arange(6.0).view(2, 3).t(),
        torch.randn(2, 3, 4).permute(2, 0, 1),
        torch.randn(3, 4).t().requires_grad_(),
    ):
        came = decode(encode(tensor))
        assert torch.equal(came, tensor)
        assert (came.stride(), came.requires_grad) == (tensor.stride(), tensor.requires_grad)
        with pytest.raises(RuntimeError, match="view"):
            came.view(-1)
    gap = torch.randn(4, 6)[:, ::2]
    assert torch.equal(decode(encode(gap)), gap)


def test_what_would_take_the_parent_too_long() -> None:
    began = time.process_time()
    nested = "[" * 100_000 + "]" * 100_000
    deep = '{"l":[' * 1000 + "]}" * 1000
    wide = "[" + "{}," * 6_000_000 + "{}]"
    colliding = {"S": [{"i": hex(i * (2**61 - 1) + 1)} for i in range(2, 50_000)]}
    colliding_keys = {
        "d": [[{"t": [{"i": hex(i * (2**61 - 1) + 1)}]}, None] for i in range(2, 20_000)]
    }
    for text in (nested, deep, wide, json.dumps(colliding), json.dumps(colliding_keys)):
        raw = text.encode()
        with pytest.raises(WireError):
            decode(b"HW1" + struct.pack("<I", len(raw)) + raw)
    assert time.process_time() - began < 5


def test_what_cannot_travel_is_named() -> None:
    class Thing:
        def __reduce__(self) -> Any:
            raise AssertionError("nothing is ever pickled")

    assert decode(encode(Thing())).type_name == "Thing"
    assert decode(encode([].append)).type_name == "builtin_function_or_method"
    assert "meta device" in decode(encode(torch.ones(1, device="meta"))).type_name
    assert "sparse" in decode(encode(torch.ones(2).to_sparse())).type_name
    assert isinstance(decode(encode(np.array([object()]))), Unsupported)
    assert isinstance(decode(encode({(1, 2): 3, 4: torch.ones(1)})), dict)
    unhashable = message_of({"S": [{"l": []}]})
    assert isinstance(decode(unhashable), Unsupported)
    shown = decode(message_of({"u": "a\x1b[31mb\ud800" + "c" * 500}))
    assert shown.type_name.startswith("a\\x1b[31mb\\ud800ccc") and len(shown.type_name) <= 120
    assert decode(message_of({"u": " "})).type_name == decode(encode(type("", (), {})())).type_name


def test_too_much() -> None:
    loop: list[Any] = []
    loop.append(loop)
    too_much: list[Any] = [loop, [0] * 60_000, 1 << 10_000, torch.ones(1).expand(10**10)]
    too_much += [torch.ones(2**24), {i: None for i in range(150_000)}, "x" * (2**26 + 1)]
    for value in too_much:
        with pytest.raises(WireError):
            encode(value, 2**26 - 1)


def test_gradients_are_noted() -> None:
    leaf = torch.ones(2, requires_grad=True)
    assert decode(encode(leaf)).requires_grad
    assert decode(encode(leaf * 2)).is_leaf
    assert not decode(encode(leaf.detach())).requires_grad


def test_subclasses_are_reduced() -> None:
    class Text(str):
        def __str__(self) -> str:
            return "a lie"

        def encode(self, *args: Any) -> bytes:
            return b"a lie"

    class Number(float):
        def hex(self) -> str:
            return "a lie"

        def __float__(self) -> float:
            return 0.0

    class Bytes(bytes):
        def __bytes__(self) -> bytes:
            return b"a lie"

    class List(list):
        def __iter__(self) -> Any:
            return iter(["a lie"])

    class Dict(dict):
        def items(self) -> Any:
            return [("a", "lie")]

    for made, plain in (
        (Text("x"), "x"),
        (Number(2.5), 2.5),
        (Bytes(b"x"), b"x"),
        (List([1]), [1]),
        (Dict({1: 2}), {1: 2}),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (range(3), [0, 1, 2]),
    ):
        assert decode(encode(made)) == plain
