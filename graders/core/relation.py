"""How wrong numbers relate to the right ones: the sign, a factor, the transpose, only the shape.

Each sentence speaks of every wrong number, so it has to hold for all of them, in every case of every check;
and there must be enough of them to tell: numbers of different size, from more than one case.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch

from graders.authoring import Case, Check, Exercise, Tol
from graders.core.compare import RTOL, compare
from graders.core.once_more import once
from graders.core.part_judge import PartJudge
from graders.core.report import CheckResult
from graders.core.verdict import Outcomes, value_of
from graders.ground import wire
from graders.ground.definitions import definition

PRECISION = 1e-3  # a factor this near to 1 is another precision, not a factor
COARSE = 1e-6  # so near to what is right comes a float32
COMPUTED = ": is a result computed, but not stored or added?"
ROUNDED = "the right one, rounded "
PLACES = range(7)  # behind the point
APART = 1e-3  # numbers that differ less are not of different size


@dataclass
class Numbers:
    """One tensor or number of a result, beside the right one; which of them are wrong.

    Attributes:
        got, want: float64 tensors.
        wrong: True where got is not want; all True where the shapes differ.
        case: the number of the case, over all checks.
        arguments: the case's arguments.
        tensors: whether both have a shape: tensors or arrays.
    """

    got: torch.Tensor
    want: torch.Tensor
    wrong: torch.Tensor
    case: int
    arguments: Case
    tensors: bool = True


def relation(part: PartJudge, exercise: Exercise, came: Outcomes, checks: list[CheckResult]) -> str:
    """A sentence such as "the sign is flipped", if it is true of all that is wrong; else ""."""
    problems = [c for c in checks if c.status not in ("passed", "skipped")]
    # an error, a forbidden tool or a spoilt argument comes first: the numbers follow from it
    if not problems or any(p.status != "failed" for p in problems):
        return ""
    expected = part.expect(exercise)
    if any(p.name not in expected.outcomes or exercise.checks[p.name].judge for p in problems):
        return ""
    if _nothing_but_zeros(came):
        return "Everything you return is zero: is a result computed, but not stored or added?"
    numbers: list[Numbers] = []
    count = 0
    for name, wants in expected.outcomes.items():
        check = exercise.checks[name]
        if check.judge is not None:
            continue  # passed, by other means than comparison
        cases, _ = once(expected.cases[name])
        for got, want, (case, _) in zip(came[name], wants, cases, strict=False):
            count += 1
            if "raised" in want and want["raised"] == got.get("raised"):
                continue
            try:
                numbers += _numbers(value_of(got), value_of(want), check, count, case)
            except (_NotNumbers, wire.WireError):
                return ""
    sentence = relate(numbers, count)
    if any(exercise.checks[p.name].scenario for p in problems):
        sentence = sentence.replace(COMPUTED, ".")  # a check may have laid out the zeros itself
    return sentence or _by_size(numbers, _arguments(part, exercise))


class _NotNumbers(Exception):
    """Something is wrong that is no number, or stands in another place: no sentence can hold."""


def _numbers(got: Any, want: Any, check: Check, number: int, case: Case) -> Iterator[Numbers]:
    """Corresponding numbers of two results. Raises _NotNumbers where they do not correspond."""
    if isinstance(want, (list, tuple)) and isinstance(got, (list, tuple)) and len(got) == len(want):
        for g, w in zip(got, want, strict=True):
            yield from _numbers(g, w, check, number, case)
        return
    if isinstance(want, dict) and isinstance(got, dict) and got.keys() == want.keys():
        for key in want:
            yield from _numbers(got[key], want[key], check, number, case)
        return
    off = compare(got, want, check.tol, check.dtype)
    if off is not None and off.kind not in ("value", "shape"):
        raise _NotNumbers
    try:
        g, w = float64(got), float64(want)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        if off is None:
            return
        raise _NotNumbers from None
    if g.shape == w.shape:
        wrong = differs(g, w, check.tol, getattr(want, "dtype", torch.float64))
        if off is None:
            wrong = torch.zeros_like(wrong)
        elif not wrong.any():
            raise _NotNumbers
    else:
        wrong = torch.ones_like(g, dtype=torch.bool)
    tensors = hasattr(got, "shape") and hasattr(want, "shape")
    yield Numbers(g, w, wrong, number, case, tensors)


def float64(value: Any) -> torch.Tensor:
    """A real number, or a tensor or array of them. Raises TypeError, among others, for all else."""
    if isinstance(value, (bool, str, bytes, complex)) or value is None:
        raise TypeError
    tensor = torch.as_tensor(value).detach()
    if tensor.dtype == torch.bool or tensor.is_complex():
        raise TypeError
    return tensor.to(torch.float64)


def differs(g: torch.Tensor, w: torch.Tensor, tol: Tol, dtype: Any) -> torch.Tensor:
    rtol = RTOL.get(dtype, 1e-9) if tol.rtol is None else tol.rtol
    finite = w.isfinite()
    scale = float(w[finite].abs().max()) if finite.any() else 0.0
    same = (g == w) | (g.isnan() & w.isnan()) | ((g - w).abs() <= tol.atol + rtol * scale)
    return ~same


def _nothing_but_zeros(came: Outcomes) -> bool:
    values = [o.get("value") for outcomes in came.values() for o in outcomes]
    try:
        return bool(values) and all(v is not None and _all_zero(wire.decode(v)) for v in values)
    except wire.WireError:
        return False


def _all_zero(value: Any) -> bool:
    """Whether a result is nothing but numbers (at least one), all of them 0."""
    if isinstance(value, (list, tuple)):
        return bool(value) and all(map(_all_zero, value))
    if isinstance(value, dict):
        return bool(value) and all(map(_all_zero, value.values()))
    if isinstance(value, torch.Tensor):
        return value.dtype != torch.bool and value.numel() > 0 and bool((value == 0).all())
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value == 0


# -- what may hold of all of them -----------------------------------------------------------------


def relate(numbers: list[Numbers], cases: int) -> str:
    """What is true of all wrong numbers; "" if nothing simple, or if there are too few to tell.

    Args:
        numbers: all numbers that were compared, the right ones too.
        cases: how many cases there were.
    """
    wrong = [n for n in numbers if n.wrong.any()]
    if not wrong or (cases > 1 and len({n.case for n in wrong}) < 2):
        return ""
    if all(n.got.shape == n.want.shape for n in wrong):
        return _same_shape(numbers, wrong)
    if all(_is_transpose(n) for n in wrong) and any(min(n.want.shape) > 1 for n in wrong):
        return "Every wrong result is the transpose of the right one."
    if all(_is_reshaped(n) for n in wrong) and any(_varied(n.want.flatten()) for n in wrong):
        if not all(n.tensors for n in wrong):  # lists have no shape, and no squeeze
            return (
                "The numbers are right, and in their order; only how they are put together is not."
            )
        return (
            "The numbers are right, only the shape is not: look for keepdim, a squeeze or a view."
        )
    return ""


def _same_shape(numbers: list[Numbers], wrong: list[Numbers]) -> str:
    got = torch.cat([n.got[n.wrong] for n in wrong])
    want = torch.cat([n.want[n.wrong] for n in wrong])
    if not _varied(want):
        return ""
    if _near(got, -want):
        right = torch.cat([n.want[~n.wrong] for n in numbers if n.got.shape == n.want.shape])
        if not right.any():
            return "Your numbers are right but for the sign: everything is negated."
        return "Every wrong number is the right one with the other sign."
    if not got.any() and not want.equal(want.round()):  # a whole number may be an index, or a count
        return f"Every wrong number is 0{COMPUTED}"
    if all(_is_transpose(n) for n in wrong):
        return "Every wrong result is the transpose of the right one."
    factor = _factor(got, want)
    if factor and abs(factor - 1) > PRECISION:  # of 0, there is no factor
        return (
            f"Every wrong number is {factor:.4g} times the right one: is a constant factor missing, "
            "or one too many?"
        )
    for places in PLACES:
        if all(_near(n.got[n.wrong], n.want[n.wrong].round(decimals=places)) for n in wrong):
            return f"Every wrong number is {ROUNDED}{_to(places)}."
    if all(_is_coarse(n) for n in wrong):
        return (
            "No wrong number is off by more than a millionth of the largest beside it: so exact is a "
            "float32. Is one used on the way, or is something rounded, or left out that is as small?"
        )
    return ""


def _to(places: int) -> str:
    return "to a whole number" if not places else f"to {places} place{'s' * (places > 1)}"


def _is_coarse(n: Numbers) -> bool:
    """Whether numbers are right as far as a float32 goes."""
    finite = n.want[n.want.isfinite()]
    largest = float(finite.abs().max()) if finite.numel() else 0.0
    return bool((n.got - n.want)[n.wrong].abs().max() <= COARSE * largest)


def _by_size(numbers: list[Numbers], arguments: set[str]) -> str:
    """Names a factor that is a size of an argument, another one in each case."""
    wrong = [n for n in numbers if n.wrong.any()]
    if not wrong or any(n.got.shape != n.want.shape for n in wrong):
        return ""
    factors = [_factor(n.got[n.wrong], n.want[n.wrong]) for n in wrong]
    if any(f is None for f in factors) or not any(_varied(n.want[n.wrong]) for n in wrong):
        return ""
    sizes: dict[str, list[float]] = {}
    for n in wrong:
        for name, value in n.arguments.items():
            if isinstance(value, torch.Tensor) and name in arguments:
                for dim, size in enumerate(value.shape):
                    sizes.setdefault(f"{name}.shape[{dim}]", []).append(float(size))
    for name, found in sizes.items():
        if len(found) != len(wrong) or len(set(found)) < 2:
            continue
        for word, power in (("times", 1), ("divided by", -1)):
            if all(
                f is not None and v > 0 and abs(f - v**power) < 1e-6 * abs(f)
                for f, v in zip(factors, found, strict=True)
            ):
                return (
                    f"Every wrong number is the right one {word} {name}: a sum where a mean belongs, "
                    "or the other way round?"
                )
    return ""


def _arguments(part: PartJudge, exercise: Exercise) -> set[str]:
    """The arguments that the learner knows by name."""
    node = definition(part.bare_tree, exercise.targets[0])
    if not isinstance(node, ast.FunctionDef):
        return set()
    return {a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}


def _factor(got: torch.Tensor, want: torch.Tensor) -> float | None:
    """The one number that all of ``got`` is times ``want``; None if there is none."""
    if not want.numel() or not (want.abs() > 1e-12).all() or not got.isfinite().all():
        return None
    ratios = got / want
    factor = float(ratios[0])
    return factor if torch.allclose(ratios, ratios[0].expand_as(ratios), rtol=1e-6) else None


def _is_transpose(n: Numbers) -> bool:
    return n.want.dim() == 2 and _near(n.got, n.want.T)


def _is_reshaped(n: Numbers) -> bool:
    return n.got.numel() == n.want.numel() and _near(n.got.flatten(), n.want.flatten())


def _varied(numbers: torch.Tensor) -> bool:
    """Whether there are numbers of different size among these, so that a coincidence is unlikely."""
    sizes = numbers[numbers.isfinite()].abs()
    return bool(sizes.numel() > 1 and sizes.max() - sizes.min() > APART * sizes.max())


def _near(a: torch.Tensor, b: torch.Tensor) -> bool:
    return a.shape == b.shape and torch.allclose(a, b, rtol=1e-7, atol=1e-12, equal_nan=True)
