"""Builds the book: Markdown, then Sphinx with MyST and furo, then a new folder in the old one's place."""

from __future__ import annotations

import io
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from importlib import import_module  # Sphinx is an extra
from pathlib import Path
from typing import Any

from graders.book.links import faults
from graders.book.pages import Pages
from graders.core.registry import Registry
from graders.errors import UserError
from graders.front.words import shown

MARK = ".hero-book"  # a folder with this file in it is a book, and may be replaced
COLOR = re.compile(r"\x1b\[[0-9;]*m")
PERCENT = re.compile(r"(reading|writing) \w+\.\.\. \[ *(\d+)%\]")
Progress = Callable[[str, int], None]
NEEDED = ("sphinx", "myst_parser", "furo", "latex2mathml")
SETTINGS: dict[str, Any] = dict(
    project="Learn how GPT works by building it",
    extensions=["myst_parser", "graders.book.mathml"],
    html_theme="furo",
    html_title="Learn how GPT works by building it",
    html_static_path=[str(Path(__file__).parent / "static")],
    html_css_files=["book.css"],
    html_math_renderer="mathml",
    html_copy_source=False,
    html_show_sourcelink=False,
    html_show_copyright=False,
    html_theme_options={
        "light_css_variables": {"color-brand-primary": "#1f5fbf", "color-brand-content": "#1f5fbf"},
        "dark_css_variables": {"color-brand-primary": "#8ab4ff", "color-brand-content": "#8ab4ff"},
    },
    highlight_language="text",
    myst_enable_extensions=["dollarmath"],
    myst_heading_anchors=3,
    smartquotes=False,
    language="en",
    suppress_warnings=[
        "misc.highlighting_failure"
    ],  # `!git clone` in a notebook's cell is no Python
)


def build(
    registry: Registry,
    to: Path,
    lessons: list[str] | None = None,
    solutions: bool = False,
    progress: Progress = lambda *_: None,
) -> list[str]:
    """Builds a book; what Sphinx had to say about it, which should be nothing.

    Args:
        registry: the lessons.
        to: the folder it ends in.
        lessons: those that are in it; all if None.
        solutions: whether the solutions are in it, folded away.
        progress: called with what is being done, and how many percent of it are.

    Raises:
        UserError: an extra is missing; ``to`` holds something else; a link of the book leads nowhere.
    """
    need()
    to = to.resolve()
    if to.exists() and not _is_replaceable(to):
        raise UserError(
            f"{shown(to)} is there and is no book, so nothing was written. Choose another folder with --to."
        )
    to.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=to.parent, prefix=f".{to.name}."))
    try:
        source, site = work / "source", work / "site"
        Pages(registry, source, lessons, solutions).write()
        warnings = _sphinx(source, site, work / "doctrees", progress)
        wrong = faults(site)
        if wrong:
            more = f" ({len(wrong) - 1} more)" if len(wrong) > 1 else ""
            raise UserError(f"the book would be broken: {wrong[0]}{more}.")
        (site / MARK).write_text("made by `hero book`, which replaces this folder\n", "utf-8")
        if to.exists():
            os.rename(to, work / "old")
        os.rename(site, to)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return warnings


def _is_replaceable(to: Path) -> bool:
    return to.is_dir() and ((to / MARK).is_file() or not any(to.iterdir()))


def need() -> None:
    """Raises UserError where a package of the extra is missing."""
    for name in NEEDED:
        try:
            import_module(name)
        except ImportError as error:
            raise UserError(
                f"the book needs {error.name or name}, which is not installed here: "
                "pip install -e '.[book]'"
            ) from None


def _sphinx(source: Path, site: Path, doctrees: Path, progress: Progress) -> list[str]:
    application = import_module("sphinx.application")
    docutils = import_module("sphinx.util.docutils")
    warnings = io.StringIO()
    with docutils.patch_docutils(), docutils.docutils_namespace():
        app = application.Sphinx(
            source,
            None,
            site,
            doctrees,
            "html",
            confoverrides=SETTINGS,
            status=_Status(progress),
            warning=warnings,
            freshenv=True,
            parallel=min(os.cpu_count() or 1, 4),
        )
        app.build(force_all=True)
    for left in (".buildinfo", "objects.inv"):  # for tools, not for readers
        (site / left).unlink(missing_ok=True)
    said = COLOR.sub("", warnings.getvalue()).replace(f"{source}{os.sep}", "")
    return [line for line in said.splitlines() if line.strip()]


class _Status(io.StringIO):
    """What Sphinx prints while it works, of which only the percentages are of interest."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self.progress = progress

    def write(self, text: str) -> int:
        found = PERCENT.search(COLOR.sub("", text))
        if found:
            self.progress(found[1], int(found[2]))
        return len(text)
