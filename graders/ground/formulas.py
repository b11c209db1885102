"""Takes torch's formulas for gradients, those written in Python, out of a process.

torch has the derivatives of its operators not only in C++ (``no_autograd`` closes those), but once more in
Python, for its compilers and for tensors on many machines: a `tanh_backward` to import and call. By rules,
so that the next torch's are found too:

- In every module of torch's that is loaded, a function with "backward" in its name gives way to one that
  says so, and so does the ``backward`` of every ``autograd.Function``. What only starts the engine stays:
  that does not run anyway, and the learner who calls it is to hear why.
- What the tables of decompositions hold for such an operator goes.
- What is not loaded yet is loaded like that. Where its text registers an operator and speaks of a weight's
  gradient, it is not loaded at all: ``linear_cross_entropy`` returns them in its forward pass.

That is no lock. The text lies on the disk, and who executes it anew has it back: it only ends the ready-made
one-liner.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType
from typing import Any

import torch

# they run the engine, watch it or hook into it; no formula is in them
ENGINE = (
    "torch._C", "torch._custom_op", "torch._functorch", "torch._library", "torch.autograd", "torch.compiler",
    "torch.distributed.autograd", "torch.fx", "torch.nn.modules.module", "torch.utils.checkpoint",
)  # fmt: skip
# never needed by an honest solution, and full of formulas in tables and under other names
REFUSED = (
    "torch._decomp.decompositions_for_jvp", "torch._inductor.decomposition", "torch._inductor.lowering",
    "torch.testing._internal.autograd_function_db", "torch.testing._internal.custom_op_db",
)  # fmt: skip
OPERATOR = re.compile(rb"^@(torch\.library\.)?custom_op\(", re.MULTILINE)
WEIGHTS = re.compile(rb"\bgrad_\w*weight")

_removed: list[tuple[Any, str, Any]] = []  # whose, its name, what it was
_struck: list[tuple[dict[Any, Any], Any, Any]] = []  # of tables: which, the key, what it led to


def differentiates(operator: str) -> bool:
    """Whether an operator of torch's is one of its formulas for a gradient, by its name."""
    return "_backward" in operator.partition(".")[0]


def take_out() -> None:
    """From the modules that are loaded, from the tables, and from what is loaded later."""
    # vmap registers some of them at its first call, and would not find them any more
    importlib.import_module("torch._functorch.vmap").lazy_load_decompositions()
    tables = importlib.import_module("torch._decomp").global_decomposition_table
    for table in tables.values():
        for key in [k for k in table if differentiates(str(k).rpartition("aten.")[2])]:
            _struck.append((table, key, table.pop(key)))
    # it counts what torch's operators cost, those that go too, and would not load without them
    counted = importlib.import_module("torch.utils.flop_counter").flop_registry
    for key in [k for k in counted if "backward" in str(k).lower()]:
        _struck.append((counted, key, counted.pop(key)))
    for owner, name in _loaded():
        _removed.append((owner, name, vars(owner)[name]))
        setattr(owner, name, _by_hand)
    sys.meta_path.insert(0, _FINDER)


def put_back() -> None:
    """All as torch made it."""
    for owner, name, value in _removed:
        setattr(owner, name, value)
    for table, key, value in _struck:
        table[key] = value
    sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not _FINDER]
    forget()


def forget() -> None:
    """From here on nothing in this process knows what they were."""
    _removed.clear()
    _struck.clear()


@cache
def _loaded() -> list[tuple[Any, str]]:
    """Whose and under which name: of every module that is loaded when this is first asked."""
    return [
        place
        for full, module in [*sys.modules.items()]
        if full.startswith("torch.") and isinstance(module, ModuleType)
        for place in _formulas(full, module)
    ]


def _formulas(full: str, module: ModuleType) -> Iterator[tuple[Any, str]]:
    if full.startswith(ENGINE):
        return
    for name, value in [*vars(module).items()]:
        if "backward" in name and callable(value):
            yield module, name
        elif issubclass(type(value), type) and issubclass(value, torch.autograd.Function):
            yield from [(value, "backward")] * ("backward" in vars(value))


def _by_hand(*_: object, **__: object) -> None:
    raise RuntimeError("torch's own formula is taken away here: write the gradient out yourself.")


class _Finder(MetaPathFinder):
    """Asked first for each module that is not loaded yet."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not name.startswith("torch."):
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or not isinstance(spec.loader, SourceFileLoader) or spec.origin is None:
            return None
        text = spec.loader.get_data(spec.origin)
        if (OPERATOR.search(text) and WEIGHTS.search(text)) or name.startswith(REFUSED):
            raise ImportError(f"{name} has gradients ready; here they are computed by hand.")
        if b"backward" in text:
            spec.loader = _WithoutFormulas(name, spec.origin)
        return spec


class _WithoutFormulas(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        for owner, name in [*_formulas(module.__name__, module)]:
            setattr(owner, name, _by_hand)


_FINDER = _Finder()
