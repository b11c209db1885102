"""Watches the first calls of what an exercise asks for: what of its arguments is another afterwards?

A scenario often makes what it hands over: a model, an optimizer, a graph of Values. Whether such a thing is
left as it was, but for what the exercise is there to change, is found out here for all of them: the
functions are called through a look before and a look behind. What the reference changes too is nobody's
fault (see ``part_judge``). This is the child's word, as all that is said about arguments (see ``inputs``).
"""

from __future__ import annotations

import functools
import inspect
import marshal
import math
import types
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from threading import get_ident
from typing import Any

import numpy as np
import torch

from graders.ground import inputs
from graders.ground.between import MADE, Act, Aside
from graders.ground.graphs import GRAPH, begins_here
from graders.ground.kinds import kinds_in
from graders.ground.leaving import MODES, modes

CALLS = 2  # of one function in one case that are watched, of a learner's code
MANY = 200  # things that are looked at around one call
WIDE = 400  # items of an attribute that is looked into: a vocabulary of all bytes, and some merges
HUGE = 1_000_000  # elements of a tensor of which it is only seen whether it is written to
LARGE = 2_000  # elements of a tensor or a dict; of a larger one only the sum, or the size, is seen
PLAIN = int, float, bool, str, bytes, complex, type(None)
PLAIN_KINDS = frozenset(PLAIN)
LESSONS = "part", "reference", "mutant", "other", "noting"  # what a part is called as a module
_detach = torch.Tensor.detach
_sum, _to_numpy, _tobytes = torch.Tensor.sum, torch.Tensor.numpy, np.ndarray.tobytes
_marshal = marshal.dumps
_numel, _is_inference = torch.Tensor.numel, torch.Tensor.is_inference
_version = torch._C.TensorBase._version.__get__  # type: ignore[attr-defined]
_requires_grad = torch._C.TensorBase.requires_grad.__get__  # type: ignore[attr-defined]
_is_leaf = torch._C.TensorBase.is_leaf.__get__  # type: ignore[attr-defined]
_grad = torch._C.TensorBase.grad.__get__  # type: ignore[union-attr]
_hooks = torch._C.TensorBase._backward_hooks.__get__  # type: ignore[union-attr]
_Module = torch.nn.Module
_parameters_of = torch.nn.Module.parameters
HOOKS = "_forward_hooks", "_forward_pre_hooks", "_backward_hooks"
Look = dict[str, Any]


class Watch:
    """What was seen in one case.

    Attributes:
        changed: names such as "model.training" of what was another after a call.
        held: all names that were looked at.
        gave: what kind of thing came back, and what is in it: "MLP.parameters: list", "f[]: float".
        spoilt: whether a call changed what an earlier one, of another case, had given.
        modes: of torch's seed, gradients and default dtype, what was another after a call.
        graphs: the functions that gave a tensor of a graph that nothing they were given belongs to.
    """

    def __init__(
        self, calls: int = CALLS, between: Act | None = None, beside: bool = False
    ) -> None:
        self.calls, self.aside, self.beside = calls, Aside(between), beside
        self.changed: set[str] = set()
        self.held: set[str] = set()
        self.gave: set[str] = set()
        self.spoilt = False
        self.modes: set[str] = set()
        self.graphs: set[str] = set()

    def look(self, bound: dict[str, Any]) -> Look:
        found: Look = {}
        for name, value in bound.items():
            for place, state in (_beside_only if self.beside else _states)(name, value):
                found[place] = state
                if len(found) >= MANY:
                    return found
        return found

    def compare(self, before: Look, bound: dict[str, Any]) -> None:
        after = self.look(bound)
        self.held |= before.keys()
        self.changed |= {n for n, was in before.items() if n in after and after[n] != was}


def _states(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """What an argument is made of that a caller could miss, by the name one would type."""
    kind = type(value)
    if kind in PLAIN:
        return
    if isinstance(value, (torch.Tensor, np.ndarray, list, dict, set, tuple)):
        if (state := _state(value)) is not None:
            yield name, (state, isinstance(value, torch.Tensor) and _requires_grad(value))
            if isinstance(value, torch.Tensor):
                yield from _beside(name, value)
        if isinstance(value, dict) and (held := _tensors(value.values())):
            yield from _of_many(f"{name}.values()", held)
        if isinstance(value, (list, tuple)):
            if held := _tensors(value):
                yield from _of_many(name, held)
            for i, item in enumerate(value[:8]):
                if not isinstance(item, (torch.Tensor, np.ndarray, list, dict, set, tuple)):
                    yield from _states(f"{name}[{i}]", item)
        return
    if isinstance(value, _Module):
        yield f"[type(m) for m in {name}.modules()]", [*map(type, value.modules())]
        yield from _of_many(f"{name}.parameters()", [*_parameters_of(value)])
        yield from _of_module(name, value)
    mine = kind.__module__ in LESSONS
    if mine:
        yield f"{name}.__class__", kind
    own = getattr(value, "__dict__", None)
    if type(own) is dict and not isinstance(value, (type, types.FunctionType, types.MethodType)):
        for key, held in own.items():
            if isinstance(held, torch.Tensor) and name != "self":  # an object knows when it learns
                yield f"{name}.{key}.requires_grad", _requires_grad(held)
            telling = mine or key == "training" or isinstance(held, torch.Tensor)
            if telling and (not key.startswith("_") or key == "_prev") and _is_data(held):
                yield f"{name}.{key}", _state(held)


def _beside(name: str, tensor: torch.Tensor) -> Iterator[tuple[str, Any]]:
    """What hangs on a tensor beside its values."""
    if _is_leaf(tensor):
        yield f"{name}.grad", _gradient(tensor)
    yield f"{name}._backward_hooks", len(_hooks(tensor) or ())
    yield f"{name}.__dict__", [*tensor.__dict__]


def _beside_only(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Of an argument whose values somebody else looks at."""
    if isinstance(value, torch.Tensor):
        yield from _beside(name, value)


def _tensors(values: Iterable[Any]) -> list[torch.Tensor]:
    return [value for value in islice(values, MANY) if isinstance(value, torch.Tensor)]


def _of_many(name: str, tensors: list[torch.Tensor]) -> Iterator[tuple[str, Any]]:
    """The same of several at once, which leaves room for others among the MANY."""
    yield f"[p.requires_grad for p in {name}]", [*map(_requires_grad, tensors)]
    yield f"[p.grad for p in {name}]", [*map(_gradient, tensors)]
    yield f"[p._backward_hooks for p in {name}]", [len(_hooks(p) or ()) for p in tensors]


def _gradient(tensor: torch.Tensor) -> Any:
    grad = _grad(tensor) if _is_leaf(tensor) else None  # torch warns where another is asked
    return grad if grad is None else _state(grad)


def _of_module(name: str, module: torch.nn.Module) -> Iterator[tuple[str, Any]]:
    """The mode, the parameters and the buffers of a module and of all inside it."""
    yield f"{name}.training", module.training
    for hooks in HOOKS:
        yield f"{name}.{hooks}", len(getattr(module, hooks, ()))
    for held in (module._parameters, module._buffers):
        for key, tensor in held.items():
            if tensor is not None:
                yield f"{name}.{key}", _state(tensor)
    for key, inner in module._modules.items():
        if inner is not None:
            yield from _of_module(f"{name}.{key}", inner)


def _is_data(value: Any) -> bool:
    if isinstance(value, (list, tuple, set)):
        if len(value) >= WIDE:
            return False
        return PLAIN_KINDS.issuperset(map(type, value)) or all(_is_data(item) for item in value)
    if isinstance(value, dict):
        return len(value) < WIDE and all(_is_data(item) for item in value.values())
    return isinstance(value, (torch.Tensor, np.ndarray, *PLAIN))


def _state(value: Any) -> Any:
    """Its values. Where a tensor lies is asked where it matters."""
    if isinstance(value, torch.Tensor):
        plain = _detach(value)
        if _is_inference(value):
            return None
        if _numel(value) > HUGE:  # an expanded one may have a million million
            return _version(value)
        if _numel(value) > LARGE:
            return _version(value), float(_sum(plain))
        try:
            return plain.dtype, plain.shape, _tobytes(_to_numpy(plain))
        except (RuntimeError, TypeError):  # bfloat16, say
            return inputs.state(plain)[:1]
    if isinstance(value, (list, tuple, dict, set)) and len(value) > LARGE:
        return type(value), len(value)
    listed = isinstance(value, (list, tuple))
    if not (listed and value and isinstance(value[0], torch.Tensor)):
        with suppress(ValueError):  # it holds more than numbers and texts
            return type(value), _marshal(value, 2)
    if listed:
        return type(value), [_state(item) for item in value]
    if isinstance(value, dict):
        return [*value], [_state(item) for item in value.values()]
    if isinstance(value, (set, np.ndarray)):
        return inputs.state(value)
    return None


_parameters: dict[Any, inspect.Signature] = {}
# the first and the latest answer of each function, with the arrays in them, which outlast a list that is
# emptied (see use_up): between two cases, only memory of its own can reach them
_answers: dict[Any, list[Any]] = {}
KEPT = 1
CHANGING = torch.Tensor, np.ndarray, list, dict, set


# what was given since the last case began, and to whom
_handed: list[tuple[Any, dict[str, Any]]] = []


def use_up() -> None:
    """Changes what was given in the cases before, as a caller may: a memo that gives it again shows itself.

    Not what the caller has handed in, nor tensors that may belong to a model.
    """
    for answer, bound in _handed:
        given = [*bound.values()]
        with suppress(Exception):
            tensors = all(_is_data(value) for value in given)
            _use_up(answer, {id(value) for value in given}, given if tensors else None, 3)
    _handed.clear()


def _use_up(value: Any, theirs: set[int], given: list[Any] | None, depth: int) -> None:
    if id(value) in theirs or not depth:
        return
    if isinstance(value, (torch.Tensor, np.ndarray)):
        small = math.prod(value.shape) <= HUGE and getattr(value, "is_cpu", True)
        if small and given is not None and not any(_share(value, other) for other in given):
            with suppress(Exception):
                plain: Any = _detach(value) if isinstance(value, torch.Tensor) else value
                plain[...] = 1 - plain if plain.dtype in (torch.bool, np.bool_) else plain + 1
        return
    if isinstance(value, (list, tuple)):
        for item in value[:8]:
            _use_up(item, theirs, given, depth - 1)
    if type(value) is list:
        value[:] = [None]
    elif type(value) is dict:
        value.clear()
        value[None] = None
    elif type(value) is set:
        value.clear()
        value.add(None)


def _share(value: Any, other: Any) -> bool:
    """Whether two arrays lie in the same memory, or something in which there may be one."""
    if isinstance(other, PLAIN):
        return False
    if isinstance(value, torch.Tensor) and isinstance(other, torch.Tensor):
        return value.untyped_storage().data_ptr() == other.untyped_storage().data_ptr()
    if isinstance(value, np.ndarray) and isinstance(other, np.ndarray):
        return np.shares_memory(value, other)
    if isinstance(other, dict):
        other = [*other.values()]
    if isinstance(other, (list, tuple)):
        return any(_share(value, item) for item in other)
    return not isinstance(other, (torch.Tensor, np.ndarray))


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
    earlier = [*_answers.get(function, ())]
    theirs = [thing for answer, arrays in earlier for thing in (answer, *arrays)]

    def watched(*args: Any, **kwargs: Any) -> Any:
        if get_ident() != here:  # which thread comes first is luck
            return function(*args, **kwargs)
        swap(function)
        watch.aside.do(label, made=False)
        try:
            bound = signature.bind(*args, **kwargs).arguments
            before = watch.look(bound)
            held = [*map(_state, theirs)]
            set_ = modes()
        except Exception:  # a call that fails, or something that cannot be looked at
            return function(*args, **kwargs)
        answer = function(*args, **kwargs)
        with suppress(Exception):
            watch.compare(before, bound)
            watch.modes |= {
                n for n, was, is_ in zip(MODES, set_, modes(), strict=True) if is_ != was
            }
            watch.gave.update(kinds_in(label, answer))
            again = isinstance(answer, CHANGING) and any(answer is one for one, _ in earlier)
            watch.spoilt |= again or [*map(_state, theirs)] != held
            if begins_here(answer, bound):
                watch.graphs.add(GRAPH + label)
            if watch.calls == CALLS and signature.parameters:
                _handed.append((answer, bound))
            if _is_data(answer) and not isinstance(answer, PLAIN):
                held = _answers.setdefault(function, [])
                held.append((answer, _arrays(answer)))
                del held[1:-KEPT]  # the first may be asked for once more
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
) -> Iterator[Watch]:
    """Watches functions and methods of a module; of a class its own methods (``between``: see Aside).

    Where the values of the arguments are looked at elsewhere, only what hangs ``beside`` them is here.
    """
    watch, undo = Watch(calls, between, beside), []
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
