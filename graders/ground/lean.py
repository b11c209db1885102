"""torch's optimizers without its compiler.

The first optimizer of a process imports torch._dynamo, which takes more than a second and
seventy megabytes, only to tell a compiler that is not there to look away. Here the optimizers are told so
directly. Who compiles imports the compiler all the same. It rests on names inside torch: where they are
missing, everything stays as torch made it, only slower.
"""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Callable
from typing import Any

import torch


def lean_optimizers() -> None:
    """Takes torch._dynamo out of the way of every optimizer of torch.optim; a second call changes nothing."""
    if "torch._dynamo" in sys.modules:  # paid for already
        return
    for optimizer in vars(torch.optim).values():
        if isinstance(optimizer, type) and issubclass(optimizer, torch.optim.Optimizer):
            for name, method in list(vars(optimizer).items()):
                _without_dynamo(optimizer, name, method)


def _without_dynamo(optimizer: Any, name: str, method: Any) -> None:
    inside = getattr(method, "__wrapped__", None)
    code = getattr(method, "__code__", None)
    if inside is None or code is None:
        return
    if (
        "_dynamo" in code.co_names and code.co_name == "_use_grad"
    ):  # step(), without its graph breaks
        setattr(optimizer, name, _as_differentiable(inside))
    elif "_dynamo" in code.co_names:  # @torch._disable_dynamo asks for what is kept here
        with contextlib.suppress(AttributeError):
            inside.__dynamo_disable = inside


def _as_differentiable(step: Callable[..., Any]) -> Callable[..., Any]:
    """What torch puts around step(): gradients are recorded only in an optimizer that is differentiable."""

    @functools.wraps(step)
    def with_grad_mode(self: Any, *args: Any, **kwargs: Any) -> Any:
        before = torch.is_grad_enabled()
        try:
            torch.set_grad_enabled(self.defaults["differentiable"])
            return step(self, *args, **kwargs)
        finally:
            torch.set_grad_enabled(before)

    return with_grad_mode
