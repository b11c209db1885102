"""What forgers get past a check: one that compares data, and ones that take the child's word."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.core.audit import audit
from graders.core.forgery import YES, Forgery
from graders.core.judge import Judge
from graders.core.part_judge import PartJudge
from graders.core.registry import Registry
from graders.ground import wire
from tests.core.small import write

SOLUTION = '''\
import torch


def table():
    """The squares of 1, 2 and 3, the same for everybody."""
    ### BEGIN SOLUTION
    return [1, 4, 9]
    ### END SOLUTION


def double(x):
    """Twice x, a new tensor of the same shape."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION


class Box:
    """Holds a number."""

    def __init__(self, n):
        """Keeps n, which must be positive."""
        ### BEGIN SOLUTION
        if n < 1:
            raise ValueError(n)
        self.n = n
        ### END SOLUTION
'''
HEAD = "import torch\n\nfrom graders.authoring import exercise\n\n"
IN_PLACE = """

ex.hint("Twice.")
ex.misconception("You changed x in place, which others still need.", name="in_place",
                 replace="2 * x", by="x.mul_(2)")
ex.misconception("You took x three times: asked is twice x.", name="thrice", replace="2 * x", by="3 * x")
ex.variant(name="sum", replace="2 * x", by="x + x")
"""
CASES = "@ex.cases\ndef _(rng):\n    for n in (2, 3):\n        yield dict(x=rng.normal(n))\n\n"
FIXED = CASES.replace("rng.normal(n)", "torch.ones(n)")
DOUBLE = "ex = exercise('double', pure=False)\n\n"


def scenario(*lines: str) -> str:
    return "@ex.scenario\ndef _(m, x):\n    " + "\n    ".join(lines) + "\n"


DATA = scenario("out = m.double(x)", "return [out, x]")
# of a copy: a change of the argument itself is seen from outside
COPY = "x = x.clone()", "before = x.clone()"
VERDICT = scenario(*COPY, "out = m.double(x)", "return [out, torch.equal(before, x)]")
YES_OR_NO = scenario(
    *COPY, "out = m.double(x)", "return [torch.equal(out, 2 * x), isinstance(out, torch.Tensor)]"
)
BRANCH = scenario(
    *COPY,
    "out = m.double(x)",
    "if not torch.equal(before, x):",
    "    return 'x was changed'",
    "return out",
)


def forgery(tmp_path: Path, name: str, grader: str) -> Forgery:
    write(tmp_path, "97_made_up/1_part", SOLUTION, {name: HEAD + grader})
    part = Registry(tmp_path).load(Registry(tmp_path).parts("97_made_up")[0])
    judges = [PartJudge(part, seed, thorough=True) for seed in (0, 1)]
    return Forgery(part.exercises[name], *judges)


def on_its_word(found: Forgery) -> list[str]:
    words = []
    for one in found.exercise.misconceptions:
        came = found.judge.alternative_outcomes(found.exercise, one)
        failed = {r.name for r in found.judge.results(found.exercise, came) if r.status != "passed"}
        assert failed
        if found.on_its_word(one, failed):
            words.append(one.name)
    return words


@pytest.mark.parametrize(
    ("grader", "holes", "words"),
    [
        (CASES + DATA, [], []),
        (CASES + VERDICT, [], ["in_place"]),
        (CASES + BRANCH, [], ["in_place"]),
        (CASES + YES_OR_NO, ["recorded", "says yes"], ["in_place", "thrice"]),
        (FIXED + DATA, ["recorded"], []),
    ],
)
def test_what_is_accepted(tmp_path: Path, grader: str, holes: list[str], words: list[str]) -> None:
    found = forgery(tmp_path, "double", DOUBLE + grader + IN_PLACE)
    said = found.holes()
    assert len(said) == len(holes)
    assert all(word in sentence for word, sentence in zip(holes, said, strict=True))
    assert on_its_word(found) == words


def test_a_check_alone_may_accept_what_is_known(tmp_path: Path) -> None:
    grader = (
        DOUBLE
        + CASES
        + DATA
        + "\n@ex.check('a tensor')\ndef _(m, x):\n    return torch.is_tensor(m.double(x))\n"
    )
    found = forgery(tmp_path, "double", grader + IN_PLACE)
    assert {c.name: found.known(c) for c in found.checks} == {"values": "", "a tensor": "replay"}
    assert found.holes() == []


def test_a_band_may_accept_a_constant(tmp_path: Path) -> None:
    judge = "def near(case, got, want):\n    return None if abs(got - want) < 0.6 else 'far'\n\n"
    cases = (
        "ex.default_cases = lambda rng: [dict(x=x) for x in rng.shuffled([1.0, 1.5, 2.0, 2.05])]\n"
    )
    check = "@ex.check('near', judge=near)\ndef _(m, x):\n    return m.double(x / 2)\n"
    found = forgery(tmp_path, "double", judge + DOUBLE + cases + check)
    answers = [{"value": wire.encode(x)} for x in (1.5, 0.0)]
    (near,) = found.checks
    assert [found.accepts_everywhere(near, answer) for answer in answers] == [True, False]


def test_what_asks_for_nothing_has_one_answer_for_all(tmp_path: Path) -> None:
    grader = "ex = exercise('table')\n\n@ex.cases\ndef _(rng):\n    yield {}\n"
    found = forgery(tmp_path, "table", grader)
    assert found.known(found.checks[0]) == "replay"
    assert found.holes() == []


def test_a_class_that_only_says_yes(tmp_path: Path) -> None:
    lines = "    box = m.Box(n)\n    return [{}, isinstance(box, m.Box)]\n"
    head = "ex = exercise('box', target='Box.__init__')\n\n"
    head += "@ex.cases\ndef _(rng):\n    yield dict(n=rng.integer(5, 10**9))\n\n"
    raises = "@ex.check('positive', cases=lambda rng: [dict(n=0)])\ndef _(m, n):\n    m.Box(n)\n"
    body = "@ex.scenario\ndef _(m, n):\n"
    assert forgery(tmp_path / "a", "box", head + body + lines.format("box.n")).holes() == []
    found = forgery(tmp_path / "b", "box", head + body + lines.format("hasattr(box, 'n')"))
    assert [s.split()[0] for s in found.holes()] == ["answers", "one"]
    found = forgery(tmp_path / "c", "box", head + body + lines.format("box.n == n") + "\n" + raises)
    assert [s.split()[0] for s in found.holes()] == ["answers"]  # it cannot raise


def test_a_loop_ends_when_its_own_condition_says_so(tmp_path: Path) -> None:
    """A count that is forged would let it run for ever."""
    loop = scenario(
        "out = [m.double(x)]",
        "while len(out) < 3:",
        "    out.append(x)",
        "return [len(out) == 3, *out]",
    )
    found = forgery(tmp_path, "double", DOUBLE + CASES + loop + IN_PLACE)
    assert found.holes() == []
    assert on_its_word(found) == []


def test_the_yes_man() -> None:
    assert YES == 3 and YES != 3 and YES(1).anything[2] is YES and 4 in YES and len(YES) == 1
    assert [*YES] == [YES] and YES + 1 is YES and 1 / YES is YES and -YES is YES and str(YES)
    assert float(YES) == int(YES) == 1


def test_the_audit_tells_of_both(tmp_path: Path) -> None:
    write(
        tmp_path,
        "97_made_up/1_part",
        SOLUTION,
        {"double": HEAD + DOUBLE + FIXED + VERDICT + IN_PLACE},
    )
    about = "\n".join(f'{key} = "..."' for key in ("title", "about", "lecture", "url"))
    (tmp_path / "graders/97_made_up/lesson.toml").write_text(about)
    registry = Registry(tmp_path)
    judge = Judge(registry)
    try:
        found = audit(registry, judge, ["97.double"], [3, 4])
    finally:
        judge.close()
    assert "97.double: answers recorded under another seed are accepted" in found.holes
    assert found.on_its_word == ["97.double/in_place"]
    assert (found.rejected, found.named, found.accepted) == (2, 2, 1)
