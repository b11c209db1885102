"""What the fuzzing tests draw from, and how long they draw.

In CI each test tries a few hundred fixed examples (ten tests, fifteen seconds in all). With
``HERO_FUZZ_SECONDS=360`` each goes on for so many seconds, with other examples each time: for an hour in all

    HERO_FUZZ_SECONDS=360 python -m pytest tests/ground/test_fuzz.py tests/core/test_fuzz_reports.py
"""

from __future__ import annotations

import math
import os
import struct
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graders.ground import wire

SECONDS = float(os.environ.get("HERO_FUZZ_SECONDS", "0"))
Test = Callable[..., None]


def fuzzed(examples: int, *drawn: Any) -> Callable[[Test], Test]:
    """Runs a test on so many examples of what is drawn (its last arguments), or for SECONDS."""

    def wrap(test: Test) -> Test:
        def with_settings(count: int, fixed: bool) -> Test:
            chosen = settings(
                max_examples=count,
                derandomize=fixed,  # a change is blamed for what it broke, and for nothing else
                database=None,
                deadline=None,
                print_blob=not fixed,
                suppress_health_check=list(HealthCheck),
            )
            return chosen(given(*drawn)(test))

        if not SECONDS:
            return with_settings(examples, True)
        random = with_settings(1000, False)

        @wraps(random)
        def long(*args: Any, **kwargs: Any) -> None:
            end = time.monotonic() + SECONDS
            while time.monotonic() < end:
                random(*args, **kwargs)

        return long

    return wrap


# -- values ---------------------------------------------------------------------------------------

edges = [0, 1, -1, 2**31, -(2**31), 2**53 - 1, 2**53, -(2**53), 2**63, 2**64, 2**8191, -(2**8191)]
texts = st.text(st.characters(), max_size=12) | st.sampled_from(
    [
        "",
        "\x1b[31m",
        "\ud800",
        "\x00",
        "a" * 300,
        "\u202e",
        "\r\n",
        "<b>&amp;",
        "{detail}",
        "[/red]",
    ]
)
atoms = (
    st.none()
    | st.booleans()
    | st.sampled_from(edges)
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.sampled_from([math.inf, -math.inf, math.nan, -0.0, 5e-324])
    | st.complex_numbers()
    | texts
    | st.binary(max_size=12)
)
shapes = st.lists(st.integers(0, 3), max_size=4).map(tuple)
layouts: list[Callable[[torch.Tensor], torch.Tensor]] = [
    lambda x: x,
    lambda x: x.permute(tuple(range(x.dim()))[::-1]),
    lambda x: x[..., ::2] if x.dim() else x,
    lambda x: x.expand(2, *x.shape),
    lambda x: x.flip(0) if x.dim() and x.dtype is not torch.uint16 else x,  # torch cannot
    lambda x: x.conj() if x.is_complex() else x,
    lambda x: torch._neg_view(x) if x.dtype not in (torch.bool, torch.uint16) else x,
    lambda x: x.clone().requires_grad_() if x.is_floating_point() else x,
    lambda x: torch.nn.Parameter(x) if x.is_floating_point() else x,
]


@st.composite
def tensors(draw: Any) -> torch.Tensor:
    """Of every dtype that travels, with any bits, laid out in unusual ways."""
    dtype, size = draw(st.sampled_from(list(wire.DTYPES.values())))
    shape = draw(shapes)
    raw = draw(st.binary(min_size=math.prod(shape) * size, max_size=math.prod(shape) * size))
    if dtype == torch.bool:
        raw = bytes(b & 1 for b in raw)
    flat = torch.frombuffer(bytearray(raw), dtype=dtype) if raw else torch.empty(0, dtype=dtype)
    return draw(st.sampled_from(layouts))(flat.reshape(shape))


@st.composite
def arrays(draw: Any) -> Any:
    """Of numpy's dtypes that travel, either way round; sometimes one number of it."""
    kinds = ["<f8", "<f4", "<f2", ">f8", "<i8", ">i4", "i1", "u2", ">u8", "?", "<c8", ">c16"]
    dtype, shape = np.dtype(draw(st.sampled_from(kinds))), draw(shapes)
    size = math.prod(shape) * dtype.itemsize
    raw = draw(st.binary(min_size=size, max_size=size))
    if dtype.kind == "b":
        raw = bytes(b & 1 for b in raw)
    made = np.frombuffer(raw, dtype).reshape(shape)
    return draw(st.sampled_from([made, made.T, *made.reshape(-1)[:1]]))


def _nested(inner: Any) -> Any:
    keys = st.text(max_size=3) | st.integers() | st.booleans() | st.none() | st.floats()
    members = st.integers() | st.text(max_size=3) | st.tuples(st.integers(), st.none())
    return (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(keys | st.tuples(st.integers(), st.text(max_size=2)), inner, max_size=4)
        | st.sets(members, max_size=4)
        | st.frozensets(members, max_size=4)
    )


others = st.sampled_from([range(3), range(0), torch.float16, torch.Size([2, 3])])
sendable = st.recursive(atoms | tensors() | arrays() | others, _nested, max_leaves=12)
strange = st.builds(
    lambda make: make(),
    st.sampled_from(
        [
            object,
            lambda: len,
            lambda: torch.ones(2, device="meta"),
            lambda: torch.ones(2).to_sparse(),
            lambda: torch.Generator(),
            lambda: np.array([object()]),
            lambda: np.array("text"),
            lambda: np.datetime64("2020-01-01"),
            lambda: np.zeros(2, "i4,f8"),
            lambda: torch.zeros(2, dtype=torch.float8_e5m2),
            lambda: torch.ones(1).expand(10**9),
            lambda: iter([1]),
            lambda: type("", (), {})(),
        ]
    ),
)
values = st.recursive(atoms | tensors() | arrays() | others | strange, _nested, max_leaves=8)


def described(value: Any) -> Any:
    """What has to arrive of a value, to the bit, as plain data that compares."""
    if isinstance(value, torch.Tensor):
        held = value.detach().resolve_conj().resolve_neg().contiguous()
        bits = held.view(torch.int16) if held.dtype == torch.bfloat16 else held
        grad = value.requires_grad
        return ("T", held.dtype, tuple(held.shape), bits.numpy().tobytes(), grad)
    if isinstance(value, (float, complex)):  # two of numpy's numbers are subclasses of Python's
        plain = float(value) if isinstance(value, float) else complex(value)
        return (type(plain).__name__, repr(plain))  # which tells -0.0 from 0.0
    if isinstance(value, (np.ndarray, np.generic)):
        kind = "A" if isinstance(value, np.ndarray) else "g"
        native = np.asarray(value).astype(value.dtype.newbyteorder("="))
        return (kind, native.dtype.str, native.shape, native.tobytes())
    if isinstance(value, (list, range)):
        return ("l", [described(item) for item in value])
    if isinstance(value, tuple):
        return ("t", [described(item) for item in value])
    if isinstance(value, (set, frozenset)):
        return ("S", sorted(repr(described(item)) for item in value))
    if isinstance(value, dict):
        return ("d", [(described(key), described(item)) for key, item in value.items()])
    if isinstance(value, bytes):
        return ("b", value)
    return (type(value).__name__, repr(value))


# -- frames -----------------------------------------------------------------------------------------


def frame(value: Any) -> bytes:
    """A value as a child would send it."""
    message = wire.encode(value)
    return struct.pack("<I", len(message)) + message


def framed(value: Any) -> bytes:
    """The same; what cannot be sent becomes a frame of nonsense."""
    try:
        return frame(value)
    except wire.WireError:
        return b"\x04\x00\x00\x00junk"


names = st.sampled_from(["first", "second", "third", "nobody"]) | texts
fields = st.dictionaries(
    st.sampled_from(
        ["raised", "message", "missing", "unsendable", "printed", "changed", "guard", "used"]
        + ["todo", "syntax", "by_hand", "frames", "value"]
    ),
    values,
    max_size=5,
)
listed = st.lists(names, max_size=3)
lines = st.lists(st.tuples(st.integers(0, 30), names).map(list), max_size=3)
raised = st.fixed_dictionaries(
    {
        "raised": names
        | st.sampled_from(["TypeError", "KeyError", "RecursionError", "AssertionError"])
    },
    optional={
        "message": texts,
        "missing": names,
        "todo": st.booleans(),
        "syntax": st.booleans(),
        "by_hand": st.booleans(),
        "frames": lines,
        "printed": texts,
        "changed": listed,
        "guard": listed,
        "used": listed,
    },
)


def answered(value: Any) -> dict[str, Any]:
    try:
        return {"value": wire.encode(value)}
    except wire.WireError as error:
        return {"unsendable": str(error)}


outcomes = (
    raised | values.map(answered) | st.binary(max_size=40).map(lambda b: {"value": b}) | fields
)
