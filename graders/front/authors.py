"""Commands for those who write lessons: ``hero author derive`` and ``hero author audit``.

They are no part of a learner's day, and stand in no list of commands that a learner sees.
"""

from __future__ import annotations

import json
from typing import Annotated

import typer

from graders.front.sentences import sentence_on_error

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="For those who write lessons: derive the stubs, grade the graders.",
)


def derive(
    lessons: Annotated[list[str] | None, typer.Argument(help="Lessons; all if none.")] = None,
    check_only: Annotated[bool, typer.Option("--check", help="Only say what differs.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite work in exercises/ too; a backup is kept.")
    ] = False,
) -> None:
    """Derive exercises/ from solutions/. Refuses where exercises/ holds somebody's work."""
    from graders.core import derive as deriving
    from graders.core.registry import Registry
    from graders.front.words import shown
    from graders.front.workbook import checkout

    registry = Registry(checkout())
    chosen = [registry.lesson(text) for text in lessons] if lessons else None
    if check_only:
        said = deriving.differences(registry, chosen)
        typer.echo("\n".join(said) or "exercises/ is what solutions/ derives.")
        raise typer.Exit(1 if said else 0)
    backup = deriving.back_up_work(registry, chosen) if force else None
    changed = deriving.derive(registry, chosen, force)
    typer.echo("\n".join(changed) or "exercises/ already is what solutions/ derives.")
    if backup:
        typer.echo(f"What was overwritten is kept in {shown(backup)}.")


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
    processes: Annotated[
        int, typer.Option(help="How many parts at once; 0: as this machine has room for.", min=0)
    ] = 0,
) -> None:
    """Grade the graders: stubs, references, misconceptions, variants."""
    from graders.core.audit import audit as auditing
    from graders.core.audit_side_by_side import how_many
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
            registry,
            judge,
            wanted or [],
            range(seed, seed + seeds),
            only,
            threads,
            say,
            processes or how_many(),
        )
    finally:
        judge.close()
    if as_json:
        typer.echo(json.dumps(found.to_json(verdicts)))
    else:
        for hole in found.holes:
            typer.echo(f"hole: {hole}")
        for name in found.on_its_word:
            typer.echo(f"rejected on its own word alone: {name}")
        for name in found.mutants:
            typer.echo(f"no check notices: {name}")
        word = f", {len(found.on_its_word)} on their own word alone" if len(found.seeds) > 1 else ""
        typer.echo(
            f"{found.exercises} exercises, {found.checks} checks, "
            f"{found.misconceptions} misconceptions ({found.rejected} rejected, "
            f"{found.named} named{word}), "
            f"{found.variants} variants ({found.accepted} accepted), "
            f"{len(found.seeds)} seeds, {len(found.holes)} holes, {found.seconds} s."
        )
    raise typer.Exit(1 if found.holes else 0)


def mutants(
    wanted: Annotated[
        list[str] | None, typer.Argument(help="Lessons (05), parts (05/3), exercises.")
    ] = None,
    kind: Annotated[str, typer.Option(help="universal or text; both if not given.")] = "",
    seeds: Annotated[int, typer.Option(help="How many seeds a survivor has to pass.", min=1)] = 1,
    seed: Annotated[int, typer.Option(help="The first of them.", min=0, max=2**31)] = 0,
    processes: Annotated[int, typer.Option(help="How many processes.", min=1)] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Make every reference wrong in ways that no bank lists, and say what no check notices."""
    from rich.console import Console
    from rich.progress import Progress

    from graders.core.mutants.run import KINDS, Report, Task, run_all
    from graders.core.registry import Registry, UserError
    from graders.front.workbook import checkout

    if kind and kind not in KINDS:
        raise UserError(f"there is no kind {kind!r}; there are {' and '.join(KINDS)}.")
    registry = Registry(checkout())
    chosen = registry.select(wanted or registry.lessons)
    kinds = (kind,) if kind else KINDS
    asked = tuple(range(seed, seed + seeds))
    tasks = [Task(registry.root, ref, n, kinds, asked) for ref, names in chosen for n in names]
    reports: dict[str, Report] = {}
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("Mutants", total=len(tasks))
        for report in run_all(tasks, processes):
            reports[report.exercise] = report
            progress.update(bar, advance=1, description=report.exercise)
    ordered = [reports[n] for t in tasks if (n := f"{t.ref.number}.{t.name}") in reports]
    holes = sum(r.count("hole") + len(r.holes) for r in ordered)
    if as_json:
        typer.echo(json.dumps([r.to_json() for r in ordered]))
        raise typer.Exit(1 if holes else 0)
    for report in ordered:
        if report.found or report.holes:
            typer.echo(report.exercise)
        for said in report.holes:
            typer.echo(f"  wrong: {said}")
        for found in sorted(report.found, key=lambda f: f.status):
            why = f"   ({found.why})" if found.why else ""
            typer.echo(f"  {found.status}: {found.place}: {found.name}{why}")
    counts = {s: sum(r.count(s) for r in ordered) for s in ("not exercised", "declared")}
    typer.echo(
        f"{len(ordered)} exercises, {sum(r.tried for r in ordered)} mutants "
        f"({sum(r.rejected for r in ordered)} rejected), {holes} holes, "
        f"{counts['not exercised']} not exercised, {counts['declared']} declared."
    )
    raise typer.Exit(1 if holes else 0)


def add_to(main: typer.Typer) -> None:
    """Adds ``author`` to the main command, and its commands under their short names, unlisted."""
    app.command("mutants")(sentence_on_error(mutants))
    for command in (derive, audit):
        wrapped = sentence_on_error(command)
        app.command(command.__name__)(wrapped)
        main.command(command.__name__, hidden=True)(wrapped)
    main.add_typer(app, name="author", hidden=True)
