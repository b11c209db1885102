"""What the cases show of a function: sizes, values, defaults. What they never show, no check sees."""

from __future__ import annotations

from collections import defaultdict
from inspect import Parameter
from typing import Any

import torch

from graders.core.mutants.places import Call
from graders.core.mutants.values import attributes, differ, kept, leaves, tensors

LESSONS = "reference", "mutant"  # what a part is called as a module
ENOUGH = 40  # calls of one case that are looked at, and values that are kept of one argument


class Seen:
    """What was seen of one place, over all cases of an exercise.

    ``active`` holds for each mutant of the answer or of an argument the (check, case) where it shows.
    """

    def __init__(self, parameters: list[Parameter]) -> None:
        self.parameters = {p.name: p for p in parameters}
        self.calls = 0
        self.values: dict[str, list[Any]] = defaultdict(list)
        self.omitted: set[str] = set()
        self.other_than_default: set[str] = set()
        self.sizes: dict[tuple[str, int, int], set[int]] = defaultdict(set)
        self.lengths: dict[str, set[int]] = defaultdict(set)
        self.contiguous: dict[str, set[bool]] = defaultdict(set)
        self.repeats: dict[str, set[str]] = defaultdict(set)
        self.raised = self.graph = self.float_answer = False
        self.objects: dict[str, set[str]] = defaultdict(set)
        self.active: dict[str, set[tuple[str, int]]] = defaultdict(set)

    def arguments(self, call: Call) -> None:
        self.calls += 1
        given = call.arguments
        for name, parameter in self.parameters.items():
            if name not in given:
                self.omitted.add(name)
                continue
            value = given[name]
            if parameter.default is not Parameter.empty and differ(value, parameter.default):
                self.other_than_default.add(name)
            known = self.values[name]
            if len(known) < 3 and not any(not differ(value, k) for k in known):
                known.append(kept(value))
            self.objects[name] |= set(_telling(value)[:8])
            if type(value) in (list, str):
                self.lengths[name].add(len(value))
                if type(value) is list and len(value) > 1 and isinstance(value[0], (int, str)):
                    self._repeats(name, [repr(v) for v in value[:100]])
            if isinstance(value, torch.Tensor):
                for dim, size in enumerate(value.shape):
                    self.sizes[name, value.dim(), dim].add(size)
                if value.dim() > 1 and value.numel() > 1 and 1 not in value.shape:
                    self.contiguous[name].add(value.is_contiguous())
                if not value.is_floating_point() and value.numel() > 1:
                    self._repeats(name, value.flatten()[:100].tolist())
        if call.method and call.self is not None and call.function.__name__ != "__init__":
            self.objects["self"] |= set(_telling(call.self)[:8])

    def _repeats(self, name: str, items: list[Any]) -> None:
        distinct = len(set(items))
        self.repeats[name].add(
            "none" if distinct == len(items) else "all" if distinct == 1 else "some"
        )

    def answer(self, answer: Any) -> None:
        for tensor in tensors(answer):
            self.graph |= tensor.requires_grad
            self.float_answer |= tensor.is_floating_point()

    def never(self, raises: bool, differentiates: bool) -> list[str]:
        """What no case shows, though a case could."""
        if not self.calls:
            return ["never called"]
        said = []
        for name, values in self.values.items():
            if len(values) == 1 and self._plain(values[0]):
                said.append(f"{name}: always the same value")
            default = self.parameters[name].default
            if default is not Parameter.empty and name not in self.other_than_default:
                said.append(f"{name}: never other than its default")
        for name, parameter in self.parameters.items():
            has = parameter.default is not Parameter.empty
            if has and name not in self.omitted:
                said.append(f"{name}: its default never used")
        said += self._sizes()
        for name, lengths in sorted(self.lengths.items()):
            if not lengths & {0, 1} and len(lengths) > 2:
                said.append(f"{name}: its length is never 1 (or 0)")
        flat = [name for name, kinds in sorted(self.contiguous.items()) if False not in kinds]
        if flat:
            said.append(f"{', '.join(flat)}: always contiguous")
        for name, kinds_ in sorted(self.repeats.items()):
            if kinds_ == {"none"}:
                said.append(f"{name}: never a repeat")
            elif kinds_ == {"all"}:
                said.append(f"{name}: all its elements always equal")
        if raises and not self.raised:
            said.append("the exception it should raise is never raised")
        if differentiates and self.float_answer and not self.graph:
            said.append("no gradient is ever asked for")
        return said

    def _sizes(self) -> list[str]:
        """Sizes that are never 1, or always the same; of an argument of any rank, whether a 1 came at all."""
        ranks: dict[str, set[int]] = defaultdict(set)
        ones: dict[str, bool] = defaultdict(bool)
        for (name, rank, _), sizes in self.sizes.items():
            ranks[name].add(rank)
            ones[name] |= 1 in sizes
        said: dict[str, list[str]] = defaultdict(list)
        for name in sorted(ranks):
            if len(ranks[name]) > 1:
                if not ones[name]:
                    said["no size is ever 1"].append(name)
                continue
            (rank,) = ranks[name]
            for dim in range(rank):
                sizes = self.sizes[name, rank, dim]
                where = f"dimension {dim}" if rank > 1 else "the size"
                if len(sizes) == 1:
                    said[f"{where} is always {min(sizes)}"].append(name)
                elif 1 not in sizes:
                    said[f"{where} is never 1"].append(name)
        return [f"{', '.join(names)}: {what}" for what, names in said.items()]

    @staticmethod
    def _plain(value: Any) -> bool:
        """Whether it could have been another: a number, a text, a tensor; not a module or a function."""
        held = list(leaves(value))
        return bool(held) and all(isinstance(v, (int, float, str, torch.Tensor)) for v in held)


def _telling(thing: Any) -> list[str]:
    """The attributes of an object that a caller could miss.

    Of torch's classes, and of those that a scenario made to see what is done, only tensors and the mode: the
    rest is their own affair.
    """
    own = type(thing).__module__ in LESSONS
    return [
        name
        for name, value in attributes(thing).items()
        if own or name == "training" or isinstance(value, torch.Tensor)
    ]
