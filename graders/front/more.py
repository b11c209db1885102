"""Commands that bring an extra of their own: notebooks, the book, the tutor."""

from __future__ import annotations

import typer

from graders.front import book, notebooks, tutor


def add_to(app: typer.Typer) -> None:
    """Adds them to ``hero``, in the order in which its help lists them."""
    for each in (notebooks, book, tutor):
        each.add_to(app)
