"""How the process is set stays as it was: warnings, prints, threads, its environment."""

from __future__ import annotations

import builtins
import decimal
import gc
import logging
import os
import signal
import sys
import types
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from graders.ground import runner

SOURCE = """
import builtins, decimal, gc, logging, os, signal, sys, threading, warnings
from concurrent.futures import ThreadPoolExecutor
import numpy as np
import torch

def environ(n):
    os.environ["WORKBOOK"] = str(n)

def filters(n):
    warnings.filterwarnings("ignore")

def torch_prints(n):
    torch.set_printoptions(precision=n)

def numpy_prints(n):
    np.set_printoptions(precision=n)

def deterministic(n):
    torch.use_deterministic_algorithms(True)

def deeper(n):
    sys.setrecursionlimit(5000)

def elsewhere(n):
    os.chdir("/")

def nothing_tiny(n):
    torch.set_flush_denormal(True)

def autocast(n):
    torch.autocast("cpu").__enter__()

def saved(n):
    torch.autograd.graph.saved_tensors_hooks(lambda x: x, lambda x: x).__enter__()

def onednn(n):
    torch.backends.mkldnn.set_flags(False)

def unlogged(n):
    logging.disable(logging.ERROR)

def private(n):
    os.umask(0o111)

def decimals(n):
    decimal.getcontext().prec = n

def switches(n):
    sys.setswitchinterval(0.5)

def thresholds(n):
    gc.set_threshold(n)

def on_signal(n):
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)

def profiled(n):
    sys.setprofile(lambda *_: None)

def digits(n):
    sys.set_int_max_str_digits(5000)

def unshown(n):
    warnings.showwarning = print

def built_in(n):
    builtins.more = n

def goes_on(n):
    threading.Timer(0.4, print).start()

def comes_back(n):
    with ThreadPoolExecutor(2) as pool:
        return [*pool.map(abs, [n, -n])]

def within(n):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
"""


def _no_longer_there(there: bool) -> None:
    if not there and hasattr(builtins, "more"):
        del builtins.more


# how to ask for what is everybody's, and to put it back
EVERYBODYS: list[tuple[Callable[[], Any], Callable[[Any], Any]]] = [
    (lambda: torch.is_autocast_enabled("cpu"), lambda on: torch.set_autocast_enabled("cpu", on)),
    (
        lambda: None,
        lambda _: torch._C._autograd._pop_saved_tensors_default_hooks() if hooked() else None,
    ),
    (torch._C._get_mkldnn_enabled, torch._C._set_mkldnn_enabled),
    (lambda: logging.root.manager.disable, logging.disable),
    (lambda: os.umask(0o22), os.umask),
    (lambda: decimal.getcontext().copy(), decimal.setcontext),
    (sys.getswitchinterval, sys.setswitchinterval),
    (gc.get_threshold, lambda was: gc.set_threshold(*was)),
    (lambda: signal.getsignal(signal.SIGUSR1), lambda was: signal.signal(signal.SIGUSR1, was)),
    (sys.getprofile, sys.setprofile),
    (sys.get_int_max_str_digits, sys.set_int_max_str_digits),
    (lambda: warnings.showwarning, lambda was: setattr(warnings, "showwarning", was)),
    (lambda: hasattr(builtins, "more"), _no_longer_there),
]


def hooked() -> bool:
    return torch._C._autograd._top_saved_tensors_default_hooks(True) is not None


@pytest.fixture
def part() -> types.ModuleType:
    module = types.ModuleType("part")
    exec(compile(SOURCE, "part.py", "exec"), module.__dict__)
    return module


@pytest.mark.parametrize(
    "name, said",
    [
        ("environ", "os.environ"),
        ("filters", "what warnings are shown"),
        ("torch_prints", "how torch prints"),
        ("numpy_prints", "how numpy prints"),
        ("deterministic", "torch.use_deterministic_algorithms"),
        ("deeper", "Python's recursion limit"),
        ("elsewhere", "the folder that files are looked for in"),
        ("nothing_tiny", "how numbers near 0 are kept (torch.set_flush_denormal)"),
        ("autocast", "torch.autocast"),
        (
            "saved",
            "what torch does with tensors that it saves for a gradient (saved_tensors_hooks)",
        ),
        ("onednn", "whether torch uses oneDNN (torch.backends.mkldnn)"),
        ("unlogged", "what is logged (logging.disable)"),
        ("private", "the permissions of new files (os.umask)"),
        ("decimals", "the precision of decimal's numbers"),
        ("switches", "how long a thread runs (sys.setswitchinterval)"),
        ("thresholds", "when garbage is collected (gc.set_threshold)"),
        ("on_signal", "what happens on a signal (signal.signal)"),
        ("profiled", "what watches every call (sys.setprofile, sys.settrace)"),
        ("digits", "how long a number Python reads (sys.set_int_max_str_digits)"),
        ("unshown", "what shows warnings and errors (warnings.showwarning, sys.excepthook)"),
        ("built_in", "one of Python's built-in functions"),
        ("goes_on", "how many threads run (threading)"),
        ("comes_back", ""),
        ("within", ""),
    ],
)
def test_settings_that_stay_changed(
    part: types.ModuleType, name: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBOOK", "0")
    monkeypatch.chdir(".")  # and back at the end
    limit, before = sys.getrecursionlimit(), [get() for get, _ in EVERYBODYS]
    try:
        with warnings.catch_warnings(), np.printoptions():
            found = runner.run_case(runner.call_target(name), part, {"n": 3}, 7)
    finally:
        torch.set_printoptions(profile="default")
        torch.use_deterministic_algorithms(False)
        torch.set_flush_denormal(False)
        sys.setrecursionlimit(limit)
        for (_, put), was in zip(EVERYBODYS, before, strict=True):
            put(was)
    assert found.get("left", []) == ([said] if said else [])
