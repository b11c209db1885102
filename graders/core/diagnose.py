"""Names the mistake: the misconception that computes the same, else how the numbers relate, and where.

A misconception is told as a fact only if it gives the same everywhere. If it is the same on what is wrong
alone, it is a guess, and it has to explain more than it leaves unexplained. Better nothing than a
confident sentence about a mistake that nobody made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

from graders.authoring import Alternative, Case, Check, Exercise, Tol
from graders.core.compare import compare
from graders.core.contrast import contrast
from graders.core.once_more import once, which
from graders.core.part_judge import PartJudge
from graders.core.relation import ROUNDED, relation
from graders.core.report import CheckResult
from graders.core.verdict import Outcomes, judge_case
from graders.core.words import NOWHERE
from graders.ground import wire
from graders.ground.runner import Outcome

MOST = 0.7  # of the wrong cases: so many have to be those of a mistake that is not all of it
FEW = 2  # cases: of so many, nothing is said


@dataclass(frozen=True)
class Match:
    """A misconception that gives what the learner's code gives, and whether that is sure.

    Of one that gives it in a part of the wrong cases only, ``where`` says in which.
    """

    alternative: Alternative
    sure: bool
    where: str = ""

    @property
    def message(self) -> str:
        if self.where:
            return f"{self.where}: {self.alternative.message}"
        return self.alternative.message if self.sure else f"A guess: {self.alternative.message}"


def name_it(part: PartJudge, exercise: Exercise, came: Outcomes, checks: list[CheckResult]) -> str:
    """What to tell the learner about why it is wrong; "" if nothing is known."""
    found = by_the_bank(part, exercise, came)
    if found:
        return found
    said = relation(part, exercise, came, checks)
    if ROUNDED in said:  # where that is as good as the number itself is chance
        return said
    where = contrast(part, exercise, came, checks, brief=said != "")
    return " ".join(filter(None, (said, where)))


def by_the_bank(part: PartJudge, exercise: Exercise, came: Outcomes) -> str:
    """The message of the misconception that it is, in the workbook's own words; "" if it is none."""
    found = matching(part, exercise, came)
    return found.message if found is not None else ""


@dataclass
class _Answer:
    """What came back for one case, and whether that is right; of a wrong one, whether it tells."""

    check: Check
    number: int
    case: Case
    got: Outcome
    want: Outcome
    right: bool = False
    telling: bool = False

    @cached_property
    def tol(self) -> Tol:
        """How near another's has to be: where wrong is its kind alone, that has to be the same."""
        tol = self.check.tol
        kind = not self.right and "value" in self.want and same_outcome(self.got, self.want, tol)
        return replace(tol, types=frozenset()) if kind else tol

    @cached_property
    def open(self) -> Outcome:
        return _but_for_what_is_open(self, self.got)


def matching(part: PartJudge, exercise: Exercise, came: Outcomes) -> Match | None:
    """The misconception whose outcomes equal these: everywhere, or wherever something is wrong."""
    answers = list(_answers(part, exercise, came))
    if not answers:
        return None
    wrong = [a for a in answers if not a.right]
    guess, most = None, 0
    partly = _Partly(answers)
    for alternative in exercise.misconceptions:
        theirs = part.alternative_outcomes(exercise, alternative)
        passes = partial(_passes, part, exercise, alternative, theirs)
        agrees = partial(_agree, theirs, passes)
        alike = [a for a in wrong if _alike(a, theirs) and not passes(a)]
        if len(alike) < len(wrong):
            partly.look(alternative, alike, agrees)
            continue
        explained = sum(a.telling for a in wrong)
        against = sum(not agrees(a) for a in answers if a.right)
        if not against:
            # exceptions of one name, or NaN everywhere, have many causes
            return Match(alternative, bool(explained))
        if explained - against > most:
            guess, most = Match(alternative, False), explained - against
    return guess or partly.best


class _Partly:
    """Looks for a misconception that is only a part of what is wrong: in most cases, or in one check."""

    def __init__(self, answers: list[_Answer]) -> None:
        self.answers = answers
        self.wrong = [a for a in answers if not a.right]
        self.first = self.wrong[0].check if self.wrong else None
        self.best: Match | None = None
        self.most = FEW

    def look(
        self, alternative: Alternative, alike: list[_Answer], agrees: Callable[[_Answer], bool]
    ) -> None:
        """Keeps it, if it explains more than what was found before, and nothing right speaks against it."""
        telling = sum(a.telling for a in alike)
        right = [a for a in self.answers if a.right]
        if telling >= MOST * len(self.wrong):
            where = f"In {len(alike)} of the {len(self.wrong)} cases that are wrong"
        else:
            here = [a for a in self.wrong if a.check is self.first]
            alike, right = [[a for a in some if a.check is self.first] for some in (alike, right)]
            telling = sum(a.telling for a in alike)
            if len(alike) < len(here) or self.first is None:
                return
            where = f"In what is wrong in the check `{self.first.name}`"
        if telling > self.most and all(map(agrees, right)):
            self.best, self.most = Match(alternative, False, where), telling


def _answers(part: PartJudge, exercise: Exercise, came: Outcomes) -> Iterator[_Answer]:
    """Every case of every check; nothing if some did not come back."""
    expected = part.expect(exercise)
    for name, wants in expected.outcomes.items():
        if len(came.get(name, ())) != len(wants):
            return
    for name, wants in expected.outcomes.items():
        check = exercise.checks[name]
        _, again = once(expected.cases[name])
        at, first = which(expected.cases[name]), True
        for number, (got, want) in enumerate(zip(came[name], wants, strict=True)):
            case, _ = expected.cases[name][number]
            answer = _Answer(check, number, case, got, want)
            answer.right = _is_right(check, case, got, want)
            answer.telling = not answer.right and _tells(check, got, want)
            if again and number == len(wants) - 1 and answer.right == first:
                continue  # a case once more: it tells something only if it goes another way
            first = answer.right if number == at else first
            yield answer


def _is_right(check: Check, case: Case, got: Outcome, want: Outcome) -> bool:
    if got.get("changed") or got.get("guard"):
        return False
    return judge_case(check, case, got, want)[0] == "passed"


def _tells(check: Check, got: Outcome, want: Outcome) -> bool:
    """Whether a wrong answer says something of its own: neither just any exception nor only NaN."""
    if "raised" in got:
        # of the wrong kind where one is asked for; or one that has a single meaning
        return "raised" in want or got["raised"] == "RecursionError"
    if "value" not in got:
        return False
    if not check.asks_reference or "value" not in want:
        return True
    try:
        off = compare(value_beside(got), value_beside(want), check.tol, check.dtype, NOWHERE)
    except wire.WireError:
        return False
    return off is None or off.kind != "nan"


def _alike(answer: _Answer, theirs: Outcomes) -> bool:
    """Whether a misconception gives the same for this case."""
    others = theirs.get(answer.check.name, [])
    if answer.number >= len(others):
        return False
    other = _but_for_what_is_open(answer, others[answer.number])
    return same_outcome(answer.open, other, answer.tol)


def _but_for_what_is_open(answer: _Answer, outcome: Outcome) -> Outcome:
    """An outcome without what the reference leaves otherwise too: whether one does so is up to the author."""
    if not (left := outcome.get("left")) or "ask" not in answer.want:
        return outcome
    allowed = answer.want["ask"](left)
    return {**outcome, "left": [name for name in left if name not in allowed]}


def _passes(
    part: PartJudge, exercise: Exercise, alternative: Alternative, theirs: Outcomes, answer: _Answer
) -> bool:
    """Whether a misconception is right in this case: then it cannot be why the case is wrong."""
    others = theirs.get(answer.check.name, [])
    if answer.number >= len(others):
        return False
    key = exercise.name, alternative, answer.check.name, answer.number
    if key not in part.passes:  # asked for every wrong answer anew
        got = others[answer.number]
        part.passes[key] = _is_right(answer.check, answer.case, got, answer.want)
    return part.passes[key]


def _agree(theirs: Outcomes, passes: Callable[[_Answer], bool], answer: _Answer) -> bool:
    """Whether a misconception is as right as this answer is, for this case."""
    return _alike(answer, theirs) or passes(answer)


def same_outcome(a: Outcome, b: Outcome, tol: Tol) -> bool:
    """Whether two outcomes are one: equal values, or the same exception from the same kind of act."""
    if sorted(a.get("changed", ())) != sorted(b.get("changed", ())):
        return False
    if "raised" in a or "raised" in b:
        if a.get("raised") != b.get("raised"):
            return False
        if a.get("by_hand") and b.get("by_hand"):  # each in words of their own
            return True
        return _skeleton(a.get("message", "")) == _skeleton(b.get("message", ""))
    if sorted(a.get("left", ())) != sorted(b.get("left", ())):
        return False
    if bool(a.get("guard")) != bool(b.get("guard")):
        return False
    raw_a, raw_b = a.get("value"), b.get("value")
    if raw_a is None or raw_b is None:
        return raw_a is raw_b
    if raw_a == raw_b:
        return True
    try:
        return compare(value_beside(a), value_beside(b), tol, where=NOWHERE) is None
    except wire.WireError:
        return False


def value_beside(outcome: Outcome) -> Any:
    """The decoded value, kept beside its bytes: it is compared with every misconception's."""
    if "decoded" not in outcome:
        outcome["decoded"] = wire.decode(outcome["value"])
    return outcome["decoded"]


def _skeleton(message: Any) -> str:
    """An exception's message without the names and numbers in it."""
    return "".join(c for c in str(message) if c.isalpha() or c == " ")[:60]
