"""Calls a function while its arguments hold something else, in place; then everything is as it was.

Who keeps an answer for an argument (its id, its shape, its length) gives the wrong one when the same object
holds something else. So at a call that comes once more, what the arguments are made of is turned first: the
numbers of a tensor and the items of a list stand in another order, and one of them twice, each key has the
value of the next; nothing gets another size. The function is called with that, and nobody looks at what comes
of it. Then all that can be reached from the arguments, ``self`` too, is put back, whatever that call did to
it; the true call follows.

Where something is reached that cannot be put back (a graph, an iterator, a file, a function of the check's
own), the call is left out.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import sys
import types
from collections.abc import Callable, Iterator
from functools import partial
from operator import is_
from typing import Any

import numpy as np
import torch

MANY = 3_000  # things that are reached
LARGE = 100_000  # elements of a tensor
CALLS = 20_000  # that a call with other arguments may make: it may not come to an end
PLAIN = (
    *(int, float, bool, str, bytes, complex, type(None), type, range, slice),
    *(torch.dtype, torch.device, torch.layout, types.ModuleType),
    *(re.Pattern, types.BuiltinFunctionType),
)
OURS = "graders", "scenarios"
_detach, _clone, _to_numpy = torch.Tensor.detach, torch.Tensor.clone, torch.Tensor.numpy
_grad = torch._C.TensorBase.grad.__get__  # type: ignore[union-attr]
_set_grad = torch._C.TensorBase.grad.__set__  # type: ignore[union-attr]
_graph = torch._C.TensorBase.grad_fn.__get__  # type: ignore[union-attr]
_is_grad_enabled, _set_grad_enabled = torch.is_grad_enabled, torch._C._set_grad_enabled


class Unknown(Exception):
    """Something that cannot be put back."""


class Endless(BaseException):
    """The call does not come to an end; no ``except Exception`` may hide it."""


def call_turned(act: Callable[[], object], arguments: Any, lessons: tuple[str, ...]) -> None:
    """Calls ``act`` while what the arguments are made of is in another order. Does not raise.

    Args:
        lessons: the modules whose objects' own numbers are other ones, too.
    """
    reached = _Reached(lessons)
    try:
        reached.walk(arguments)
    except Exception:
        return
    grad = _is_grad_enabled()
    try:
        for sign in (-1, 1) if reached.numbers else (1,):
            # with one thing twice, where that can be: else an answer may be right by chance
            for twice in (True, False):
                if reached.turn(sign, twice) and _ends(act):
                    break
                reached.put_back()
            reached.put_back()
    finally:
        _set_grad_enabled(grad)
        reached.put_back()


def _ends(act: Callable[[], object]) -> bool:
    """Whether it came to an end without an exception."""
    with contextlib.suppress(Exception, Endless), _no_longer_than(CALLS):
        act()
        return True
    return False


class _Reached:
    """All that can be reached from some arguments, with what puts it back and what turns it."""

    def __init__(self, lessons: tuple[str, ...]) -> None:
        self.lessons = lessons
        self.seen: dict[int, Any] = {}
        self.back: list[Callable[[], object]] = []
        self.turns: list[Callable[[bool], bool]] = []
        self.numbers: list[dict[str, Any]] = []

    def turn(self, sign: int, twice: bool) -> bool:
        """Whether anything is another now. What stands in an object may have the other ``sign``, too."""
        turned = False
        for turn in self.turns:
            with contextlib.suppress(Exception):
                turned |= turn(twice)
        for own in self.numbers:
            turned |= _turn_numbers(own, sign)
        return turned

    def put_back(self) -> None:
        for back in reversed(self.back):
            with contextlib.suppress(Exception):
                back()

    def walk(self, value: Any) -> None:
        """Raises Unknown, or whatever a strange object raises."""
        left = [value]
        while left:
            value = left.pop()
            if isinstance(value, str) and _is_a_path(value):
                raise Unknown  # a file that is written twice may be another
            if isinstance(value, PLAIN) or id(value) in self.seen:
                continue
            self.seen[id(value)] = value  # held: its id is its own
            if len(self.seen) > MANY:
                raise Unknown
            left += self._inside(value)

    def _inside(self, value: Any) -> Iterator[Any]:
        if isinstance(value, torch.Tensor):
            yield from self._tensor(value)
        elif isinstance(value, np.ndarray):
            self.back.append(partial(np.copyto, value, value.copy()))
            self.turns.append(partial(_turn_array, value))
        elif isinstance(value, (list, bytearray)):
            self.back.append(partial(value.__setitem__, slice(None), value[:]))
            self.turns.append(partial(_turn_list, value))
            yield from value
        elif isinstance(value, dict):
            self.back.append(partial(_refill, value, dict(value)))
            self.turns.append(partial(_turn_dict, value))
            yield from value.values()
        elif isinstance(value, set):
            self.back.append(partial(_refill, value, set(value)))
            yield from value
        elif isinstance(value, (tuple, frozenset)):
            yield from value
        elif isinstance(value, torch.Generator):
            self.back.append(partial(value.set_state, value.get_state()))
        elif isinstance(value, random.Random):
            self.back.append(partial(value.setstate, value.getstate()))
        elif isinstance(value, types.FunctionType):
            if str(value.__module__).startswith(OURS):  # it may count its calls
                raise Unknown
        else:
            yield from self._object(value)

    def _tensor(self, value: torch.Tensor) -> Iterator[Any]:
        if _graph(value) is not None or value.numel() > LARGE or value.layout != torch.strided:
            raise Unknown
        plain = _detach(value)
        if 0 in [*plain.stride()] and plain.numel() > 1:
            return  # its elements lie in one place
        kept = _clone(plain)
        self.back.append(partial(_restore, value, plain, kept))
        self.turns.append(partial(_turn_tensor, plain, kept))
        grad = _grad(value)
        self.back.append(partial(_set_grad, value, grad))
        if grad is not None:
            yield grad

    def _object(self, value: Any) -> Iterator[Any]:
        kind, own = type(value), getattr(value, "__dict__", None)
        mine = kind.__module__ in self.lessons
        torchs = isinstance(value, (torch.nn.Module, torch.optim.Optimizer))
        if type(own) is not dict or (callable(value) and not (mine or torchs)):
            raise Unknown
        if kind.__module__.startswith(OURS):
            raise Unknown
        self.back.append(partial(_refill, own, dict(own)))
        if mine and not torchs and float in map(type, own.values()):
            self.numbers.append(own)
        yield from own.values()


def _is_a_path(text: str) -> bool:
    """Whether it names something in a folder that is there."""
    return os.sep in text[:300] and os.path.isdir(os.path.dirname(text))


def _write(plain: torch.Tensor, values: torch.Tensor) -> None:
    """Without a trace in the tensor's version, where that can be."""
    try:
        _to_numpy(plain)[...] = _to_numpy(values)
    except TypeError:  # bfloat16, say
        plain.copy_(values)


def _restore(tensor: torch.Tensor, plain: torch.Tensor, values: torch.Tensor) -> None:
    """In the memory where it was: ``p.data = ...`` may have given it another."""
    _write(plain, values)
    if tensor.data_ptr() != plain.data_ptr() or tensor.shape != plain.shape:
        tensor.data = plain


def _refill(held: Any, was: Any) -> None:
    if [*map(id, held)] == [*map(id, was)] and (
        isinstance(held, set) or all(held[key] is was[key] for key in was)
    ):
        return
    held.clear()
    held.update(was)


def _turn_tensor(plain: torch.Tensor, kept: torch.Tensor, twice: bool) -> bool:
    flat = kept.reshape(-1).flip(0)
    if twice:  # nor is the sum the same, or the set
        flat[-1:] = flat[:1]
    if torch.equal(flat, kept.reshape(-1)):  # the same from behind
        flat = flat.roll(1)
    other = flat.view(kept.shape)
    if torch.equal(other, kept) and kept.is_floating_point():
        other = kept * 0.5 + 0.25
    _write(plain, other)
    return not torch.equal(other, kept)


def _turn_array(array: np.ndarray, twice: bool) -> bool:
    was = array.copy()
    flat = was.reshape(-1)[::-1].copy()
    if twice:
        flat[-1:] = flat[:1]
    array[...] = flat.reshape(was.shape)
    return not np.array_equal(array, was)


def _turn_list(held: Any, twice: bool) -> bool:
    was = held[:]
    held.reverse()
    if twice:
        held[-1:] = held[:1]
    if all(map(is_, held, was)):  # the same from behind
        held[:] = was[1:] + was[:1]
    return not all(map(is_, held, was))


def _turn_dict(held: dict[Any, Any], twice: bool) -> bool:
    """The values of a dict move on by one key, if all are of one kind that is plain."""
    kinds = {type(v) for v in held.values()}
    if len(held) < 2 or len(kinds) > 1 or not kinds <= {int, float, str, bytes}:
        return False
    values = [*held.values()]
    last = values[1:2] if twice else values[:1]
    for key, value in zip([*held], values[1:] + last, strict=True):
        held[key] = value
    return True


def _turn_numbers(own: dict[str, Any], sign: int) -> bool:
    found = [key for key, value in own.items() if type(value) is float]
    for key in found:
        own[key] = sign * own[key] * 0.5 + 0.25
    return bool(found)


@contextlib.contextmanager
def _no_longer_than(calls: int) -> Iterator[None]:
    left, before = [calls], sys.getprofile()

    def count(*_: object) -> None:
        left[0] -= 1
        if left[0] < 0:
            sys.setprofile(None)
            raise Endless

    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(before)
