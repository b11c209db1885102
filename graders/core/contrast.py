"""What the wrong cases have in common and the right ones do not; which part of the answers is wrong, always.

"Right in 6 of 9 cases; wrong in the 3 where `h` is negative." A contrast is told only if it is true of every
case, and only if there are cases enough; the simplest one is told. Where every case is wrong, it may be that the
same part of each answer is (``graders.core.parts_wrong``), or that another check is right altogether.
"""

from __future__ import annotations

from graders.authoring import Case, Exercise
from graders.core.features import Feature, features
from graders.core.part_judge import PartJudge
from graders.core.parts_wrong import same_part
from graders.core.report import FINE, CheckResult, listed
from graders.core.verdict import Outcomes, judge_case

FEW = 3  # cases: of fewer, nothing can be said
ALONE = 4  # cases, where one stands against all others
RIVALS = 2  # ways in which such a case may differ: of more, nobody knows which it is


def contrast(part: PartJudge, exercise: Exercise, came: Outcomes, checks: list[CheckResult]) -> str:
    """A sentence on the first check that is wrong, if something is true of its cases; else ""."""
    problems = [c for c in checks if c.status not in FINE]
    if not problems or any(p.name not in exercise.checks for p in problems):
        return ""  # a forbidden tool, or a spoilt argument: what else is wrong follows from it
    name = problems[0].name
    expected = part.expect(exercise)
    wants, cases = expected.outcomes.get(name, []), [case for case, _ in expected.cases[name]]
    got = came.get(name, [])
    if not len(got) == len(wants) == len(cases):
        return ""
    check = exercise.checks[name]
    wrong = [
        judge_case(check, case, g, w)[0] != "passed"
        for case, g, w in zip(cases, got, wants, strict=True)
    ]
    return (
        between(cases, wrong)
        or same_part(check, cases, got, wants, wrong)
        or _other_checks(problems, checks, len(cases), all(wrong))
    )


def between(cases: list[Case], wrong: list[bool]) -> str:
    """What divides the wrong cases from the right ones, in a sentence; "" if nothing simple does."""
    count, off = len(cases), sum(wrong)
    right = count - off
    if count < FEW or not off or not right or (min(off, right) == 1 and count < ALONE):
        return ""
    found = [*features(cases)]
    lone = min(off, right) == 1
    if where := _simplest([f for f in found if list(f.holds) == wrong], lone):
        return f"Right in {right} of {count} cases; wrong {_only(off)} where {where}."
    if where := _simplest([f for f in found if [not h for h in f.holds] == wrong], lone):
        return f"Right {_only(right)} of {count} cases where {where}; wrong in all others."
    return ""


def _only(cases: int) -> str:
    return "in the one" if cases == 1 else f"in the {cases}"


def _simplest(found: list[Feature], lone: bool) -> str:
    """The words of the simplest feature; "" if there is none, or too many to choose from.

    Args:
        lone: whether it is one case against all others, which differs in many ways.
    """
    found.sort(key=lambda f: f.rank)  # stable: then as the arguments come
    if lone:
        found = [f for f in found if not f.chance]
        if len({f.words.rpartition("`")[2] for f in found}) > RIVALS:
            return ""
    return found[0].words if found else ""


def _other_checks(
    problems: list[CheckResult], checks: list[CheckResult], cases: int, all_wrong: bool
) -> str:
    """Which checks are right altogether, where one alone is wrong throughout."""
    fine = [c.name for c in checks if c.status == "passed" and c.name not in DERIVED]
    if len(problems) != 1 or not fine or not all_wrong:
        return ""
    ways = "in its one case" if cases == 1 else f"in all its {cases} cases"
    return f"Right in: {listed(fine)}. Wrong {ways}: {problems[0].name}."


DERIVED = ("inputs", "no_autograd")  # of the other checks' runs
