"""Commands for those who teach: ``hero assignment`` and ``hero grade``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from graders.front.sentences import sentence_on_error


@sentence_on_error
def assignment(
    what: Annotated[str, typer.Argument(help="A lesson (05) or one part of it (05/2).")],
    course: Annotated[Path, typer.Option(help="The course folder; made if it is not there.")],
    name: Annotated[str, typer.Option(help="The assignment's name; the lesson's if none.")] = "",
    course_id: Annotated[str, typer.Option(help="nbgrader's course id; the folder's name.")] = "",
    stretch: Annotated[
        bool, typer.Option("--stretch/--no-stretch", help="Points for stretch exercises too.")
    ] = True,
    question: Annotated[
        float, typer.Option(help="Points of the question graded by hand; 0: none.", min=0)
    ] = 2,
) -> None:
    """Write a lesson as nbgrader source notebooks into a course folder."""
    from graders.core.registry import Registry
    from graders.front.words import shown
    from graders.front.workbook import checkout
    from graders.teach.assignment import write_assignment

    registry = Registry(checkout())
    written = write_assignment(registry, what, course, name, course_id, stretch, question)
    for path in written:
        typer.echo(shown(path))
    notebooks = [p for p in written if p.suffix == ".ipynb"]
    typer.echo(
        f"Next, in {shown(course)}: nbgrader generate_assignment {notebooks[0].parent.name}"
    )


def add_to(app: typer.Typer) -> None:
    """Adds these commands to ``hero``."""
    app.command("assignment")(assignment)
