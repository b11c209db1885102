"""The grade cell in a real kernel: what it shows, what nbgrader reads from it, that it never falls silent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graders.core.registry import Registry
from graders.errors import UserError
from graders.teach.assignment import assignment_notebook, write_assignment
from graders.teach.verdicts import Verdict, not_graded, outputs_of
from tests.teach.classroom import ROOT, cell_of, environment, grade_id, text

pytest.importorskip("nbgrader")

SOLVED = "06-2-consecutive"
TRICKS = """
import sys, warnings
warnings.warn("attention")
print("a word", file=sys.stderr)
def graded(*a, **k): pass
import builtins
raise SystemExit
"""


def executed(notebook: dict[str, Any], home: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The notebook, run by a kernel as nbgrader's own Execute runs it."""
    from nbformat import from_dict
    from nbgrader.preprocessors import Execute

    for name, value in environment(home).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    done, _ = Execute(timeout=300).preprocess(
        from_dict(notebook), {"metadata": {"path": str(home)}}
    )
    return done


@pytest.fixture
def no_record() -> Iterator[None]:
    """A kernel keeps its record in this checkout: none for the test, then the developer's own again."""
    state = ROOT / ".hero" / "state.json"
    before = state.read_bytes() if state.is_file() else None
    state.unlink(missing_ok=True)
    yield
    state.unlink(missing_ok=True)
    if before is not None:
        state.write_bytes(before)


@pytest.mark.usefixtures("no_record")
def test_in_a_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nbformat.v4 import new_code_cell
    from nbgrader.utils import determine_grade

    registry = Registry()
    ((ref, _),) = registry.select(["06/2"])
    notebook = assignment_notebook(registry, ref)
    cells = notebook["cells"]
    for cell in cells:
        if grade_id(cell) in ("06-2-flatten_consecutive", "06-2-tree_size"):
            cell["source"] = TRICKS  # in place of a solution
    cell_of(notebook, "06-2-make_tree")["source"] = (
        "def make_tree(*args):\n    import os\n    os._exit(0)"
    )
    hint = 'from graders.notebook import hint; hint("06.make_tree")'
    notebook["cells"].append(new_code_cell(hint))
    done = executed(notebook, tmp_path, monkeypatch)
    said = cell_of(done, "check-06-make_tree").outputs[0]["data"]["text/plain"]
    assert said.endswith(f"[{hint}]")  # and nothing that is not there
    assert "06.make_tree, hint 1 of" in done.cells[-1].outputs[0]["data"]["text/plain"]
    scores = {}
    for cell in done.cells:
        if grade_id(cell).startswith("check-"):
            scores[grade_id(cell)], _ = determine_grade(cell)
            outputs = cell.outputs
            assert not [o for o in outputs if o.output_type == "stream"], outputs
            assert "text/html" in outputs[0]["data"]
    (program,) = (c for c in done.cells if "__main__" in text(c))
    assert program.outputs == []  # nothing is trained while it is validated or graded
    assert scores.pop("check-06-consecutive") == 1
    assert set(scores.values()) == {0} and len(scores) == 3


def test_what_nbgrader_reads_from_our_outputs() -> None:
    from nbformat import from_dict
    from nbformat.v4 import new_code_cell
    from nbgrader.utils import determine_grade

    hostile = ["05.x: failed", "<script>alert(1)</script>", "1.0", "\x1b[31mred"]
    for verdict, score in (
        (Verdict("05.x", "passed", 3.0, 3.0, ["05.x: right."]), 3.0),
        (Verdict("05.x", "passed", 0.0, 0.0, ["05.x: right."]), 0.0),
        (Verdict("05.x", "failed", 0.0, 3.0, hostile), 0.0),
        (Verdict("05.x", "todo", 0.0, 3.0, ["1.0"]), 0.0),
        (not_graded("05.x", 3.0, "was not handed in"), 0.0),
    ):
        cell = new_code_cell(outputs=[from_dict(o) for o in outputs_of(verdict)])
        cell.metadata["nbgrader"] = {"grade": True, "solution": False, "points": verdict.most}
        assert determine_grade(cell) == (score, verdict.most)
        assert "<script" not in cell.outputs[0]["data"]["text/html"]


def test_ids_and_points_are_the_same_each_time() -> None:
    registry = Registry()
    for wanted in ("01/2", "06/2"):
        ((ref, names),) = registry.select([wanted])
        one, two = assignment_notebook(registry, ref), assignment_notebook(registry, ref)
        assert one == two
        checks = [c for c in one["cells"] if grade_id(c).startswith("check-")]
        assert [grade_id(c) for c in checks] == [f"check-{ref.number}-{n}" for n in names]
        cards = registry.cards(ref)
        points = [c["metadata"]["nbgrader"]["points"] for c in checks]
        assert points == [cards[n].points for n in names]


def test_every_part_can_be_an_assignment() -> None:
    """nbgrader's own validator is content with the metadata of all of them."""
    from nbformat import from_dict
    from nbgrader.nbgraderformat import MetadataValidator

    registry = Registry()
    for ref in registry.all_parts():
        notebook = from_dict(assignment_notebook(registry, ref))
        MetadataValidator().validate_nb(notebook)
        asked = {text(c) for c in notebook["cells"] if "graded(" in text(c)}
        programs = [c for c in notebook["cells"] if "NBGRADER_EXECUTION" in text(c)]
        assert len(programs) == 1, ref
        assert len(asked) == len(registry.exercise_names(ref)), ref


def test_switched_off_no_grade_cell_is_silent() -> None:
    from nbformat import from_dict
    from nbgrader.utils import determine_grade
    from traitlets.config import Config

    from graders.teach.preprocessor import Grade

    registry = Registry()
    ((ref, _),) = registry.select(["06/2"])
    notebook = from_dict(assignment_notebook(registry, ref))
    asked = {"nbgrader": {"assignment": "x", "notebook": "2_tree"}}
    for config in ({"Execute": {"enabled": False}}, {"Grade": {"enabled": False}}):
        done, _ = Grade(config=Config(config))(notebook, asked)
        checks = [c for c in done.cells if grade_id(c).startswith("check-")]
        assert len(checks) == 4 and {determine_grade(c)[0] for c in checks} == {0}


def test_what_somebody_changed_is_not_written_over(tmp_path: Path) -> None:
    write_assignment(Registry(), "06/2", tmp_path)
    write_assignment(Registry(), "06/2", tmp_path)  # the same again: nothing to lose
    path = tmp_path / "source" / "06_2_tree" / "2_tree.ipynb"
    path.write_text("{}")
    with pytest.raises(UserError, match="somebody may have worked on it"):
        write_assignment(Registry(), "06/2", tmp_path)
    assert path.read_text() == "{}"
    write_assignment(Registry(), "06/2", tmp_path, force=True)
    (kept,) = (tmp_path / ".hero" / "backup").rglob("2_tree.ipynb")
    assert kept.read_text() == "{}" and len(path.read_text()) > 1000
    for name in ("a/b", "../x", " x", "a+b"):
        with pytest.raises(UserError, match="cannot be an assignment's name"):
            write_assignment(Registry(), "06/2", tmp_path, name)
