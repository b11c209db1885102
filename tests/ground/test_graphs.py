"""A graph that begins inside a call is seen, and only such a one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from graders.ground.graphs import begins_here

plain, leaf = torch.ones(2), torch.ones(2, requires_grad=True)
layer = torch.nn.Linear(2, 1)


@pytest.mark.parametrize(
    "arguments, begins",
    [
        ({"x": plain}, True),
        ({"x": [plain, {"deep": plain}], "n": 3, "names": "abc"}, True),
        ({"self": SimpleNamespace(weight=plain), "ix": torch.arange(3)}, True),
        ({"x": leaf}, False),
        ({"x": plain, "model": layer}, False),  # its parameters
        ({"self": SimpleNamespace(layers=[SimpleNamespace(weight=leaf)]), "x": plain}, False),
        ({"x": plain, "f": lambda x: x * leaf}, False),  # what a closure holds is not seen
        ({"fan_in": 3, "ix": torch.arange(3)}, False),  # may well make a parameter
    ],
)
def test_what_goes_in_says_whether_a_graph_begins(arguments: Any, begins: bool) -> None:
    assert begins_here([0.5, {"answer": leaf * 2}], arguments) == begins
    assert not begins_here((plain, 0.5), arguments)
