"""Takes autograd itself out of a process, where a lesson forbids it: no Python can bring it back.

What ``guard`` sets up can be argued with: its modes are a matter of the thread and can be popped, its
patches can be patched. This is the lock behind it, and lies in C++, where it holds in every thread and
whatever is imported. torch can differentiate in three ways:

1. The kernels that stand under the dispatcher's Autograd keys record what runs (for ``backward``,
   ``autograd.grad``, hooks, functions of one's own), carry the tangents of forward mode, and are what
   ``torch.func``, ``make_fx``, ``torch.compile`` and ``torch.export`` go through. Each gets a
   fall-through in its place: the operator computes as ever and nothing is recorded.
2. Operators such as ``tanh_backward`` are torch's own formulas. They lose every kernel they have.
3. TorchScript differentiates a graph by itself, beside the dispatcher. What makes, loads or runs such a
   graph is removed from ``torch._C``, which cannot be initialised a second time.

And torch has the same formulas once more in Python, a `tanh_backward` to import and call: ``formulas``
takes those out.

Under inference mode no honest solution ever comes near any of these, so it computes the same with open
doors and with closed ones.

What stays open: native code, be it called through ctypes or brought along as bytes; whoever writes into
this process's memory; and, where the system does not forbid it (macOS, Windows), another process with a
torch of its own. And what is no autograd of torch's: differences, steps along the imaginary axis, computer
algebra (sympy and mpmath come with torch), an engine of one's own, and a custom ``Function``, which still
gets its node: what its backward computes is its author's work.
"""

from __future__ import annotations

import contextlib
import ctypes
import warnings
from collections.abc import Collection
from functools import cache
from typing import Any

import torch
from torch.library import fallthrough_kernel

from graders.ground import formulas
from graders.ground.formulas import differentiates as differentiates

# what makes a TorchScript graph or class, loads one, runs one, or differentiates one
FUNCTIONS = (
    "_jit_differentiate", "_jit_interpret_graph", "_jit_trace_graph", "_jit_trace_module",
    "_jit_script_compile", "_jit_script_compile_overload", "_jit_script_class_compile",
    "_jit_script_interface_compile", "_jit_register_decomposition_for_schema",
    "_jit_pass_create_autodiff_subgraphs", "_jit_to_backend", "_jit_to_backend_selective",
    "_jit_to_static_module", "_create_function_from_graph", "_create_function_from_trace",
    "_create_function_from_trace_with_dict", "_create_graph_by_tracing", "parse_ir",
    "import_ir_module", "import_ir_module_from_buffer", "_import_ir_module_from_package",
    "_load_jit_module_from_file", "_load_jit_module_from_bytes", "_load_for_lite_interpreter",
    "_load_for_lite_interpreter_from_buffer",
)  # fmt: skip
METHODS = {
    "ScriptFunction": ("__call__", "graph_for"),
    "ScriptMethod": ("__call__", "graph_for"),
    "CompilationUnit": ("define", "create_function"),
    "ScriptModule": ("_define", "_create_method_from_trace", "_create_method_from_trace_with_dict"),
    "ConcreteModuleType": ("_create_methods_and_properties", "_create_hooks"),
}

HARMLESS = ("__init__", "__doc__", "__module__", "__hash__", "__getattr__", "__setattr__")

_held: list[Any] = []  # what keeps the fall-throughs in force
_removed: list[tuple[Any, str, Any]] = []  # whose, its name, what it was


def keep(closed: bool) -> None:
    """Closes the doors, or opens those that ``keep`` has closed; nothing if they are so already.

    Closing takes 30 ms or so, opening 10. For the fork server, which does it once for all
    the children of a lesson: they inherit what they find.
    """
    if closed and not _held:
        _close()
    elif not closed and _held:
        for handle in _held:
            handle.reset()
        _held.clear()
        for owner, name, value in _removed:
            setattr(owner, name, value)
        _removed.clear()
        formulas.put_back()


def close_the_doors(forbid: Collection[str]) -> None:
    """What a child does before it loads submitted code; after that there is no way back.

    Args:
        forbid: () or ("autograd",).
    """
    keep("autograd" in forbid)
    # The handles could reopen the doors. Python no longer knows them, and C++ never lets them go.
    for handle in _held:
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(handle))
    _held.clear()
    _removed.clear()
    formulas.forget()


def _close() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a kernel is overridden is the purpose
        for (key, namespace), operators in _kernels().items():
            library = torch._C._dispatch_library("IMPL", namespace, "")
            _held.append(library)
            for operator in operators:
                with contextlib.suppress(RuntimeError):  # what this torch refuses stays as it is
                    library.impl(operator, key, fallthrough_kernel)
    for name in FUNCTIONS:
        for module in (torch._C, torch):  # which has copies of the public ones
            _remove(module, name)
    for owner, names in METHODS.items():
        for name in names:
            _remove(getattr(torch._C, owner, None), name)
    for name in [*vars(torch._C.ScriptObject)]:  # its __add__ and the like run TorchScript too
        if name.startswith("__") and name not in HARMLESS:
            _remove(torch._C.ScriptObject, name)
    formulas.take_out()


def _remove(owner: Any, name: str) -> None:
    if name in getattr(owner, "__dict__", ()):
        _removed.append((owner, name, owner.__dict__[name]))
        delattr(owner, name)


@cache
def _kernels() -> dict[tuple[str, str], list[str]]:
    """By dispatch key and namespace, the operators whose kernels go."""
    found: dict[tuple[str, str], list[str]] = {}
    for key in torch._C.DispatchKey.__members__:
        try:
            names = torch._C._dispatch_get_registrations_for_dispatch_key(key)
        except RuntimeError:  # an alias that cannot be asked about
            continue
        for full in names:
            namespace, _, operator = full.partition("::")
            if key.startswith("Autograd") or differentiates(operator):
                found.setdefault((key, namespace), []).append(operator)
    return found
