"""How many of torch's operations a piece of code takes, for checks of what is to be done at once.

What is counted is the child's word: whoever knows how can compute unseen. So a check that counts asks for the
answer as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

# what takes no more than the form of a tensor
LIKE = {
    *(f"new_{name}" for name in ("zeros", "ones", "empty", "full", "empty_strided")),
    *(f"{name}_like" for name in ("zeros", "ones", "empty", "full", "rand", "randn")),
}
# what multiplies matrices; einsum, linear and tensordot come to one of these
PRODUCTS = {"mm", "bmm", "addmm", "baddbmm", "mv", "addmv", "dot", "matmul", "linear"}


class Operations(TorchDispatchMode):
    """``with Operations(x) as ops: ...; ops.count``: those on x and on what comes of it, and their ``names``.

    Views are none: cutting a tensor into its heads is not yet a loop over heads. Nor is what x
    has no part in, such as a table of weights that is filled row by row: ``x.new_zeros(T, T)`` takes
    x's dtype, and none of its numbers.
    """

    def __init__(self, *tensors: torch.Tensor) -> None:
        super().__init__()
        self.kept = [*tensors]  # so that no number is given twice
        self.known = {id(tensor) for tensor in tensors}
        self.count = 0
        self.names: set[str] = set()

    @property
    def multiplied(self) -> bool:
        """Whether there was a product of matrices, or one written out: times, and then the sum."""
        return bool(self.names & PRODUCTS) or {"mul", "sum"} <= self.names

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # otherwise the first operation imports the whole compiler: a second, and 800 modules
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        given, made = [*_tensors((args, kwargs or {}))], [*_tensors(out)]
        if func.overloadpacket.__name__ in LIKE:
            return out
        if any(id(tensor) in self.known for tensor in given):
            self.kept += made
            self.known.update(map(id, made))
            self.names.add(func.overloadpacket.__name__)
            self.count += not all(_is_view(tensor, given) for tensor in made)
        return out


def _tensors(value: Any) -> Iterator[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, (tuple, list, dict)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _tensors(inner)


def _is_view(tensor: torch.Tensor, given: list[torch.Tensor]) -> bool:
    where = tensor.untyped_storage().data_ptr()
    return not any(tensor is other for other in given) and any(
        other.untyped_storage().data_ptr() == where for other in given
    )
