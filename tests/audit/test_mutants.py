"""A sample of exercises in which no behaviour that is wrong almost anywhere passes: they are to stay so."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.core.mutants.run import Task, run
from graders.core.registry import Registry

ROOT = Path(__file__).resolve().parents[2]
# quick ones, of functions and classes; `hero author mutants` looks at all
TIGHT = (
    "03.contexts",
    "03.build_dataset",
    "03.embed",
    "03.init_params",
    "03.minibatch",
    "03.forward",
)


@pytest.mark.parametrize("exercise", TIGHT)
def test_no_universal_mutant_passes(exercise: str) -> None:
    registry = Registry(ROOT)
    ((ref, (name,)),) = registry.select([exercise])
    report = run(Task(ROOT, ref, name, ("universal",), (0,)), registry)
    assert report.holes == []
    assert report.tried > 20
    assert [f"{f.place}: {f.name}" for f in report.found if f.status == "hole"] == []
