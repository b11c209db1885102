"""Whether checks that need a GPU can run here. Says nothing about which checks those are."""

from __future__ import annotations

import os
from functools import cache

import torch

_withheld: list[str] = []


def withhold() -> None:
    """From here on this process gives no GPU to anybody: its devices would be a way around the walls."""
    _withheld[:] = ["other people's code gets no GPU"]


def gpu_reason() -> str:
    """Why GPU-marked checks are skipped here; "" if they are not."""
    return _withheld[0] if _withheld else _missing()


@cache
def _missing() -> str:
    """Asks the driver without initializing CUDA, so that children may still use it after a fork."""
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return "the GPU is hidden by CUDA_VISIBLE_DEVICES"
    if torch.version.cuda is None and torch.version.hip is None:
        return "this torch has no GPU support"
    return "" if torch.cuda.device_count() else "this machine has no GPU that torch can use"
