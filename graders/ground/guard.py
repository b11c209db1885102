"""Watches what runs, where a lesson forbids a tool: lesson 05 may not call autograd.

This is for the honest mistake, and names it. Nothing is recorded (inference mode), the engine reports
when it is started (by ``Tensor.backward``, ``autograd.grad``, ``torch.func``), and a dispatch mode sees
each operation that ran while inference mode was off, inside a backward node, or as one of torch's own
formulas. Whoever means to deceive can: all of it lies in the same process. That autograd does not answer
all the same is the matter of ``no_autograd``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
import torch.autograd.forward_ad as forward_ad
import torch.autograd.graph
from torch.utils._python_dispatch import TorchDispatchMode

from graders.ground.no_autograd import differentiates

Offences = list[str]
FUNC = sys.modules.get("torch._functorch.eager_transforms")
# where an honest call comes by: whose, its name, what is said of it
ENTRANCES = (
    (torch.autograd, "_engine_run_backward", "the autograd engine ran"),
    (torch.autograd.graph, "_engine_run_backward", "the autograd engine ran"),
    (FUNC, "_autograd_grad", "torch.func was asked to differentiate"),
    (forward_ad, "enter_dual_level", "torch.autograd.forward_ad ran"),
)
READY = ("torch_nn",)  # torch's operators that return gradients in their forward pass


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
            for owner, name, what in ENTRANCES:
                original = getattr(owner, name, None)
                if original is not None:  # a name inside torch, which may go
                    stack.callback(setattr, owner, name, original)
                    setattr(owner, name, _noting(original, note, what))
            stack.enter_context(_Net(note))
        yield offences


def _noting(original: Any, note: Any, what: str) -> Any:
    def noted(*args: Any, **kwargs: Any) -> Any:
        note(what)
        return original(*args, **kwargs)

    return noted


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
        elif differentiates(name) or name == "_make_dual" or func.namespace in READY:
            self.note(f"torch's own {name} ran")
        elif not torch.is_inference_mode_enabled() and torch.is_grad_enabled():
            self.note("gradient recording was switched back on")
        return func(*args, **(kwargs or {}))
