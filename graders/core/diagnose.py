"""Names the mistake: the misconception that computes the same, else how the numbers relate."""

from __future__ import annotations

from typing import Any

from graders.authoring import Alternative, Exercise, Tol
from graders.core.compare import compare
from graders.core.part_judge import PartJudge
from graders.core.relation import relation
from graders.core.report import CheckResult
from graders.core.verdict import Outcomes, judge_case
from graders.ground import wire
from graders.ground.runner import Outcome


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
    expected = part.expect(exercise)
    check = exercise.checks[name]
    return any(
        judge_case(check, case, got, want)[0] != "passed"
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
