"""A request arrives as it was asked: the cases' values, and how they lie in memory."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from graders.ground.asking import pack, unpack

TENSORS = [
    torch.zeros(0, 3),
    torch.tensor(2),
    torch.tensor(2.0, dtype=torch.float64),
    torch.randn(3, 4).t(),
    torch.randn(2, 3, 4).permute(2, 0, 1),
    torch.ones(2, dtype=torch.bfloat16),
    torch.tensor([True, False]),
    torch.tensor([float("nan"), -0.0, float("inf")]),
    torch.ones(2, requires_grad=True),
]


@pytest.mark.parametrize("tensor", TENSORS, ids=lambda t: f"{t.dtype}{tuple(t.shape)}")
def test_a_tensor_arrives_as_it_lies(tensor: torch.Tensor) -> None:
    came = unpack(pack({"x": tensor}))["x"]
    assert (came.dtype, came.shape, came.stride()) == (tensor.dtype, tensor.shape, tensor.stride())
    assert torch.equal(came.nan_to_num(7.0), tensor.nan_to_num(7.0)) if came.numel() else True
    assert (came.requires_grad, came.is_leaf) == (tensor.requires_grad, True)
    came.detach().zero_()  # it is the receiver's own


def test_a_parameter_is_a_tensor_and_a_view_brings_only_itself() -> None:
    assert type(unpack(pack({"x": torch.nn.Parameter(torch.ones(2))}))["x"]) is torch.Tensor
    assert len(pack({"x": torch.zeros(1_000_000)[:2]})) < 1_000


def test_everything_else_keeps_its_type() -> None:
    case = {"a": (1, 2.5, "ä\ud800", b"\0", None), "b": {1: {2}}, "c": torch.float16, "d": range(3)}
    assert unpack(pack(case)) == case
    array = unpack(pack({"x": np.arange(6.0).reshape(2, 3)}))["x"]
    assert array.dtype == np.float64 and array.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_what_is_no_plain_data_is_refused_where_it_is_written() -> None:
    with pytest.raises(Exception, match="local object"):
        pack({"x": lambda: None})
