"""A slice stays one where a case is copied, and where it is sent."""

from __future__ import annotations

import pytest
import torch

from graders.ground import wire
from graders.ground.runner import fresh

X = torch.arange(24.0).reshape(4, 6)


@pytest.mark.parametrize(
    "tensor",
    [X, X.t(), X[:, ::2], X[::2], X[:, 1], X[1:], X[:, :1], X[:, ::2].t(), X[:1].expand(3, 6)]
    + [torch.tensor(3.0), torch.empty(0, 3)[:, ::2], X.to(torch.bfloat16)[:, ::3], X[:, ::2] > 9],
)
def test_layouts_are_kept(tensor: torch.Tensor) -> None:
    for other in (wire.decode(wire.encode(tensor)), fresh({"x": tensor})["x"]):
        assert torch.equal(other, tensor) and other.dtype == tensor.dtype
        assert other.is_contiguous() == tensor.is_contiguous()
        other[...] = 0  # each element has a place of its own
        assert not other.any()
