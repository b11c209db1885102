"""A helper of a scenario that does an exercise's work is found, with the module before it or without."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.core.handed import handed, helpers
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


def {helper}


@ex.cases
def _(rng):
    yield dict(x=rng.normal(3))


@ex.scenario
def _(m, x):
    return m.double(x) * {call}
"""


@pytest.mark.parametrize(
    "helper, call, right",
    [
        ("twice(x):\n    return x + x", "twice(1)", True),
        ("twice(m, x):\n    return x + x", "twice(m, 1)", True),
        ("twice(x):\n    return x + x", "2", False),  # does not travel
        ("thrice(x):\n    return 3 * x", "thrice(1)", False),
        ("nobody():\n    return 1", "nobody()", False),
    ],
)
def test_helpers(tmp_path: Path, helper: str, call: str, right: bool) -> None:
    graders = {"double": GRADER.format(helper=helper, call=call)}
    write(tmp_path, "96_helping/1_part", SOLUTION, graders)
    registry = Registry(tmp_path)
    (ref,) = registry.all_parts()
    part = registry.load(ref)
    assert len(helpers(part)) == (call != "2")
    found = [*handed(PartJudge(part, 3, thorough=True), part.exercises["double"])]
    assert bool(found) == right and all("travels with a scenario" in line for line in found)
