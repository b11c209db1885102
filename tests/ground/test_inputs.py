"""What counts as a change of an argument, and what does not."""

from __future__ import annotations

import types
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from graders.ground import inputs, runner


def leaf() -> torch.Tensor:
    return torch.ones(3, requires_grad=True)


def matrix() -> torch.Tensor:
    return torch.arange(4.0).reshape(2, 2)


def array() -> np.ndarray:
    return np.arange(4.0).reshape(2, 2)


class Special(torch.Tensor):
    pass


def set_data(x: torch.Tensor, to: torch.Tensor) -> None:
    x.data = to


def set_array(x: np.ndarray, **to: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that this is not done any more
        for name, value in to.items():
            setattr(x, name, value)


Change = Callable[[Any], object]
CHANGES: list[tuple[str, Any, Change]] = [
    ("one value", matrix(), lambda x: x[0].zero_()),
    ("to another dtype", matrix(), lambda x: set_data(x, x.double())),
    ("to as many others", matrix(), lambda x: x.set_(torch.arange(4.0).reshape(2, 2))),
    ("data of the same values", matrix(), lambda x: set_data(x, x.clone())),
    ("turned around", torch.ones(2, 2), lambda x: x.t_()),
    ("its shape", torch.ones(4), lambda x: x.resize_(2, 2)),
    ("its strides", torch.ones(4), lambda x: x.as_strided_((4,), (0,))),
    ("asks for a gradient", matrix(), lambda x: x.requires_grad_()),
    ("asks for none", leaf(), lambda x: x.requires_grad_(False)),
    ("got a gradient", leaf(), lambda x: (x * x).sum().backward()),
    ("was given a gradient", matrix(), lambda x: setattr(x, "grad", torch.zeros(2, 2))),
    ("its class", matrix(), lambda x: setattr(x, "__class__", Special)),
    ("is no leaf any more", matrix(), lambda x: x.add_(0 * leaf()[:2])),
    ("in a list", [1, [matrix()]], lambda x: x[1][0].neg_()),
    ("in a dict", {"a": (matrix(),)}, lambda x: x["a"][0].unsqueeze_(0)),
    ("one more", [1, 2], lambda x: x.append(3)),
    ("sorted", [2, 1], lambda x: x.sort()),
    ("a float for an int", [1], lambda x: x.__setitem__(0, 1.0)),
    ("another key", {"a": 1}, lambda x: x.update(b=2)),
    ("the order of keys", {"a": 1, "b": 2}, lambda x: x.update(a=x.pop("a"))),
    ("a member", {1, 2}, lambda x: x.discard(1)),
    ("round itself", [1], lambda x: x.append(x)),
    ("a thing for a number", [1], lambda x: x.__setitem__(0, object())),
    ("bytes", bytearray(b"ab"), lambda x: x.reverse()),
    ("a number of numpy's", array(), lambda x: x.fill(0)),
    ("numpy's dtype", array(), lambda x: set_array(x, dtype=np.int64)),
    ("numpy's shape", array(), lambda x: set_array(x, shape=(4,))),
    ("numpy's strides", np.ones(4), lambda x: set_array(x, strides=(0,))),
    ("may not be written", array(), lambda x: x.setflags(write=False)),
]
SAME: list[tuple[str, Any, Change]] = [
    ("nothing", matrix(), lambda x: x + 1),
    ("nor in a list", [matrix(), {"a": array()}], lambda x: [x[0] * 2, x[1]["a"].T.copy()]),
    ("there and back", matrix(), lambda x: x.neg_().neg_()),
    (
        "looked at",
        matrix(),
        lambda x: (x.numpy(), x.view(-1), x.T, x.data_ptr(), x.untyped_storage()),
    ),
    ("a gradient that went elsewhere", leaf(), lambda x: torch.autograd.grad((x * x).sum(), x)),
    ("a gradient of a copy", leaf(), lambda x: x.detach().requires_grad_().sum().backward()),
    ("an equal one in its place", [matrix()], lambda x: x.__setitem__(0, x[0])),
]


@pytest.mark.parametrize(("name", "value", "change"), CHANGES, ids=[c[0] for c in CHANGES])
def test_is_seen(name: str, value: Any, change: Change) -> None:
    value = runner.fresh({"x": value})["x"]
    before = inputs.state(value)
    assert not inputs.changed(value, before)
    change(value)
    assert inputs.changed(value, before)


@pytest.mark.parametrize(("name", "value", "change"), SAME, ids=[c[0] for c in SAME])
@pytest.mark.parametrize("inference", [False, True])
def test_is_none(name: str, value: Any, change: Change, inference: bool) -> None:
    if inference and "gradient" in name:
        pytest.skip("there are none")
    with torch.inference_mode(inference):
        value = runner.fresh({"x": value})["x"]
        before = inputs.state(value)
        change(value)
        assert not inputs.changed(value, before)


def test_what_a_file_replaces_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def no(*_: Any, **__: Any) -> Any:
        raise AssertionError

    def lies(m: types.ModuleType, x: torch.Tensor, y: torch.Tensor) -> int:
        for owner, names in (
            (torch.Tensor, ("detach", "stride", "data_ptr", "storage_offset", "clone", "numpy")),
            (np, ("asarray", "ascontiguousarray")),
            (torch, ("equal", "allclose")),
        ):
            for name in names:
                monkeypatch.setattr(owner, name, no)
        x.zero_()
        return 1

    case = {"x": torch.ones(2), "y": torch.ones(2)}
    outcome = runner.run_case(lies, types.ModuleType("m"), case, 0, pure=True)
    assert outcome["changed"] == ["x"]
