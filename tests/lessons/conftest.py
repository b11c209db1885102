"""A part's program reads no options where a kernel runs it: here none does, whatever was imported before."""

import sys

import pytest


@pytest.fixture(autouse=True)
def no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
