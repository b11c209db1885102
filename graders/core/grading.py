"""One grading of one file: sends it to a child, judges what comes back, exercise by exercise.

Only an answer that was compared counts: silence, an early exit or a skipped check are failures. If we
stumble ourselves over one exercise, that is said to be our fault, and the others are graded.

Verdicts become final one by one, and no reference solution enters a process that runs the file before the
verdict on its exercise is final (code there could keep it for a later one). First all is judged that needs
no more than the unsolved exercises' references: together, and alone what was not right together. Then comes
what still failed, each after those it needs: again, with the reference in place of what was found wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import cached_property

from graders.authoring import Exercise
from graders.core import diagnose, discreet
from graders.core.asking import Asked, Asking, Run
from graders.core.blame import blamed
from graders.core.faults import stumbled, trouble
from graders.core.forbidden import CLOSED
from graders.core.needs import Needs
from graders.core.part_judge import PartJudge, check_names
from graders.core.report import FINE, CheckResult, ExerciseResult, is_fine, listed
from graders.core.signature import told_by_text
from graders.core.source import Source, Unreadable
from graders.core.standins import at_lines, targets_of
from graders.core.stopped import Stop, blame, is_blamed, others, stops_of
from graders.core.todos import Todos
from graders.core.told import BEGGED, LATE, result_of, say_whose_todo
from graders.core.verdict import Outcomes, describe_exception, not_found
from graders.ground.doors import Door
from graders.ground.limits import KEPT_OUTPUT
from graders.ground.machine import MachineError
from graders.ground.shown import shown_text
from graders.ground.worker import Worker


class Grading:
    """One grading of one file, which is read through a door."""

    def __init__(self, worker: Worker, part: PartJudge, names: list[str], door: Door) -> None:
        path = door.folder / part.part.ref.file
        self.part, self.strict = part, worker.strict
        self.ref, self.names, self.path = part.part.ref, names, path
        self.targets = targets_of(part.part)
        self.done: dict[str, ExerciseResult] = {}  # what is final
        self.failed: dict[str, Run] = {}  # what is not yet: what it gave alone
        self.source: Source | None = None
        self.text = ""  # of the file, as it was graded
        self.together: Asked | None = None
        self._wrong: dict[str, bool | None] = {}
        try:
            self.source = Source(path, door)
            self.text = self.source.text
        except Unreadable as error:
            message, line = str(error), error.line
            self.text = error.text
            for name in names:
                self._guarded(name, lambda n: self._set(n, self._all(n, message, line)))
            return
        self.asking = Asking(worker, part, self.text, path)
        self._begin(names)

    def _begin(self, names: list[str]) -> None:
        """Settles what can be said without running anything; begins to run the rest."""
        for name in names:
            self._guarded(name, self._look_at)
        # all that is not a TODO in one child, as long as all goes well; who is forbidden more has its own
        asked = [name for name in names if name not in self.done]
        asked = [name for name in asked if not self._exercise(name).forbid] or asked
        self.together = None
        if asked and not any(self.asking.wants_gpu(name) for name in asked):
            try:
                self.together = self.asking.begin(asked, self._unsolved(asked))
            except MachineError:
                raise
            except Exception:  # then each by itself, where it will be told
                self.together = None

    def results(self) -> list[ExerciseResult]:
        """The verdicts, in the order asked for."""
        self._first_round(self.names)
        if self.strict and self.failed:  # nothing is lent before it was judged, asked for or not
            others = [n for n in self.targets if n not in self.done and n not in self.failed]
            self._begin(others)
            self._first_round(others)
        for name in self._in_order([*self.failed]) if self.failed else ():
            self._guarded(name, self._settle)
        return [self.done[name] for name in self.names]

    def _first_round(self, names: list[str]) -> None:
        """Judges exercises with nothing lent but the unsolved: together, then alone."""
        first = self._take_together()
        for name in names:
            if name not in self.done:
                self._guarded(name, lambda n: self._run_alone(n, first.get(n)))

    def _in_order(self, names: list[str]) -> list[str]:
        assert self.source is not None
        try:
            found = {name: (self.failed[name], self._own_checks(name)) for name in names}
            return self.needs.order(names, blamed(self.source.tree, self.targets, found))
        except Exception:  # of a file that nobody can read: any order is safe
            return names

    def _own_checks(self, name: str) -> list[CheckResult]:
        checks = self._exercise(name).checks
        return [v for v in self._verdicts(name, self.failed[name]) if v.name in checks]

    def _guarded(self, name: str, act: Callable[[str], None]) -> None:
        """Does something about one exercise; what we stumble over is told as our fault."""
        try:
            act(name)
        except MachineError:  # about no exercise: it goes on to whoever asked
            raise
        except Exception as error:
            self.done[name] = self._result(name, [CheckResult("grader", "error", stumbled(error))])

    def _look_at(self, name: str) -> None:
        if name in self._todo:
            self._set(name, self._all(name, "still a TODO", status="todo"))
        else:
            self.part.cases(self._exercise(name))

    def _exercise(self, name: str) -> Exercise:
        return self.part.part.exercises[name]

    @cached_property
    def _todos(self) -> Todos:
        assert self.source is not None
        return Todos(self.source.tree, self.targets, lambda: self.part.stub_tree, self.text)

    @property
    def _todo(self) -> list[str]:
        """The exercises of the part that are still a TODO: they earn nothing, whatever runs."""
        return self._todos.sure if self.source is not None else []

    @cached_property
    def needs(self) -> Needs:
        """What the texts say about who needs whom."""

        def comes_to(name: str) -> frozenset[str]:
            return self.part.comes_to(self._exercise(name))

        return Needs(self.part.ours, self.text, self._todo, comes_to)

    def _all(
        self, name: str, message: str, line: int = 0, status: str = "error", missing: str = ""
    ) -> list[CheckResult]:
        """The same verdict on every check of an exercise."""
        names = check_names(self.part.part, self._exercise(name))
        made = [CheckResult(n, status, message, missing=missing) for n in names]
        for check in made if line else ():
            check.frames = [(line, "")]
        return made

    # -- running -----------------------------------------------------------------------------

    def _unsolved(self, names: list[str], lent: Collection[str] = ()) -> list[str]:
        """The TODOs to lend: in strict mode what is fair and what the file, or what is lent, may call."""
        if not self.strict or not self._todo:
            return self._todo
        fair = [self._fair(name, {*self._todo, *lent}) for name in names]
        return [name for name in self._todo if any(name in one for one in fair)]

    def _fair(self, name: str, others: Collection[str]) -> frozenset[str]:
        """Of some others, what may be lent to an exercise: in strict mode nothing that could do its work."""
        lend = self.needs.may_call(name, others)
        return lend & self.needs.fair(name) if self.strict and lend else lend

    def _run(self, name: str, lend: Collection[str]) -> Run:
        return self.asking.run([name], lend)

    def _take_together(self) -> dict[str, Run]:
        """Keeps what passed in the common child; its run, by name, if it ran one exercise only."""
        asked = self.together
        if asked is None:
            return {}
        try:
            run = self.asking.collect(asked)
        except MachineError:
            raise
        except Exception:  # then each by itself, where it will be told
            return {}
        if run.result.load is None and run.result.loaded:
            found: dict[str, list[CheckResult]] = {}
            for name in asked.names:
                self._guarded(name, lambda n: found.update({n: self._verdicts(n, run)}))
            right = [n for n, verdicts in found.items() if is_fine(verdicts)]
            for name in right:
                if self.strict and run.lent - self.needs.fair(name):
                    continue  # what was lent to others could have done its work
                self._guarded(name, lambda n: self._pass(n, found[n], run))
        alone = len(asked.names) == 1 and run.result.load is None
        return {asked.names[0]: run} if alone else {}

    def _run_alone(self, name: str, first: Run | None = None) -> None:
        """Judges one exercise by itself, in a fresh child that no other has touched."""
        run = first or self._run(name, self._unsolved([name]))
        verdicts = self._verdicts(name, run)
        if is_fine(verdicts):
            self._pass(name, verdicts, run)
        elif self._todos.answers(name, run, verdicts):
            self._set(name, self._all(name, "still a TODO", status="todo"))
        else:
            self.failed[name] = run

    def _settle(self, name: str) -> None:
        """The last word on an exercise that failed alone: perhaps the fault lies in others."""
        first = last = self.failed.pop(name)
        verdicts = self._verdicts(name, first)
        own = self._own(name, first)
        if own is not first and is_fine(self._verdicts(name, own)):
            self._pass(name, self._verdicts(name, own), own)
            return
        hopeless = "syntax" in (own.result.load or {})
        for lend in () if hopeless else self._loans(name):
            run = self._run(name, [*self._unsolved([name], lend), *lend])
            again = self._verdicts(name, run)
            if is_fine(again):
                self._pass(name, again, run)
                return
            if not run.result.load and not run.todo_at(name):
                verdicts, last = again, run
        assert self.source is not None
        gone = self.source.gone(self.targets[name])
        if gone and first.result.loaded:
            # whatever else is off follows from it: the scenario looked for a name in vain
            self._set(name, self._all(name, not_found(gone), missing=gone), own)
        elif begged := self._begged(name, first):
            self._set(name, self._all(name, begged), own)
        elif self.strict and last.lent:
            self._refuse(name, verdicts, last, own)
        else:
            self._set(name, verdicts, last)
            self.done[name].stood_in = self._stood_in(name, last)

    def _loans(self, name: str) -> Iterator[frozenset[str]]:
        """What to lend to an exercise that failed: what is wrong; then what is right, too.

        What is right may be so for its own checks only.
        """
        others = [n for n in self.targets if n != name and n not in self._todo]
        right = [n for n in others if n in self.done and self.done[n].status in FINE]
        wrong = [n for n in others if n not in right and self._is_lost(n)]
        lend = self._fair(name, wrong)
        if lend:
            yield lend
        more = self._fair(name, [*wrong, *right])
        if more - lend:
            yield more

    def _is_lost(self, name: str) -> bool:
        """Whether an exercise can earn nothing any more: what was judged, and what nobody asked for.

        In strict mode that is judged all the same, if it may be needed.
        """
        return name in self.done or not (self.strict or name in self.names)

    def _own(self, name: str, run: Run) -> Run:
        """In strict mode, the run of an exercise without any reference solution in its process."""
        endless = run.result.died in ("timeout", "output")
        return self._run(name, []) if self.strict and run.lent and not endless else run

    # -- judging -----------------------------------------------------------------------------

    def _verdicts(self, name: str, run: Run) -> list[CheckResult]:
        result = run.result
        if result.load is not None:
            told = describe_exception(result.load)
            message = told.message
            if not result.load.get("syntax") and told.status == "error":
                message = f"your file cannot be executed: {message}"
                if "autograd" in self._exercise(name).forbid and "grad" in message:
                    message += CLOSED
            checks = self._all(name, message, missing=told.missing)
            for check in checks:
                check.frames = [tuple(f) for f in result.load.get("frames", [])]
            return checks
        verdicts = self._results(name, run.outcomes(name))
        run.say_what_is_unanswered(name, verdicts)
        blame(verdicts, self._stops(run, name), self.targets[name])
        return verdicts

    def _stops(self, run: Run, name: str) -> list[Stop]:
        """The statements at the top level of the file that stopped when it was executed."""
        assert self.source is not None
        closed = "autograd" in self._exercise(name).forbid
        return stops_of(self.source.tree, run.result.stopped, closed)

    def _results(self, name: str, outcomes: Outcomes) -> list[CheckResult]:
        """The verdicts, and what the text itself says: about forbidden tools, and what a function takes."""
        results = self.part.results(self._exercise(name), outcomes)
        if self.source is not None:
            told_by_text(results, self.source.tree, self._exercise(name), self.part.reference)
        return results

    def _stood_in(self, name: str, run: Run) -> list[str]:
        """The exercises to tell about: their stand-ins were called, and they are not right yet."""
        return [n for n in self.targets if n in run.called(name) and self._is_wrong(n)]

    def _begged(self, name: str, run: Run) -> str:
        """What to say of code that stopped in a TODO for which nothing stands in, in strict mode."""
        if not self.strict or self.source is None or run.result.load:
            return ""
        begged = at_lines(self.source.tree, self.targets, run.todo_at(name))
        begged = [other for other in begged if other in self._todo and other not in run.lent]
        return BEGGED.format(listed(begged)) if begged else ""

    def _is_wrong(self, name: str) -> bool | None:
        """Whether an exercise is not right; it is judged by itself if that is not known yet."""
        if name in self.done:
            return self.done[name].status not in FINE
        if name not in self._wrong:
            try:
                self._wrong[name] = name in self._todo or not self._would_pass(name)
            except MachineError:
                raise
            except Exception:  # we stumbled over another exercise: no reason to blame or praise it
                self._wrong[name] = None
        return self._wrong[name]

    def _would_pass(self, name: str) -> bool:
        """Whether an exercise that nobody asked for is right."""
        loans = ((), *self._loans(name))
        runs = (self._run(name, [*self._unsolved([name], lend), *lend]) for lend in loans)
        return any(is_fine(self._verdicts(name, run)) for run in runs)

    # -- telling -----------------------------------------------------------------------------

    def _pass(self, name: str, checks: list[CheckResult], run: Run) -> None:
        """An exercise is right; says with whose help, if the run had any."""
        called = run.called(name)
        lent = called and not self.strict  # the texts are read only where there is a need
        if lent and (late := self.needs.late(name, called, self._is_wrong)):
            self._set(name, self._all(name, LATE.format(late), status="failed"))
            return
        if self.strict and run.lent:
            self._set(name, [discreet.silent(check) for check in checks])
        else:
            self._set(name, checks, run)
        result = self.done[name]
        result.stood_in = [n for n in self.targets if n in called and self._is_wrong(n)]
        if called and not result.stood_in:
            result.borrowed = [
                n for n in self.targets if n in called and self._is_wrong(n) is False
            ]

    def _refuse(self, name: str, verdicts: list[CheckResult], run: Run, own: Run) -> None:
        """An exercise is wrong, in strict mode, after runs with stand-ins: tells what may be told."""
        id_ = self.part.part.exercise_id(name)
        lent = [n for n in self.targets if n in self._likely(name, run)]
        alone = [] if own.lent else self._verdicts(name, own)
        checks, all_own = discreet.checks(name, verdicts, run, alone, discreet.told(id_, lent))
        self._set(name, checks, own if all_own else None)
        if all_own:
            self.done[name].tried = [] if is_blamed(checks) else lent
        elif run.result.load is None:
            self._explain(
                name,
                lambda: diagnose.by_the_bank(self.part, self._exercise(name), run.outcomes(name)),
            )

    def _likely(self, name: str, run: Run) -> frozenset[str]:
        """Of what was lent, what an exercise calls as far as the text tells; all if it tells nothing."""
        return self.needs.calls(name) & run.lent or run.lent

    def _set(self, name: str, checks: list[CheckResult], run: Run | None = None) -> None:
        if run is not None and name not in self._todos.stubs:
            say_whose_todo(checks, self.targets[name], self._todos.lines(name))
        self.done[name] = result = self._result(name, checks)
        result.printed = shown_text(run.result.printed, KEPT_OUTPUT) if run else ""
        wrong = result.status in ("failed", "error", "timeout")
        if run is None or not wrong or is_blamed(checks):
            return
        if not (self.strict and run.lent):
            result.stopped = others(self._stops(run, name))
        if result.status != "timeout":
            if run.result.load is None:
                came = run.outcomes(name)
                self._explain(
                    name,
                    lambda: diagnose.name_it(self.part, self._exercise(name), came, checks),
                )
            for check in checks:
                close = self.source.nearly(check.missing) if self.source and check.missing else ""
                if close:
                    check.message += f" (It has one called `{close}`.)"

    def _explain(self, name: str, find: Callable[[], str]) -> None:
        try:
            self.done[name].diagnosis = find()
        except Exception as error:  # the verdict stands, whoever stumbles over its reason
            reason = f"(The grader could not look for the reason: {trouble(error)})"
            self.done[name].diagnosis = reason

    def _result(self, name: str, checks: list[CheckResult]) -> ExerciseResult:
        return result_of(self.part, name, checks, self.path, self.source, self.text)
