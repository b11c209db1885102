"""``hero tutor``: a tutor for the AI assistant that a learner uses, which never gives a solution."""

from __future__ import annotations

import sys

import typer

from graders.front.sentences import sentence_on_error


def tutor() -> None:
    """Serve tasks, reports and hints to an AI assistant (MCP); never a solution. See docs/tutor.md."""
    from graders.front.workbook import checkout
    from graders.tutor.server import needed, serve

    root = checkout()
    needed()
    if sys.stdin.isatty():  # somebody who tries it
        typer.echo(
            "hero: this is for an AI assistant, which starts it itself: docs/tutor.md says how to add it. "
            "Ctrl-C ends it.",
            err=True,
        )
    serve(root)


def add_to(app: typer.Typer) -> None:
    """Adds the command to ``hero``."""
    app.command("tutor")(sentence_on_error(tutor))
