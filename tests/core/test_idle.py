"""A check that is passed by doing nothing is found; one that asks for the answer as well is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.core.idle import idle
from graders.core.part_judge import PartJudge
from graders.core.registry import Registry
from tests.core.small import write

SOLUTION = """\
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
"""
GRADER = """\
from graders.authoring import exercise

ex = exercise("double")


@ex.cases
def _(rng):
    yield dict(x=rng.normal(3))


@ex.check("x as it was")
def _(m, x):
    {body}
"""


@pytest.mark.parametrize(
    "body, found",
    [
        ("m.double(x)\n    return x", True),
        ("return [x, m.double(x)]", False),
        ("return x", False),  # asks nothing of it at all
    ],
)
def test_doing_nothing(tmp_path: Path, body: str, found: bool) -> None:
    write(tmp_path, "96_idle/1_part", SOLUTION, {"double": GRADER.format(body=body)})
    registry = Registry(tmp_path)
    (ref,) = registry.all_parts()
    part = registry.load(ref)
    assert bool([*idle(PartJudge(part, 3, thorough=True), part.exercises["double"])]) == found
