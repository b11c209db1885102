"""A part as the cells of a notebook, derived from the same source as its stub.

A cell knows which exercises are complete once it stands there, so that whoever makes a notebook of the
cells (a learner's, an instructor's) can put what checks an exercise right behind it. What the cells of a
check look like is decided elsewhere.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from importlib import import_module  # notebooks are an extra
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from graders.core.loaded import LoadedPart, PartRef
from graders.core.stubs import make_stub, owners
from graders.errors import UserError
from graders.ground.definitions import definition
from graders.notebook.mains import runnable
from graders.notebook.texts import readable

if TYPE_CHECKING:
    from nbformat import NotebookNode

Kind = Literal["learner", "source"]
ASK = 'hint("{}")'  # how a hint is asked for in a notebook


@dataclass
class PartCell:
    """One cell of a part.

    Attributes:
        cell: the nbformat cell (v4.5), with a stable id and empty metadata.
        exercises: the exercises of which a target stands in this cell, in the part's order.
        complete: those of which the last target stands in this cell: checked right behind it.
    """

    cell: NotebookNode
    exercises: tuple[str, ...] = ()
    complete: tuple[str, ...] = ()

    @property
    def is_code(self) -> bool:
        return bool(self.cell.cell_type == "code")


def part_cells(part: LoadedPart, kind: Kind) -> list[PartCell]:
    """The cells of a part, in order.

    Args:
        part: the part.
        kind: "learner", with stubs; "source", with the solutions between nbgrader's own markers.

    Raises:
        UserError: jupytext is not installed.
        SourceError: a region belongs to no exercise.
    """
    text = part.reference if kind == "source" else make_stub(part.reference, owners(part), ASK)
    read = _read(text).cells
    trees = [ast.parse(c.source) if c.cell_type == "code" else ast.Module([], []) for c in read]
    places = {name: _places(trees, card.targets) for name, card in part.cards.items()}
    lead = id_lead(part.ref)
    made: list[PartCell] = []
    for number, cell in enumerate(read):
        here = tuple(name for name, at in places.items() if number in at)
        whole = tuple(name for name in here if number == max(places[name]))
        if cell.cell_type == "code":
            first = here[0] if here else f"code-{number}"
            again = sum(
                first in c.exercises[:1] for c in made
            )  # its targets stand in several cells
            name = f"{lead}-{first}-{again + 1}" if again else f"{lead}-{first}"
            new = code_cell(name, runnable(cell.source))
        else:
            new = markdown_cell(
                f"{lead}-text-{number}", cell.source, part.reference_path.parent, part.ref
            )
        made.append(PartCell(new, here, whole))
    return made


def part_notebook(part: LoadedPart, kind: Kind) -> NotebookNode:
    """A part as a notebook of its own cells, with nothing added that checks."""
    return notebook([made.cell for made in part_cells(part, kind)])


def notebook(cells: list[NotebookNode]) -> NotebookNode:
    """Cells as a notebook (nbformat 4.5) for a Python 3 kernel."""
    made: NotebookNode = _nbformat().v4.new_notebook(
        cells=cells,
        metadata={
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
    )
    return made


def code_cell(id_: str, source: str) -> NotebookNode:
    """A code cell with an id of our own."""
    cell: NotebookNode = _nbformat().v4.new_code_cell(source=source, id=_id(id_))
    return cell


def markdown_cell(id_: str, source: str, folder: Path, ref: PartRef | None = None) -> NotebookNode:
    """A text cell with an id of our own, complete in itself.

    Args:
        id_: its id.
        source: Markdown; pictures that lie below ``folder`` become attachments.
        folder: where the text's relative paths start.
        ref: the part that the text belongs to, if it does.
    """
    text, attachments = readable(source, folder, ref)
    cell: NotebookNode = _nbformat().v4.new_markdown_cell(source=text, id=_id(id_))
    if attachments:
        cell["attachments"] = attachments
    return cell


def id_lead(ref: PartRef) -> str:
    """What the ids of a part's cells begin with: "02-1"."""
    return f"{ref.number}-{ref.name.partition('_')[0]}"


def _id(text: str) -> str:
    """A text as a cell id: letters, digits, - and _, at most 64."""
    return re.sub(r"[^\w-]", "-", text, flags=re.ASCII)[:64]


def _places(trees: list[ast.Module], targets: tuple[str, ...]) -> set[int]:
    """The numbers of the cells that hold an exercise's targets, each where it is defined last."""
    found = set()
    for target in targets:
        at = [i for i, tree in enumerate(trees) if definition(tree, target) is not None]
        found.update(at[-1:])
    return found


def _read(text: str) -> NotebookNode:
    jupytext, _ = needed()
    form = {"extension": ".py", "format_name": "percent", "comment_magics": False}
    read: NotebookNode = jupytext.reads(text, fmt=form)
    return read


def needed() -> tuple[Any, Any]:
    """(jupytext, nbformat). Raises UserError with what to install where they are missing."""
    try:
        jupytext, nbformat = map(import_module, ("jupytext", "nbformat"))
    except ImportError as error:
        raise UserError(
            f"notebooks need {error.name or 'jupytext'}, which is not installed here: "
            "pip install -e '.[notebooks]'"
        ) from None
    return jupytext, nbformat


def _nbformat() -> Any:
    return needed()[1]


__all__ = [
    "Kind",
    "PartCell",
    "code_cell",
    "id_lead",
    "markdown_cell",
    "needed",
    "notebook",
    "part_cells",
    "part_notebook",
]
