"""Watches the first calls of what an exercise asks for: what of its arguments is another afterwards?

A scenario often makes what it hands over: a model, an optimizer, a graph of Values. Whether such a thing is
left as it was, but for what the exercise is there to change, is found out here for all of them: the
functions are called through a look before and a look behind. What the reference changes too is nobody's
fault (see ``part_judge``). This is the child's word, as all that is said about arguments (see ``inputs``).
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from threading import get_ident
from typing import Any

import numpy as np
import torch

from graders.ground import wire
from graders.ground.between import MADE, Act, Aside, unseen
from graders.ground.graphs import GRAPH, begins_here
from graders.ground.kinds import kinds_in
from graders.ground.leaving import MODES, modes
from graders.ground.looks import LESSONS, MANY, PLAIN, beside_only, is_data, looks, state
from graders.ground.turning import call_turned
from graders.ground.using_up import apart_from, handed

CALLS = 2  # of one function in one case that are watched, of a learner's code
TURNED = 1  # of them that are called with other arguments first: two cost twice as much
Look = dict[str, Any]


class Watch:
    """What was seen in one case.

    Attributes:
        changed: names such as "model.training" of what was another after a call.
        held: all names that were looked at.
        gave: what kind of thing came back, and what is in it: "MLP.parameters: list", "f[]: float".
        spoilt: whether a call changed what an earlier one, of another case, had given.
        modes: of torch's seed, gradients and default dtype, what was another after a call.
        before: what came of calls with other arguments, encoded.
        given: the same, as it is: who holds it does not expect it to change.
        graphs: the functions that gave a tensor of a graph that nothing they were given belongs to.
    """

    def __init__(
        self,
        calls: int = CALLS,
        between: Act | None = None,
        beside: bool = False,
        turned: bool = False,
    ) -> None:
        self.calls, self.aside, self.beside = calls, Aside(between), beside
        self.turned = turned  # each function is first called with its arguments turned (turning.py)
        self.before: list[bytes] = []
        self.given: list[Any] = []
        self.changed: set[str] = set()
        self.held: set[str] = set()
        self.gave: set[str] = set()
        self.spoilt = False
        self.modes: set[str] = set()
        self.graphs: set[str] = set()

    def note(self, answer: Any) -> None:
        """Keeps what came of a call with other arguments."""
        with suppress(Exception):
            self.before.append(wire.encode(answer))
            if is_data(answer) and not isinstance(answer, PLAIN):
                self.given += [answer, *_arrays(answer)]

    def look(self, bound: dict[str, Any]) -> Look:
        found: Look = {}
        for name, value in bound.items():
            for place, seen in (beside_only if self.beside else looks)(name, value):
                found[place] = seen
                if len(found) >= MANY:
                    return found
        return found

    def compare(self, before: Look, bound: dict[str, Any]) -> None:
        after = self.look(bound)
        self.held |= before.keys()
        self.changed |= {n for n, was in before.items() if n in after and after[n] != was}


_parameters: dict[Any, inspect.Signature] = {}
# what each function gave at first (in the case that comes once more, when that has run), and the latest, with
# the arrays in them, which outlast a list that is emptied (see use_up): between two cases, only memory of its
# own can reach them
_answers: dict[Any, list[Any]] = {}
KEPT = 1
CHANGING = torch.Tensor, np.ndarray, list, dict, set


def _arrays(answer: Any, depth: int = 3) -> list[Any]:
    """The tensors and arrays in a list, a tuple or a dict."""
    if isinstance(answer, (torch.Tensor, np.ndarray)):
        return [answer] if depth < 3 else []
    inside = [*answer.values()] if isinstance(answer, dict) else answer
    if not depth or not isinstance(inside, (list, tuple)):
        return []
    return [array for item in inside[:8] for array in _arrays(item, depth - 1)]


def _anything(*args: Any, **kwargs: Any) -> None:
    """Of what does not say what it takes."""


def _signature(function: Any) -> inspect.Signature:
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):
        return inspect.signature(_anything)


def _watched(function: Any, label: str, watch: Watch, swap: Callable[[Any], None]) -> Any:
    """A function, seen from outside; inside a watched call it is its own plain self."""
    if function not in _parameters:
        _parameters[function] = _signature(function)
    signature, here = _parameters[function], get_ident()
    left = [watch.calls if watch.aside.act is None else max(watch.calls, MADE)]
    turned: list[str] = []
    plain = "." not in label  # a function; a class, or a method of one, may build modules
    earlier = [*_answers.get(function, ())]
    theirs = [thing for answer, arrays in earlier for thing in (answer, *arrays)]

    def watched(*args: Any, **kwargs: Any) -> Any:
        if get_ident() != here:  # which thread comes first is luck
            return function(*args, **kwargs)
        swap(function)
        watch.aside.do(label, made=False)
        watch.given.clear()
        if watch.turned and len(turned) < TURNED and not label.endswith(".__init__"):
            turned.append(label)
            given = partial(function, *args, **kwargs)
            act = partial(call_turned, lambda: watch.note(given()), (args, kwargs), LESSONS)
            unseen(act, afresh=False)
        try:
            bound = signature.bind(*args, **kwargs).arguments
            before = watch.look(bound)
            others = [*theirs, *apart_from(watch.given, bound)]
            held = [*map(state, others)]
            set_ = modes(plain)
        except Exception:  # a call that fails, or something that cannot be looked at
            return function(*args, **kwargs)
        answer = function(*args, **kwargs)
        with suppress(Exception):
            watch.compare(before, bound)
            watch.modes |= {
                n for n, was, is_ in zip(MODES, set_, modes(plain), strict=True) if is_ != was
            }
            watch.gave.update(kinds_in(label, answer))
            again = isinstance(answer, CHANGING) and any(answer is one for one, _ in earlier)
            watch.spoilt |= again or [*map(state, others)] != held
            if begins_here(answer, bound):
                watch.graphs.add(GRAPH + label)
            if watch.calls == CALLS and signature.parameters:
                handed.append((answer, bound))
            if is_data(answer) and not isinstance(answer, PLAIN):
                held = _answers.setdefault(function, [])
                # what is asked for once more stands first
                held.insert(0 if watch.turned else len(held), (answer, _arrays(answer)))
                del held[1:-KEPT]
        left[0] -= 1
        if left[0] > 0:
            swap(watched)
        watch.aside.do(label, made=True)
        return answer

    watched.__dict__.update(getattr(function, "__dict__", {}))
    for name in ("__name__", "__qualname__", "__doc__", "__module__"):
        with suppress(Exception):  # a partial has no name
            setattr(watched, name, getattr(function, name))
    watched.__wrapped__ = function  # type: ignore[attr-defined]
    return watched


@contextmanager
def watching_calls(
    module: types.ModuleType,
    targets: tuple[str, ...],
    calls: int,
    between: Act | None = None,
    beside: bool = False,
    turned: bool = False,
) -> Iterator[Watch]:
    """Watches functions and methods of a module; of a class its own methods (``between``: see Aside).

    Where the values of the arguments are looked at elsewhere, only what hangs ``beside`` them is here.
    Before its first call each is called with its arguments ``turned``, where that is wanted.
    """
    watch, undo = Watch(calls, between, beside, turned), []
    for label, owner, name in _places(module, targets):
        function = vars(owner)[name]
        if inspect.isgeneratorfunction(function):
            continue

        def swap(now: Any, owner: Any = owner, name: str = name) -> None:
            with suppress(Exception):
                setattr(owner, name, now)

        with suppress(Exception):
            swap(_watched(function, label, watch, swap))
            undo.append((swap, function))
            watch.aside.watched.append((owner, name, function))
    try:
        yield watch
    finally:
        for swap, function in undo:
            swap(function)


@functools.cache
def _remembering() -> None:
    """Of the kind of functions that remember what they gave."""


CALLED = types.FunctionType, type(_remembering)


def _places(module: types.ModuleType, targets: tuple[str, ...]) -> Iterator[tuple[str, Any, str]]:
    for target in targets:
        home, _, name = target.rpartition(".")
        owner = getattr(module, home, None) if home else module
        thing = vars(owner).get(name) if owner is not None else None
        # a partial, a method of some object, what remembers what it gave: all are called
        if callable(thing) and not isinstance(thing, (type, staticmethod, classmethod)):
            yield target, owner, name
        elif isinstance(thing, type) and thing.__module__ == module.__name__:
            for inner, value in [*vars(thing).items()]:
                if isinstance(value, CALLED) and inner != "__repr__":
                    yield f"{target}.{inner}", thing, inner
