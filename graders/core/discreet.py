"""What the strict report leaves out.

While reference solutions stand in a process, submitted code there can find them, and put them into all
that it has a say in: an exception's text and name, an answer, a print, the names of functions and
attributes. Of such a run only what is in our own words is told: which case it was, how the process ended, a
status.
"""

from __future__ import annotations

from graders.core.asking import Run
from graders.core.report import FINE, CheckResult, listed


def silent(check: CheckResult) -> CheckResult:
    """A check that is right, or still a TODO, without what the code said meanwhile."""
    return CheckResult(check.name, check.status, check.message, check.where)


def told(id_: str, lent: list[str]) -> str:
    """What is said in the place of a message."""
    return (
        f"not right, also with the reference standing in for {listed(lent)}. What your code gave then is "
        f"not told, as it may hold a solution; `hero check {id_}` on your own machine shows it."
    )


def checks(
    name: str, verdicts: list[CheckResult], run: Run, own: list[CheckResult], message: str
) -> tuple[list[CheckResult], bool]:
    """The checks of a failed exercise as they may be told, and whether all of that is of a run of its own.

    Args:
        name: the exercise.
        verdicts: those on its last run, which had stand-ins.
        run: that run.
        own: the verdicts on a run without any stand-in; none if there was no such run.
        message: what to say where that one only misses what is still a TODO.
    """
    mine = {check.name: check for check in own if check.status not in (*FINE, "todo")}
    made, all_own = [], True
    for check in verdicts:
        unanswered = run.result.died and (name, check.name) not in run.result.outcomes
        if check.status in (*FINE, "todo"):
            made.append(silent(check))
        elif check.name in mine:
            made.append(mine[check.name])
        else:
            said = silent(check)
            said.message = check.message if unanswered else message
            made.append(said)
            all_own = False
    return made, all_own
