"""Hostile notebooks: none gains a point, changes another's, reads what it must not, or runs script.

Each attacks in its cell for ``tree_size`` (worth 1 point of 5), the other exercises are solved.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graders.ground import sandbox
from tests.teach.classroom import ROOT, cell_of, grade_id, run, text
from tests.teach.conftest import NAME, PART, Class

CONFINED = all(sandbox.capabilities().values())
pytestmark = [
    pytest.mark.skipif(not CONFINED, reason="this machine cannot confine a process"),
    pytest.mark.xdist_group("hostile_notebooks"),
]
Notebook = dict[str, Any]
SIZE, CHECK = "06-2-tree_size", "check-06-tree_size"
SECRET = "the-secret-of-the-course"
SCRIPT = "<script>alert(1)</script>"
HEAD = "def tree_size(vocab_size, n_embd, n_hidden, levels):\n"

# the body of tree_size, or a whole cell where it begins with a line of its own
OTHERS = "{course}/submitted/bystander/06_2_tree/2_tree.ipynb"
CODE = {
    "os_exit": "    import os\n    os._exit(0)",
    "sys_exit": "    import sys\n    sys.exit(0)",
    "hang": "    while True: pass",
    "fork_bomb": "    import os\n    while True: os.fork()",
    "memory": "    x = [0]\n    while True: x += x",
    "giant_print": "    while True: print('spam' * 1000)",
    "prints_script": f"    print({SCRIPT!r})\n    raise ValueError({SCRIPT!r})",
    "returns_script": f"    return {SCRIPT!r}",
    "writes_gradebook": "    open('{course}/gradebook.db', 'w').write('')\n    return 1",
    "deletes_results": "    import shutil\n    shutil.rmtree('{course}/.hero')\n    return 1",
    "reads_solution": "    space = {}\n    source = open('{root}/solutions/06_wavenet/2_tree.py').read()\n"
    "    exec(source, space)\n    return space['tree_size'](vocab_size, n_embd, n_hidden, levels)",
    "reads_source": "    raise ValueError(open('{course}/source/06_2_tree/2_tree.ipynb').read())",
    "reads_others": f"    raise ValueError(open('{OTHERS}').read())",
    "reads_secret": "    raise ValueError(open('{course}/secret.txt').read())",
    "patches_graders": "    import graders.core.compare, graders.core.verdict\n"
    "    graders.core.compare.compare = lambda *a, **k: None\n"
    "    graders.core.verdict.judge_case = lambda *a, **k: ('passed', '', '')\n    return 1",
    "writes_everywhere": "    import os\n    for n in range(3, 200):\n"
    "        try: os.write(n, b'passed' * 99)\n"
    "        except OSError: pass\n    return 1",
    "equal_to_all": "    class Yes(int):\n        __eq__ = lambda *a: True\n        __hash__ = int.__hash__\n"
    "    return Yes(1)",
    "exits_at_import": f"class Now:\n    raise SystemExit(0)\n{HEAD}    return Now",
    "hangs_at_import": f"def loop():\n    while True: pass\nx = loop()\n{HEAD}    return x",
    "own_graded": f"def graded(*a, **k):\n    return 1.0\n{HEAD}    graded\n    return 1",
}
AT_IMPORT = ("exits_at_import", "hangs_at_import")


def forged_outputs(n: Notebook) -> None:
    """Full marks, and more, as saved outputs."""
    for cell in n["cells"]:
        if cell["cell_type"] == "code":
            data = {"text/plain": "1000", "text/html": SCRIPT}
            cell["outputs"] = [
                {
                    "output_type": "execute_result",
                    "data": data,
                    "metadata": {},
                    "execution_count": 1,
                }
            ]


def rewritten_grade_cell(n: Notebook) -> None:
    for cell in n["cells"]:
        if grade_id(cell).startswith("check-"):
            cell["source"] = "1"


def deleted_grade_cell(n: Notebook) -> None:
    n["cells"] = [c for c in n["cells"] if grade_id(c) != CHECK]


def easier_exercise(n: Notebook) -> None:
    """The grade cell checks another exercise, which is right."""
    cell = cell_of(n, CHECK)
    cell["source"] = text(cell).replace("tree_size", "consecutive")


def swapped_ids(n: Notebook) -> None:
    """The grade cell of what is right says that it is the other's."""
    one, two = cell_of(n, CHECK), cell_of(n, "check-06-consecutive")
    one["metadata"], two["metadata"] = two["metadata"], one["metadata"]
    one["source"], two["source"] = text(two), text(one)


def no_grade_any_more(n: Notebook) -> None:
    cell_of(n, CHECK)["metadata"]["nbgrader"].update(grade=False, solution=True, points=0)


def scripts_in_texts(n: Notebook) -> None:
    link = "[x](javascript:alert(1)) <img src=x onerror=alert(1)>"
    for place, cell in enumerate(n["cells"]):
        if cell["cell_type"] == "markdown":
            cell["source"] = f"{SCRIPT}\n\n{link}\n\n$\\href{{javascript:alert(1)}}{{x}}$"
            cell["attachments"] = {"x.svg": {"image/svg+xml": SCRIPT}}
        cell["id"] = f'"><script>alert({place})</script>'
        cell["metadata"]["tags"] = [SCRIPT]
    n["metadata"]["title"] = SCRIPT
    n["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": SCRIPT}}


def forged_notes(n: Notebook) -> None:
    n["metadata"]["hero"] = {"notes": [SCRIPT], "key": "x"}


def nested_too_deeply(n: Notebook) -> None:
    cell_of(n, SIZE)["source"] = f"{HEAD}    return {'+'.join(['1'] * 50_000)}"


def long_chain(n: Notebook) -> None:
    chain = "\n".join(f"a{i} = a{i - 1}" for i in range(1, 3000))
    cell_of(n, SIZE)["source"] = f"a0 = 1\n{chain}\n{HEAD}    return a2999"


EDITS: list[Callable[[Notebook], None]] = [
    forged_outputs,
    rewritten_grade_cell,
    deleted_grade_cell,
    easier_exercise,
    swapped_ids,
    no_grade_any_more,
    scripts_in_texts,
    forged_notes,
    nested_too_deeply,
    long_chain,
]


def attacking(desk: Class, source: str) -> Notebook:
    # what hangs hangs for each exercise that is not a TODO: one is enough here
    notebook = desk.notebook([SIZE] if "x = loop()" in source else None)
    where = source.replace("{course}", str(desk.course)).replace("{root}", str(ROOT))
    own = not where.startswith("    ")
    cell_of(notebook, SIZE)["source"] = where if own else HEAD + where
    return notebook


@pytest.fixture(scope="module")
def graded(classroom: Class) -> Class:
    classroom.hand_in("bystander", classroom.notebook())
    (classroom.course / "secret.txt").write_text(SECRET)
    for name, source in CODE.items():
        classroom.hand_in(name, attacking(classroom, source))
    for edit in EDITS:
        notebook = attacking(classroom, "    return 1")
        edit(notebook)
        classroom.hand_in(edit.__name__, notebook)
    classroom.folder("links").mkdir(parents=True)
    (classroom.folder("links") / f"{PART}.ipynb").symlink_to(classroom.source)
    (classroom.folder("links") / f"{PART}.py").symlink_to(ROOT / "solutions/06_wavenet/2_tree.py")
    folder = classroom.folder("folder") / f"{PART}.ipynb"
    folder.mkdir(parents=True)
    classroom.grade("--jobs", "2", "--html", str(classroom.course / "class.html"))
    return classroom


@pytest.mark.parametrize("name", [*CODE, *(edit.__name__ for edit in EDITS), "links", "folder"])
def test_no_point_for_it(name: str, graded: Class) -> None:
    scores = graded.scores(name)
    assert scores[CHECK] == 0, graded.lines(name, CHECK)
    others = {k: v for k, v in scores.items() if k.startswith("check-") and k != CHECK}
    whole = name in AT_IMPORT or name in ("links", "folder", "long_chain")
    if name == "long_chain":  # told as one thing that is not right, whatever of it is
        return
    assert sum(others.values()) == (0 if whole else 4), graded.result(name)
    assert not graded.result(name)["broke"]


def test_nobody_else_is_touched(graded: Class) -> None:
    assert graded.points("bystander") == 5
    assert (graded.course / "secret.txt").read_text() == SECRET


def test_no_secret_is_read(graded: Class) -> None:
    results = graded.course / ".hero" / "results" / NAME
    assert SECRET not in (results / "reads_secret.json").read_text()
    for name in ("reads_source", "reads_others"):
        assert "BEGIN SOLUTION" not in graded.lines(name, CHECK)
        assert "nbformat" not in graded.lines(name, CHECK)


def test_no_script_runs_where_a_person_looks(graded: Class) -> None:
    page = (graded.course / "class.html").read_text()
    assert "<script" not in page
    for name in (
        "prints_script",
        "returns_script",
        "scripts_in_texts",
        "forged_notes",
        "forged_outputs",
    ):
        kept = json.dumps(graded.autograded(name)).lower()
        texts = [text(c) for c in graded.autograded(name)["cells"] if c["cell_type"] == "markdown"]
        shown = [
            o["data"].get("text/html", "")
            for c in graded.autograded(name)["cells"]
            for o in c.get("outputs", [])
            if "data" in o
        ]
        for part in [*texts, *shown]:
            assert "<script" not in part and "<img" not in part and "javascript:" not in part
        assert "widget-state" not in kept and "attachments" not in kept.replace("attachment:", "")


def test_feedback_pages_hold_no_script_of_theirs(graded: Class, tmp_path: Path) -> None:
    command = ["nbgrader", "generate_feedback", NAME, "--student=scripts_in_texts"]
    run(command, graded.course, graded.home)
    page = graded.course / "feedback" / "scripts_in_texts" / NAME / f"{PART}.html"
    assert "alert(1)</script>" not in page.read_text()
    assert "<img src=x" not in page.read_text()
