"""In a notebook, the pictures that a cell saved appear under it. Elsewhere this does nothing.

A lesson saves its pictures as files, which suits a terminal; in a notebook one wants to see them.
So `data.picture` has IPython look, once the running cell has ended, whether the file is a new one.
"""

from __future__ import annotations

import sys
from importlib import import_module  # IPython is there only where a notebook is
from pathlib import Path

PICTURES = (".svg", ".png", ".jpg", ".jpeg", ".gif")


def show_after_cell(path: Path) -> None:
    """Show the picture at `path` when the running cell ends, if the cell saved it."""
    shell = import_module("IPython").get_ipython() if "ipykernel" in sys.modules else None
    if shell is None or path.suffix not in PICTURES:  # a lesson may keep other files there too
        return
    before = _saved_at(path)

    def show(*_: object) -> None:
        shell.events.unregister("post_run_cell", show)
        if _saved_at(path) != before:
            display = import_module("IPython.display")
            kind = display.SVG if path.suffix == ".svg" else display.Image
            display.display(kind(filename=str(path)))

    shell.events.register("post_run_cell", show)


def _saved_at(path: Path) -> int | None:
    """When the file was last written, in nanoseconds; None where there is no file."""
    return path.stat().st_mtime_ns if path.is_file() else None
