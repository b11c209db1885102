"""``hero book``: the lessons as a site to read."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from graders.front.sentences import sentence_on_error


def book(
    lessons: Annotated[list[str] | None, typer.Argument(help="Lessons (05); all if none.")] = None,
    to: Annotated[
        Path | None, typer.Option(help="The folder to write to; the workbook's out/book if none.")
    ] = None,
    solutions: Annotated[
        bool, typer.Option("--solutions", help="With each exercise's solution, folded away.")
    ] = False,
    open_: Annotated[bool, typer.Option("--open", help="Show it in the browser.")] = False,
) -> None:
    """Build the lessons as a site to read: text, formulas, pictures, exercises, hints."""
    from graders.book.build import build, need
    from graders.core.registry import Registry
    from graders.front.words import shown
    from graders.front.workbook import checkout

    registry = Registry(checkout())
    chosen = list(dict.fromkeys(registry.lesson(text) for text in lessons or [])) or None
    folder = to if to is not None else registry.root / "out" / "book"
    live = sys.stderr is not None and sys.stderr.isatty()

    def progress(what: str, percent: int) -> None:
        if live:
            typer.echo(f"\r{what} the pages: {percent:3} % ", nl=False, err=True)

    need()
    typer.echo("Building the book ...")
    warnings = build(registry, folder, chosen, solutions, progress)
    if live:
        typer.echo("\r" + " " * 40 + "\r", nl=False, err=True)
    for warning in warnings:
        typer.echo(f"hero: {warning}", err=True)
    start = folder / "index.html"
    typer.echo(shown(start))
    if open_:
        import webbrowser

        webbrowser.open(start.resolve().as_uri())


def add_to(app: typer.Typer) -> None:
    """Adds the command to ``hero``."""
    app.command("book")(sentence_on_error(book))
