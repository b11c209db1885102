"""What was handed in, as plain cells: read defensively, of any nbformat, with nothing but text kept of
it.

Outputs, attachments, widget states and metadata of a submission are dropped as it is read; of a
cell there remain its kind, its text, and which cell of the assignment it says it is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graders.core.registry import ROOT
from graders.core.source import MAX_SOURCE
from graders.ground.doors import LINK, Door
from graders.ground.reading import NotPlain

MAX_NOTEBOOK = 64 * 2**20  # bytes, outputs and all
MAX_CELLS = 5_000


class NoNotebook(Exception):
    """Why something cannot be read as a notebook, in a sentence that goes on after its name."""


@dataclass
class Cell:
    """One cell: "code" or "markdown"; its text; the assignment's grade_id that it claims, or ""."""

    kind: str
    source: str
    grade_id: str = ""


def read_plainly(path: Path, limit: int, folder: Path | None = None) -> bytes:
    """The bytes of a plain file that is no link, by whatever kind of link. Raises NoNotebook.

    Args:
        folder: below it nothing on the way may be a link either; the file's own folder unless given.
    """
    folder = folder or path.parent
    try:
        return Door(folder, ROOT / "solutions", strict=True).read(
            str(path.relative_to(folder)), limit
        )
    except FileNotFoundError:
        raise NoNotebook("was not handed in") from None
    except NotPlain as error:
        if str(error) == LINK:
            raise NoNotebook(
                "is a link to another file, which is not read: hand in the file itself"
            ) from None
        raise NoNotebook(f"cannot be read: {error}") from None
    except OSError as error:
        raise NoNotebook(f"cannot be read: {error.strerror}") from None


def cells_of_script(raw: bytes) -> list[Cell]:
    """A plain .py file's bytes as a single code cell. Raises NoNotebook."""
    if len(raw) > MAX_SOURCE:
        raise NoNotebook(f"cannot be read: it is larger than {MAX_SOURCE // 2**20} MB")
    try:
        return [Cell("code", raw.decode("utf-8-sig"))]
    except UnicodeDecodeError:
        raise NoNotebook("is not UTF-8 text") from None


def cells_of(raw: bytes) -> list[Cell]:
    """The cells of a notebook's bytes. Raises NoNotebook."""
    try:
        found = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise NoNotebook("is not UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise NoNotebook(f"is not a notebook: it is not valid JSON (line {error.lineno})") from None
    except (RecursionError, MemoryError):
        raise NoNotebook("is not a notebook: it is nested too deeply") from None
    except ValueError:  # Python's own limit
        raise NoNotebook("is not a notebook: it holds a number of thousands of digits") from None
    cells = found.get("cells") if isinstance(found, dict) else None
    if cells is None and isinstance(found, dict):  # nbformat 3 and older
        sheets = found.get("worksheets")
        if isinstance(sheets, list):
            cells = [c for s in sheets if isinstance(s, dict) for c in _list(s.get("cells"))]
    if not isinstance(cells, list):
        raise NoNotebook("is not a notebook: it has no cells")
    if len(cells) > MAX_CELLS:
        raise NoNotebook(f"has more than {MAX_CELLS:,} cells")
    made = [_cell(c) for c in cells if isinstance(c, dict)]
    if sum(len(c.source) for c in made) > MAX_SOURCE:
        raise NoNotebook(f"holds more than {MAX_SOURCE // 2**20} MB of text")
    return made


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _cell(found: dict[str, Any]) -> Cell:
    kind = "code" if found.get("cell_type") == "code" else "markdown"
    source = found.get("source", found.get("input", ""))
    if isinstance(source, list):
        source = "".join(piece for piece in source if isinstance(piece, str))
    if not isinstance(source, str):
        source = ""
    source = source.encode("utf-8", "replace").decode("utf-8")  # no half of a surrogate pair
    metadata = found.get("metadata")
    meta = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = meta.get("grade_id") if isinstance(meta, dict) else None
    return Cell(kind, source, grade_id if isinstance(grade_id, str) else "")
