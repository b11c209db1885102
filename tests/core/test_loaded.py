"""A part is read as far as it is needed: cards without torch, the bank only when it is asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from graders.core.loaded import LoadedPart, PartRef
from graders.core.registry import ROOT, Registry
from graders.errors import AuthoringError

REF = PartRef("99_x", "1_part")
SOLUTION = """
def second(x):
    return x


def first(x):
    return x
"""
PART = """
from graders.authoring import part

part(forbid=("autograd",))
TWICE = 2


def both(ex, word):
    ex.misconception(f"You wrote {word}, and that is wrong.", replace="x", by=word)
"""
FIRST = """
from graders.authoring import exercise

from .part import TWICE, both

ex = exercise("first", title="one")


@ex.cases
def _(rng):
    yield dict(x=TWICE)


ex.hint("a
  nudge")
both(ex, "y")


def helper(x):
    raise ZeroDivisionError


@ex.variant()
def v(x):
    return helper(x)
""".replace("a\n  nudge", "a nudge")
SECOND = "from graders.authoring import exercise\nex = exercise('second', points=2)\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "graders" / REF.folder
    folder.mkdir(parents=True)
    for name, text in (("part", PART), ("first", FIRST), ("second", SECOND)):
        (folder / f"{name}.py").write_text(text)
    (tmp_path / "solutions" / REF.lesson).mkdir(parents=True)
    (tmp_path / "solutions" / REF.file).write_text(SOLUTION)
    return tmp_path


def test_the_order_is_that_of_the_solution(root: Path) -> None:
    part = LoadedPart(REF, root)
    assert list(part.cards) == list(part.exercises) == ["second", "first"]
    assert part.cards["second"].points == 2
    card = part.cards["first"]
    assert (card.title, card.hints, card.targets, card.stretch) == (
        "one", ("a nudge",), ("first",), False,
    )  # fmt: skip


def test_the_bank_is_read_when_it_is_asked_for(root: Path) -> None:
    part = LoadedPart(REF, root)
    exercise = part.exercises["first"]
    names = part.exercises.file("first").names
    assert "helper" not in names and exercise.default_cases is not None
    assert exercise.forbid == ("autograd",)
    assert [a.message for a in exercise.misconceptions] == ["You wrote y, and that is wrong."]
    assert "helper" in names and [a.name for a in exercise.variants] == ["v"]


def test_what_several_parts_share_stands_in_the_lessons_file(root: Path) -> None:
    """And travels with the scenarios that need it, no further."""
    home = root / "graders" / REF.lesson
    (home / "lesson.py").write_text("THREE = 3\n\n\ndef thrice(x):\n    return THREE * x\n")
    (home / "1_part" / "part.py").write_text("from ..lesson import thrice\n" + PART)
    taken = "from .part import TWICE, both, thrice"
    scenario = "@ex.scenario\ndef _(m, x):\n    return thrice(x)\n\n\nex.hint("
    text = FIRST.replace("from .part import TWICE, both", taken).replace("ex.hint(", scenario)
    (home / "1_part" / "first.py").write_text(text)
    part = LoadedPart(REF, root)
    scenario_of_first = part.exercises["first"].checks["values"].scenario
    assert scenario_of_first is not None and scenario_of_first(None, 2) == 6
    assert "THREE" in part.scenarios("first") and "THREE" not in part.scenarios("second")


def test_only_the_exercise_that_is_asked_for_is_executed(root: Path) -> None:
    (root / "graders" / REF.folder / "first.py").write_text(FIRST + "\nraise RuntimeError\n")
    part = LoadedPart(REF, root)
    assert part.exercises["second"].points == 2
    with pytest.raises(RuntimeError):
        part.exercises["first"]
    with pytest.raises(KeyError):
        part.exercises["third"]


@pytest.mark.parametrize(
    "change, said",
    [
        (("from .part import TWICE", "from .part import NOTHING"), "takes NOTHING from part.py"),
        (("from .part import TWICE", "from .other import TWICE"), "only `from .part import"),
        (("def helper", "def both"), "both has two meanings"),
        (('exercise("first"', 'exercise("fist"'), "declares the exercise 'fist', not 'first'"),
        (('title="one"', "title=str(1)"), "write this out as plain text"),
        (("ex = exercise", "y = x = print"), "declares no exercise"),
    ],
)
def test_what_cannot_be_meant_is_said(root: Path, change: tuple[str, str], said: str) -> None:
    assert change[0] in FIRST
    (root / "graders" / REF.folder / "first.py").write_text(FIRST.replace(*change))
    with pytest.raises(AuthoringError, match=said):
        LoadedPart(REF, root).exercises["first"]


def test_a_changed_file_is_read_anew(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    assert LoadedPart(REF, root).cards["first"].title == "one"
    (root / "graders" / REF.folder / "first.py").write_text(FIRST.replace('"one"', '"other"'))
    part = LoadedPart(REF, root)
    assert part.cards["first"].title == part.exercises["first"].title == "other"


def test_the_card_says_what_the_exercise_says() -> None:
    registry = Registry(ROOT)
    for ref in registry.all_parts():
        part = registry.load(ref)
        for name, card in part.cards.items():
            exercise = part.exercises[name]
            for field in ("name", "title", "points", "stretch", "targets"):
                assert getattr(card, field) == getattr(exercise, field), (ref.file, name, field)
            assert list(card.hints) == exercise.hints


def test_lists_need_no_torch() -> None:
    code = (
        "import sys; from graders.core.registry import Registry; r = Registry();"
        "r.select(['05.probs_backward']); [r.cards(x) for x in r.all_parts()];"
        "r.load(r.all_parts()[0]).tree; sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
