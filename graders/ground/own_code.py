"""Whether a file's functions and classes, and what these are made of, are after a case what they were before.

Who puts another function, or a property, in the place of what a caller will use answers for the caller. That
is the child's word (see inputs.py), and made for mistakes and for shortcuts, not against an attack.
"""

from __future__ import annotations

import types
from functools import cached_property
from typing import Any

REPLACED = "the file's own "  # the name of what was noted begins so
MADE_OF = types.FunctionType, types.MethodType, property, cached_property, classmethod, staticmethod
Held = list[tuple[str, Any, dict[str, Any]]]  # name of a class ("" for the module), itself, its own


def code_of(module: types.ModuleType) -> Held:
    """What a part and its classes hold now."""
    here = dict(vars(module))
    classes = [(name, v) for name, v in here.items() if isinstance(v, type)]
    own = [(n, v, dict(vars(v))) for n, v in classes if v.__module__ == module.__name__]
    return [("", module, here), *own]


def replaced(before: Held) -> list[str]:
    """The functions, properties and classes that are others now, or new, or gone."""
    found = []
    for home, owner, was in before:
        now = vars(owner)
        if [*map(id, now.values())] == [*map(id, was.values())]:
            continue
        for name in {**was, **now}:
            old, new = was.get(name), now.get(name)
            if old is not new and (_is_code(old, before) or _is_code(new, before)):
                found.append(f"{REPLACED}{home}{'.' * bool(home)}{name}")
    return found


def _is_code(thing: Any, before: Held) -> bool:
    if isinstance(thing, type):
        return thing.__module__ == before[0][1].__name__
    return isinstance(thing, MADE_OF)
