"""Whether checks that need a GPU can run here. Says nothing about which checks those are."""

from __future__ import annotations

import os
from functools import cache

import torch


@cache
def gpu_reason() -> str:
    """Why GPU-marked checks are skipped here; "" if they are not.

    Asks the driver without initializing CUDA, so that children may still use it after a fork.
    """
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return "the GPU is hidden by CUDA_VISIBLE_DEVICES"
    if torch.version.cuda is None and torch.version.hip is None:
        return "this torch has no GPU support"
    return "" if torch.cuda.device_count() else "this machine has no GPU that torch can use"
