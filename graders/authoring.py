"""The words a grader file is written in: ``exercise``, its cases, checks and misconceptions.

A grader file stands at ``graders/<lesson>/<part>/<exercise>.py`` and describes one exercise of
``solutions/<lesson>/<part>.py``. It reads like a specification::

    from graders.authoring import exercise

    from .part import columns_first

    tanh = exercise("tanh_backward", title="tanh, backward")

    @tanh.cases
    def _(rng):
        for n, d in [(1, 1), (4, 3), (32, 64)]:
            yield dict(dout=rng.normal(n, d), out=columns_first(rng.normal(n, d).tanh()))

    tanh.hint("Which of the two, x or tanh(x), do you already have?")

    @tanh.misconception("`out` already is tanh(x): you applied tanh a second time.")
    def tanh_twice(dout, out):
        return dout * (1 - out.tanh() ** 2)

What holds for a whole part stands in ``part.py`` beside: what several exercises use, ``part(forbid=...)``.
What is asked is executed first, the bank (misconceptions and variants) only when something is wrong.

Scenarios are also executed beside submitted code: only they and what they use are sent there, nothing that
gives answers away. This module therefore imports nothing but numpy, torch, and small helpers of theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from inspect import signature
from typing import Any

import torch

from graders.by_name import fill as fill
from graders.by_name import parameters as parameters
from graders.by_name import put as put
from graders.counting import Operations as Operations
from graders.counting import joined as joined
from graders.counting import multiplied as multiplied
from graders.drawing import Rng as Rng
from graders.errors import AuthoringError
from graders.instead import Raises as Raises
from graders.instead import instead as instead
from graders.plain import kind_of as kind_of
from graders.plain import number as number
from graders.plain import python_number as python_number
from graders.plain import real as real
from graders.plain import value_data as value_data

Case = dict[str, Any]
Cases = Callable[["Rng"], Iterable[Case]]
Scenario = Callable[..., Any]


@dataclass(frozen=True)
class Tol:
    """How far a number may be off: ``|got - expected| <= atol + rtol * scale``.

    ``scale`` is the largest finite magnitude in the expected tensor, so that cancellation in one
    element is judged by the size of the terms that cancelled. ``None`` takes the default of
    the dtype: rtol 1e-9 for float64 and Python floats, 2e-5 for float32, 2e-2 for 16 bits.

    ``types`` says which kinds of answer may stand for others ("tuple for list"); None, any that are alike: so
    two wrong answers are compared. Exercises do not give it; they say ``legal``.
    """

    rtol: float | None = None
    atol: float = 1e-12
    types: frozenset[str] | None = None


@dataclass(frozen=True, eq=False)
class Alternative:
    """Another implementation of an exercise: a misconception (wrong) or a variant (right).

    Exactly one of ``function``, ``edits`` and ``source`` is given.
    """

    name: str
    message: str
    function: Callable[..., Any] | None = None
    edits: tuple[tuple[str, str], ...] = ()
    source: str | None = None


@dataclass
class Check:
    """One named question about an exercise, and how its answer is judged."""

    name: str
    scenario: Scenario | None = None  # None: call the target with the case
    cases: Cases | None = None  # None: the exercise's own cases
    tol: Tol = field(default_factory=Tol)
    dtype: bool = True  # False: any floating dtype will do
    judge: Callable[..., str | None] | None = None
    oracle: Callable[..., Any] | None = None  # None: the reference solution
    gpu: bool = False
    steps: bool = False  # its cases are pairs (small, large), and the work may not grow too fast
    kind: str = "scenario"  # or "inputs" / "guard": derived from another check's runs
    legals: dict[str, str] = field(default_factory=dict)  # the exercise's own

    def strict(self, graph: bool) -> Tol:
        """The tolerance, with the kinds of answer that the docstring allows.

        Args:
            graph: whether the right answer tells if there is to be a graph; an oracle's does not.
        """
        any_graph = () if graph else ("requires a gradient", "detached")
        types = {n.removeprefix("answer: ") for n in self.legals}
        return replace(self.tol, types=frozenset(types.union(any_graph)))

    @property
    def asks_reference(self) -> bool:
        """Whether a verdict needs the reference's answer; a judge ``(case, got)`` does without."""
        return self.judge is None or len(signature(self.judge).parameters) > 2


class Exercise:
    """One graded idea. Made by ``exercise(...)``; see this module's docstring.

    Args:
        name: the id within the lesson, unique in it: ``05.NAME`` is what learners type.
        target: what the learner writes: a top-level function or class, a method
            ("Value.__add__"), or a tuple of those; the name itself unless given.
        title: a few words for lists.
        points: what it is worth.
        stretch: optional in the curriculum; never needed by a later exercise.
        pure: whether the target must leave its arguments unchanged (adds the check "inputs").
        forbid: as a part's, for this exercise alone.
    """

    def __init__(
        self,
        name: str,
        target: str | tuple[str, ...] | None = None,
        title: str = "",
        points: int = 1,
        stretch: bool = False,
        pure: bool = True,
        forbid: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        targets = (target,) if isinstance(target, str) else target
        self.targets: tuple[str, ...] = targets or (name,)
        self.title = title or name
        self.points = points
        self.stretch = stretch
        self.pure = pure
        self.forbid = _known(forbid)
        self.hints: list[str] = []
        self.checks: dict[str, Check] = {}
        self.default_cases: Cases | None = None
        self.read_bank: Callable[[], None] | None = None  # what is left to execute of the file
        self._misconceptions: list[Alternative] = []
        self._variants: list[Alternative] = []
        self.legals: dict[str, str] = {}
        self.equivalents: dict[str, str] = {}

    # -- what is asked --------------------------------------------------------------------

    def hint(self, text: str) -> None:
        """Adds a rung to the ladder of hints: first a nudge, third nearly the answer."""
        self.hints.append(" ".join(text.split()))

    def cases(self, function: Cases) -> Cases:
        """Decorator: ``def _(rng): yield dict(...)``, the arguments of each case.

        A case holds plain data only (tensors, arrays, numbers, strings, bytes, None, lists,
        tuples, dicts); the seed differs from run to run.
        """
        self.default_cases = function
        if "values" not in self.checks and not self.checks:
            self.checks["values"] = Check("values", legals=self.legals)
        return function

    def scenario(self, function: Scenario) -> Scenario:
        """Decorator: how the check "values" drives the module: ``def _(m, **case)`` -> data."""
        self.checks.setdefault("values", Check("values", legals=self.legals)).scenario = function
        return function

    def check(
        self,
        name: str,
        cases: Cases | None = None,
        tol: Tol | None = None,
        dtype: bool = True,
        judge: Callable[..., str | None] | None = None,
        gpu: bool = False,
    ) -> Callable[[Scenario], Scenario]:
        """Decorator: a further named check with its own scenario ``def _(m, **case)`` -> data.

        Args:
            name: what is asked, in a word or two ("gradients", "eval mode").
            cases: its own cases; the exercise's unless given.
            tol: how far numbers may be off; the dtype's default unless given.
            dtype: False accepts any floating-point dtype.
            judge: ``(case, got, expected) -> None or a sentence``, instead of comparison
                (bands, distributions). It sees plain data only. One that needs no more than
                ``(case, got)`` spares the learner a run of the reference.
            gpu: needs a GPU; without one the check is skipped, with the reason.
        """

        def add(function: Scenario) -> Scenario:
            if name in self.checks:
                raise AuthoringError(f"{self.name}: two checks are called {name!r}")
            self.checks[name] = Check(
                name, function, cases, tol or Tol(), dtype, judge, gpu=gpu, legals=self.legals
            )
            return function

        return add

    def effort(self, cases: Cases) -> Cases:
        """Decorator, after the oracle: ``def _(rng)``, pairs of cases, a small one and a larger one.

        They are asked as "values" is, and the steps of the learner's code must not grow much faster from the
        one to the other than the reference's (see ``graders/core/effort.py``).
        """
        values = self.checks["values"]
        self.checks["effort"] = replace(values, name="effort", cases=cases, steps=True)
        return cases

    def tolerance(self, tol: Tol, check: str = "values") -> None:
        """Sets a check's tolerance; say in a comment which arithmetic justifies it."""
        self.checks[check].tol = tol

    def oracle(self, check: Any = "values") -> Any:
        """Decorator: an independent source of the right answer, ``def _(**case)`` -> data.

        Returns what the check's scenario returns, computed another way (torch autograd, say).
        ``@ex.oracle`` is for the check "values", ``@ex.oracle("gradients")`` for another.
        """
        if callable(check):
            return self.oracle("values")(check)

        def add(function: Callable[..., Any]) -> Callable[..., Any]:
            if check not in self.checks:
                raise AuthoringError(f"{self.name}: an oracle for an unknown check {check!r}")
            self.checks[check].oracle = function
            return function

        return add

    # -- how it goes wrong, and right -----------------------------------------------------

    @property
    def misconceptions(self) -> list[Alternative]:
        """Known wrong implementations; read from the file when they are first asked for."""
        self._whole()
        return self._misconceptions

    @property
    def variants(self) -> list[Alternative]:
        """Known right implementations; read from the file when they are first asked for."""
        self._whole()
        return self._variants

    def _whole(self) -> None:
        read, self.read_bank = self.read_bank, None
        if read is not None:
            read()

    def misconception(
        self,
        message: str,
        *,
        name: str | None = None,
        replace: str | None = None,
        by: str | None = None,
        edits: Iterable[tuple[str, str]] = (),
        source: str | None = None,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A wrong implementation that people really write, and what to tell them.

        Three ways to say it: decorate a function that stands in for the target; patch the reference with
        ``replace``/``by`` (or ``edits``), each text standing once in its source; or give its ``source`` anew.
        """
        return self._alternative(self._misconceptions, message, name, replace, by, edits, source)

    def variant(
        self,
        message: str = "",
        *,
        name: str | None = None,
        replace: str | None = None,
        by: str | None = None,
        edits: Iterable[tuple[str, str]] = (),
        source: str | None = None,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A right implementation unlike the reference, which must be accepted."""
        return self._alternative(self._variants, message, name, replace, by, edits, source)

    # -- what else may pass (see graders/core/mutants) --------------------------------------

    def legal(self, behaviour: str, words: str) -> None:
        """A behaviour that is wrong elsewhere and right here, with the docstring's words that allow it.

        Args:
            behaviour: as ``hero author mutants`` calls it: "answer: tuple for list", or "Value.__add__
                answer: tuple for list" for one method, or "frozen" for every argument.
            words: a quotation; the audit looks for it in the docstrings of the targets.
        """
        self.legals[behaviour] = words

    def equivalent(self, change: str, reason: str) -> None:
        """A change of the reference's text without effect ("i < n  ->  i <= n"; "...": any), and why."""
        self.equivalents[change] = reason

    def _alternative(
        self,
        bank: list[Alternative],
        message: str,
        name: str | None,
        replace: str | None,
        by: str | None,
        edits: Iterable[tuple[str, str]],
        source: str | None,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        message = " ".join(message.split())
        edits = tuple(edits)
        if replace is not None:
            edits = ((replace, by or ""), *edits)
        if edits or source is not None:
            bank.append(Alternative(name or f"#{len(bank) + 1}", message, None, edits, source))
            return lambda function: function

        def add(function: Callable[..., Any]) -> Callable[..., Any]:
            bank.append(Alternative(name or function.__name__, message, function))
            return function

        return add


@dataclass
class Part:
    """All that was said while ``collecting``."""

    exercises: dict[str, Exercise] = field(default_factory=dict)
    forbid: tuple[str, ...] = ()


_current: list[Part] = []


class collecting:
    """Context manager: the exercises made inside belong to one part."""

    def __enter__(self) -> Part:
        _current.append(Part())
        return _current[-1]

    def __exit__(self, *exc: object) -> None:
        _current.pop()


def exercise(name: str, target: str | tuple[str, ...] | None = None, **options: Any) -> Exercise:
    """Declares an exercise of this part; the arguments are those of ``Exercise``."""
    made = Exercise(name, target, **options)
    if _current:
        if name in _current[-1].exercises:
            raise AuthoringError(f"two exercises are called {name!r}")
        _current[-1].exercises[name] = made
    return made


def part(forbid: tuple[str, ...] = ()) -> None:
    """Says what holds for the whole part: ``forbid=("autograd",)`` adds the check of that name."""
    if _current:
        _current[-1].forbid = _known(forbid)


def _known(forbid: tuple[str, ...]) -> tuple[str, ...]:
    if {*forbid} - {"autograd"}:
        raise AuthoringError(f"not all of {forbid} can be forbidden here")
    return tuple(forbid)


def differentiate(
    outputs: Any, inputs: dict[str, torch.Tensor], upstream: Any
) -> Iterator[tuple[str, torch.Tensor | None]]:
    """Gradients of ``sum(output * upstream)`` for each named input, as (name, grad) pairs.

    A non-unit ``upstream`` is what tells a right backward pass from one that only works for sums.
    An output that is detached gives None for every gradient.
    """
    several = isinstance(outputs, (list, tuple))
    pairs = zip(outputs, upstream, strict=True) if several else ((outputs, upstream),)
    loss = sum((o * u).sum() for o, u in pairs)
    for tensor in inputs.values():
        tensor.grad = None
    if isinstance(loss, torch.Tensor) and loss.requires_grad:
        # a scalar's backward() skips a slow import that autograd.grad(..., grad_outputs) makes
        loss.backward()
    for name, tensor in inputs.items():
        yield name, None if tensor.grad is None else tensor.grad.clone()
