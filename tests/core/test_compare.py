"""Comparison: equal things are equal, others are not, and nothing makes it raise."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from graders.authoring import Tol
from graders.core.compare import compare
from graders.core.words import Place, show_case
from graders.ground.wire import DTYPES, Unsupported, decode, encode

quick = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))

shapes = st.lists(st.integers(0, 4), max_size=3).map(tuple)


@st.composite
def tensors(draw: Any) -> torch.Tensor:
    dtype, size = draw(st.sampled_from(list(DTYPES.values())))
    shape = draw(shapes)
    count = math.prod(shape) * size
    raw = draw(st.binary(min_size=count, max_size=count))
    if dtype == torch.bool:
        raw = bytes(b & 1 for b in raw)
    flat = torch.frombuffer(bytearray(raw), dtype=dtype) if raw else torch.empty(0, dtype=dtype)
    return flat.reshape(shape)


arrays = st.sampled_from(["f8", "f4", "i8", "u2", "u8", "?", "c16", "c8", "i1", "g"]).flatmap(
    lambda code: shapes.map(lambda shape: np.ones(shape, code))
)
leaves = (
    st.none() | st.booleans() | st.integers() | st.integers(-(2**4000), 2**4000) | st.floats()
    | st.complex_numbers() | st.text() | st.binary() | tensors() | arrays
    | st.builds(Unsupported, st.text())
)  # fmt: skip
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text() | st.integers() | st.floats(), inner, max_size=4)
        | st.sets(st.integers() | st.text(), max_size=4)
    ),
    max_leaves=8,
)


def holds(value: Any, kind: type) -> bool:
    if isinstance(value, (list, tuple, set)):
        return any(holds(item, kind) for item in value)
    if isinstance(value, dict):
        return any(holds(item, kind) for pair in value.items() for item in pair)
    return isinstance(value, kind)


@quick
@example(1.2711610061536462e308 + 1.2711610061536464e308j)  # its size is more than a float can hold
@given(values)
def test_a_thing_is_itself(value: Any) -> None:
    assume(not holds(value, Unsupported))
    assume(not isinstance(value, dict) or all(key == key for key in value))
    copy = decode(encode(value))
    if not _has_nan_key(value):
        assert compare(copy, value) is None


def _has_nan_key(value: Any) -> bool:
    if isinstance(value, dict):
        return any(key != key for key in value) or any(map(_has_nan_key, value.values()))
    return isinstance(value, (list, tuple)) and any(map(_has_nan_key, value))


@settings(quick, max_examples=400)
@given(values, values, st.booleans())
def test_it_never_raises(got: Any, expected: Any, dtype: bool) -> None:
    mismatch = compare(got, expected, Tol(), dtype)
    if mismatch is not None:
        assert mismatch.kind in ("type", "shape", "dtype", "nan", "value")
        assert mismatch.message and len(mismatch.message) < 5_000


@quick
@given(tensors(), tensors(), st.booleans())
def test_tensors_never_make_it_raise(
    got: torch.Tensor, expected: torch.Tensor, dtype: bool
) -> None:
    compare(got, expected, Tol(), dtype)
    if got.numel() == expected.numel():
        compare(got.reshape(expected.shape), expected, Tol(), dtype)
        mixed = got.reshape(expected.shape)
        if mixed.dtype == expected.dtype:
            both = torch.equal(mixed, expected)
            assert not both or compare(mixed, expected) is None


@quick
@given(shapes, st.sampled_from([torch.float64, torch.float32, torch.int64]), st.data())
def test_one_wrong_element_is_found(
    shape: tuple[int, ...], dtype: torch.dtype, data: st.DataObject
) -> None:
    assume(math.prod(shape) > 0 and shape)
    expected = torch.arange(1, math.prod(shape) + 1).reshape(shape).to(dtype)
    at = tuple(data.draw(st.integers(0, n - 1)) for n in shape)
    got = expected.clone()
    got[at] = -1 - got[at]
    mismatch = compare(got, expected)
    assert mismatch is not None and mismatch.kind == "value"
    if math.prod(shape) > 1:
        assert f"1 of {math.prod(shape)} elements differ" in mismatch.message
    assert f"[{', '.join(map(str, at))}]" in mismatch.message


@quick
@given(shapes, shapes)
def test_shapes_are_exact(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    """Whatever would broadcast, and however empty."""
    assume(one != other)
    mismatch = compare(torch.ones(one), torch.ones(other))
    assert mismatch is not None and mismatch.kind == "shape"


X = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64)


@pytest.mark.parametrize(
    ("got", "expected", "kind", "words"),
    [
        (None, X, "type", "is the `return` missing?"),
        ([[1.0, 2.0]], X, "type", "got a list of 1, expected a tensor of shape (2, 2), float64"),
        (Unsupported("generator"), X, "type", "got a generator"),
        (Unsupported("Odd"), 1.0, "type", "got an Odd, expected a float"),
        (X[:1], X, "shape", "got (1, 2), expected (2, 2)"),
        (X.float(), X, "dtype", "got float32, expected float64"),
        (X.long(), X, "dtype", "got int64, expected float64"),
        (X * math.nan, X, "nan", "4 of 4 elements are not a number, the first at [0, 0]"),
        (X * math.inf, X, "value", "4 of 4 elements differ"),
        (-X, X, "value", "the largest difference at [1, 1]: got -4.0, expected 4.0"),
        (True, 1, "type", "got a True/False value, expected a whole number"),
        (1, True, "type", "expected a True/False value"),
        (1.0, 1, "type", "got a float, expected a whole number (int)"),
        (1.5, 1.25, "value", "got 1.5, expected 1.25"),
        (math.nan, 1.0, "nan", "got nan, expected 1.0"),
        (1.0, math.inf, "value", "expected inf"),
        (2**3000, 1.0, "value", "3001-bit integer"),
        (1j, 1.0, "type", "got a complex, expected a float"),
        ("ab", "abc", "value", "got 'ab', expected 'abc'"),
        (b"ab", "ab", "type", "got bytes, expected a string"),
        ("x" * 40 + "a", "x" * 40 + "b", "value", "differs from character 40 on"),
        ([1, 2], [1, 2, 3], "shape", "got 2 elements, expected 3"),
        ([1, [2, 4]], [1, [2, 3]], "value", "in result[1][1]: got 4, expected 3"),
        ({"a": 1}, {"b": 1}, "shape", "missing ['b']; unexpected ['a']"),
        ({"a": 2}, {"a": 1}, "value", "in result['a']"),
        ({1, 2}, {1, 3}, "value", "missing [3] unexpected [2]"),
        (torch.tensor([1.0]), 1.0, "type", "got a tensor of shape (1,), float32"),
        (np.ones(2), torch.ones(2), "type", "got a numpy array of shape (2,), float64"),
    ],
)
def test_what_is_said(got: Any, expected: Any, kind: str, words: str) -> None:
    mismatch = compare(got, expected)
    assert mismatch is not None
    assert mismatch.kind == kind
    assert words in mismatch.message


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        ((1, 2), [1, 2]),
        (torch.tensor(1.5, dtype=torch.float64), 1.5),
        (np.float64(1.5), 1.5),
        (1, 1.0),
        (1.5 + 1e-12, 1.5),
        (math.nan, math.nan),
        (math.inf, math.inf),
        (X + 1e-12, X),
        (X.clone().requires_grad_(), X),
        (torch.tensor([math.nan, math.inf]), torch.tensor([math.nan, math.inf])),
        (torch.empty(0, 3), torch.empty(0, 3)),
    ],
)
def test_what_is_forgiven(got: Any, expected: Any) -> None:
    assert compare(got, expected) is None


def test_tolerance() -> None:
    assert compare(X + 1e-3, X, Tol(rtol=1e-2)) is None
    assert compare(X + 1e-3, X, Tol(rtol=1e-5)) is not None
    assert compare(X.float(), X, dtype=False) is None
    # one element is judged by the largest: what cancels to zero may be off by a rounding
    assert compare(torch.tensor([1e8, 1e-9]).double(), torch.tensor([1e8, 0.0]).double()) is None


def test_arguments_in_words() -> None:
    shown = show_case({"x": torch.ones(30, 2), "k": 3, "text": "t" * 500, "one": torch.ones(1)})
    assert shown.startswith("x=float32 tensor (30, 2), k=3, text='ttt")
    assert "(str of 500)" in shown and "one=tensor([1.0], float32)" in shown


def test_places_are_said_in_words() -> None:
    """A result put together by a scenario has no brackets that a learner has ever seen."""

    def message(got: Any, right: Any, own: bool) -> str:
        off = compare(got, right, where=Place(own=own))
        assert off is not None
        return off.message

    assert message([1, 2], [1, 3], True) == "wrong value in result[1]: got 2, expected 3"
    assert message([1, 2], [1, 3], False) == "wrong value (item 2 of 2): got 2, expected 3"
    right = {"grads": [torch.ones(1)]}
    off = message({"grads": [torch.zeros(1)]}, right, False)
    assert off == "wrong value ('grads', item 1 of 1) at [0]: got 0.0, expected 1.0"
    assert message(torch.zeros(1), torch.ones(1), True) == (
        "wrong value at [0]: got 0.0, expected 1.0"
    )
    assert message(torch.tensor(0.0), torch.tensor(1.0), True) == (
        "wrong value: got 0.0, expected 1.0"
    )


def test_a_number_may_be_a_tensor_but_not_one_that_keeps_its_graph() -> None:
    loss = torch.tensor(2.0, requires_grad=True)
    assert compare(loss.detach(), 2.0) is None
    off = compare(loss, 2.0)
    assert off is not None and off.kind == "type"
    assert off.message == "wrong type: got a tensor that belongs to a graph, expected a float"
    assert compare(loss, torch.tensor(2.0)) is None


@pytest.mark.parametrize(
    "got, expected, found",
    [
        ({0: "a"}, {0: "a"}, ""),
        ({0.0: "a"}, {0: "a"}, "got the key 0.0, a float, expected 0, a whole number (int)"),
        ({True: "a"}, {1: "a"}, "got the key True, a True/False value"),
        ({(1, 2.0): 3}, {(1, 2): 3}, "got the key (1, 2.0), a tuple of 2"),
        ({np.float64(0.5): 1}, {0.5: 1}, ""),
        ({1.0, 2}, {1, 2}, "got the member 1.0, a float"),
        (["a", {2: [{False: 1}]}], ["a", {2: [{0: 1}]}], "got the key False"),
    ],
)
def test_equal_keys_of_other_types(got: Any, expected: Any, found: str) -> None:
    """1, 1.0 and True find each other in a dict, and are not the same answer."""
    off = compare(got, expected, Tol(types=frozenset()))
    assert (off is None) == (found == "")
    assert off is None or found in off.message
