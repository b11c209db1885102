"""Tensors with room between their elements, as a slice has: they keep it where they are copied or sent."""

from __future__ import annotations

import torch

_stride, _is_contiguous = torch.Tensor.stride, torch.Tensor.is_contiguous
_new_empty = torch.Tensor.new_empty


def apart(dense: torch.Tensor) -> torch.Tensor:
    """The same elements, with room after each of the last dimension's."""
    wide = _new_empty(dense, (*dense.shape[:-1], 2 * dense.shape[-1]))
    wide[..., ::2] = dense
    return wide[..., ::2]


def like(copy: torch.Tensor, original: torch.Tensor) -> torch.Tensor:
    """A clone, with room between its elements where the original has such."""
    if _is_contiguous(original) or _stride(copy) == _stride(original) or not copy.numel():
        return copy
    return apart(copy)
