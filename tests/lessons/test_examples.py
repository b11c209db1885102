"""Every example in a docstring is true of the reference, and no part is slow to import."""

from __future__ import annotations

import doctest
import runpy
import sys
import types
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = sorted((ROOT / "solutions").glob("[0-9][0-9]_*/*.py"))


@pytest.mark.parametrize("path", PARTS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_examples_are_true(path: Path) -> None:
    module = types.ModuleType("part")
    module.__dict__.update(runpy.run_path(str(path), run_name="part"))
    found = doctest.DocTestFinder(exclude_empty=True).find(module, "part", module=False)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE, verbose=False)
    said: list[str] = []
    for test in found:
        test.globs.update(vars(module))
        runner.run(test, out=said.append)
    assert runner.failures == 0, "".join(said)
    assert runner.tries > 0


@pytest.mark.parametrize("path", PARTS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_a_part_stands_alone(path: Path) -> None:
    """It imports only what a learner has, never the graders, and no plotting at module level."""
    text = path.read_text(encoding="utf-8")
    top = [line for line in text.splitlines() if line.startswith(("import ", "from "))]
    allowed = {"torch", "numpy", "data", "regex"}
    for line in top:
        name = line.split()[1].split(".")[0].rstrip(",")
        assert name in allowed or name in sys.stdlib_module_names, line
