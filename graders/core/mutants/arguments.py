"""What can be wrong with what becomes of an argument: it sticks, it is ignored, rounded, sorted, cut off."""

from __future__ import annotations

import inspect
from inspect import Parameter
from typing import Any

from graders.core.compare import compare
from graders.core.mutants.answers import LISTS, ROUNDINGS
from graders.core.mutants.places import Around, Call
from graders.core.mutants.values import SAME, deep, differ, is_data, kept

# what is as small as 1e-8, or as near as float32, hardly shows in what is computed from it
# and where infinities are left out (of a mask, say) the largest number does as well
SMALL = "in float32", "clamped at 1e-8", "nan_to_num"
CHANGES = {k: v for k, v in {**ROUNDINGS, **LISTS}.items() if k not in SMALL}
NOT_GIVEN: Any = type("NotGiven", (), {})()


def changed_argument(name: str, change: Any, if_it_tells: bool) -> Around:
    """The call with another value of an argument; it counts where the value is another.

    Args:
        if_it_tells: it counts only where the answer is another too, beyond rounding: to an even function
            signs are nothing, to a sum the order.
    """

    def around(call: Call) -> Any:
        value = call.bound.arguments.get(name, NOT_GIVEN)
        if value is not NOT_GIVEN:
            new = change(call, value)
            if new is not SAME:
                plain = plainly(call) if if_it_tells else NOT_GIVEN
                call.bound.arguments[name] = new
                answer = call()
                if plain is NOT_GIVEN or compare(answer, plain) is not None:
                    call.memory.active = True
                return answer
        return call()

    return around


def plainly(call: Call) -> Any:
    """What the call gives as it is, where it can be asked for without a trace."""
    if call.method or not is_data(list(call.arguments.values())):
        return NOT_GIVEN
    given = {n: kept(v) for n, v in call.bound.arguments.items()}
    signature = inspect.signature(call.function)
    try:
        bound = inspect.BoundArguments(signature, given)
        return call.function(*bound.args, **bound.kwargs)
    except Exception:
        return NOT_GIVEN


def _frozen(name: str, for_each: bool) -> Any:
    def change(call: Call, value: Any) -> Any:
        key = (name, id(call.self) if for_each else 0)
        if key not in call.memory.kept:
            # with the object, whose id may be given anew
            call.memory.kept[key] = kept(value), call.self
        first = call.memory.kept[key][0]
        return kept(first) if differ(first, value) else SAME

    return change


def _default(parameter: Parameter) -> Any:
    def change(call: Call, value: Any) -> Any:
        return parameter.default if differ(parameter.default, value) else SAME

    return change


def _each(change: Any) -> Any:
    return lambda call, value: deep(value, change)


def of_arguments(parameters: list[Parameter], method: bool, init: bool) -> dict[str, Around]:
    """The mutants of every argument, by name: "lr: frozen"."""
    found = {}
    for parameter in parameters:
        name = parameter.name
        kinds = {"frozen": _frozen(name, False)}
        if method and not init:
            kinds["frozen for each object"] = _frozen(name, True)
        if parameter.default is not Parameter.empty:
            kinds["ignored for its default"] = _default(parameter)
        kinds.update({label: _each(change) for label, change in CHANGES.items()})
        for label, change in kinds.items():
            found[f"{name}: {label}"] = changed_argument(name, change, label in CHANGES)
    return found
