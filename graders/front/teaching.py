"""Commands for those who teach: ``hero assignment`` and ``hero grade``."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graders.front.sentences import content_with_less, say_what_is_lacking, sentence_on_error

if TYPE_CHECKING:
    from rich.console import Console

    from graders.teach.batch import Batch, Runner
    from graders.teach.gradebook import Writer


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
    force: Annotated[
        bool, typer.Option("--force", help="Write over changed files; a backup is kept.")
    ] = False,
) -> None:
    """Write a lesson as nbgrader source notebooks into a course folder."""
    from graders.core.registry import Registry
    from graders.front.words import shown
    from graders.front.workbook import installed
    from graders.teach.assignment import write_assignment

    registry = Registry(installed())
    written = write_assignment(registry, what, course, name, course_id, stretch, question, force)
    for path in written:
        typer.echo(shown(path))
    notebooks = [p for p in written if p.suffix == ".ipynb"]
    typer.echo(f"Next, in {shown(course)}: nbgrader generate_assignment {notebooks[0].parent.name}")


@sentence_on_error
def grade(
    course: Annotated[Path, typer.Argument(help="The course folder.")],
    assignment: Annotated[str, typer.Argument(help="The assignment's name, such as 05_backprop.")],
    jobs: Annotated[
        int, typer.Option("--jobs", "-j", help="Grade so many at once; 0: as many as cores.", min=0)
    ] = 0,
    scheduler: Annotated[
        str,
        typer.Option(help="Grade on the Dask cluster whose scheduler is at this address."),
    ] = "",
    trusted: Annotated[
        bool,
        typer.Option(
            "--trust-submissions",
            help="Run submitted code with limits but unconfined, where this system cannot confine it.",
        ),
    ] = False,
    less: Annotated[
        bool,
        typer.Option(
            "--best-effort",
            help="Confine submitted code with the layers that this system has, where namespaces are missing.",
        ),
    ] = False,
    csv: Annotated[Path | None, typer.Option(help="Write the scores as CSV.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the summary as a page.")] = None,
    gradescope: Annotated[
        Path | None,
        typer.Option(help="Write STUDENT/results.json for Gradescope below this folder."),
    ] = None,
) -> None:
    """Grade what a class handed in, into nbgrader's gradebook; run again, it goes on where it was.

    The exit code is 1 if somebody had to be left out, for the name of a folder.
    """
    from graders.core.registry import Registry
    from graders.front import render
    from graders.front.workbook import import_nothing_from, installed
    from graders.ground.sandbox import capabilities
    from graders.ground.shown import shown_name
    from graders.teach import summary
    from graders.teach.batch import Batch
    from graders.teach.confined import refuse_unless_confined
    from graders.teach.course import open_course
    from graders.teach.gradebook import Writer

    import_nothing_from(Path.cwd(), course)
    opened = open_course(course)
    if less:
        content_with_less()
    if not trusted and not scheduler:  # the workers of a cluster ask themselves
        refuse_unless_confined(opened.root)
        say_what_is_lacking([n for n, held in capabilities().items() if not held])
    batch = Batch(opened, assignment, Registry(installed()), trusted)
    out = render.console()
    left_out = {}
    for name, why in opened.left_out.items():
        left_out[name] = f"Left out: the folder's name {why}. Rename it."
        if os.path.lexists(opened.folder("autograded", name, assignment)):
            left_out[name] += " Remove what there is of it in autograded/, too."
        said = left_out[name]
        out.print(f"{shown_name(name, 60)}: {said[0].lower()}{said[1:]}", markup=False)
    with batch.alone():
        left = batch.plan()
        same = len(batch.students) - len(left)
        if same:
            out.print(f"{same} of {len(batch.students)} are graded already, and did not change.")
        if left:
            with _runner(batch, jobs, scheduler, out) as runner:
                _with_progress(batch.run(left, runner), len(left), "grading", out)
        with Writer(opened, assignment) as writer:
            _with_progress(_written(batch, writer), len(batch.students), "gradebook", out)
        results = [r for r in map(batch.result, batch.students) if r is not None]
    made = summary.summarize(assignment, results, left_out)
    summary.to_terminal(made, out)
    if csv:
        summary.to_csv(made, csv)
    if html:
        summary.to_html(made, html)
    if gradescope:
        summary.to_gradescope(made, gradescope)
    out.print(
        "Next, in the course folder: jupyter lab (menu Nbgrader, Formgrader: what is graded by hand), "
        f"nbgrader generate_feedback {assignment} --force, nbgrader export."
    )
    if left_out:
        raise typer.Exit(1)


@contextlib.contextmanager
def _runner(batch: Batch, jobs: int, scheduler: str, out: Console) -> Iterator[Runner]:
    """Who grades: processes here, or a cluster."""
    if not scheduler:
        from graders.teach.pool import Pool

        yield Pool(jobs or cores(), batch.log)
        return
    from graders.teach.cluster import Cluster

    with Cluster(scheduler) as cluster:
        if not cluster.threads():
            out.print(f"No worker is at {scheduler} yet: grading begins when one comes.")
        yield cluster


def _written(batch: Batch, writer: Writer) -> Iterator[str]:
    """Puts all results into the gradebook, one after the other."""
    for student in batch.students:
        result = batch.result(student)
        if result is not None and not writer.is_written(result):
            writer.write(result)
        yield student


def _with_progress(steps: Iterator[str], total: int, what: str, out: Console) -> None:
    """Goes through steps behind a bar, with the time left; without a terminal, silently."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=out, disable=not out.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        for _ in steps:
            bar.advance(task)


def cores() -> int:
    """How many cores this process may use."""
    import os

    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def add_to(app: typer.Typer) -> None:
    """Adds these commands to ``hero``."""
    app.command("assignment")(assignment)
    app.command("grade")(grade)
