"""Looks for answers in the variables of our own scenarios, where submitted code could read them.

Whoever is called by a scenario finds its frame. What stands there, or one step inside it, at the moment of
the call may be what is asked for: then nothing has to be computed. Such a place is only a hole if it holds
the right answer in every case of every check.
"""

from __future__ import annotations

import inspect
import sys
import types
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from graders.authoring import Exercise, Tol
from graders.core.asking import asked
from graders.core.compare import compare
from graders.core.gpu import gpu_reason
from graders.core.part_judge import PartJudge
from graders.ground import runner

FRAMES = 6  # above the call, of which those of grader files are looked at
MANY = 60  # members of a list that are looked at
OWN = "<given>"  # the place of the arguments
NEAR = Tol(rtol=1e-6)
TRUSTED = "graders/core", "graders/ground", "graders/authoring"


def peeked(judge: PartJudge, exercise: Exercise) -> Iterator[str]:
    """A sentence if the answer to an exercise stands in a scenario's variables, whatever the case."""
    module = runner.load(judge.part.reference, str(judge.part.reference_path), "peeked")
    look = _watched(module, exercise.targets[0])
    if look is None:
        return
    places: list[str] = []
    for name, cases in judge.cases(exercise).cases.items():
        check = exercise.checks[name]
        if check.gpu and gpu_reason():
            continue
        look.begin()
        for case, seed in cases:
            judge.run(module, exercise, check, asked(check.scenario, case), seed, trusted=True)
        if not look.calls or len(look.answers) < 2:
            continue  # nothing to be seen here, or one answer for all, which `forgery` looks for
        if not look.places or any(place.startswith(OWN) for place in look.places):
            return  # in what it was given, it may stand
        places.append(sorted(look.places)[0])
    if places:
        yield f"the answer stands in a variable of the scenario: {', '.join(sorted({*places}))}"


class _Look:
    """What was found at the calls of a target: the places where each answer stood before it was given."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self.calls, self.places, self.answers = 0, set[str](), list[Any]()

    def note(self, here: dict[str, Any], answer: Any) -> None:
        found = {place for place, value in here.items() if _same(value, answer)}
        self.places = self.places & found if self.calls else found
        self.calls += 1
        if not any(_same(answer, known) for known in self.answers[:2]):
            self.answers.append(answer)


def _watched(module: types.ModuleType, target: str) -> _Look | None:
    """Puts a function that looks around in the place of a target; None where that is no function."""
    home, _, name = target.rpartition(".")
    owner = runner.lookup(module, home) if home else module
    function = vars(owner).get(name)
    if not isinstance(function, types.FunctionType) or inspect.isgeneratorfunction(function):
        return None
    look, busy = _Look(), list[bool]()

    def watched(*args: Any, **kwargs: Any) -> Any:
        if busy:  # it calls itself
            return function(*args, **kwargs)
        around = [*_around(), *_inside(OWN, [*args, *kwargs.values()], 3)]
        here = {place: runner.fresh({"": value})[""] for place, value in around}
        busy.append(True)
        try:
            answer = function(*args, **kwargs)
        finally:
            busy.clear()
        if not any(answer is value for value in (None, *args, *kwargs.values())):
            look.note(here, answer)
        return answer

    watched.__dict__.update(function.__dict__)
    setattr(owner, name, watched)
    return look


def _around() -> Iterator[tuple[str, Any]]:
    """What the frames of scenarios hold, with the place where it is found."""
    frame = sys._getframe(2)
    for _ in range(FRAMES):
        if frame is None:
            return
        file = frame.f_code.co_filename.replace("\\", "/")
        if "/graders/" in file and not any(where in file for where in TRUSTED):
            for name, value in frame.f_locals.items():
                if not isinstance(value, types.ModuleType):
                    yield from _inside(name, value, 2)
        frame = frame.f_back  # type: ignore[assignment]


def _inside(place: str, value: Any, depth: int) -> Iterator[tuple[str, Any]]:
    yield place, value
    if depth == 0:
        return
    if isinstance(value, dict) and len(value) < MANY:
        for key, item in value.items():
            yield from _inside(f"{place}[{key!r}]", item, depth - 1)
    elif isinstance(value, (list, tuple)) and len(value) < MANY:
        for i, item in enumerate(value):
            yield from _inside(f"{place}[{i}]", item, depth - 1)
    elif isinstance(value, types.FunctionType):
        for cell, name in zip(value.__closure__ or (), value.__code__.co_freevars, strict=True):
            if cell != types.CellType():
                yield from _inside(f"{place}.{name}", cell.cell_contents, depth - 1)


def _same(a: Any, b: Any) -> bool:
    """Whether two values say the same, as a list or a tensor of any type."""
    try:
        return bool(compare(_plain(a), _plain(b), NEAR, False) is None)
    except Exception:  # something that nobody can compare
        return False


def _plain(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        value = value.detach()
        return value.tolist() if not value.is_floating_point() else value.double()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, tuple):
        return list(value)
    return value
