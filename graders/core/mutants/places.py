"""Where a mutant is put: the functions and methods that an exercise asks for, one at a time."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

from graders.authoring import Exercise
from graders.ground import runner
from graders.ground.between import is_unseen


@dataclass
class Memory:
    """What a mutant keeps from call to call, and whether it ever did anything."""

    active: bool = False
    kept: dict[Any, Any] = field(default_factory=dict)


@dataclass
class Call:
    """One call of what a mutant stands in for."""

    function: Callable[..., Any]
    bound: inspect.BoundArguments
    memory: Memory
    method: bool

    def __call__(self) -> Any:
        return self.function(*self.bound.args, **self.bound.kwargs)

    @property
    def arguments(self) -> dict[str, Any]:
        """By name, without self."""
        items = list(self.bound.arguments.items())
        return dict(items[1:] if self.method else items)

    @property
    def self(self) -> Any:
        return next(iter(self.bound.arguments.values())) if self.method else None


Around = Callable[[Call], Any]


@dataclass(frozen=True)
class Place:
    """A function or method: "" and "tanh", or "Value" and "__add__"."""

    owner: str
    name: str

    @property
    def label(self) -> str:
        return f"{self.owner}.{self.name}" if self.owner else self.name

    def parameters(self, module: Any) -> list[inspect.Parameter]:
        """Without self."""
        found = list(inspect.signature(self._function(module)).parameters.values())
        return found[1:] if self.is_method(module) else found

    def is_method(self, module: Any) -> bool:
        return bool(self.owner) and not isinstance(self._raw(module), staticmethod)

    def _raw(self, module: Any) -> Any:
        owner = runner.lookup(module, self.owner) if self.owner else module
        return vars(owner)[self.name]

    def _function(self, module: Any) -> Any:
        raw = self._raw(module)
        if isinstance(raw, (staticmethod, classmethod)):
            return raw.__func__
        return raw.fget if isinstance(raw, property) else raw

    def put(self, module: Any, around: Around) -> Memory:
        """Wraps the function in a module; what it keeps comes back."""
        raw, function, method = self._raw(module), self._function(module), self.is_method(module)
        signature, memory = inspect.signature(function), Memory()

        @functools.wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            try:
                bound = signature.bind(*args, **kwargs)
            except TypeError:
                return function(*args, **kwargs)
            active = memory.active
            try:
                return around(Call(function, bound, memory, method))
            finally:
                if is_unseen():  # what it did there shows nowhere
                    memory.active = active

        made: Any = wrapped
        if isinstance(raw, (staticmethod, classmethod)):
            made = type(raw)(wrapped)
        elif isinstance(raw, property):
            made = property(wrapped, raw.fset)
        setattr(runner.lookup(module, self.owner) if self.owner else module, self.name, made)
        return memory


def places(module: Any, exercise: Exercise) -> list[Place]:
    """The functions and methods of an exercise; of a class all public ones."""
    found = []
    for target in exercise.targets:
        thing = runner.lookup(module, target)
        if isinstance(thing, type):
            found += [
                Place(target, name)
                for name, raw in vars(thing).items()
                if isinstance(raw, (FunctionType, staticmethod, classmethod, property))
                and (not name.startswith("_") or (name.startswith("__") and name != "__repr__"))
            ]
        else:
            owner, _, name = target.rpartition(".")
            holder = runner.lookup(module, owner) if owner else module
            if name in vars(holder) and callable(getattr(holder, name)):
                found.append(Place(owner, name))
    return [p for p in found if _can_be_wrapped(p, module)]


def _can_be_wrapped(place: Place, module: Any) -> bool:
    try:
        place.parameters(module)
    except (TypeError, ValueError, AttributeError):
        return False
    return True
