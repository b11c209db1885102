"""The commands that make a record last: update, again, restore."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from graders.front.history import History
from graders.front.sentences import agreed, note, sentence_on_error
from graders.front.words import as_typed, shown


def add_to(app: typer.Typer) -> None:
    for command in (update, again, restore):
        app.command()(command)


@sentence_on_error
def update(
    source: Annotated[
        str | None,
        typer.Option("--from", help="A folder with a newer copy, or a branch or commit of git's."),
    ] = None,
) -> None:
    """Bring new exercises and texts; your work is carried over, and a backup is kept."""
    from graders.front.state import State
    from graders.front.update import Update
    from graders.front.workbook import checkout

    root = checkout()
    job = Update(root, source)
    plan = job.work_out()
    backup = job.carry_out()
    state = State.load(root)
    for old, new in plan.renamed.items():
        if old in state.history:
            state.history[new] = state.history.pop(old)
        if old in state.done:
            state.done.discard(old)
            state.done.add(new)
            plan.changed.add(new)
    check = sorted(plan.changed & state.done)
    state.done -= set(check)
    state.save()
    for sentence in plan.sentences:
        typer.echo(sentence)
    for word, ids in (
        ("New", plan.new - set(plan.renamed.values())),
        ("Changed", plan.changed),
        ("Gone", plan.gone - plan.renamed.keys()),
    ):
        if ids:
            typer.echo(f"{word}: {', '.join(sorted(ids))}")
    for old, new in sorted(plan.renamed.items()):
        typer.echo(f"{old} is called {new} now; yours went with it.")
    if check:
        _say(f"To be checked again: hero check {' '.join(check)}")
    if backup:
        _say(f"The files as they were: `hero restore {backup}` brings them back.")
    same = job.base == job.target
    typer.echo("There is nothing new." if same and not backup else "The workbook is up to date.")
    note(state)


@sentence_on_error
def again(
    exercise: Annotated[str, typer.Argument(help="One exercise, such as 05.logits_backward.")],
) -> None:
    """Practise an exercise you passed from blank again; your version is kept."""
    from graders.errors import UserError
    from graders.front.workbook import Workbook

    book = Workbook()
    ref, name = book.one(exercise)
    key = f"{ref.number}.{name}"
    past = book.state.history.get(key, History())
    if past.again:
        raise UserError(f"{key} is being practised already: {shown(book.path(ref))}.")
    if key not in book.state.done and not past.passed:
        raise UserError(f"{key} has not passed yet: `hero check {key}` first.")
    path, backup = book.reset(exercise)
    now = time.time()
    past.passed = past.passed or now  # done before there was a record
    past.success = past.success or now
    past.again = now
    book.state.history[key] = past
    book.state.save()
    typer.echo(f"{key} in {shown(path)} is blank again; it stays in the record as done once.")
    if backup is not None:
        _say(f"Your earlier version: `hero restore {backup.parent.name}/{backup.name}`")
    note(book.state)


@sentence_on_error
def restore(
    name: Annotated[str | None, typer.Argument(help="A backup; lists them if none.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Bring a backup back, or list the backups; what it replaces is kept too."""
    from graders.front.backups import Backups
    from graders.front.state import State
    from graders.front.workbook import checkout

    root = checkout()
    backups = Backups(root)
    if name is None:
        found = backups.all()
        for each, copies in found.items():
            files = list(copies)
            more = f" and {len(files) - 3} more" if len(files) > 3 else ""
            typer.echo(f"{each:40} {', '.join(files[:3])}{more}")
        _say("`hero restore NAME` brings one back." if found else "There is no backup yet.")
        return
    if not yes:
        agreed(f"Bring {name} back (what it replaces is kept)?", "Nothing was changed.")
    paths, before = backups.restore(name)
    state = State.load(root)
    for key, past in state.history.items():  # an old version that passes is no repeat from blank
        if any(path.startswith(f"exercises/{key[:2]}_") for path in paths):
            past.again = 0
    state.save()
    typer.echo(f"Brought back: {', '.join(paths)}")
    _say(f"What they replaced: `hero restore {before}`. `hero check` finds what passes now.")


def due_lines(history: dict[str, History]) -> list[str]:
    """What is to be practised again, the longest due first."""
    now = time.time()
    due = sorted((h.due, key) for key, h in history.items() if h.due and h.due <= now)
    if not due:
        return ["Nothing is due again."]
    keys = [key for _, key in due]
    return [f"Due again: {', '.join(keys)}  (`hero again {keys[0]}` puts it back to blank)"]


def _say(text: str) -> None:
    """A sentence with a command in it."""
    typer.echo(as_typed(text))
