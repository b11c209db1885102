"""What can be wrong around a call: answers that are remembered, things that are changed beside the answer."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import is_dataclass
from inspect import Parameter
from typing import Any

import numpy as np
import torch

from graders.core.mutants.arguments import NOT_GIVEN, plainly
from graders.core.mutants.places import Around, Call
from graders.core.mutants.values import PLAIN as VALUES
from graders.core.mutants.values import (
    SAME,
    attributes,
    deep,
    differ,
    form,
    is_data,
    kept,
    tensors,
)  # fmt: skip

# -- a call that answers for another ----------------------------------------------------------------


def _remembered(key: Callable[[Call], Any]) -> Around:
    """Answers as it did before, where the key is one that was seen."""

    def around(call: Call) -> Any:
        before = call.memory.kept.get(key(call))
        mine = kept(call.arguments), call.self
        if before is not None:
            answer, arguments, _ = before
            if call.method or (differ(arguments, mine[0]) and _is_another(call, answer)):
                call.memory.active = True
            return kept(answer)
        answer = call()
        call.memory.kept[key(call)] = kept(answer), *mine
        return answer

    return around


def _is_another(call: Call, answer: Any) -> bool:
    """Whether an answer is not what the call gives, as far as that can be asked."""
    if call.method or not is_data(list(call.arguments.values())):
        return True
    plain = plainly(call)
    if plain is NOT_GIVEN:  # with these arguments it gives none
        return False
    return bool(plain != answer) if is_dataclass(plain) else differ(plain, answer)


def _same_things(call: Call) -> Any:
    """Answers as it did before for the same objects, whatever they hold by now."""
    things = [*call.bound.arguments.values()]
    key = tuple(v if isinstance(v, (*VALUES, tuple)) else id(v) for v in things)
    now = kept(call.arguments), kept([*attributes(call.self).values()]), things
    try:
        before = call.memory.kept.get(key)
    except TypeError:  # a tuple with a list in it
        return call()
    if before is None:
        answer = call()
        call.memory.kept[key] = kept(answer), *now  # with the objects, whose ids may be given anew
        return answer
    if (differ(before[1], now[0]) or differ(before[2], now[1])) and _is_another(call, before[0]):
        call.memory.active = True
    return kept(before[0])


def _adds(call: Call) -> Any:
    """Lists and dicts go on where the last call's ended, numbers are added to."""
    answer = call()
    if not is_data(answer):
        return answer
    first = call.memory.kept.setdefault("first", kept(answer))

    def change(v: Any) -> Any:
        if type(v) is list and type(first) is list and "second" in call.memory.kept:
            return first + v
        if type(v) is dict and type(first) is dict and "second" in call.memory.kept:
            return {**first, **v}
        if (
            type(v) in (float, torch.Tensor)
            and type(first) is type(v)
            and "second" in call.memory.kept
        ):
            # the mean itself may be 0
            more = torch.as_tensor(first).detach().double().abs().mean()
            if isinstance(v, torch.Tensor):
                return v + more.to(v.dtype) if v.dtype != torch.bool else SAME
            return v + more.item()
        return SAME

    new = deep(answer, change)
    call.memory.kept["second"] = True
    if new is SAME or not differ(new, answer):
        return answer
    call.memory.active = True
    return new


def _one_buffer(call: Call) -> Any:
    """The same memory for every answer of one form: the last answer overwrites those before."""
    answer = call()

    def change(v: Any) -> Any:
        if not isinstance(v, torch.Tensor) or v.requires_grad or v.is_inference():
            return SAME
        buffer = call.memory.kept.get(form(v))
        if buffer is None:
            call.memory.kept[form(v)] = v
            return SAME
        if differ(buffer, v):
            call.memory.active = True
        buffer.data.copy_(v)
        return buffer

    new = deep(answer, change)
    return answer if new is SAME else new


# -- generators, modes, exceptions -------------------------------------------------------------------


def _given(call: Call) -> list[Any]:
    kinds = torch.Generator, np.random.Generator, random.Random
    return [v for v in call.arguments.values() if isinstance(v, kinds)]


def _state(generator: Any) -> Any:
    if isinstance(generator, torch.Generator):
        return generator.get_state()
    if isinstance(generator, random.Random):
        return generator.getstate()
    return generator.bit_generator.state


def _set(generator: Any, state: Any) -> None:
    if isinstance(generator, torch.Generator):
        generator.set_state(state)
    elif isinstance(generator, random.Random):
        generator.setstate(state)
    else:
        generator.bit_generator.state = state


def _once_more(call: Call) -> Any:
    answer = call()
    for generator in _given(call):
        call.memory.active = True
        if isinstance(generator, torch.Generator):
            torch.rand(1, generator=generator)
        else:
            generator.random()
    return answer


def _left_alone(call: Call) -> Any:
    before = [(g, _state(g)) for g in _given(call)]
    answer = call()
    for generator, state in before:
        if str(_state(generator)) != str(state) or (
            isinstance(state, torch.Tensor) and not torch.equal(state, _state(generator))
        ):
            call.memory.active = True
        _set(generator, state)
    return answer


def _afterwards(do: Callable[[], Any]) -> Around:
    def around(call: Call) -> Any:
        answer = call()
        call.memory.active = True
        do()
        return answer

    return around


def _swallowed(call: Call) -> Any:
    try:
        return call()
    except Exception:
        call.memory.active = True
        return None


class AnotherError(Exception):
    """What nobody expects."""


def _of_another_type(call: Call) -> Any:
    try:
        return call()
    except Exception as error:
        call.memory.active = True
        raise AnotherError(str(error)) from None


def _without_graph(call: Call) -> Any:
    if not torch.is_grad_enabled():
        return call()
    with torch.no_grad():
        answer = call()
    held = [*tensors(list(call.arguments.values())), *tensors(attributes(call.self))]
    if any(t.requires_grad for t in held):
        call.memory.active = True
    return answer


# -- something else that is changed ------------------------------------------------------------------


def _other(v: Any) -> Any:
    """Another value of the same kind; tensors are changed where they lie."""
    if isinstance(v, torch.Tensor):
        if not v.numel() or v.is_inference():
            return SAME
        if v.dtype == torch.bool:
            v.data.logical_not_()
        else:
            v.data.add_(1)
        return v
    if isinstance(v, np.ndarray):
        if not v.size or not v.flags.writeable:
            return SAME
        v += 1
        return v
    if isinstance(v, bool):
        return not v
    if isinstance(v, (int, float)):
        return v + 1
    if isinstance(v, str):
        return v + "?"
    if v is None:
        return 0
    return SAME


def _spoil(v: Any) -> bool:
    """Changes something that is an argument; False where nothing can be changed."""
    if isinstance(v, (torch.Tensor, np.ndarray)):
        return _other(v) is not SAME
    if type(v) is list:
        v.append(v[-1] if v else 0)
        return True
    if type(v) is dict:
        v["?"] = 0
        return True
    if isinstance(v, set):
        v.add("?")
        return True
    return False


def _spoil_inside(v: Any) -> bool:
    """Changes the first thing inside a list, tuple or dict."""
    if type(v) not in (list, tuple, dict) or not v:
        return False
    key = next(iter(v)) if type(v) is dict else 0
    if type(v[key]) in (list, dict, torch.Tensor, np.ndarray):
        return _spoil(v[key])
    new = _other(v[key])
    if new is SAME or type(v) is tuple:
        return False
    v[key] = new
    return True


def _held(v: Any) -> list[Any]:
    return [*v.values()] if type(v) is dict else v if type(v) is list else [v]


def _beside(v: Any) -> list[Any]:
    """What hangs on the tensors of a thing beside their values."""
    leaves = [t for t in _held(v) if isinstance(t, torch.Tensor) and t.is_leaf]
    return [(id(t), t.requires_grad, t.grad if t.grad is None else t.grad.tolist()) for t in leaves]


def _each(act: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """The same for all that a dict or a list holds."""
    return lambda v: any([act(item) for item in _held(v)])


def _flip(v: Any) -> bool:
    if isinstance(v, torch.Tensor) and v.is_leaf and v.is_floating_point() and not v.is_inference():
        v.requires_grad_(not v.requires_grad)
        return True
    return False


def _grad(v: Any) -> bool:
    if isinstance(v, torch.Tensor) and v.is_leaf and v.is_floating_point() and not v.is_inference():
        v.grad = torch.ones_like(v) if v.grad is None else v.grad + 1  # not back after two calls
        return True
    return False


def _attribute(name: str) -> Callable[[Any], bool]:
    def spoil(thing: Any) -> bool:
        held = attributes(thing)
        if name not in held:
            return False
        if _spoil(held[name]):
            return True
        new = _other(held[name])
        if new is SAME:
            return False
        try:
            setattr(thing, name, new)
        except Exception:
            return False
        return True

    return spoil


def spoiling(name: str, spoil: Callable[[Any], bool], beside: bool = False) -> Around:
    """After the call, something of an argument ("self" for the object) is another; ``beside`` its values."""

    def around(call: Call) -> Any:
        thing = call.self if name == "self" else call.arguments.get(name)
        was = _beside(thing) if beside else None
        answer = call()
        # what the call is there to change is nobody's mistake
        if (not beside or _beside(thing) == was) and spoil(thing):
            call.memory.active = True
        return answer

    return around


SPOILT = {
    "changed after the call": _spoil,
    "changed inside after the call": _spoil_inside,
    "requires_grad changed": _each(_flip),
    "grad changed": _each(_grad),
}
# to draw from torch's generator is no mistake in a class: who builds a module does it by the way
GLOBAL: dict[str, Around] = {
    "torch reseeded": _afterwards(lambda: torch.manual_seed(1)),
    "random reseeded": _afterwards(lambda: random.seed(1)),
    "numpy reseeded": _afterwards(lambda: np.random.seed(1)),
    "gradients left off": _afterwards(lambda: torch._C._set_grad_enabled(False)),
    "float64 left as default": _afterwards(lambda: torch.set_default_dtype(torch.float64)),
}
PLAIN: dict[str, Around] = {
    "the first answer again for the same objects": _same_things,
    "the first answer again": _remembered(lambda call: 0),
    "the first answer of this form again": _remembered(lambda call: form(call.arguments)),
    "adds to the first answer": _adds,
    "one buffer for all answers": _one_buffer,
    "the generator drawn from once more": _once_more,
    "the generator left alone": _left_alone,
    "under no_grad": _without_graph,
    "exceptions swallowed": _swallowed,
    "exceptions of another type": _of_another_type,
}


def of_calls(
    parameters: list[Parameter], objects: dict[str, set[str]], method: bool, init: bool
) -> dict[str, Around]:
    """The mutants of whole calls, by name.

    Args:
        objects: the names of the attributes of each argument that is an object, and of self.
    """
    found = {**PLAIN, **GLOBAL}
    if method and not init:
        found["the object's first answer again"] = _remembered(lambda call: id(call.self))
    if init:
        for name in [n for n in found if "answer" in n]:
            del found[name]
    for parameter in parameters:
        if parameter.kind is Parameter.VAR_KEYWORD:  # a dict of the call's own, whoever changes it
            continue
        for label, spoil in SPOILT.items():
            beside = "grad" in label
            found[f"{parameter.name}: {label}"] = spoiling(parameter.name, spoil, beside)
    if not init:
        for owner, names in objects.items():
            for name in sorted(names):
                found[f"{owner}.{name}: changed after the call"] = spoiling(owner, _attribute(name))
    return found
