"""Doors: closed, every kernel that records is gone; opened, all is as torch made it."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable

import pytest
import torch

from graders.ground import no_autograd

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
