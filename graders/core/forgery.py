"""Could it be passed without solving anything? Answers known from elsewhere, and an object that says yes.

Submitted code runs in one process with the scenario that drives it, and can answer in its place. It cannot
answer for the comparison with the reference, which happens elsewhere: so what tells right from wrong has to
be data that depends on the drawn inputs. Three forgers try whether it does:

- *replay* gives the right answers of another seed;
- *constant* gives one answer, the most frequent, to every case of a check;
- *the yes-man* stands in for the targets, says yes to everything and has the scenario's own comparisons come
  out as they do for the reference.

And *its word* finds the misconceptions that would pass if only the scenario's own comparisons were forged.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from typing import Any

from graders.authoring import Alternative, Check, Exercise
from graders.core.alternatives import module_of
from graders.core.gpu import gpu_reason
from graders.core.part_judge import PartJudge
from graders.core.patience import Endless, patience
from graders.core.sayso import Said, Spoken
from graders.core.verdict import judge_case
from graders.ground import runner
from graders.ground.definitions import definition
from graders.ground.runner import Outcome

LUCK = 4  # seeds whose answers all have to be accepted


class Forgery:
    """What forgers get past one exercise.

    Args:
        judge: whose cases are answered.
        other: of another seed: what the forger knows.
    """

    def __init__(self, exercise: Exercise, judge: PartJudge, other: PartJudge) -> None:
        self.exercise, self.judge, self.other = exercise, judge, other
        expected = judge.expect(exercise)
        checks = [c for c in exercise.checks.values() if not (c.gpu and gpu_reason())]
        # the quickest first: the first that rejects is enough
        self.checks = sorted(checks, key=lambda c: expected.seconds[c.name])
        runner.seed_everything(other.seed)  # cases made with it would change from run to run
        other.cases(exercise)
        self._spoken: Spoken | None = None
        self._said: dict[tuple[str, int], Said] = {}

    def holes(self) -> list[str]:
        """One sentence for each forger who passes every check."""
        said = []
        if self.checks and not self._asks_nothing() and self._known_again():
            said.append("answers recorded under another seed are accepted")
        if self.checks and self.yes_man_passes():
            said.append("one that only says yes is accepted")
        return said

    def _known_again(self) -> bool:
        """Whether all checks accept what is known, whatever seed it is known from: once may be luck."""
        if not all(map(self.known, self.checks)):
            return False
        for further in range(1, LUCK):
            other = PartJudge(self.judge.part, self.other.seed + further, thorough=True)
            if not all(map(Forgery(self.exercise, self.judge, other).known, self.checks)):
                return False
        return True

    def _asks_nothing(self) -> bool:
        """Whether the answer is the same for everybody: a choice, a table. Who knows it has solved it."""
        found = [definition(self.judge.part.bare_tree, t) for t in self.exercise.targets]
        return all(isinstance(f, ast.FunctionDef) and not ast.unparse(f.args) for f in found)

    # -- answers known from elsewhere ---------------------------------------------------------------

    def known(self, check: Check) -> str:
        """Which answers known from elsewhere a check accepts: "replay", "constant" or ""."""
        if self._accepts_replay(check):
            return "replay"
        return "constant" if self._accepts_constant(check) else ""

    def _accepts_replay(self, check: Check) -> bool:
        cases = self.other.cases(self.exercise).cases[check.name]
        if not cases:
            return False
        known: list[Outcome] = []
        for i in range(len(self._wanted(self.judge, check))):
            if i < len(cases):
                reference = self.other.reference
                known.append(
                    self.other.run(reference, self.exercise, check, *cases[i], trusted=True)
                )
            if not self._accepts(self.judge, check, i, known[i % len(cases)]):
                return False
        return True

    def _accepts_constant(self, check: Check) -> bool:
        wanted = self._wanted(self.judge, check)
        return bool(wanted) and self.accepts_everywhere(check, _most_frequent(wanted))

    def accepts_everywhere(self, check: Check, answer: Outcome) -> bool:
        """Whether a check accepts one answer in every case of both seeds."""
        return all(
            self._accepts(judge, check, i, answer)
            for judge in (self.judge, self.other)
            for i in range(len(judge.cases(self.exercise).cases[check.name]))
        )

    def _wanted(self, judge: PartJudge, check: Check) -> list[Outcome]:
        return judge.expect(self.exercise).outcomes[check.name]

    def _accepts(self, judge: PartJudge, check: Check, i: int, answer: Outcome) -> bool:
        case, _ = judge.cases(self.exercise).cases[check.name][i]
        return judge_case(check, case, answer, self._wanted(judge, check)[i]).status == "passed"

    # -- one that says yes ---------------------------------------------------------------------------

    def yes_man_passes(self) -> bool:
        """Whether one that says yes to everything passes every check."""
        module = runner.load(
            self.judge.part.reference,
            str(self.judge.part.reference_path),
            "yes_man",
            code=self.judge.part.reference_code,
        )
        for target in self.exercise.targets:
            owner, _, name = target.rpartition(".")
            place = runner.lookup(module, owner) if owner else module
            setattr(place, name, _nothing if name == "__init__" else _says_yes)
        return not any(self._rejections(module, self.checks))

    def on_its_word(self, alternative: Alternative, failed: set[str]) -> bool:
        """Whether a misconception is rejected by nothing but comparisons that its own process makes.

        Args:
            failed: the names of the checks that reject it.
        """
        rejecting = [c for c in self.checks if c.name in failed]
        if failed - {c.name for c in rejecting}:
            return False  # an argument was changed, say: that is seen from outside
        if any(c.scenario is None or c.name not in self.spoken.scenarios for c in rejecting):
            return False
        module = module_of(self.judge.part, self.exercise, alternative)
        return not any(self._rejections(module, rejecting))

    @property
    def spoken(self) -> Spoken:
        if self._spoken is None:
            self._spoken = Spoken(self.judge.part.scenarios(self.exercise.name))
        return self._spoken

    def _rejections(self, module: Any, checks: list[Check]) -> Iterator[str]:
        """The names of the checks, once for every case, that reject a module with the best of words."""
        for check in checks:
            for i in range(len(self._wanted(self.judge, check))):
                try:
                    with patience(f"{self.exercise.name}, with its comparisons forged,"):
                        answer = self._with_its_word(module, check, i)
                except Endless:
                    yield check.name
                    continue
                if not self._accepts(self.judge, check, i, answer):
                    yield check.name

    def _with_its_word(self, module: Any, check: Check, i: int) -> Outcome:
        judge, exercise = self.judge, self.exercise
        case, seed = judge.cases(exercise).cases[check.name][i]
        scenario = self.spoken.scenarios.get(check.name) if check.scenario is not None else None
        if scenario is None:
            return judge.run(module, exercise, check, case, seed)
        if (check.name, i) not in self._said:
            with self.spoken.listening() as said:
                runner.run_case(scenario, judge.reference, case, seed)
            self._said[check.name, i] = said
        with self.spoken.answering(self._said[check.name, i]):
            return runner.run_case(scenario, module, case, seed, exercise.forbid)


def _most_frequent(outcomes: list[Outcome]) -> Outcome:
    keys = [o.get("value") or str(o.get("raised")) for o in outcomes]
    ((key, _),) = Counter(keys).most_common(1)
    return outcomes[keys.index(key)]


def _nothing(*_: Any, **__: Any) -> None:
    """Where an __init__ stood."""


class _Yes:
    """Says yes to everything, and is everything that is asked of it."""

    def _self(self, *_: Any, **__: Any) -> Any:
        return self

    def _true(self, *_: Any) -> bool:
        return True

    def _one(self, *_: Any) -> int:
        return 1

    __call__ = __getattr__ = __getitem__ = __enter__ = _self
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __bool__ = __exit__ = _true
    __len__ = __int__ = __index__ = __hash__ = __round__ = _one
    __setitem__ = __delitem__ = __setattr__ = __delattr__ = _nothing

    def __float__(self) -> float:
        return 1.0

    def __str__(self) -> str:
        return "yes"

    def __iter__(self) -> Iterator[Any]:
        return iter((self,))

    @classmethod
    def __torch_function__(cls, *_: Any, **__: Any) -> Any:
        return YES


for _word in (
    "add",
    "sub",
    "mul",
    "truediv",
    "floordiv",
    "mod",
    "pow",
    "matmul",
    "and",
    "or",
    "xor",
):
    for _form in ("", "r", "i"):
        setattr(_Yes, f"__{_form}{_word}__", _Yes._self)
for _word in ("neg", "pos", "abs", "invert"):
    setattr(_Yes, f"__{_word}__", _Yes._self)
YES = _Yes()


def _says_yes(*_: Any, **__: Any) -> Any:
    return YES
