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


def code_of(module: types.ModuleType) -> dict[str, Any]:
    """The functions and classes of a part by name, and each class's functions and properties."""
    found: dict[str, Any] = {}
    for name, value in [*vars(module).items()]:
        if isinstance(value, type) and value.__module__ == module.__name__:
            found[name] = value
            for inner, held in [*vars(value).items()]:
                if isinstance(held, MADE_OF):
                    found[f"{name}.{inner}"] = held
        elif isinstance(value, MADE_OF):
            found[name] = value
    return found


def replaced(before: dict[str, Any], module: types.ModuleType) -> list[str]:
    """What is another now, or new, or gone."""
    now = code_of(module)
    if now.keys() == before.keys() and all(now[name] is was for name, was in before.items()):
        return []
    names = dict.fromkeys([*before, *now])
    return [REPLACED + name for name in names if now.get(name) is not before.get(name)]
