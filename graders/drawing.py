"""What cases are drawn with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch


class Rng:
    """Random inputs for cases; the same seed gives the same inputs.

    Everything comes from one ``numpy.random.Generator`` (exposed as ``rng.np``), so global
    seeds and thread counts never matter.
    """

    def __init__(self, seed: int | list[int]) -> None:
        self.np = np.random.default_rng(seed)

    def normal(
        self,
        *shape: int,
        mean: float = 0.0,
        std: float = 1.0,
        dtype: torch.dtype = torch.float64,
    ) -> torch.Tensor:
        """A tensor of ``shape`` drawn from N(mean, std**2)."""
        return torch.from_numpy(np.array(self.np.normal(mean, std, shape))).to(dtype)

    def uniform(
        self, low: float, high: float, *shape: int, dtype: torch.dtype = torch.float64
    ) -> torch.Tensor:
        """A tensor of ``shape`` drawn uniformly from [low, high)."""
        return torch.from_numpy(np.array(self.np.uniform(low, high, shape))).to(dtype)

    def integers(self, low: int, high: int, *shape: int) -> torch.Tensor:
        """An int64 tensor of ``shape`` with values in [low, high)."""
        return torch.from_numpy(np.array(self.np.integers(low, high, shape)))

    def number(self, low: float = -2.0, high: float = 2.0) -> float:
        """One Python float in [low, high)."""
        return float(self.np.uniform(low, high))

    def integer(self, low: int, high: int) -> int:
        """One Python int in [low, high)."""
        return int(self.np.integers(low, high))

    def numbers(self, n: int, low: float = -2.0, high: float = 2.0) -> list[float]:
        """A list of ``n`` Python floats in [low, high)."""
        return [self.number(low, high) for _ in range(n)]

    def choice(self, options: Any) -> Any:
        """One element of a sequence."""
        return options[self.integer(0, len(options))]

    def shuffled(self, items: Iterable[Any]) -> list[Any]:
        """The items in a random order."""
        items = list(items)
        return [items[i] for i in self.np.permutation(len(items))]

    def seed(self) -> int:
        """A fresh seed, for a torch.Generator made inside a scenario."""
        return self.integer(0, 2**31)
