"""``hero assignment``: a lesson's parts as nbgrader source notebooks, and what a course needs.

Made from solutions/ alone; ``nbgrader generate_assignment`` takes the solutions out. Ids are made
of the names of exercises, so that making the same assignment again changes none of them.
"""

from __future__ import annotations

import json
import re
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from graders.core.cards import Card
from graders.core.registry import PartRef, Registry
from graders.errors import UserError
from graders.front.files import write_atomically
from graders.notebook.cells import PartCell, code_cell, id_lead, notebook, part_cells

PROGRAM = re.compile(r'^if __name__ == "__main__":$', re.MULTILINE)
QUESTION = """\
**In your own words.** In three to five sentences: which exercise of this notebook taught you most?
Say what you first believed, what showed you that it is otherwise, and how you would explain it to a
friend. A person reads this."""
ANSWER = """\
### BEGIN SOLUTION
For whoever grades: look for one thing that changed in the writer's mind, and for what changed it.
### END SOLUTION"""

CONFIG = """\
# nbgrader reads this file in this folder. It was written by `hero assignment` and is yours: change
# what you like, it is not written again.
from graders.teach import preprocessor as hero

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = {course_id!r}

# The folder by which assignments and feedback go out and submissions come in, if you use it; the
# students' nbgrader_config.py needs both of these lines too.
# c.Exchange.root = "/srv/nbgrader/exchange"

# Submitted code runs in the workbook's strict worker, in place of a Jupyter kernel: `nbgrader
# autograde` and the button in the formgrader then work as ever. What a submission saved as output
# does not count.
c.Autograde.sanitize_preprocessors = hero.SANITIZE
c.Autograde.autograde_preprocessors = hero.AUTOGRADE

c.ClearSolutions.code_stub = {{"python": "# YOUR CODE HERE\\nraise NotImplementedError()"}}
"""


def write_assignment(
    registry: Registry,
    wanted: str,
    course: Path,
    name: str = "",
    course_id: str = "",
    stretch: bool = True,
    question: float = 2,
    force: bool = False,
) -> list[Path]:
    """Writes an assignment's source notebooks, and what is missing of the course; the paths written.

    Args:
        registry: the checkout.
        wanted: a lesson or a part, "05" or "05/2".
        course: the course folder; made if it is not there.
        name: the assignment's name; the lesson's ("05_backprop") or the part's unless given.
        course_id: for nbgrader_config.py, if there is none yet; the folder's name unless given.
        stretch: whether stretch exercises are worth points.
        question: the points of the free-text question; 0 for none.
        force: write over files that somebody changed; they are kept in COURSE/.hero/backup.

    Raises:
        UserError: the name cannot be one, or something of another making is in the way.
    """
    chosen = [ref for ref, _ in registry.select([wanted])]
    name = name or _name(chosen, registry)
    if not re.fullmatch(r"[\w][\w .-]*", name) or name != name.strip():
        raise UserError(
            f"{name!r} cannot be an assignment's name: use letters, digits, _ and -, as in 05_backprop."
        )
    if course.exists() and not course.is_dir():
        raise UserError(f"{course} is a file, not a folder.")
    folder = course / "source" / name
    files: dict[Path, str] = {}
    for ref in chosen:
        last = ref is chosen[-1]
        made = assignment_notebook(registry, ref, stretch, question if last else 0)
        files[folder / f"{ref.name}.ipynb"] = json.dumps(made, indent=1, ensure_ascii=False) + "\n"
    others = {p for p in folder.glob("*.ipynb")} - files.keys()
    if others:
        raise UserError(
            f"{sorted(others)[0]} is there, and is no part of this assignment: choose another --name."
        )
    needs = requirements(registry)
    files[folder / "requirements.txt"] = needs
    if not (course / "nbgrader_config.py").exists():
        course_id = course_id or re.sub(r"\W+", "_", course.resolve().name).strip("_") or "course"
        files[course / "nbgrader_config.py"] = CONFIG.format(course_id=course_id)
    changed = [p for p, text in files.items() if p.exists() and _read(p) != text]
    if changed and not force:
        raise UserError(
            f"{changed[0]} is there already, and is not what would be written: somebody may have worked on "
            "it. Choose another --name, or say --force (what is there is kept in .hero/backup)."
        )
    for path in changed:
        kept = course / ".hero" / "backup" / time.strftime("%Y%m%d-%H%M%S") / path.name
        write_atomically(kept, path.read_bytes())
    for path, text in files.items():
        write_atomically(path, text)
    return list(files)


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")


def _name(chosen: Sequence[PartRef], registry: Registry) -> str:
    first = chosen[0]
    if len(chosen) == 1 and len(registry.parts(first.lesson)) > 1:
        return f"{first.number}_{first.name}"
    return first.lesson


def assignment_notebook(
    registry: Registry, ref: PartRef, stretch: bool = True, question: float = 2
) -> dict[str, Any]:
    """A part as an nbgrader source notebook (nbformat 4.5, cell metadata schema v3)."""
    part = registry.load(ref)
    cells = part_cells(part, "source")
    behind = max((i for i, c in enumerate(cells) if c.complete), default=-1)
    made: list[Any] = []
    for i, cell in enumerate(cells):
        made.append(_known(cell, locked=i < behind))
        made += [_grade_cell(part.exercise_id(n), part.cards[n], stretch) for n in cell.complete]
        if i == behind and question:
            made += _question(ref, question)
    return dict(notebook(made))


def _known(cell: PartCell, locked: bool) -> Any:
    """A part's cell as nbgrader knows it: a solution, given code (locked), or none of its business."""
    made = cell.cell
    if cell.is_code:  # a kernel that validates or grades must not wait for a training
        made.source = PROGRAM.sub(
            'import os\n\nif __name__ == "__main__" and "NBGRADER_EXECUTION" not in os.environ:',
            made.source,
        )
    if cell.exercises:
        made.metadata["nbgrader"] = _meta(made.id, solution=True)
    elif locked and cell.is_code:
        made.metadata["nbgrader"] = _meta(made.id, locked=True)
    return made


def _grade_cell(exercise: str, card: Card, stretch: bool) -> Any:
    points = card.points if stretch or not card.stretch else 0
    source = (
        f"# checks {exercise}: {card.title}\nfrom graders.teach import graded\n\n"
        f'graded("{exercise}", points={points})'
    )
    made = code_cell("check-" + exercise.replace(".", "-"), source)
    made.metadata["nbgrader"] = _meta(made.id, grade=True, locked=True, points=points)
    return made


def _question(ref: PartRef, points: float) -> list[Any]:
    """The question (locked), and the cell for the answer, which a person grades."""
    from nbformat.v4 import new_markdown_cell

    lead = f"words-{id_lead(ref)}"
    question = new_markdown_cell(source=QUESTION, id=f"{lead}-question")
    question.metadata["nbgrader"] = _meta(question.id, locked=True)
    answer = new_markdown_cell(source=ANSWER, id=lead)
    answer.metadata["nbgrader"] = _meta(lead, grade=True, solution=True, points=points)
    return [question, answer]


def _meta(
    grade_id: str,
    grade: bool = False,
    solution: bool = False,
    locked: bool = False,
    points: float | None = None,
) -> dict[str, Any]:
    """A cell's metadata, as nbgrader's schema v3 has it."""
    made: dict[str, Any] = {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": grade,
        "solution": solution,
        "locked": locked,
        "task": False,
    }
    if points is not None:
        made["points"] = points
    return made


def requirements(registry: Registry) -> str:
    """What a student's environment needs, for pip."""
    project = tomllib.loads((registry.root / "pyproject.toml").read_text(encoding="utf-8"))
    needed = project["project"]["dependencies"]
    lines = [
        "# What the notebooks of this assignment need: pip install -r requirements.txt",
        "# and the workbook itself, which checks them: pip install -e . in a clone of it",
        *needed,
        "ipykernel",
    ]
    return "\n".join(lines) + "\n"
