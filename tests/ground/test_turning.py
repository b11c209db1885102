"""A call with its arguments turned: who keeps answers shows it, and all is as it was afterwards."""

from __future__ import annotations

import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from graders.ground.runner import EARLIER, call_target, run_case
from graders.ground.turning import call_turned

HERE = (__name__,)


class Number:
    def __init__(self, data: float) -> None:
        self.data, self.kept = data, {"a": 1, "b": 2}


def _arguments() -> dict[str, Any]:
    weight = torch.nn.Parameter(torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
    weight.grad = torch.tensor([[5.0, 6.0], [7.0, 8.0]])
    model = torch.nn.Linear(2, 3)
    return {
        "tensor": torch.tensor([1, 2, 3]),
        "array": np.array([1.0, 2.0]),
        "list": [1, [2, 3], "x"],
        "dict": {"a": 1, "b": 2, "c": 3},
        "set": {1, 2},
        "weight": weight,
        "model": model,
        "optimizer": torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.5),
        "number": Number(1.5),
        "generator": torch.Generator().manual_seed(1),
        "half": torch.tensor([1.0, 2.0], dtype=torch.bfloat16),
    }


def _look(held: dict[str, Any]) -> list[Any]:
    model, number = held["model"], held["number"]
    return [
        *(held[n].tolist() for n in ("tensor", "array", "weight", "half")),
        *(repr(held[n]) for n in ("list", "dict", "set")),
        *(held["weight"].grad.tolist(), held["weight"].data_ptr(), id(held["weight"].grad)),
        *({k: v.tolist() for k, v in model.state_dict().items()}, model.training),
        *([p.grad for p in model.parameters()], dict(held["optimizer"].state)),
        *(held["optimizer"].param_groups[0]["lr"], dict(vars(number)), dict(number.kept)),
        held["generator"].get_state().tolist(),
    ]


def test_everything_is_put_back_whatever_the_call_does() -> None:
    held = _arguments()
    before, seen = _look(held), []

    def act() -> None:
        seen.append(_look(held))
        with torch.no_grad():
            held["weight"].add_(1)
        held["weight"].data = torch.zeros(2, 2)
        held["weight"].grad = None
        held["model"](torch.ones(1, 2)).sum().backward()
        held["optimizer"].step()
        held["optimizer"].param_groups[0]["lr"] = 3.0
        held["model"].eval()
        held["list"].append(4)
        held["list"][0] = 7
        held["dict"].clear()
        held["set"].add(5)
        held["number"].kept["c"] = 3
        held["number"].more = 1
        torch.rand(3, generator=held["generator"])
        raise ValueError("and then it fails")

    call_turned(act, held, HERE)
    assert (
        len(seen) == 4
    )  # of an object's own numbers both signs are tried; it fails, and is called again
    assert seen[0][:3] == [[3, 2, 3], [2.0, 2.0], [[4.0, 3.0], [2.0, 4.0]]]
    assert seen[0][5] == "{'a': 2, 'b': 3, 'c': 2}"
    assert [s[-3]["data"] for s in seen] == [-0.5, -0.5, 1.0, 1.0]
    assert _look(held) == before


def test_a_call_that_never_ends_is_ended() -> None:
    held = [1, 2]

    def act() -> None:
        while held[0] == 2:
            len(held)

    call_turned(act, (held,), HERE)
    assert held == [1, 2]


graph = torch.ones(2, requires_grad=True) * 2


@pytest.mark.parametrize(
    "strange",
    [graph, iter([1]), torch.ones(200_000), types.SimpleNamespace(x=object())]
    + [Path("a"), __file__],
)
def test_what_cannot_be_put_back_is_left_alone(strange: Any) -> None:
    calls: list[int] = []
    call_turned(lambda: calls.append(1), ([1, 2], strange), HERE)
    assert not calls
    call_turned(lambda: calls.append(1), ([1, 2], open), HERE)  # what C has made keeps nothing
    assert calls == [1]


def test_where_nothing_can_be_turned_nothing_is_called() -> None:
    calls: list[int] = []
    call_turned(lambda: calls.append(1), (3, "x", (1.5,), []), HERE)
    assert not calls


def _memo(key: Callable[[Any], Any]) -> types.ModuleType:
    module, kept = types.ModuleType("part"), {}

    def total(x: Any) -> Any:
        if key(x) not in kept:
            kept[key(x)] = sum(x.values() if isinstance(x, dict) else x), x
        return kept[key(x)][0]

    total.__module__ = "part"
    module.total = total  # type: ignore[attr-defined]
    return module


@pytest.mark.parametrize("made", [dict, list, torch.tensor])
def test_an_answer_kept_for_an_object_of_this_size_is_given_again(made: Any) -> None:
    value = {"a": 5, "b": 1, "c": 4} if made is dict else made([5, 1, 3])

    def scenario(m: Any, x: Any) -> Any:
        return int(m.total(x))

    for turning, right in ((False, True), (True, False)):
        module = _memo(lambda x: (id(x), len(x)))
        outcome = run_case(scenario, module, {"x": value}, 0, targets=("total",), turning=turning)
        plain = run_case(scenario, _memo(id), {"x": value}, 0)
        assert (outcome["value"] == plain["value"]) is right


def test_an_answer_that_a_later_call_writes_into_is_seen() -> None:
    module, kept = types.ModuleType("part"), []

    def doubled(x: list[int], generator: torch.Generator) -> list[int]:
        kept[:] = [2 * i for i in x]
        return kept

    def longer(x: list[int], generator: torch.Generator) -> list[int]:
        x.append(1)  # it is what it was given that comes back
        return x

    for function in (doubled, longer):
        module.f = function  # type: ignore[attr-defined]
        case = {"x": [1, 2, 3], "generator": torch.Generator()}
        outcome = run_case(call_target("f"), module, case, 0, targets=("f",), turning=True)
        assert (EARLIER in outcome.get("left", ())) is (function is doubled)
