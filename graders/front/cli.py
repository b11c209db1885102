"""The ``hero`` command. With no argument it watches; ``hero --help`` lists the rest."""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from graders.front import authors, lasting, more, play, teaching
from graders.front.process import end_in_order, leave, open_streams
from graders.front.sentences import (
    agreed,
    content_with_less,
    nobody_reads,
    note,
    say_what_is_lacking,
    sentence_on_error,
)

# torch and rich are imported inside the commands: `hero hint` should not wait for them

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Learn how GPT works by building it. With no command: watch the current exercise.",
)
data_app = typer.Typer(add_completion=False, help="The lectures' own data files.")
app.add_typer(data_app, name="data")
authors.add_to(app)
teaching.add_to(app)
lasting.add_to(app)

IDs = Annotated[
    list[str] | None,
    typer.Argument(help="05, 05_backprop, 05.logits_backward or a path; everything if none."),
]
ID = Annotated[str, typer.Argument(help="One exercise, such as 05.logits_backward.")]


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"hero {version('zero-to-hero-workbook')}")
        except PackageNotFoundError:
            typer.echo("hero (of a copy that is not installed)")
        raise typer.Exit()


@app.callback(invoke_without_command=True)
@sentence_on_error
def start(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """With no command: watch the current exercise."""
    if context.invoked_subcommand is None:
        from graders.front.watch.events import watch
        from graders.front.workbook import Workbook

        raise typer.Exit(watch(Workbook()))


@app.command()
@sentence_on_error
def check(
    ids: IDs = None,
    from_: Annotated[
        Path | None, typer.Option("--from", help="Grade this folder, laid out like exercises/.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    seed: Annotated[
        int | None, typer.Option(help="Repeat the cases of this seed.", min=0, max=2**31)
    ] = None,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict",
            help="Confine the code, as for grading other people's. [--strict=best-effort]: with the layers "
            "that this machine has, where some are missing.",
        ),
    ] = False,
    best_effort: Annotated[bool, typer.Option("--best-effort", hidden=True)] = False,
) -> None:
    """Check exercises; the exit code is 0 only if all that was asked for passed."""
    from graders.core.report import to_json
    from graders.front import render
    from graders.front.strays import stray_sentences
    from graders.front.workbook import Workbook

    if best_effort:
        content_with_less()
    book = Workbook(folder=from_, seed=seed, strict=strict or best_effort)
    if book.strict:
        _ = book.judge  # before a lesson is read, and so is in the memory that it forks from
        if book.folder.is_symlink():
            where = book.folder.resolve()
            typer.echo(
                f"hero: {book.folder} is a link: what it leads to is graded, {where}.", err=True
            )
    chosen = book.select(ids or [])
    results = []
    out = render.console()
    note(book.state)
    options = f" --from {shlex.quote(str(from_))}" if from_ is not None else ""
    options += " --strict=best-effort" if best_effort else " --strict" if strict else ""
    try:
        if strict or best_effort:
            say_what_is_lacking(book.judge.worker.lacking)
        for part in book.check(ids or []):
            results += part
            if not as_json:
                for group in render.together(part):
                    same = [result.id for result in group] if len(group) > 1 else None
                    render.report(group[0], out, same, options)
    finally:
        book.close()
    note(book.state)
    if as_json:
        typer.echo(json.dumps(to_json(results)))
    else:
        render.summary(results, out)
    refs = [ref for ref, _ in chosen]
    for sentence in stray_sentences(book.registry, book.folder, refs, book.strict):
        typer.echo(f"hero: {sentence}", err=True)
    raise typer.Exit(0 if results and all(r.status == "passed" for r in results) else 1)


@app.command("list")
@sentence_on_error
def list_(
    ids: IDs = None,
    record: Annotated[
        bool,
        typer.Option(
            "--record", help="Attempts, time to the first pass, hints, what is due again."
        ),
    ] = False,
) -> None:
    """List exercises and which of them are done (when last checked)."""
    from graders.front.words import bar
    from graders.front.workbook import Workbook

    book = Workbook()
    note(book.state)
    # written without rich, whose import would be half of the time this takes
    color = sys.stdout is not None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")

    def styled(text: str, code: int) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if color else text

    done = total = 0
    lesson = ""
    lines: list[str] = []
    for ref, names in book.select(ids or []):
        if ref.lesson != lesson:
            lesson = ref.lesson
            lines.append(styled(f"{lesson}  {book.registry.about(lesson).get('about', '')}", 1))
        lines.append(styled(f"  exercises/{ref.file}", 2))
        cards = book.cards(ref)
        for name in names:
            card = cards[name]
            key = f"{ref.number}.{name}"
            total += 1
            done += key in book.state.done
            past = book.state.history.get(key)
            mark = styled("✓", 32) if key in book.state.done else styled("·", 33)
            if past and past.again:  # passed once, and from blank again
                mark = styled("↻", 33)
            title = card.title + ("  (stretch)" if card.stretch else "")
            if record:
                title = past.sentence() if past else "not begun"
            lines.append(f"  {mark} {key:32} {styled(title, 2)}")
    lines.append(bar(done, total))
    if record:
        lines += lasting.due_lines(book.state.history)
    typer.echo("\n".join(lines))


@app.command()
@sentence_on_error
def hint(exercise: ID) -> None:
    """Show the next hint of an exercise."""
    from graders.front.words import as_typed
    from graders.front.workbook import Workbook

    book = Workbook()
    text, number, total = book.next_hint(exercise)
    typer.echo(f"Hint {number} of {total}: {as_typed(text)}")
    note(book.state)


@app.command()
@sentence_on_error
def reset(
    exercise: ID,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    whole: Annotated[
        bool, typer.Option("--file", help="The whole file that the exercise is in.")
    ] = False,
) -> None:
    """Put one exercise back to its stub; your version is kept as a backup."""
    from graders.front.words import shown
    from graders.front.workbook import Workbook

    book = Workbook()
    ref, name = book.one(exercise)
    what = f"all of {shown(book.path(ref))}" if whole else f"{ref.number}.{name}"
    if not yes:
        agreed(f"Put {what} back to its stub (a backup is kept)?", "Nothing was changed.")
    path, backup = book.reset(exercise, whole)
    what = "All of" if whole else f"{ref.number}.{name} in"
    if backup is None:
        typer.echo(f"{shown(path)} was missing; it is there again, as its stub.")
    else:
        typer.echo(
            f"{what} {shown(path)} is a stub again; the file as it was is kept as {shown(backup)}"
        )
    note(book.state)


@app.command()
@sentence_on_error
def solution(
    exercise: ID, yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False
) -> None:
    """Show the reference solution, and a diff against yours."""
    from rich.syntax import Syntax

    from graders.front import render
    from graders.front.words import visible
    from graders.front.workbook import Workbook

    book = Workbook()
    note(book.state)
    ref, name = book.one(exercise)
    if f"{ref.number}.{name}" not in book.state.done and not yes:
        question = f"{ref.number}.{name} is not solved yet. Show its solution?"
        agreed(question, "Nothing was shown.")
    right, diff = book.solution(exercise)
    out = render.console()
    out.print(Syntax(right, "python", background_color="default") if out.is_terminal else right)
    if diff:
        text = visible("\n".join(diff))
        out.print("From yours to the reference:\n")
        out.print(Syntax(text, "diff", background_color="default") if out.is_terminal else text)


@app.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
)
@sentence_on_error
def run(
    context: typer.Context,
    what: Annotated[
        list[str] | None,
        typer.Argument(help="A part or a lesson (05/1, 05), then options for its program."),
    ] = None,
    from_: Annotated[Path | None, typer.Option("--from", help="Run this folder's files.")] = None,
) -> None:
    """Run a part's own program (training, pictures); the last part solved if none is named.

    The reference stands in for what is unsolved. `hero run 05/1 --help` shows the program's own options.
    """
    from graders.core.registry import UserError
    from graders.front.cards import last_part_done
    from graders.front.running import run_part
    from graders.front.workbook import Workbook, select

    words = what or []
    if words[:1] in (["-h"], ["--help"]):
        typer.echo(context.get_help())
        raise typer.Exit()
    book = Workbook()
    folder = from_ or book.folder
    if words and not words[0].startswith("-"):
        refs = [ref for ref, _ in select(book.registry, words[:1], folder)]
        words = words[1:]
    else:
        last = last_part_done(book.registry, book.state.done, book.state.part)
        if last is None:
            raise UserError(
                "no part is solved yet. `hero run 01/1` runs one all the same: the reference stands in for "
                "what is still to do."
            )
        refs = [last]
    codes = []
    for ref in refs:
        codes.append(run_part(book.registry, ref, folder / ref.file, words))
        if codes[-1] == 130:  # Ctrl-C means all of them
            break
    raise typer.Exit(next((code for code in codes if code), 0))


play.add_to(app)


@app.command()
@sentence_on_error
def doctor() -> None:
    """Say what is installed here, what is missing, and what that means."""
    from graders.front.doctor import examine

    raise typer.Exit(examine())


more.add_to(app)


@data_app.command("fetch")
@sentence_on_error
def fetch(
    names: Annotated[list[str] | None, typer.Argument(help="names, shakespeare; or both")] = None,
) -> None:
    """Fetch the lectures' own files, verified by SHA-256; needs the internet."""
    from data.fetch import fetch_command

    raise typer.Exit(fetch_command(names or []))


def main() -> None:
    """The entry point."""
    open_streams()
    end_in_order()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that knows no check mark shows a "?"
            stream.reconfigure(errors="replace")
    try:
        os.getcwd()
    except OSError:
        typer.echo("hero: the folder you are in is gone: cd to the workbook's folder.", err=True)
        sys.exit(2)
    # an option that may have a value or none is more than typer knows
    sys.argv = ["--best-effort" if a == "--strict=best-effort" else a for a in sys.argv]
    if sys.argv[1:] == [] and sys.stdout.isatty():
        typer.echo("Starting ...")  # importing torch takes a moment
    code: Any = 0
    try:
        try:
            app()
        except SystemExit as ended:
            code = ended.code
        sys.stdout.flush()
    except BrokenPipeError:
        nobody_reads()
        code = 1
    except KeyboardInterrupt:
        typer.echo("\nStopped.", err=True)
        code = 130
    except OSError as error:  # what was printed could not be written: a full disk, say
        typer.echo(f"hero: {error.strerror or error}", err=True)
        nobody_reads()
        code = 2
    leave(code)


if __name__ == "__main__":
    main()
