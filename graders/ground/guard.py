"""Watches what runs, where a lesson forbids a tool: lesson 05 may not call autograd.

Three nets, so that no single trick slips through: nothing is recorded (inference mode), the engine
reports when it is started (by whichever door: ``Tensor.backward``, ``autograd.grad``,
``torch.func``), and a dispatch mode sees each operation that ran while inference mode was off,
inside a backward node, or as one of torch's own ``*_backward`` kernels.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
import torch.autograd.forward_ad as forward_ad
import torch.autograd.graph
from torch.utils._python_dispatch import TorchDispatchMode

Offences = list[str]


@contextmanager
def watching(forbid: tuple[str, ...], nets: bool = True) -> Iterator[Offences]:
    """Context manager: runs the body without the forbidden tools; yields what was noticed.

    Args:
        forbid: () or ("autograd",).
        nets: False sets the same conditions but does not watch (for trusted code: faster).
    """
    offences: Offences = []
    if "autograd" not in forbid:
        yield offences
        return

    def note(what: str) -> None:
        if what not in offences and len(offences) < 8:
            offences.append(what)

    with ExitStack() as stack:
        stack.enter_context(torch.inference_mode())
        if nets:
            for owner in (torch.autograd, torch.autograd.graph):
                original = owner._engine_run_backward
                _patch(stack, owner, "_engine_run_backward", _noting(original, note))
            enter = forward_ad.enter_dual_level

            def enter_dual_level(*args: Any, **kwargs: Any) -> Any:
                note("torch.autograd.forward_ad ran")
                return enter(*args, **kwargs)

            _patch(stack, forward_ad, "enter_dual_level", enter_dual_level)
            stack.enter_context(_Net(note))
        yield offences


def _patch(stack: ExitStack, owner: Any, name: str, value: Any) -> None:
    stack.callback(setattr, owner, name, getattr(owner, name))
    setattr(owner, name, value)


def _noting(original: Any, note: Any) -> Any:
    def run_backward(*args: Any, **kwargs: Any) -> Any:
        note("the autograd engine ran")
        return original(*args, **kwargs)

    return run_backward


class _Net(TorchDispatchMode):
    def __init__(self, note: Any) -> None:
        super().__init__()
        self.note = note

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # otherwise the first operation imports the whole compiler: a second, and 800 modules
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = func.overloadpacket.__name__
        if torch._C._current_autograd_node() is not None:
            self.note("a backward pass of autograd ran")
        elif name.endswith("_backward") or name == "_make_dual":
            self.note(f"torch's own {name} ran")
        elif not torch.is_inference_mode_enabled() and torch.is_grad_enabled():
            self.note("gradient recording was switched back on")
        return func(*args, **(kwargs or {}))
