"""``hero play``: what the command takes, in the terminal and for the pages of ``--web``."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from graders.front.sentences import note, sentence_on_error

KNOBS = ("tokens", "temperature", "top_k", "seed")  # the page has its own
FOR_WEB = ("port", "browser")


def play(
    context: typer.Context,
    prompt: Annotated[str, typer.Argument(help="The beginning; \\\\n is a line end.")] = "",
    tokens: Annotated[int, typer.Option(help="How many characters to add.", min=0)] = 500,
    temperature: Annotated[
        float, typer.Option(help="Below 1 careful, above 1 wild, 0 always the likeliest.", min=0.0)
    ] = 0.8,
    top_k: Annotated[
        int | None, typer.Option(help="Draw among this many likeliest only.", min=1)
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The same again.", min=0, max=2**63 - 1)] = None,
    model: Annotated[
        Path | None,
        typer.Option(
            "--model", "--checkpoint", help="Another: hero run 07/8 --save MODEL makes one."
        ),
    ] = None,
    web: Annotated[
        bool,
        typer.Option("--web", help="In the browser: write, look into the heads, tokens, graphs."),
    ] = False,
    port: Annotated[
        int | None, typer.Option(help="With --web: the port to take.", min=1, max=65535)
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="With --web: open a browser.")
    ] = True,
) -> None:
    """Let a small trained GPT write Shakespeare, through your own code of 07/8 once that passes."""
    from graders.errors import UserError
    from graders.front import playing
    from graders.front.workbook import Workbook

    if not math.isfinite(temperature):
        raise UserError("the temperature is a number, 0 or larger.")
    for name in KNOBS if web else FOR_WEB:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            option = name.replace("_", "-")
            where = "is set on the page, not with --web" if web else "goes with --web"
            raise UserError(f"--{option} {where}.")
    book = Workbook()
    note(book.state)
    prompt = prompt.replace("\\n", "\n")
    if web:
        playing.in_the_browser(book, prompt, model, port, browser)
        return
    options: dict[str, object] = dict(
        prompt=prompt, tokens=tokens, temperature=temperature, top_k=top_k, seed=seed
    )
    path = book.path(playing.PART)
    raise typer.Exit(playing.play(book.registry, path, book.state.done, model, options))


def add_to(app: typer.Typer) -> None:
    """Adds the command to ``hero``."""
    app.command("play")(sentence_on_error(play))
