"""Doors: closed, every kernel that records is gone; opened, all is as torch made it."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F

from graders.ground import formulas, no_autograd

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
names = torch._C._dispatch_get_registrations_for_dispatch_key
falls_through = torch._C._dispatch_kernel_for_dispatch_key_is_fallthrough


def in_a_child(act: Callable[[], None]) -> None:
    """What is closed for good stays closed: so each test has a process of its own."""
    sys.stdout.flush()
    pid = os.fork()
    if not pid:
        try:
            act()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    assert os.waitpid(pid, 0)[1] == 0


def records() -> bool:
    return (torch.ones(2, requires_grad=True) * 2).grad_fn is not None


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # forking beside other threads
def test_nothing_that_records_is_left() -> None:
    def act() -> None:
        no_autograd.close_the_doors(["autograd"])
        for key in ("Autograd", "AutogradNestedTensor"):
            left = [name for name in names(key) if not falls_through(name, key)]
            assert left == []
        formulas = [name for name in names("CPU") if no_autograd.differentiates(name)]
        assert len(formulas) > 50
        assert all(falls_through(name, "CPU") for name in formulas)
        assert not any(hasattr(torch._C, name) for name in no_autograd.FUNCTIONS)
        assert "__call__" not in vars(torch._C.ScriptMethod)
        assert not {"__add__", "__len__", "__getitem__"} & set(vars(torch._C.ScriptObject))
        assert not records()
        no_autograd.keep(False)  # as whoever finds this module may try
        assert not records()

    in_a_child(act)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_they_open_and_close_as_often_as_wanted() -> None:
    def act() -> None:
        there = [name for name in no_autograd.FUNCTIONS if hasattr(torch._C, name)]
        for _ in range(2):
            no_autograd.keep(True)
            no_autograd.keep(True)
            assert not records()
            no_autograd.keep(False)
            no_autograd.keep(False)
            assert records()
            x = torch.ones(2, requires_grad=True)
            (x * x).sum().backward()
            assert x.grad is not None and x.grad.tolist() == [2.0, 2.0]
            assert all(hasattr(torch._C, name) for name in there)
            assert "__call__" in vars(torch._C.ScriptFunction)
            assert "__add__" in vars(torch._C.ScriptObject)

    in_a_child(act)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_child_finds_its_own_doors_whatever_the_server_left() -> None:
    def act() -> None:
        no_autograd.keep(True)
        no_autograd.close_the_doors([])
        assert records()

    in_a_child(act)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_no_other_name_leads_to_what_is_removed() -> None:
    """What torch keeps twice has to be removed twice."""

    def act() -> None:
        gone = [vars(torch._C)[name] for name in no_autograd.FUNCTIONS if hasattr(torch._C, name)]
        assert gone
        no_autograd.close_the_doors(["autograd"])
        numbers = set(map(id, gone))
        left = [
            f"{module}.{name}"
            for module, found in [*sys.modules.items()]
            for name, value in [*getattr(found, "__dict__", {}).items()]
            if id(value) in numbers
        ]
        assert left == []

    in_a_child(act)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_no_formula_is_ready_to_call() -> None:
    """In no module that is loaded, nor in one that is loaded now; where it stood, a sentence stands."""

    def act() -> None:
        no_autograd.close_the_doors(["autograd"])
        left = [
            f"{full}.{name}"
            for full, module in [*sys.modules.items()]
            if full.startswith("torch.") and not full.startswith(formulas.ENGINE)
            for name, value in [*vars(module).items()]
            if "backward" in name and callable(value) and value is not formulas._by_hand
        ]
        assert left == []
        with pytest.raises(RuntimeError, match="write the gradient out"):
            torch._decomp.decompositions.tanh_backward(torch.ones(2), torch.ones(2))
        later = importlib.import_module("torch.nn.utils._expanded_weights.conv_utils")
        with pytest.raises(RuntimeError, match="write the gradient out"):
            later.conv_backward(None)
        with pytest.raises(ImportError, match="computed by hand"):
            importlib.import_module("torch.nn.modules.linear_cross_entropy")
        assert not hasattr(torch.ops.torch_nn, "_linear_cross_entropy_batch_chunked")

    in_a_child(act)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_operators_of_the_lesson_compute_as_ever() -> None:
    def act() -> None:
        x = torch.arange(12.0).reshape(3, 4).sin()
        y = torch.tensor([1, 3, 0])
        layer, norm = torch.nn.Linear(4, 4), torch.nn.BatchNorm1d(4)
        names = {
            "cross_entropy": lambda: F.cross_entropy(x, y),
            "softmax": lambda: F.log_softmax(x, 1).exp(),
            "one_hot": lambda: F.one_hot(y, 4),
            "index_add": lambda: torch.zeros(4, 4).index_add_(0, y, x),
            "scatter": lambda: torch.zeros(3, 4).scatter_(1, y[:, None], 1.0),
            "einsum": lambda: torch.einsum("ij,kj->ik", x, x),
            "var": lambda: x.var(0, unbiased=True),
            "modules": lambda: norm(layer(x)).detach(),
            "attention": lambda: F.scaled_dot_product_attention(x, x, x),
            "conv1d": lambda: F.conv1d(x[None], torch.ones(2, 3, 2)),
            "unfold": lambda: x.unfold(1, 2, 1),
            "vmap": lambda: torch.vmap(lambda row: row.softmax(0))(x),
        }
        before = {name: run() for name, run in names.items() if name != "vmap"}
        no_autograd.close_the_doors(["autograd"])
        for name, expected in before.items():
            assert torch.equal(names[name](), expected), name
        assert torch.allclose(names["vmap"](), before["softmax"])

    in_a_child(act)
