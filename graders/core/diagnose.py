"""Names the mistake: which misconception computes the same, or how the numbers relate to the right ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch

from graders.authoring import Alternative, Exercise, Tol
from graders.core.compare import compare
from graders.ground import wire
from graders.ground.runner import Outcome

if TYPE_CHECKING:
    from graders.core.judge import Outcomes, PartJudge
    from graders.core.report import CheckResult


def name_it(part: PartJudge, exercise: Exercise, came: Outcomes, checks: list[CheckResult]) -> str:
    """What to tell the learner about why it is wrong; "" if nothing is known."""
    found = matching(part, exercise, came)
    if found is not None:
        return found.message
    wrong = [c.name for c in checks if c.status == "failed"]
    return relation(part, exercise, came, wrong)


def matching(part: PartJudge, exercise: Exercise, came: Outcomes) -> Alternative | None:
    """The misconception whose outcomes equal these: on every check, or on all that are wrong."""
    partial: list[tuple[Alternative, set[str]]] = []
    for alternative in exercise.misconceptions:
        theirs = part.alternative_outcomes(exercise, alternative)
        same = {
            name
            for name, outcomes in theirs.items()
            if _same(came.get(name), outcomes, exercise.checks[name].tol)
        }
        if same and len(same) == len(theirs):
            return alternative
        if same:
            partial.append((alternative, same))
    if not partial:
        return None
    wrong = {
        n for n in exercise.checks if n in theirs and _is_wrong(part, exercise, n, came.get(n))
    }
    return next((a for a, same in partial if wrong and wrong <= same), None)


def _is_wrong(part: PartJudge, exercise: Exercise, name: str, came: list[Outcome] | None) -> bool:
    if came is None:
        return True
    from graders.core.judge import _judge_case

    expected = part.expect(exercise)
    check = exercise.checks[name]
    return any(
        _judge_case(check, case, got, want)[0] != "passed"
        for (case, _), got, want in zip(
            expected.cases[name], came, expected.outcomes[name], strict=True
        )
    )


def _same(a: list[Outcome] | None, b: list[Outcome], tol: Tol) -> bool:
    if a is None or len(a) != len(b):
        return False
    return all(same_outcome(x, y, tol) for x, y in zip(a, b, strict=True))


def same_outcome(a: Outcome, b: Outcome, tol: Tol) -> bool:
    """Whether two outcomes are one: equal values, or the same exception from the same kind of act."""
    if "raised" in a or "raised" in b:
        if a.get("raised") != b.get("raised"):
            return False
        return _skeleton(a.get("message", "")) == _skeleton(b.get("message", ""))
    if sorted(a.get("changed", ())) != sorted(b.get("changed", ())):
        return False
    if bool(a.get("guard")) != bool(b.get("guard")):
        return False
    raw_a, raw_b = a.get("value"), b.get("value")
    if raw_a is None or raw_b is None:
        return raw_a is raw_b
    if raw_a == raw_b:
        return True
    try:
        return compare(_value(a), _value(b), tol) is None
    except wire.WireError:
        return False


def _value(outcome: Outcome) -> Any:
    """The decoded value, kept beside its bytes: it is compared with every misconception's."""
    if "decoded" not in outcome:
        outcome["decoded"] = wire.decode(outcome["value"])
    return outcome["decoded"]


def _skeleton(message: Any) -> str:
    """An exception's message without the names and numbers in it."""
    return "".join(c for c in str(message) if c.isalpha() or c == " ")[:60]


# -- how the numbers relate ----------------------------------------------------------------------


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
