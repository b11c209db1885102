"""What a function changes beside its answer is seen, and watching it leaves it as it is."""

from __future__ import annotations

import functools
import sys
import threading
import types
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from graders.ground.using_up import use_up
from graders.ground.watcher import CALLS, Watch, watching_calls

SOURCE = """
import torch
from torch import nn

calls = 0

class Counter:
    def __init__(self, n):
        self.n = n
        self.seen = []

    def add(self, k):
        self.n += k
        return self.n

    def peek(self):
        return [self.n]

def f(x, model=None, names=None, counter=None, what="", t=None):
    global calls
    calls += 1
    if what == "x":
        x += 1
    if what == "mode":
        model.eval()
    if what == "weight":
        with torch.no_grad():
            model[0].weight += 1
    if what == "put back":
        x += 1
        x -= 1
    if what == "names":
        names["a"].append(1)
    if what == "counter":
        counter.n = 9
    if what == "of its own":
        counter.memory = 9
    if what == "grad":
        (model(x.float()).sum()).backward()
    if what == "frozen":
        model[0].weight.requires_grad_(False)
    if what == "hook":
        model.register_forward_hook(print)
        model[0].register_full_backward_hook(print)
    if what == "hook on a tensor":
        t.register_hook(print)
    if what == "stop":
        raise ValueError("no")
    return (1, 2)

def down(n):
    return 0 if n == 0 else 1 + down(n - 1)
"""


@pytest.fixture
def part() -> Iterator[types.ModuleType]:
    module = types.ModuleType("part")
    sys.modules["part"] = module
    exec(SOURCE, module.__dict__)
    yield module
    del sys.modules["part"]


def called(part: types.ModuleType, what: str) -> Watch:
    model = torch.nn.Sequential(torch.nn.Linear(2, 1), torch.nn.Dropout())
    given = dict(
        x=torch.tensor([1, 2]),
        model=model,
        names={"a": [0.5]},
        counter=part.Counter(3),
        what=what,
        t=torch.ones(2, requires_grad=True),
    )
    with watching_calls(part, ("f",), 2) as watch:
        part.f(**given)
    return watch


@pytest.mark.parametrize(
    "what, changed",
    [
        ("", set()),
        ("x", {"x"}),
        ("mode", {"model.training", "model.0.training", "model.1.training"}),
        ("weight", {"model.0.weight"}),
        ("put back", set()),
        ("names", {"names"}),
        ("counter", {"counter.n"}),
        ("of its own", set()),
        ("grad", {"[p.grad for p in model.parameters()]"}),
        ("frozen", {"[p.requires_grad for p in model.parameters()]"}),
        ("hook", {"model._forward_hooks", "model.0._backward_hooks"}),
        ("hook on a tensor", {"t._backward_hooks"}),
    ],
)
def test_what_is_seen(part: types.ModuleType, what: str, changed: set[str]) -> None:
    watch = called(part, what)
    assert watch.changed == changed
    assert {"x", "model.training", "model.0.bias", "names", "counter.n"} <= watch.held
    assert watch.gave == {"f: tuple", "f[0]: int", "f[1]: int"}


def test_a_class_is_watched_by_its_methods(part: types.ModuleType) -> None:
    with watching_calls(part, ("Counter",), 2) as watch:
        counter = part.Counter(2)
        counter.peek()
        counter.add(3)
    assert watch.changed == {"self.n"}
    peek = {"Counter.peek: list", "Counter.peek[]: int"}
    assert watch.gave == {"Counter.__init__: None", "Counter.add: int", *peek}


def test_afterwards_all_is_as_it_was(part: types.ModuleType) -> None:
    plain = part.f
    with watching_calls(part, ("f",), 2):
        assert part.f is not plain
        for _ in range(3):
            part.f(torch.ones(1))
        assert part.f is plain  # after the calls that are watched, nothing is in the way
    assert part.f is plain and part.calls == 3
    with watching_calls(part, ("f",), 2) as watch, pytest.raises(ValueError, match="no"):
        part.f(torch.ones(1), what="stop")
    assert part.f is plain and not watch.gave


def test_deep_recursion_goes_as_deep(part: types.ModuleType) -> None:
    limit = sys.getrecursionlimit()
    depth = limit - len(_frames()) - 60
    with watching_calls(part, ("down",), 2):
        assert part.down(depth) == depth


def test_other_threads_are_left_alone(part: types.ModuleType) -> None:
    """Which of them comes first is luck."""
    with watching_calls(part, ("f",), 2) as watch:
        thread = threading.Thread(target=part.f, args=(torch.ones(1),), kwargs={"what": "x"})
        thread.start()
        thread.join()
    assert not watch.changed and not watch.gave


@pytest.mark.parametrize("target", ["nothing", "Nothing.here", "calls", "torch"])
def test_what_cannot_be_watched_is_not(part: types.ModuleType, target: str) -> None:
    with watching_calls(part, (target,), 2) as watch:
        part.f(torch.ones(1))
    assert not watch.gave


def _frames() -> list[Any]:
    frame, found = sys._getframe(), []
    while frame is not None:
        found.append(frame)
        frame = frame.f_back  # type: ignore[assignment]
    return found


def test_an_earlier_answer_that_changes_is_seen(part: types.ModuleType) -> None:
    """Of another case: only memory of the function's own can reach it, or hand it out again."""
    exec("buffer = torch.zeros(2)\ndef fill(x):\n    return buffer.copy_(x)", part.__dict__)
    exec("def listed(x):\n    return {'both': [buffer.copy_(x), 1]}", part.__dict__)
    exec("kept = {}\ndef cached(x):\n    return kept.setdefault(x, [x])", part.__dict__)
    for name, given, spoilt in [
        ("fill", (torch.ones(2), torch.arange(2.0), torch.ones(2)), [False, True, True]),
        ("listed", (torch.ones(2), torch.arange(2.0), torch.ones(2)), [False, True, True]),
        ("cached", (1, 2, 1), [False, False, True]),
    ]:
        seen = []
        for x in given:
            with watching_calls(part, (name,), 2) as watch:
                getattr(part, name)(x)
            seen.append(watch.spoilt)
            if name == "listed":
                use_up()  # as before each case: the list is emptied, and what was in it is known still
        assert seen == spoilt


def test_what_was_given_is_used_up_before_the_next_case(part: types.ModuleType) -> None:
    """Lists, dicts and tensors; not what the caller handed in, nor what shares its memory."""
    exec("def both(x, y):\n    return [x, [1], {}, y, y[:1], y + 1]", part.__dict__)
    x, y = [3], torch.zeros(2)
    with watching_calls(part, ("both",), CALLS):
        first = part.both(x, y)
        inner, mine = [*first], first[5]
    use_up()
    assert first == [None] and inner[1:3] == [[None], {None: None}]
    assert x == [3] and y.tolist() == [0, 0] and mine.tolist() == [2, 2]


@pytest.mark.parametrize(
    "made",
    ["functools.partial(f)", "memory.f", "functools.lru_cache(f)", "Callable(f)"],
)
def test_whatever_is_called_is_watched(part: types.ModuleType, made: str) -> None:
    part.__dict__["functools"] = functools

    class Callable:
        def __init__(self, f: Any) -> None:
            self.f = f

        def __call__(self, x: Any, what: str = "") -> Any:
            return self.f(x, what=what)

    part.__dict__["Callable"], part.__dict__["memory"] = Callable, types.SimpleNamespace(f=part.f)
    exec(f"f = {made}", part.__dict__)
    with watching_calls(part, ("f",), 2) as watch:
        assert part.f(torch.tensor([1, 2]) if "lru" in made else torch.ones(2), what="x") == (1, 2)
    assert watch.changed == {"x"} and watch.gave == {"f: tuple", "f[0]: int", "f[1]: int"}
