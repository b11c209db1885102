"""Submissions as they come in: each is graded if it can be, else one clear sentence says why not."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

import pytest

from graders.teach.cells import NoNotebook, cells_of
from tests.teach.classroom import cell_of, grade_id, text
from tests.teach.conftest import PART, Class

CONSECUTIVE, SIZE = "06-2-consecutive", "06-2-tree_size"
ALL, HALF = 5, 2
Notebook = dict[str, Any]


def code(source: str, **meta: Any) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "metadata": meta,
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def without(notebook: Notebook, *names: str) -> Notebook:
    notebook["cells"] = [c for c in notebook["cells"] if grade_id(c) not in names]
    return notebook


def missing_grade_cell(n: Notebook) -> Notebook:
    return without(n, "check-06-consecutive", "check-06-make_tree")


def missing_solution(n: Notebook) -> Notebook:
    return without(n, CONSECUTIVE)


def missing_imports(n: Notebook) -> Notebook:
    return without(n, "06-2-code-1", "06-2-code-3")


def renamed(n: Notebook) -> Notebook:
    for cell in n["cells"]:
        if grade_id(cell):
            cell["metadata"]["nbgrader"]["grade_id"] += "_x"
    return n


def stripped(n: Notebook) -> Notebook:
    for cell in n["cells"]:
        cell["metadata"] = {}
    n["metadata"] = {"colab": {"provenance": []}}
    return n


def copied(n: Notebook) -> Notebook:
    """Every cell twice; the first of each solution is a wrong one."""
    twice = []
    for cell in n["cells"]:
        first = copy.deepcopy(cell)
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            first["source"] = text(cell).replace("return ", "return None and ")
        twice += [first, cell]
    n["cells"] = twice
    return n


def worth_more(n: Notebook) -> Notebook:
    for cell in n["cells"]:
        meta = cell["metadata"].get("nbgrader", {})
        if "points" in meta:
            meta["points"] = 1000
            meta["locked"] = False
    return n


def other_kinds(n: Notebook) -> Notebook:
    """Solutions as text, texts as code, grade cells that are said to be solutions."""
    for cell in n["cells"]:
        meta = cell["metadata"].get("nbgrader", {})
        if meta.get("solution") and cell["cell_type"] == "code":
            cell["cell_type"] = "markdown"
            del cell["outputs"], cell["execution_count"]
        if meta.get("grade"):
            meta["solution"] = True
    return n


def extra_cells(n: Notebook) -> Notebook:
    n["cells"][1:1] = [
        code("%matplotlib inline\n!pip install seaborn\nimport seaborn as sns"),
        code("this is half a thought"),
        code("%%time\nprint('training')\nwhile True: pass"),
        code("model = make_tree(27, 8, 10, 68)\nplot(model)"),
        {"cell_type": "raw", "metadata": {}, "source": "raw"},
        {"cell_type": "unheard of", "metadata": {}, "source": ["a", "b"]},
    ]
    return n


def with_magics(n: Notebook) -> Notebook:
    cell = cell_of(n, CONSECUTIVE)
    cell["source"] = "%%time\n" + text(cell)
    cell = cell_of(n, SIZE)
    cell["source"] = "%load_ext autoreload\n" + text(cell) + "\n!ls\n?tree_size\n"
    return n


def huge_output(n: Notebook) -> Notebook:
    many = "spam " * 4_000_000
    cell_of(n, CONSECUTIVE)["outputs"] = [{"output_type": "stream", "name": "stdout", "text": many}]
    return n


def older(n: Notebook) -> Notebook:
    """nbformat 3."""
    cells = []
    for cell in n["cells"]:
        cell = dict(cell)
        if cell["cell_type"] == "code":
            cell = {
                "cell_type": "code",
                "language": "python",
                "input": text(cell),
                "metadata": cell["metadata"],
                "outputs": [],
                "prompt_number": None,
            }
        cells.append(cell)
    return {"metadata": {}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": cells}]}


def saved_elsewhere(n: Notebook) -> Notebook:
    """No ids of cells, sources as lists, metadata of another editor."""
    n["nbformat_minor"] = 2
    for cell in n["cells"]:
        cell.pop("id", None)
        cell["source"] = text(cell).splitlines(keepends=True)
        cell["metadata"]["vscode"] = {"languageId": "python"}
    n["metadata"]["language_info"]["version"] = "3.99"
    return n


RIGHT = [
    missing_grade_cell,
    missing_imports,
    renamed,
    stripped,
    copied,
    worth_more,
    other_kinds,
    extra_cells,
    with_magics,
    huge_output,
    older,
    saved_elsewhere,
]


@pytest.fixture(scope="module")
def graded(classroom: Class) -> Class:
    """All of them handed in, and graded in one run."""
    for edit in RIGHT:
        classroom.hand_in(edit.__name__, edit(classroom.notebook()))
    classroom.hand_in("missing_solution", missing_solution(classroom.notebook()))
    classroom.hand_in("bystander", classroom.notebook([CONSECUTIVE, SIZE]))
    classroom.hand_in("no_json", json.dumps(classroom.notebook())[:-40])
    classroom.hand_in("no_notebook", "[]")
    classroom.hand_in("null_bytes", "\0" * 1000)
    classroom.hand_in("other_notebook", {"cells": [code("x = 1")], "metadata": {}, "nbformat": 4})
    classroom.hand_in("odd", {"cells": [1, None, {"source": 5}, {"metadata": []}], "nbformat": "x"})
    classroom.hand_in("other_name", classroom.notebook(), f"{PART} (1).ipynb")
    classroom.hand_in("nothing", "hello", "readme.txt")
    script = "\n".join(text(c) for c in classroom.notebook()["cells"] if c["cell_type"] == "code")
    classroom.hand_in("script", script, f"{PART}.py")
    torn = classroom.notebook()
    cell_of(torn, CONSECUTIVE)["source"] = "def consecutive(x, n):\n    return x.view("
    classroom.hand_in("torn", torn)
    folder = classroom.folder("linked")
    folder.mkdir(parents=True)
    right = classroom.hand_in("owner", classroom.notebook())
    (folder / right.name).symlink_to(right)
    classroom.grade("--jobs", "2")
    return classroom


@pytest.mark.parametrize("name", [edit.__name__ for edit in RIGHT])
def test_what_is_right_is_right_however_it_was_saved(name: str, graded: Class) -> None:
    assert graded.points(name) == ALL, graded.result(name)


def test_everybody_else_is_as_ever(graded: Class) -> None:
    assert graded.points("bystander") == HALF
    assert graded.comments("bystander").replace("No response.", "").strip() == ""


@pytest.mark.parametrize(
    ("name", "points", "sentence"),
    [
        ("missing_solution", ALL - 1, f"Not found in the notebook: {CONSECUTIVE}."),
        ("no_json", 0, "2_tree.ipynb is not a notebook: it is not valid JSON"),
        ("no_notebook", 0, "2_tree.ipynb is not a notebook: it has no cells"),
        ("null_bytes", 0, "2_tree.ipynb is not a notebook: it is not valid JSON"),
        ("other_notebook", 0, "2_tree.ipynb is not this assignment's notebook"),
        ("odd", 0, "2_tree.ipynb is not this assignment's notebook"),
        ("other_name", ALL, "2_tree.ipynb was not handed in. Graded is 2_tree (1).ipynb."),
        ("nothing", 0, "2_tree.ipynb was not handed in."),
        ("script", ALL, "2_tree.ipynb was not handed in. Graded is 2_tree.py."),
        ("linked", 0, "2_tree.ipynb is a link to another file"),
        ("torn", ALL - 1, "is not valid Python"),
        ("copied", ALL, "Some cells are there more than once; the last one of each counts."),
    ],
)
def test_one_sentence_where_all_look(
    name: str, points: float, sentence: str, graded: Class
) -> None:
    assert graded.points(name) == points, graded.result(name)
    assert sentence in graded.notes(name)
    assert sentence in graded.comments(name)
    assert "About this submission" in text(graded.autograded(name)["cells"][0])


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ('{"cells": [], "n": ' + "9" * 5000 + "}", "it holds a number of thousands of digits"),
        ('{"cells": ' + "[" * 100_000, "it is nested too deeply"),
        ("{", "it is not valid JSON (line 1)"),
    ],
)
def test_what_is_off_with_the_file_is_true(raw: str, sentence: str) -> None:
    with pytest.raises(NoNotebook, match=re.escape(sentence)):
        cells_of(raw.encode())


def test_a_cell_that_cannot_be_read_costs_its_own_exercise_only(graded: Class) -> None:
    assert "line 2, is not valid Python" in graded.lines("torn", "check-06-consecutive")
    assert graded.scores("torn")["check-06-make_tree"] == 2
    verdicts = graded.result("torn")["notebooks"][PART]["verdicts"]
    assert verdicts["check-06-consecutive"]["status"] == "error"  # not: still to do


def test_what_is_not_run_says_so(graded: Class) -> None:
    said = [
        c["outputs"][0]["text"]
        for c in graded.autograded("extra_cells")["cells"]
        if c["cell_type"] == "code" and "plot(model)" in text(c)
    ]
    assert said == ["(Not run when this was graded: no exercise needs it.)\n"]


def test_the_pages_can_be_made(graded: Class) -> None:
    from nbgrader.nbgraderformat import read

    for folder in (graded.course / "autograded").iterdir():
        with (folder / "06_2_tree" / f"{PART}.ipynb").open() as file:
            assert read(file, as_version=4).cells
