"""How the process is set stays as it was: warnings, prints, threads, its environment."""

from __future__ import annotations

import sys
import types
import warnings

import numpy as np
import pytest
import torch

from graders.ground import runner

SOURCE = """
import os, sys, warnings
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

def within(n):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
"""


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
        ("within", ""),
    ],
)
def test_settings_that_stay_changed(
    part: types.ModuleType, name: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBOOK", "0")
    monkeypatch.chdir(".")  # and back at the end
    limit = sys.getrecursionlimit()
    try:
        with warnings.catch_warnings(), np.printoptions():
            found = runner.run_case(runner.call_target(name), part, {"n": 3}, 7)
    finally:
        torch.set_printoptions(profile="default")
        torch.use_deterministic_algorithms(False)
        torch.set_flush_denormal(False)
        sys.setrecursionlimit(limit)
    assert found.get("left", []) == ([said] if said else [])
