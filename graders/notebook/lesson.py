"""A lesson as notebooks for a learner: its opening page, and each part with a check behind each exercise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from graders.core.loaded import LoadedPart, PartRef
from graders.core.registry import Registry, UserError
from graders.front.files import MAX_BYTES, write_atomically
from graders.front.words import shown
from graders.front.workbook import Workbook
from graders.ground.reading import NotPlain, read_once
from graders.notebook.cells import (
    code_cell,
    id_lead,
    markdown_cell,
    needed,
    notebook,
    part_cells,
)
from graders.notebook.fetching import setup_cell

if TYPE_CHECKING:
    from nbformat import NotebookNode

OPENING = "0_lesson.ipynb"
SETUP = """\
# Run this cell first: Shift+Enter. If it finds no module `graders`, the kernel is not the workbook's
# (docs/notebooks.md says how to choose it).
from graders.notebook import check, hint, part, solution

part("{part}")"""


def learner_notebook(part: LoadedPart, address: str = "") -> NotebookNode:
    """A part's stubs as a notebook, with a cell that sets up and a check behind each exercise.

    Args:
        part: the part.
        address: where the workbook is to be fetched from where it is missing; it is not fetched if "".
    """
    lead = id_lead(part.ref)
    cells = []
    for made in part_cells(part, "learner"):
        cells.append(made.cell)
        cells += [
            code_cell(f"{lead}-check-{name}", f'check("{part.exercise_id(name)}")')
            for name in made.complete
        ]
    short = lead.replace("-", "/")
    first = setup_cell(short, address) if address else SETUP.format(part=short)
    setup = code_cell(f"{lead}-setup", first)
    last = code_cell(f"{lead}-check", "check()")  # all of it, and what comes next
    return notebook([cells[0], setup, *cells[1:], last])


def opening_notebook(registry: Registry, lesson: str) -> NotebookNode:
    """A lesson's opening page, its pictures in it."""
    folder = registry.root / "solutions" / lesson
    text = (folder / "README.md").read_text(encoding="utf-8")
    return notebook([markdown_cell(f"{lesson[:2]}-lesson", text, folder)])


def write_notebooks(
    book: Workbook, wanted: list[str], folder: Path, force: bool = False, address: str = ""
) -> tuple[list[Path], list[Path]]:
    """Writes the notebooks of some parts; (what was written, the backups of what was there).

    Args:
        book: the workbook.
        wanted: lessons ("02"), parts ("02/3").
        folder: where to; each lesson gets a folder in it.
        force: replace notebooks that hold other things, and keep a backup of each.
        address: where they fetch the workbook from where it is missing; they do not if "".

    Raises:
        UserError: one of them is there and is not what would be written. Then nothing is written at all.
    """
    _, nbformat = needed()
    chosen = [ref for ref, _ in book.select(wanted)]
    lessons = list(dict.fromkeys(ref.lesson for ref in chosen))
    files: dict[Path, str] = {}
    for lesson in lessons:
        if _is_whole(book.registry, lesson, chosen):
            made = opening_notebook(book.registry, lesson)
            files[folder / lesson / OPENING] = nbformat.writes(made) + "\n"
        for ref in (r for r in chosen if r.lesson == lesson):
            made = learner_notebook(book.registry.load(ref), address)
            files[folder / lesson / f"{ref.name}.ipynb"] = nbformat.writes(made) + "\n"
    other = {path: there for path in files if (there := _other(path, files[path])) is not None}
    if other and not force:
        more = f" and {len(other) - 1} more" if len(other) > 1 else ""
        raise UserError(
            f"{shown(next(iter(other)))}{more} may hold work of yours, so nothing was written. "
            "Write elsewhere with --to, or add --force: what is there is then kept in .hero/backup."
        )
    backups = [book.backup(path, there) for path, there in other.items()]
    for path, text in files.items():
        write_atomically(path, text)
    return list(files), backups


def _is_whole(registry: Registry, lesson: str, chosen: list[PartRef]) -> bool:
    return all(ref in chosen for ref in registry.parts(lesson))


def _other(path: Path, text: str) -> bytes | None:
    """What a file holds, if it is there and is not this text. Raises UserError if it is no file."""
    try:
        there = read_once(path, 64 * MAX_BYTES)  # with pictures in its outputs
    except FileNotFoundError:
        return None
    except (OSError, NotPlain) as error:
        why = getattr(error, "strerror", None) or error
        raise UserError(f"{shown(path)} cannot be written: {why}.") from None
    return None if there == text.encode("utf-8") else there
