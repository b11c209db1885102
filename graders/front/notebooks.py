"""``hero notebook``: a lesson as notebooks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from graders.front.sentences import note, sentence_on_error


def notebook(
    ids: Annotated[list[str], typer.Argument(help="A lesson (02) or a part (02/3).")],
    to: Annotated[
        Path | None, typer.Option(help="The folder to write to; the workbook's notebooks/ if none.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace notebooks that are there; a backup is kept.")
    ] = False,
    colab: Annotated[
        bool,
        typer.Option("--colab", help="They fetch and install the workbook where it is missing."),
    ] = False,
    repo: Annotated[
        str | None,
        typer.Option(
            help="With --colab: where from; the address that this clone came from if none."
        ),
    ] = None,
) -> None:
    """Write a lesson's parts as notebooks, with a check behind each exercise."""
    from graders.errors import UserError
    from graders.front.words import shown
    from graders.front.workbook import Workbook
    from graders.notebook.fetching import address_of
    from graders.notebook.lesson import write_notebooks

    book = Workbook()
    note(book.state)
    folder = to if to is not None else book.root / "notebooks"
    if repo is not None and not colab:
        raise UserError("--repo says where notebooks for Colab fetch the workbook: add --colab.")
    address = address_of(book.root, repo) if colab else ""
    written, backups = write_notebooks(book, ids, folder, force, address)
    for path in backups:
        typer.echo(f"What was there is kept as {shown(path)}")
    for path in written:
        typer.echo(shown(path))
    typer.echo("Open them in JupyterLab, VS Code or Colab: docs/notebooks.md says how.")


def add_to(app: typer.Typer) -> None:
    """Adds the command to ``hero``."""
    app.command("notebook")(sentence_on_error(notebook))
