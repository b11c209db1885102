"""How wrong numbers relate to the right ones: the sign, a factor, the transpose, only the shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from graders.authoring import Exercise
from graders.core.compare import compare
from graders.core.part_judge import PartJudge
from graders.core.verdict import Outcomes
from graders.ground import wire


def relation(part: PartJudge, exercise: Exercise, came: Outcomes, wrong: list[str]) -> str:
    """A sentence such as "the sign is flipped", if it is true of every case of a wrong check."""
    expected = part.expect(exercise)
    for name in wrong:
        if name not in came or name not in expected.outcomes or exercise.checks[name].judge:
            continue
        pairs = []
        for got, want in zip(came[name], expected.outcomes[name], strict=False):
            try:
                pairs.append((wire.decode(got["value"]), wire.decode(want["value"])))
            except (KeyError, wire.WireError):
                pairs = []
                break
        if pairs and all(_all_zero(got) for got, _ in pairs):
            return "Everything you return is zero: is a result computed, but not stored or added?"
        flat = [p for pair in pairs for p in _leaves(*pair)]
        cases = [case for case, _ in expected.cases[name]]
        sentence = relate(flat) or (_factor(pairs, cases) if pairs else "")
        if sentence:
            return sentence
    return ""


def _all_zero(value: Any) -> bool:
    """Whether a result is nothing but numbers (at least one), all of them 0."""
    if isinstance(value, (list, tuple)):
        return bool(value) and all(map(_all_zero, value))
    if isinstance(value, dict):
        return bool(value) and all(map(_all_zero, value.values()))
    if isinstance(value, torch.Tensor):
        return value.dtype != torch.bool and value.numel() > 0 and bool((value == 0).all())
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value == 0


def _leaves(got: Any, want: Any) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Corresponding numbers of two results that differ, as float64 tensors."""
    if isinstance(want, (list, tuple)) and isinstance(got, (list, tuple)) and len(got) == len(want):
        return [leaf for g, w in zip(got, want, strict=True) for leaf in _leaves(g, w)]
    if isinstance(want, dict) and isinstance(got, dict) and got.keys() == want.keys():
        return [leaf for key in want for leaf in _leaves(got[key], want[key])]
    if isinstance(want, (bool, str)) or getattr(want, "dtype", None) == torch.bool:
        return []
    try:
        g = torch.as_tensor(got).detach().to(torch.float64)
        w = torch.as_tensor(want).detach().to(torch.float64)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        return []
    if not w.is_floating_point() or compare(g, w) is None:
        return []
    return [(g, w)]


def relate(pairs: list[tuple[torch.Tensor, torch.Tensor]]) -> str:
    """What is true of all pairs (got, expected) of tensors that differ; "" if nothing simple."""
    if not pairs:
        return ""
    tests: list[tuple[Callable[[torch.Tensor, torch.Tensor], bool], str]] = [
        (
            lambda g, w: _close(g, -w),
            "Your numbers are right but for the sign: everything is negated.",
        ),
        (
            lambda g, w: w.dim() == 2 and w.shape[0] != w.shape[1] and _close(g, w.T),
            "Your result is the transpose of the right one.",
        ),
        (
            lambda g, w: w.dim() == 2 and min(w.shape) > 1 and _close(g, w.T),
            "Your result is the transpose of the right one.",
        ),
        (
            lambda g, w: g.numel() == w.numel() and g.shape != w.shape
            and _close(g.reshape(w.shape), w),
            "The numbers are right, only the shape is not: look for keepdim, a squeeze or a view.",
        ),
    ]  # fmt: skip
    for test, sentence in tests:
        if all(test(g, w) for g, w in pairs):
            return sentence
    return ""


def _factor(pairs: list[tuple[Any, Any]], cases: list[dict[str, Any]]) -> str:
    """Names a constant factor: 2, 1/2, or a size found in each case."""
    ratios = []
    for got, want in pairs:
        ratio = None
        for g, w in _leaves(got, want):
            if g.shape != w.shape or not (w.abs() > 1e-12).any():
                return ""
            at = w.abs() > 1e-12
            values = g[at] / w[at]
            if not torch.allclose(values, values[0].expand_as(values), rtol=1e-6):
                return ""
            if ratio is not None and abs(ratio - float(values[0])) > 1e-6 * abs(ratio):
                return ""
            ratio = float(values[0])
        ratios.append(ratio)
    known = [r for r in ratios if r is not None]
    if not known or (any(r is None for r in ratios[:-1]) and len(set(known)) > 1):
        return ""
    if all(abs(r - 1) < 1e-4 for r in known):
        return ""  # only the precision or the dtype differs
    if all(abs(r - known[0]) < 1e-6 * abs(known[0]) for r in known) and len(known) > 1:
        return (
            f"Every wrong number is {known[0]:.4g} times the right one: is a constant factor missing, "
            "or one too many?"
        )
    sizes: dict[str, list[float]] = {}
    for case in cases:
        for name, value in case.items():
            if isinstance(value, torch.Tensor):
                for dim, size in enumerate(value.shape):
                    sizes.setdefault(f"{name}.shape[{dim}]", []).append(float(size))
    for name, found in sizes.items():
        if len(found) != len(ratios):
            continue
        pairs_ = [(r, v) for r, v in zip(ratios, found, strict=True) if r is not None]
        for word, power in (("times", 1), ("divided by", -1)):
            if all(v > 0 and abs(r - v**power) < 1e-6 * abs(r) for r, v in pairs_):
                return (
                    f"Your numbers are the right ones {word} {name}: a sum where a mean belongs, "
                    "or the other way round?"
                )
    return ""


def _close(a: torch.Tensor, b: torch.Tensor) -> bool:
    return a.shape == b.shape and torch.allclose(a, b, rtol=1e-7, atol=1e-12, equal_nan=True)
