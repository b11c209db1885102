"""The wire format: what goes in comes out, and no bytes whatever do harm."""

from __future__ import annotations

import contextlib
import json
import struct
import time
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graders.ground.wire import Unsupported, WireError, decode, encode

quick = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


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
