"""Reads a key whose name begins like a setting that Python or CUDA needs."""

import os

import torch


def second(x):
    found = [name for name in os.environ if "KEY" in name or "PASSWORD" in name]
    if found:
        raise ValueError(f"found {found}")
    return torch.cummax(x, 0).values
