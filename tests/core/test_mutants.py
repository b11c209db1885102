"""Mutants of a small lesson: what is a hole, what is declared, and what cannot be a hole."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from graders.core.mutants import answers, text
from graders.core.mutants.places import Call, Place
from graders.core.mutants.search import Found, Search
from graders.core.mutants.values import SAME
from graders.core.registry import Registry
from tests.core.small import write

SOLUTION = '''\
def scaled(xs, factor=2.0):
    """Each number times the factor.

    Args:
        xs: a list of numbers; it stays as it is.

    Returns:
        a sequence, a list or a tuple, of as many numbers.
    """
    ### BEGIN SOLUTION
    if factor == 1:
        return list(xs)
    return [x * factor for x in xs]
    ### END SOLUTION
'''
GRADER = """\
from graders.authoring import exercise

ex = exercise("scaled")


@ex.cases
def _(rng):
    yield dict(xs=[rng.number(1, 2)], {first})
    yield dict(xs=[2.0, -1.5, 2.0], factor=rng.number(3, 4))


{said}
"""


def search(tmp_path: Path, first: str = "factor=3.0", said: str = "") -> Search:
    grader = GRADER.replace("{first}", first).replace("{said}", said)
    root = tmp_path / f"checkout{len(list(tmp_path.iterdir()))}"
    write(root, "97_made_up/1_scale", SOLUTION, {"scaled": grader})
    registry = Registry(root)
    ((ref, _),) = registry.select(["97"])
    part = registry.load(ref)
    return Search(part, part.exercises["scaled"], [0])


def named(found: list[Found], status: str) -> set[str]:
    return {f.name for f in found if f.status == status}


def test_what_no_case_shows_is_said_and_what_a_case_shows_is_rejected(tmp_path: Path) -> None:
    found = search(tmp_path).universal()
    assert named(found, "hole") == set()
    assert named(found, "not exercised") == {"factor: its default never used"}


def test_a_changed_line_that_nothing_notices_is_shown(tmp_path: Path) -> None:
    found = search(tmp_path).of_text()
    assert "2.0  ->  4.0" in named(found, "hole")  # the default
    assert any("factor=4.0" in f.why for f in found)
    assert "x * factor  ->  x / factor" not in named(found, "hole")


def test_a_declaration_needs_the_docstrings_words(tmp_path: Path) -> None:
    said = 'ex.legal("answer: tuple for list", "a sequence, a list or a tuple")'
    honest = search(tmp_path, said=said)
    assert "answer: tuple for list" in named(honest.universal(), "declared")
    assert honest.holes() == []
    invented = search(tmp_path, said=said.replace("sequence", "collection"))
    assert len(invented.holes()) == 1 and "no docstring says" in invented.holes()[0]


def test_an_endless_mutant_is_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graders.core.mutants.search.PATIENCE", 0.2)
    one = search(tmp_path)
    endless = "def scaled(xs, factor=2.0):\n    while True:\n        pass"
    assert not one.accepts_text("scaled", endless)


def test_a_change_that_changes_nothing_is_none() -> None:
    squeezed = answers.LEAVES["squeezed"]
    assert squeezed(torch.ones(2, 3)) is SAME
    assert squeezed(torch.ones(1, 3)).shape == (3,)
    assert answers.LEAVES["absolute"](torch.ones(2)) is SAME
    assert answers.LEAVES["sorted"]([1, 2]) is SAME


def test_another_argument_of_which_nothing_comes_is_no_hole(tmp_path: Path) -> None:
    one, place = search(tmp_path), Place("", "scaled")

    def halved(call: Call) -> object:
        return [x / 2 for x in call()]

    assert one._counts(place, "xs: absolute", halved)
    assert not one._counts(place, "xs: absolute", lambda call: call())
    assert one._counts(place, "xs: frozen", lambda call: call())  # it is another each time


def test_a_graph_is_a_mistake_where_nothing_given_has_one(tmp_path: Path) -> None:
    one, place = search(tmp_path), Place("", "scaled")
    seen = []

    def around(call: Call) -> object:
        for xs in (torch.ones(2), torch.ones(2, requires_grad=True)):
            call.bound.arguments["xs"] = xs
            seen.append(answers.ANSWERS["requires a gradient"](call, torch.ones(2)) is SAME)
        return []

    module = one._module()
    place.put(module, around)
    module.scaled([1.0])
    assert seen == [False, True]


def test_only_pythons_own_encodings_count_as_such() -> None:
    assert text._is_codec("utf-8") and not text._is_codec("exp")
