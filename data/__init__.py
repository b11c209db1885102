"""What a lesson needs besides torch: texts to learn from, a place for pictures, a bar.

    from data import load_names, picture, progress

Importing this package is quick, and touches neither the network nor torch: what is slow to
import is imported where it is used. Fetching the lecture's own files is in data/fetch.py
(`hero data fetch`); where everything comes from is in data/README.md.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING

from data.corpora import DataError, load_names, load_shakespeare
from data.notebook import show_after_cell
from data.style import use_style
from data.vocabularies import (
    cl100k_encoding,
    gpt2_encoding,
    gpt2_files,
    load_cl100k_ranks,
    load_gpt2_ranks,
)

if TYPE_CHECKING:
    from data.bar import Bar

__all__ = [
    "DataError",
    "cl100k_encoding",
    "gpt2_encoding",
    "gpt2_files",
    "load_cl100k_ranks",
    "load_gpt2_ranks",
    "load_names",
    "load_shakespeare",
    "picture",
    "progress",
]


use_style()


def _out() -> Path:
    """The folder for pictures: $HERO_OUT, or out/ in the checkout, or out/ right here."""
    if chosen := os.environ.get("HERO_OUT"):
        return Path(chosen).expanduser()
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "pyproject.toml").is_file() and (folder / "exercises").is_dir():
            return folder / "out"
    return here / "out"


def picture(name: str) -> Path:
    """Return the path at which to save the picture `name`; its folder exists afterwards.

    That is out/<name> in the checkout (the folder above the working directory that holds
    pyproject.toml and exercises/), or below the working directory outside of a checkout. The
    environment variable HERO_OUT names another folder. `name` may have folders of its own.

    Raises ValueError for a name that would lead out of the folder, DataError when the folder
    cannot be made. In a notebook, a picture saved there also appears under the cell.

        plt.savefig(picture("loss.png"))
    """
    # Both kinds of path on every system, so that a lesson behaves the same on all of them.
    for path in (PurePosixPath(name), PureWindowsPath(name)):
        if path.anchor or not path.parts or ".." in path.parts:
            raise ValueError(f"{name!r} is no name for a picture: write one like 'loss.png'")
    target = _out() / name
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(
            f"Cannot make the folder {target.parent} ({error.strerror}): "
            "set HERO_OUT to a folder that can be written."
        ) from error
    show_after_cell(target)
    return target


def progress(total: int, description: str = "", every: float = 0.1) -> Bar:
    """Return a bar that shows how far a loop of `total` steps is, for a `with` block.

        with progress(1000, "training") as bar:
            for step in range(1000):
                ...
                bar.update(loss=loss)

    In a terminal or a notebook it is drawn by rich. Elsewhere (a pipe, a log) it is plain
    lines, one after each `every`, a fraction of the run: 0.1 gives at most ten lines.
    `bar.update()` is cheap enough for the innermost loop; see data/bar.py.
    Raises ValueError for a negative total.
    """
    from data.bar import Bar

    return Bar(total, description, every)
