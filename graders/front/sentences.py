"""Every command ends in a sentence: what is expected to go wrong, and what nobody expected."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import typer

from graders.front.faults import blame, is_expected
from graders.front.words import as_typed, visible


def sentence_on_error(command: Callable[..., Any]) -> Callable[..., Any]:
    """Failures end in one sentence on stderr and exit code 2, never in a traceback."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except BrokenPipeError:  # `hero check | head`
            nobody_reads()
            raise typer.Exit(1) from None
        except Exception as error:
            if is_expected(error):
                fail(str(error))
            if isinstance(error, OSError):
                fail(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}")
            if type(error).__module__.startswith(("typer", "click")):
                raise  # an exit, or a wrong option: typer says it
            text = blame(error)
            fail(text[:1].lower() + text[1:])

    return run


def fail(message: str) -> None:
    """Ends the command with a sentence."""
    typer.echo(f"hero: {visible(as_typed(message))}", err=True)
    raise typer.Exit(2)


def note(state: Any) -> None:
    """Says once what became of the progress file, if there is anything to say."""
    if state.note:
        typer.echo(f"hero: {visible(as_typed(state.note))}", err=True)
        state.note = ""


def agreed(question: str, otherwise: str) -> None:
    """Asks; ends the command with a sentence unless the answer is yes."""
    try:
        if typer.confirm(question):
            return
    except typer.Abort:  # no answer: standard input is closed, or Ctrl-C
        typer.echo()
        otherwise += " (Without a terminal to answer in, add --yes.)"
    typer.echo(otherwise)
    raise typer.Exit(1)


def nobody_reads() -> None:
    """What is still to be printed goes nowhere, and Python does not complain at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno() if sys.stdout else 1)


def content_with_less() -> None:
    """From here on the strict level does with the layers that this machine has, and so do its helpers."""
    os.environ["HERO_STRICT"] = "best-effort"


def say_what_is_lacking(layers: list[str]) -> None:
    """Says, on standard error, which layers of the strict level do without."""
    if layers:
        typer.echo(
            f"hero: without {', '.join(layers)}, which this machine lacks: the code finds out which files "
            "and processes there are, not what is in them (docs/submissions.md).",
            err=True,
        )
