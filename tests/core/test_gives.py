"""Kinds of answer are held where a docstring names them, also where a scenario would make no difference."""

from __future__ import annotations

import pytest

from graders.authoring import Check
from graders.core.gives import another_kind
from graders.core.part_judge import PartJudge
from graders.core.registry import Registry
from tests.core.small import write

SOLUTION = '''\
def double(x):
    """Twice x.

    Returns:
        {said}
    """
    ### BEGIN SOLUTION
    return {gives}
    ### END SOLUTION
'''
GRADER = """\
from graders.authoring import exercise

ex = exercise("double")


@ex.cases
def _(rng):
    yield dict(x=2.0)


@ex.scenario
def _(m, x):
    return len(str(m.double(x)))
"""


def _kinds(tmp_path, solution: str) -> dict[str, list[str]]:  # type: ignore[no-untyped-def]
    write(tmp_path, "96_giving/1_part", solution, {"double": GRADER})
    registry = Registry(tmp_path)
    (ref,) = registry.all_parts()
    part = registry.load(ref)
    return PartJudge(part, 1).kinds(part.exercises["double"])


@pytest.mark.parametrize(
    "said, gives, kinds",
    [
        ("A list of two floats.", "[x, x]", {"double": ["list"]}),
        ("x twice.", "[x, x]", {}),  # which kind is nowhere said
        ("Twice x, a Python float.", "2 * x", {"double": ["float"]}),
        ("None.", "None", {"double": ["None"]}),
        ("A pair.", "(x, x)", {"double": ["tuple"]}),
        ("(x, again): x, and x again.", "(x, x)", {"double": ["tuple"]}),
        ("x (as it is, twice).", "(x, x)", {}),
    ],
)
def test_what_is_asked(tmp_path, said: str, gives: str, kinds: dict[str, list[str]]) -> None:  # type: ignore[no-untyped-def]
    assert _kinds(tmp_path, SOLUTION.format(said=said, gives=gives)) == kinds


def test_what_another_function_returns_is_not_meant(tmp_path) -> None:  # type: ignore[no-untyped-def]
    solution = SOLUTION.format(said="A list of two floats.", gives="[x, x]")
    solution = solution.replace("Twice x.", "Twice x, as twice(x) returns it, a float.")
    assert _kinds(tmp_path, solution) == {"double": ["list"]}


@pytest.mark.parametrize(
    "gave, right, legal, said",
    [
        ("f: tuple", ["list"], "", "`f` gave a tuple, and its docstring says a list."),
        ("f: tuple", ["list"], "answer: tuple for list", ""),
        ("f: list", ["list"], "", ""),
        ("f: dict", ["list"], "", ""),  # nothing like it: the answer itself is compared
        ("f: Tensor", ["float"], "", "`f` gave a tensor, and its docstring says a float."),
        (
            "f: int",
            ["None"],
            "",
            "`f` gave a whole number (int), and its docstring says that it returns None.",
        ),
        ("f: None", ["None"], "", ""),
        ("f: float", ["float", "None"], "", ""),
        ("g: tuple", ["list"], "", ""),
    ],
)
def test_what_is_said(gave: str, right: list[str], legal: str, said: str) -> None:
    check = Check("values", legals={legal: "as the docstring says"} if legal else {})
    found = another_kind(check, [gave], {"f": right})
    assert found == said
