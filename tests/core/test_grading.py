"""What is lent to whom, and when: a pass that leans on the reference is earned, and says so."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from graders.core.grading import Grading
from graders.core.judge import Judge
from graders.core.report import sentences
from graders.ground.doors import Door
from graders.ground.result import RunResult
from graders.ground.worker import Worker
from tests.core.leaning import NAMES, Results, file_of, grade_with
from tests.core.small import statuses

EACH_OTHER = {
    "neg": "return Number(0.0) - self",
    "sub": "return Number(self.data + (-other).data)",
}


@pytest.fixture(params=["own", "strict"])
def judge(request: pytest.FixtureRequest) -> Judge:
    found: Judge = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The requests that children get."""
    requests: list[dict[str, Any]] = []
    submit = Worker.submit

    def noting(self: Worker, request: dict[str, Any]) -> Any:
        requests.append(request)
        return submit(self, request)

    monkeypatch.setattr(Worker, "submit", noting)
    return requests


def lent_too_early(requests: list[dict[str, Any]], names: list[str] = NAMES) -> list[str]:
    """The exercises that were run although their reference solutions had been in a child before.

    Of those asked for: of others it is only looked at whether they are to blame.
    """
    seen: set[str] = set()
    found = []
    for request in requests:
        seen |= set(request["standins"])
        found += [run["exercise"] for run in request["runs"] if run["exercise"] in seen & {*names}]
    return found


def test_two_that_are_each_written_through_the_other(judge: Judge, tmp_path: Path) -> None:
    """At most one can be right: the other is then taken as unsolved."""
    results = grade_with(judge, tmp_path, file_of(judge, **EACH_OTHER))
    assert [results[n].status for n in ("neg", "sub")] == ["error", "passed"]
    assert results["sub"].stood_in == ["neg"] and results["sub"].points == 1
    assert "This exercise needs neg, which is not right yet" in sentences(results["sub"])[1]


def test_what_was_lent_is_never_judged_later(
    judge: Judge, tmp_path: Path, asked: list[dict[str, Any]]
) -> None:
    for bodies in [
        {"triple": "return 4 * x"},
        {"triple": "1 / 0", "more": None, "neg": "return self"},
        {"triple": "return most(x)", "more": "return x", **EACH_OTHER},
        dict.fromkeys(NAMES, "return most(1)"),
    ]:
        asked.clear()
        grade_with(judge, tmp_path, file_of(judge, **bodies))
        assert lent_too_early(asked) == []
        asked.clear()
        grade_with(judge, tmp_path, file_of(judge, **bodies), "most", "sub")
        everybody = NAMES if judge.worker.strict else ["most", "sub"]
        assert lent_too_early(asked, everybody) == []


class Dice:
    """A worker without processes: whatever it is asked may be right, wrong, dead or a lie."""

    def __init__(self, strict: bool, judge: Judge, luck: random.Random) -> None:
        self.strict, self.judge, self.luck = strict, judge, luck
        self.requests: list[dict[str, Any]] = []

    def submit(self, request: dict[str, Any]) -> Any:
        self.requests.append(request)
        self.request = request
        return self

    def collect(self, limits: object) -> RunResult:
        request, luck = self.request, self.luck
        made = RunResult(loaded=True)
        if luck.random() < 0.05:
            made.load, made.loaded = {"raised": "ValueError", "message": "at the top"}, False
            return made
        ((ref, _),) = self.judge.registry.select(["96/1"])
        part = self.judge.part(ref)
        used = [n for n in request["standins"] if luck.random() < 0.3]
        for run in request["runs"]:
            if luck.random() < 0.05:
                made.died = luck.choice(["exit", "timeout"])
                break
            right = part.expect(part.part.exercises[run["exercise"]]).outcomes[run["check"]]
            if luck.random() < 0.5:
                right = [{"raised": "ValueError", "message": "", "todo": luck.random() < 0.3}]
                right *= len(run["cases"])
            made.outcomes[run["exercise"], run["check"]] = [{**o, "used": used} for o in right]
        return made


@pytest.mark.parametrize("strict", [False, True])
def test_nor_whatever_children_answer(own: Judge, tmp_path: Path, strict: bool) -> None:
    """Nothing that a child says has a say in what is lent before what is final."""
    ((ref, _),) = own.registry.select(["96/1"])
    bodies = ["return most(1)", "return -self", "return more(x)", "getattr(1, 'x')", None]
    for seed in range(60):
        luck = random.Random(seed)
        chosen = {n: luck.choice(bodies) for n in NAMES if luck.random() < 0.7}
        path = tmp_path / ref.file
        path.parent.mkdir(exist_ok=True)
        path.write_text(file_of(own, **chosen))
        dice = Dice(strict, own, luck)
        names = luck.sample(NAMES, luck.randint(1, len(NAMES)))
        grading = Grading(dice, own.part(ref), names, Door(tmp_path, tmp_path / "none", strict))  # type: ignore[arg-type]
        results = grading.results()
        assert [r.name for r in results] == names
        assert not {c.status for r in results for c in r.checks if c.name == "grader"}
        assert lent_too_early(dice.requests, NAMES if strict else names) == [], (seed, chosen)
        for result in results:
            assert (result.status == "todo") == (chosen.get(result.name, "") is None) or any(
                check.status == "todo" for check in result.checks
            )


def test_a_wrong_one_blocks_nobody(judge: Judge, tmp_path: Path) -> None:
    """Whichever is wrong: the others are right, and who needs it says so."""
    needed = {"neg": ["sub"], "triple": ["more", "most", "box"], "more": ["most"]}
    for name in NAMES:
        for body in ("raise ValueError", "return 'nonsense'"):
            body = f"def __init__(self, x):\n    {body}" if name == "box" else body
            results = grade_with(judge, tmp_path, file_of(judge, **{name: body}))
            found = statuses(results)
            assert found.pop(name) in ("failed", "error")
            assert set(found.values()) == {"passed"}, (name, found)
            helped = [n for n, r in results.items() if r.stood_in == [name]]
            assert helped == needed.get(name, [])


def test_nor_do_two(own: Judge, tmp_path: Path) -> None:
    """Also where the one leans on the other: most -> more -> triple."""
    bodies = {"triple": "return 4 * x", "more": "return 4 * x"}
    results = grade_with(own, tmp_path, file_of(own, **bodies))
    assert statuses(results)["most"] == "passed"
    assert results["most"].stood_in == ["triple", "more"]
    assert results["more"].diagnosis == "You took it four times."


def test_what_is_right_for_its_own_checks_only(judge: Judge, tmp_path: Path) -> None:
    text = file_of(judge, triple="return 3 * x if len(x) < 3 else x")
    results = grade_with(judge, tmp_path, text)
    assert set(statuses(results).values()) == {"passed"}
    assert (results["more"].stood_in, results["more"].borrowed) == ([], ["triple"])
    assert sentences(results["more"])[1:] == [
        "  (It is right with the reference's triple. With yours, which passes its own checks, "
        "it is not.)"
    ]


def test_a_class_tells_that_it_stands_in(judge: Judge, tmp_path: Path) -> None:
    text = file_of(judge, box=None, triple="return Box(x).x")
    results = grade_with(judge, tmp_path, text)
    # through the reference's Box it calls itself for ever; in strict mode that is not lent
    assert statuses(results)["box"] == "todo" and statuses(results)["triple"] == "error"
    text = file_of(judge, box=None, more="return Box(x).open() + 1")
    if judge.worker.strict:
        assert grade_with(judge, tmp_path, text)["more"].points == 0
        return
    (told,) = {c.message for c in grade_with(judge, tmp_path, text)["more"].checks}
    assert told.startswith(
        "your code leaves its work to the exercise `box`, which comes later and is not right yet"
    )


def test_an_earlier_one_may_do_the_work(judge: Judge, tmp_path: Path) -> None:
    """An unsolved exercise blocks none that needs it: in strict mode by our own code, too."""
    text = file_of(judge, triple=None, more="return triple(x) + 1")
    results = grade_with(judge, tmp_path, text)
    assert statuses(results)["more"] == "passed" and results["more"].stood_in == ["triple"]
    box = "def __init__(self, x): self.x = more(x) - 1\ndef open(self): return self.x"
    result = grade_with(judge, tmp_path, file_of(judge, more=None, box=box))["box"]
    if judge.worker.strict:
        assert (
            result.points == 0 and "your code calls more, still a TODO" in result.checks[0].message
        )
    else:
        assert result.status == "passed" and result.stood_in == ["more"]
    assert grade_with(judge, tmp_path, file_of(judge, box=box))["box"].status == "passed"


# -- what the child says of it --

SILENCED = "\n\n\n__standin__ = lambda exercise: None\n"


def test_who_silences_the_recorder_gains_nothing(strict: Judge, tmp_path: Path) -> None:
    """What our own code needs may help, noted or not; what comes later is not there."""
    results = grade_with(strict, tmp_path, file_of(strict, triple=None) + SILENCED)
    assert statuses(results)["more"] == statuses(results)["neg"] == "passed"
    text = file_of(strict, box=None, more="return Box(x).open() + 1")
    assert grade_with(strict, tmp_path, text + SILENCED)["more"].points == 0


def test_a_word_convicts_nobody(strict: Judge, tmp_path: Path) -> None:
    """A right exercise keeps its point, whatever else the file says, and whom it calls while it loads."""
    text = (
        file_of(strict, box=None)
        + "\n\nimport sys  # see whether the code works\nprint(Box(1).open())\n"
    )
    results = grade_with(strict, tmp_path, text)
    assert {n for n, r in results.items() if r.status != "passed"} == {"box"}
    assert not any(r.stood_in for r in results.values())


def test_a_later_one_does_nothing_while_the_file_loads(strict: Judge, tmp_path: Path) -> None:
    kept = "\n\nKEPT = {x: Box(x).open() + 1 for x in range(-99, 99)}\n"
    text = file_of(strict, box=None, more="return KEPT[x]") + kept
    assert grade_with(strict, tmp_path, text)["more"].points == 0


def children(judge: Judge, folder: Path, asked: list[dict[str, Any]], text: str) -> int:
    asked.clear()
    grade_with(judge, folder, text)
    return len(asked)


def test_what_it_costs(judge: Judge, tmp_path: Path, asked: list[dict[str, Any]]) -> None:
    """One child for a file of which nothing is wrong, solved or not; few in strict mode."""
    solved: Results = grade_with(judge, tmp_path, file_of(judge))
    assert set(statuses(solved).values()) == {"passed"}
    assert children(judge, tmp_path, asked, file_of(judge)) == 1
    assert children(judge, tmp_path, asked, file_of(judge, **dict.fromkeys(NAMES))) == 0
    most = 4 if judge.worker.strict else 1  # what may not stand in for one may for another
    for todo in (NAMES[:3], NAMES[3:], NAMES[::2], NAMES[1::2]):
        assert children(judge, tmp_path, asked, file_of(judge, **dict.fromkeys(todo))) <= most
    assert children(judge, tmp_path, asked, file_of(judge, neg="return self")) <= 4


def test_what_is_lent_gets_the_todos_that_it_calls(strict: Judge, tmp_path: Path) -> None:
    most = "y = more(x)\nreturn y + y - 1"  # right, and leaves `triple` to `more`
    text = file_of(strict, triple=None, more="return None", most=most)
    results = grade_with(strict, tmp_path, text)
    assert results["most"].status == "passed" and results["more"].status == "failed"
    assert results["most"].stood_in == ["triple", "more"]


def test_a_method_that_is_put_into_its_class_later(strict: Judge, tmp_path: Path) -> None:
    text = file_of(strict, box=None)
    later = "\n\ndef start(self, x): self.x = triple(x)\nBox.__init__ = start\n"
    later += "Box.open = lambda self: self.x\n"
    assert grade_with(strict, tmp_path, text + later)["box"].status == "passed"
