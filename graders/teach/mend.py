"""A submitted notebook beside the one that was released: which cell is which, and what of it counts.

Of what students hand in, the text of their solution cells counts. Which cells there are, what they
are worth and what locked ones say is the released notebook's word. A cell that lost its id is known
by what it defines; a missing one is put back; a copied one counts once, the last; what was added
stays, as what it is: text.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from graders.ground.parsing import parse
from graders.ground.shown import shown_text
from graders.teach.assemble import UNREADABLE, without_magics
from graders.teach.cells import Cell

TAG = re.compile(r"<(?=[a-zA-Z/!?])")
ENTITY = re.compile(
    r"&(?=#|[a-zA-Z]\w{0,40};)"
)  # it could spell any of these; in links they are decoded twice
# a browser reads on over line ends and tabs inside
SCRIPT_URL = re.compile(
    "(" + "|".join(r"[\t\r\n]*".join(w) for w in ("javascript", "vbscript", "data")) + r")(\s*:)",
    re.IGNORECASE,
)
LINKED_FORMULA = re.compile(
    r"\\(?=(?:href|require)(?![a-zA-Z]))"
)  # a macro could join what is apart

PICTURE = re.compile(r"!(?=\[)")  # a browser fetches it, from wherever the text says

MAX_COMMENT = 2_000  # characters


@dataclass(frozen=True)
class Asked:
    """A cell of the released notebook that nbgrader knows."""

    grade_id: str
    kind: str
    source: str
    meta: dict[str, Any]
    behind: str = ""  # the grade_id of the one before it

    @property
    def grade(self) -> bool:
        return bool(self.meta.get("grade"))

    @property
    def solution(self) -> bool:
        return bool(self.meta.get("solution"))

    @property
    def locked(self) -> bool:
        return not self.solution

    @property
    def points(self) -> float:
        return float(self.meta.get("points", 0))


@dataclass
class Mended:
    """A submitted notebook put in order.

    Attributes:
        cells: its cells.
        asked: for each, which cell of the assignment it is.
        numbers: for each, its number in the notebook that was handed in, from 1; 0 if it was not there.
        notes: what had to be done, one sentence each.
    """

    cells: list[Cell] = field(default_factory=list)
    asked: list[Asked | None] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, cell: Cell, asked: Asked | None, number: int, at: int | None = None) -> None:
        """Adds a cell, at the end unless told where."""
        at = len(self.cells) if at is None else at
        self.cells.insert(at, cell)
        self.asked.insert(at, asked)
        self.numbers.insert(at, number)


def asked_of(notebook: dict[str, Any]) -> list[Asked]:
    """The cells of a released notebook (nbformat 4, trusted) that nbgrader knows, in order."""
    found: list[Asked] = []
    for cell in notebook["cells"]:
        meta = cell["metadata"].get("nbgrader")
        if not meta or "grade_id" not in meta:
            continue
        source = cell["source"]
        text = source if isinstance(source, str) else "".join(source)
        behind = found[-1].grade_id if found else ""
        found.append(Asked(meta["grade_id"], cell["cell_type"], text, dict(meta), behind))
    return found


def mend(submitted: Sequence[Cell], asked: Sequence[Asked]) -> Mended:
    """Puts a submitted notebook's cells in order; see above."""
    by_id = {a.grade_id: a for a in asked}
    place: dict[str, int] = {}
    copies: set[int] = set()
    for i, cell in enumerate(submitted):
        if cell.grade_id in by_id:
            if cell.grade_id in place:
                copies.add(place[cell.grade_id])
            place[cell.grade_id] = i
    made = Mended()
    _find_by_text(submitted, asked, place)
    at = {i: by_id[grade_id] for grade_id, i in place.items()}
    for i, cell in enumerate(submitted):
        wanted = at.get(i)
        if wanted is None:
            known = by_id.get(cell.grade_id)
            if i in copies and known is not None and known.locked:
                continue  # a second copy of a locked cell says nothing new
            made.add(Cell(cell.kind, cell.source), None, i + 1)
            continue
        text = wanted.source if wanted.locked else cell.source
        made.add(Cell(wanted.kind, text, wanted.grade_id), wanted, i + 1)
    if copies:
        made.notes.append("Some cells are there more than once; the last one of each counts.")
    # one cell may hold what were several: a script, cells that were joined
    code = [c.source for c in submitted if c.kind == "code"]
    elsewhere = {name for source in code for name in defined(source)}
    missing = [
        a
        for a in asked
        if a.grade_id not in place
        and not (a.solution and a.kind == "code" and defined(a.source) & elsewhere)
    ]
    for wanted in missing:
        _insert(made, wanted)
    lost = [a.grade_id for a in missing if a.solution]
    if lost:
        names = ", ".join(lost[:5]) + (f" and {len(lost) - 5} more" if len(lost) > 5 else "")
        made.notes.append(
            f"Not found in the notebook: {names}. What is missing counts as not done."
        )
    return made


def _find_by_text(submitted: Sequence[Cell], asked: Sequence[Asked], place: dict[str, int]) -> None:
    """Finds cells that lost their id: locked ones by their text, solutions by what they define."""
    taken = set(place.values())
    free = [i for i, c in enumerate(submitted) if i not in taken]
    names = {i: defined(submitted[i].source) for i in free if submitted[i].kind == "code"}
    for wanted in asked:
        if wanted.grade_id in place:
            continue
        if wanted.locked:
            like = [i for i in free if submitted[i].source.strip() == wanted.source.strip()]
        else:
            mine = defined(wanted.source) if wanted.kind == "code" else set()
            like = [i for i in free if mine & names.get(i, set())]
        if like:
            place[wanted.grade_id] = like[-1]
            free.remove(like[-1])


def defined(source: str) -> set[str]:
    """The functions and classes that a cell defines; of one that is no Python, what looks like it."""
    try:
        body = parse(without_magics(source)).body
    except UNREADABLE:
        return set(re.findall(r"^(?:def|class)\s+(\w+)", source, re.MULTILINE))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name for node in body if isinstance(node, kinds)}


def _insert(made: Mended, wanted: Asked) -> None:
    """Puts a missing cell behind the one that it followed."""
    at = -1
    for i, known in enumerate(made.asked):
        if known is not None and known.grade_id == wanted.behind:
            at = i
    made.add(Cell(wanted.kind, wanted.source, wanted.grade_id), wanted, 0, at + 1)


def harmless(markdown: str) -> str:
    """A student's text: no tag is one, no link runs anything, pictures are links; it reads as it did."""
    plain = TAG.sub("&lt;", ENTITY.sub("& ", markdown))
    plain = SCRIPT_URL.sub(r"\1 \2", LINKED_FORMULA.sub(r"\\backslash ", plain))
    return PICTURE.sub("! ", plain)


def comment_of(notes: Sequence[str]) -> str:
    """Notes as one comment, which nbgrader's feedback shows as Markdown; file names in it are students'."""
    return harmless(" ".join(shown_text(n, 400) for n in notes)[:MAX_COMMENT])


def as_notebook(
    mended: Mended,
    outputs: dict[str, list[dict[str, Any]]],
    notes: Sequence[str] = (),
    said: dict[int, str] | None = None,
) -> dict[str, Any]:
    """The notebook to keep, as nbformat 4.5: cells in order, grade cells with their outputs, nothing else.

    Args:
        mended: the cells.
        outputs: of grade cells, by their grade_id.
        notes: sentences that stand above everything.
        said: sentences to stand below code cells, by their number in what was handed in.
    """
    said = said or {}
    cells: list[dict[str, Any]] = []
    if notes:
        cells.append(_markdown("hero-notes", _noted(notes), {}))
    together = zip(mended.cells, mended.asked, mended.numbers, strict=True)
    for place, (cell, asked, number) in enumerate(together):
        meta = {"nbgrader": asked.meta} if asked else {}
        name = asked.grade_id[:60] if asked else f"hero-{place}"
        if cell.kind == "code":
            shown = outputs.get(cell.grade_id, []) if asked else []
            if not shown and said.get(number):
                shown = [{"output_type": "stream", "name": "stdout", "text": said[number] + "\n"}]
            cells.append(
                {
                    "cell_type": "code",
                    "id": name,
                    "metadata": meta,
                    "source": cell.source,
                    "execution_count": None,
                    "outputs": shown,
                }
            )
        else:
            # a changed text is the student's, whatever cell it is in; an unchanged one keeps its checksum
            ours = asked is not None and cell.source == asked.source
            cells.append(_markdown(name, cell.source if ours else harmless(cell.source), meta))
    return {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "hero": {"notes": list(notes)},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def notes_of(notebook: dict[str, Any]) -> list[str]:
    """The notes that an earlier mending left in a notebook's metadata."""
    found = notebook.get("metadata", {}).get("hero", {}).get("notes", [])
    return [str(note) for note in found][:20]


def _markdown(name: str, source: str, meta: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name, "metadata": meta, "source": source}


def _noted(notes: Sequence[str]) -> str:
    """Sentences as a list; nothing in them is markup."""
    safe = (re.sub(r"([\\`*_{}\[\]()#+!|$~-])", r"\\\1", shown_text(n, 400)) for n in notes)
    lines = "\n".join("- " + text.replace("\n", " ").replace("<", "&lt;") for text in safe)
    return f"**About this submission**\n\n{lines}"
