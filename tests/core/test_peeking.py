"""An answer that stands in a scenario's variables is found, wherever it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.core.part_judge import PartJudge
from graders.core.peeking import peeked
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
    for _ in range(3):
        x = rng.normal(3)
        yield dict(x=x, right=2 * x)


@ex.scenario
def _({given}):
    {body}


@ex.oracle
def _(x, right):
    return right
"""


@pytest.mark.parametrize(
    "given, body, found",
    [
        ("m, x", "return m.double(x)", False),
        ("m, x, right", "return m.double(x)", False),  # nothing reads it, so it stays behind
        ("m, x, right", "got = m.double(x)\n    return got if right is not None else 0", True),
        ("m, x", "keep = {'a': [x + x]}\n    return m.double(x) if keep else 0", True),
        ("m, x", "half = x / 2\n    return m.double(half * 2)", False),
    ],
)
def test_where_it_stands(tmp_path: Path, given: str, body: str, found: bool) -> None:
    graders = {"double": GRADER.format(given=given, body=body)}
    write(tmp_path, "96_peeking/1_part", SOLUTION, graders)
    registry = Registry(tmp_path)
    (ref,) = registry.all_parts()
    part = registry.load(ref)
    sentences = [*peeked(PartJudge(part, 3), part.exercises["double"])]
    assert bool(sentences) == found
