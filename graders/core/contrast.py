"""What the wrong cases have in common and the right ones do not; which part of the answers is wrong, always.

"Right in 6 of 9 cases; wrong in the 3 where `h` is negative." A contrast is told only if it is true of
every case, and only if there are cases enough; the simplest one is told. Where every case is wrong, it may be
that the same part of each answer is (``graders.core.parts_wrong``), or that the other checks are right.
"""

from __future__ import annotations

import re

from graders.authoring import Case, Exercise
from graders.core.features import FAR, Feature, features
from graders.core.once_more import once
from graders.core.part_judge import PartJudge
from graders.core.parts_wrong import same_part
from graders.core.report import FINE, CheckResult, listed
from graders.core.verdict import Outcomes, judge_case

FEW = 3  # cases: of fewer, nothing can be said
ALONE = 4  # cases, where one stands against all others
MANY = 6  # cases: of fewer, what random arguments have in common is chance
# of the one case that is right: so little to do that much comes to the same
BARE = re.compile("` (is (left out|None|empty|0|1)$|has (a single|the same) element|.* throughout)")
SEVERAL = 3  # cases that have one number in common, or larger tensors: of fewer, that is chance
SIZE = re.compile(r"\.shape\[-?\d\]` is (more|less) than ")
RIVALS = 2  # arguments in which such a case may differ: of more, nobody knows which it is


def contrast(
    part: PartJudge,
    exercise: Exercise,
    came: Outcomes,
    checks: list[CheckResult],
    brief: bool = False,
) -> str:
    """A sentence on the first check that is wrong, if something is true of its cases; else "".

    Args:
        came: what came back.
        checks: the verdicts on it.
        brief: says nothing but what divides the cases, where there is another sentence already.
    """
    problems = [c for c in checks if c.status not in FINE]
    if not problems or any(p.name not in exercise.checks for p in problems):
        return ""  # a forbidden tool, or a spoilt argument: what else is wrong follows from it
    name = problems[0].name
    expected = part.expect(exercise)
    wants, cases = expected.outcomes.get(name, []), [case for case, _ in expected.cases[name]]
    got = came.get(name, [])
    if not len(got) == len(wants) == len(cases):
        return ""
    cases, again = once(cases)
    got, wants = got[: len(got) - again], wants[: len(wants) - again]
    check = exercise.checks[name]
    verdicts = [judge_case(check, *one) for one in zip(cases, got, wants, strict=True)]
    wrong = [v.status != "passed" for v in verdicts]
    blown = all(v.message.startswith("NaN") for v in verdicts if v.status != "passed")
    said = between(cases, wrong, blown)
    if said or brief:
        return said
    part_of_it = same_part(check, cases, got, wants, wrong)
    if part_of_it and len(problems) > 1:  # it is said of this check's cases only
        part_of_it = f"In the check `{name}`: {part_of_it[:1].lower()}{part_of_it[1:]}"
    said = part_of_it or _other_checks(problems, checks, len(cases), all(wrong))
    return said or how_many(wrong)


def between(cases: list[Case], wrong: list[bool], blown: bool = False) -> str:
    """What divides the wrong cases from the right ones, in a sentence; "" if nothing simple does.

    Args:
        blown: all that is wrong holds NaN, which large numbers make.
    """
    count, off = len(cases), sum(wrong)
    right = count - off
    lone = min(off, right) == 1
    if count < FEW or not off or not right or (lone and count < ALONE):
        return ""
    every = [*features(cases)]
    # of two kinds of values one word may mean two things ("empty"): then it is told of neither
    plain = [f for f in every if all(g.holds == f.holds for g in every if g.words == f.words)]
    found = [f for f in plain if _divides(f, wrong)]
    found = [f for f in found if not f.fixed or (right >= SEVERAL and list(f.holds) != wrong)]
    if min(off, right) < SEVERAL:
        found = [f for f in found if not SIZE.search(f.words)]
    if lone or count < MANY:
        found = [f for f in found if not f.chance]
    bare = [f for f in found if list(f.holds) != wrong and BARE.search(f.words)]
    if bare and right < off and not lone:  # where hardly anything is to do, the rest is chance
        found = bare
    last = [f for f in found if (f not in bare if right == 1 else blown and FAR not in f.words)]
    # of two ways to say it the one that speaks of fewer cases; then as the arguments come
    found.sort(key=lambda f: (f in last, f.rank, sum(f.holds)))
    if not found or (lone and len({f.subject for f in found}) > RIVALS):
        return ""
    first = found[0]
    if right == 1 and not bare:
        return ""  # what is wrong may come out right once, by chance
    if first.chance and len({f.subject for f in found}) > RIVALS:
        return ""  # so much divides the cases so that all of it may be chance
    alike = [f for f in found if f.holds == first.holds and f.chance <= first.chance]
    said = [first, *(f for f in alike if f.subject != first.subject)][:RIVALS]
    if lone and len({f.subject for f in found}) > len({f.subject for f in said}):
        return ""  # the one case differs in something else too, which cannot be said here
    where = " and ".join(f.words for f in said)
    if list(first.holds) == wrong:
        return f"Right in {right} of {count} cases; wrong {_only(off)} where {where}."
    return f"Right {_only(right)} of {count} cases where {where}; wrong in all others."


def _divides(feature: Feature, wrong: list[bool]) -> bool:
    """Whether it holds for all wrong cases and for no right one, or the other way round."""
    return list(feature.holds) in (wrong, [not w for w in wrong])


def how_many(wrong: list[bool]) -> str:
    """That most is right, where nothing can be said of what is wrong; "" if it is not."""
    count, off = len(wrong), sum(wrong)
    if count < ALONE or not off or off > count - off:
        return ""
    one = "; wrong in the one that is shown: what is special about it?"
    many = ": what is special about the one that is shown?"
    return f"Right in {count - off} of {count} cases{one if off == 1 else many}"


def _only(cases: int) -> str:
    return "in the one" if cases == 1 else f"in the {cases}"


def _other_checks(
    problems: list[CheckResult], checks: list[CheckResult], cases: int, all_wrong: bool
) -> str:
    """Which checks are right altogether, where one alone is wrong throughout."""
    fine = [c.name for c in checks if c.status == "passed" and c.name not in DERIVED]
    if len(problems) != 1 or not fine or not all_wrong:
        return ""
    ways = "in its one case" if cases == 1 else f"in each of its {cases} cases"
    is_right = "is right" if len(fine) == 1 else "are right"
    return f"{_named(fine)} {is_right}; `{problems[0].name}` is wrong {ways}."


def _named(names: list[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return f"The check{'s' * (len(names) > 1)} {listed(quoted)}"


DERIVED = ("inputs", "no_autograd")  # of the other checks' runs
