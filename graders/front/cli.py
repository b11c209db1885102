"""The ``hero`` command. With no argument it watches; ``hero --help`` lists the rest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

# torch and the lessons are imported inside the commands: `hero hint` should not wait for them twice

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=False,
    help="Learn how GPT works by building it. With no command: watch the current exercise.",
)
data_app = typer.Typer(add_completion=False, help="The lectures' own data files.")
app.add_typer(data_app, name="data")

IDs = Annotated[
    list[str] | None,
    typer.Argument(help="05, 05_backprop, 05.tanh_backward or a path; everything if none."),
]
ID = Annotated[str, typer.Argument(help="One exercise, such as 05.tanh_backward.")]


def sentence_on_error(command: Callable[..., Any]) -> Callable[..., Any]:
    """Expected failures end in one sentence on stderr and exit code 2, never in a traceback."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        from data import DataError
        from graders.core.judge import GraderBug
        from graders.core.registry import UserError
        from graders.core.stubs import SourceError
        from graders.ground.sandbox import SandboxError

        try:
            return command(*args, **kwargs)
        except (UserError, DataError, SandboxError, SourceError) as error:
            _fail(str(error))
        except GraderBug as error:
            _fail(f"the workbook itself is at fault, not your code: {error}. Please report this.")
        except BrokenPipeError:  # `hero check | head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            raise typer.Exit(1) from None
        except OSError as error:
            _fail(f"{error.strerror or error}: {error.filename or 'no file named'}")

    return run


def _fail(message: str) -> None:
    typer.echo(f"hero: {message}", err=True)
    raise typer.Exit(2)


def _note(state: Any) -> None:
    """Says once what became of the progress file, if there is anything to say."""
    if state.note:
        typer.echo(f"hero: {state.note}", err=True)
        state.note = ""


def _agreed(question: str, otherwise: str) -> None:
    """Asks; ends the command with a sentence unless the answer is yes."""
    try:
        if typer.confirm(question):
            return
    except typer.Abort:  # no answer: standard input is closed, or Ctrl-C
        typer.echo()
        otherwise += " (Without a terminal to answer in, add --yes.)"
    typer.echo(otherwise)
    raise typer.Exit(1)


def _workbook(**options: Any) -> Any:
    import gc

    gc.disable()  # a collection in the middle of torch's import, or over all it made, is lost time
    from graders.front.workbook import Workbook

    gc.freeze()
    gc.set_threshold(
        50_000, 20, 100
    )  # grading makes much that lives on, and little that is garbage
    gc.enable()
    return Workbook(**options)


@app.callback(invoke_without_command=True)
@sentence_on_error
def start(context: typer.Context) -> None:
    """With no command: watch the current exercise."""
    if context.invoked_subcommand is None:
        from graders.front.watch import watch

        raise typer.Exit(watch(_workbook()))


@app.command()
@sentence_on_error
def check(
    ids: IDs = None,
    from_: Annotated[
        Path | None, typer.Option("--from", help="Grade this folder, laid out like exercises/.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    seed: Annotated[int | None, typer.Option(help="Repeat the cases of this seed.")] = None,
    strict: Annotated[
        bool, typer.Option(help="Confine the code, as for grading other people's.")
    ] = False,
) -> None:
    """Check exercises; the exit code is 0 only if all that was asked for passed."""
    from graders.core.report import to_json
    from graders.front import render

    book = _workbook(folder=from_, seed=seed, strict=strict)
    results = []
    out = render.console()
    _note(book.state)
    try:
        for part in book.check(ids or []):
            results += part
            if not as_json:
                for result in part:
                    render.report(result, out)
    finally:
        book.close()
    _note(book.state)
    if as_json:
        typer.echo(json.dumps(to_json(results)))
    else:
        render.summary(results, out)
    raise typer.Exit(0 if results and all(r.status == "passed" for r in results) else 1)


@app.command("list")
@sentence_on_error
def list_(ids: IDs = None) -> None:
    """List exercises and which of them are done (when last checked)."""
    from rich.text import Text

    from graders.core.registry import Registry
    from graders.front import render
    from graders.front.state import State
    from graders.front.workbook import checkout, select

    registry = Registry(checkout())
    exercises = registry.root / "exercises"
    state = State.load(registry.root)
    out = render.console()
    _note(state)
    done = total = 0
    lesson = ""
    for ref, names in select(registry, ids or [], exercises):
        if ref.lesson != lesson:
            lesson = ref.lesson
            out.print(Text(f"{lesson}  {registry.about(lesson).get('about', '')}", "bold"))
        out.print(Text(f"  exercises/{ref.file}", "dim"))
        for name in names:
            exercise = registry.load(ref).exercises[name]
            key = f"{ref.number}.{name}"
            total += 1
            done += key in state.done
            mark = ("✓", "green") if key in state.done else ("·", "yellow")
            stretch = "  (stretch)" if exercise.stretch else ""
            out.print(Text.assemble("  ", mark, f" {key:32} ", (exercise.title + stretch, "dim")))
    out.print(render.bar(done, total))


@app.command()
@sentence_on_error
def hint(exercise: ID) -> None:
    """Show the next hint of an exercise."""
    from graders.front.light import Light

    book = Light()
    text, number, total = book.next_hint(exercise)
    typer.echo(f"Hint {number} of {total}: {text}")
    _note(book.state)


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
    from graders.front.light import Light
    from graders.front.workbook import shown

    book = Light()
    ref, name = book.one(exercise)
    what = f"all of {shown(book.path(ref))}" if whole else f"{ref.number}.{name}"
    if not yes:
        _agreed(f"Put {what} back to its stub (a backup is kept)?", "Nothing was changed.")
    path, backup = book.reset(exercise, whole)
    what = "All of" if whole else f"{ref.number}.{name} in"
    if backup is None:
        typer.echo(f"{shown(path)} was missing; it is there again, as its stub.")
    else:
        typer.echo(
            f"{what} {shown(path)} is a stub again; the file as it was is kept as {shown(backup)}"
        )
    _note(book.state)


@app.command()
@sentence_on_error
def solution(
    exercise: ID, yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False
) -> None:
    """Show the reference solution, and a diff against yours."""
    from rich.syntax import Syntax

    from graders.front import render
    from graders.front.light import Light

    book = Light()
    _note(book.state)
    ref, name = book.one(exercise)
    if f"{ref.number}.{name}" not in book.state.done and not yes:
        question = f"{ref.number}.{name} is not solved yet. Show its solution?"
        _agreed(question, "Nothing was shown.")
    right, diff = book.solution(exercise)
    out = render.console()
    out.print(Syntax(right, "python", background_color="default") if out.is_terminal else right)
    if diff:
        text = "\n".join(diff)
        out.print("From yours to the reference:\n")
        out.print(Syntax(text, "diff", background_color="default") if out.is_terminal else text)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
@sentence_on_error
def run(
    context: typer.Context,
    what: Annotated[str, typer.Argument(help="A lesson or a part: 05, 05/1_loss.")],
    from_: Annotated[Path | None, typer.Option("--from", help="Run this folder's files.")] = None,
) -> None:
    """Run a part's own main (training, plots); further options go to it."""
    from graders.core.registry import Registry, UserError
    from graders.front.workbook import checkout, select, shown

    registry = Registry(checkout())
    folder = from_ or registry.root / "exercises"
    for ref, _ in select(registry, [what], folder):
        path = folder / ref.file
        if not path.is_file():
            raise UserError(f"there is no file {shown(path)}.")
        text = path.read_text(encoding="utf-8", errors="replace")
        if "__main__" not in text:
            typer.echo(f"{shown(path)} has nothing to run.")
            continue
        typer.echo(f"-- {shown(path)}")
        sys.stdout.flush()
        root = str(registry.root)
        env = dict(os.environ)
        env["PYTHONPATH"] = os.pathsep.join(filter(None, [root, env.get("PYTHONPATH")]))
        # -P: a torch.py beside the part must not hide torch
        code = subprocess.call([sys.executable, "-P", str(path), *context.args], env=env)
        if code:
            typer.echo(
                f"{shown(path)} ended early (see above). If an exercise in it is still a TODO, "
                f"solve that first: hero check {ref.number}",
                err=True,
            )
            raise typer.Exit(code if 0 < code < 126 else 1)


@app.command()
@sentence_on_error
def doctor() -> None:
    """Say what is installed here, what is missing, and what that means."""
    from graders.front.doctor import examine

    raise typer.Exit(examine())


@data_app.command("fetch")
@sentence_on_error
def fetch(
    names: Annotated[
        list[str] | None, typer.Argument(help="names, shakespeare; both if none.")
    ] = None,
) -> None:
    """Fetch the lectures' own files, verified by SHA-256; needs the internet."""
    from data.fetch import fetch_command

    raise typer.Exit(fetch_command(names or []))


@app.command()
@sentence_on_error
def derive(
    lessons: Annotated[list[str] | None, typer.Argument(help="Lessons; all if none.")] = None,
    check_only: Annotated[bool, typer.Option("--check", help="Only say what differs.")] = False,
) -> None:
    """(maintainers) Derive exercises/ from solutions/. Overwrites what is in exercises/."""
    from graders.core import derive as deriving
    from graders.core.registry import Registry
    from graders.front.workbook import checkout

    registry = Registry(checkout())
    chosen = [registry.lesson(text) for text in lessons] if lessons else None
    if check_only:
        said = deriving.differences(registry, chosen)
        typer.echo("\n".join(said) or "exercises/ is what solutions/ derives.")
        raise typer.Exit(1 if said else 0)
    changed = deriving.derive(registry, chosen)
    typer.echo("\n".join(changed) or "exercises/ already is what solutions/ derives.")


@app.command()
@sentence_on_error
def audit(
    wanted: Annotated[
        list[str] | None, typer.Argument(help="Lessons (05), parts (05/3), exercises.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    seeds: Annotated[int, typer.Option(help="How many seeds to try.", min=1)] = 20,
    seed: Annotated[int, typer.Option(help="The first of them.", min=0, max=2**31)] = 0,
    threads: Annotated[
        int, typer.Option(help="Of torch, for what is right; submitted code has one.", min=1)
    ] = 1,
    verdicts: Annotated[
        bool, typer.Option("--verdicts", help="In the JSON, which checks failed, one by one.")
    ] = False,
    only: Annotated[str, typer.Option(help="Of these, only the exercises of this name.")] = "",
) -> None:
    """(maintainers) Grade the graders: stubs, references, misconceptions, variants."""
    from graders.core.audit import audit as auditing
    from graders.core.judge import Judge
    from graders.core.registry import Registry
    from graders.front.workbook import checkout

    registry = Registry(checkout())
    judge = Judge(registry)

    def say(text: str) -> None:
        if not as_json:
            typer.echo(f"  {text}", err=True)

    try:
        found = auditing(
            registry, judge, wanted or [], range(seed, seed + seeds), only, threads, say
        )
    finally:
        judge.close()
    if as_json:
        typer.echo(json.dumps(found.to_json(verdicts)))
    else:
        for hole in found.holes:
            typer.echo(f"hole: {hole}")
        typer.echo(
            f"{found.exercises} exercises, {found.checks} checks, "
            f"{found.misconceptions} misconceptions ({found.rejected} rejected, "
            f"{found.named} named), {found.variants} variants ({found.accepted} accepted), "
            f"{len(found.seeds)} seeds, {len(found.holes)} holes, {found.seconds} s."
        )
    raise typer.Exit(1 if found.holes else 0)


def main() -> None:
    """The entry point."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that knows no check mark shows a "?"
            stream.reconfigure(errors="replace")
    if sys.argv[1:] == [] and sys.stdout.isatty():
        typer.echo("Starting ...")  # importing torch takes a moment
    try:
        app()
    except KeyboardInterrupt:
        typer.echo("\nStopped.", err=True)
        sys.exit(130)


if __name__ == "__main__":
    main()
