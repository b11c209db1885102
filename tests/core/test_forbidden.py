"""Autograd is noticed in what an exercise reaches, and nowhere else."""

from __future__ import annotations

import ast

import pytest

from graders.core.forbidden import mentions

AROUND = """
import torch
from torch import autograd as ag

def helper(x):
    {helper}

def f(x):
    {body}

def main():
    x = torch.ones(2, requires_grad=True)
    f(x).backward()
"""


def found(body: str, helper: str = "return x") -> str:
    return mentions(ast.parse(AROUND.format(body=body, helper=helper)), ("f",))


@pytest.mark.parametrize(
    "body",
    [
        "x.requires_grad_(); return x",
        "return torch.autograd.grad(x, x)",
        "y = torch.zeros(2, requires_grad=True); return y",
        "x.sum().backward(); return x.grad",
        "return getattr(torch, 'autograd')",
        "return torch.func.vjp(helper, x)",
        "with _disable_current_modes(): return x",
    ],
)
def test_it_is_noticed(body: str) -> None:
    assert found(body)
    assert found("return helper(x)", helper=body)


@pytest.mark.parametrize(
    "body",
    [
        "return helper(x)",
        "return backward(x)",
        "return x.T @ x  # no autograd here",
        "assert not x.requires_grad; return x",
        "return torch.zeros(2, requires_grad=False)",
    ],
)
def test_honest_code_is_left_alone(body: str) -> None:
    assert found(body) == ""


def test_a_method_of_ones_own_may_be_called_backward() -> None:
    layer = "class Layer:\n    def backward(self, dout):\n        return dout\n"
    called = "def f(x):\n    return Layer().backward(x)\n"
    assert mentions(ast.parse(layer + called), ("f",)) == ""
    assert mentions(ast.parse(called), ("f",)) == "backward"
    assert mentions(ast.parse(layer + called.replace("Layer()", "x.grad_fn")), ("f",)) == "grad_fn"
