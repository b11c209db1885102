"""What a learner calls in a notebook. Each call shows something and returns nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any

from graders.errors import UserError
from graders.front.faults import blame
from graders.notebook import show
from graders.notebook.desk import Judging
from graders.notebook.record import Record, shell

Parts = list[tuple[str, str]]  # (HTML, text)


def _told(call: Callable[..., Parts]) -> Callable[..., None]:
    """Shows what a call gives; what goes wrong is shown as a sentence, never as a traceback."""

    @wraps(call)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            parts = call(*args, **kwargs)
        except UserError as error:
            parts = [_sentence(str(error)[:1].upper() + str(error)[1:])]
        except KeyboardInterrupt:
            parts = [_sentence("Stopped: nothing was judged.")]
        except Exception as error:
            parts = [_sentence(blame(error))]
        show.display(parts)

    return run


@_told
def part(which: str) -> Parts:
    """Says which part this notebook is of ("02/1"); shows its exercises, and what of them is done."""
    answer = _ask(do="part", wanted=which)
    solved = sum(e["status"] == "passed" for e in answer["list"])
    heading = f"{answer['part']}: {solved} of {len(answer['list'])} exercises solved"
    shown = [(show.list_html(answer["list"], heading), show.list_text(answer["list"], heading))]
    return shown + _note(answer)


@_told
def check(exercise: Any = "", seed: int | None = None) -> Parts:
    """Judges what the cells define now.

    Args:
        exercise: "02.bigrams", or "bigrams" in its own notebook; all of this notebook's part if none.
        seed: repeats the numbers of an earlier check.
    """
    if seed is not None and (type(seed) is not int or not 0 <= seed <= 2**31):
        raise UserError("a seed is a whole number, from 0 to 2**31.")
    answer = _ask(do="check", wanted=_name(exercise), seed=seed, **_defined())
    reports = answer["reports"]
    shown: Parts = []
    if "list" in answer:
        right = sum(r["status"] == "passed" for r in reports)
        heading = f"{right} of {len(reports)} right"
        shown = [(show.list_html(answer["list"], heading), show.list_text(answer["list"], heading))]
        reports = [r for r in reports if r["id"] == answer["next"]]
        if reports:
            shown.append(_sentence(f"Next: {answer['next']}, {reports[0]['title']}"))
    shown += [(show.report_html(r), show.report_text(r)) for r in reports]
    if answer["done"]:
        onward = f" Go on with {answer['onward']}." if answer["onward"] else " That was the last."
        shown.append(_sentence(f"All of this part is solved.{onward}", "passed"))
    return shown + _note(answer)


@_told
def hint(exercise: Any = "") -> Parts:
    """Shows the next hint of an exercise; of the next one to solve if none is named."""
    answer = _ask(do="hint", wanted=_name(exercise))
    text = f"{answer['id']}, hint {answer['number']} of {answer['total']}: {answer['hint']}"
    return [_sentence(text), *_note(answer)]


@_told
def solution(exercise: Any = "", yes: bool = False) -> Parts:
    """Shows the reference solution, and what of yours differs.

    Args:
        exercise: as for ``check``; the next one to solve if none is named.
        yes: also while it is not solved.
    """
    answer = _ask(do="solution", wanted=_name(exercise), yes=yes, **_defined())
    id_ = answer["id"]
    if answer.get("unsolved"):
        return [_sentence(f'{id_} is not solved yet. To see it now: `solution("{id_}", yes=True)`')]
    heading = f"{id_}, the reference:"
    shown = [(show.code_html(heading, answer["solution"]), f"{heading}\n\n{answer['solution']}")]
    if answer["diff"]:
        heading = "From yours to the reference:"
        shown.append((show.code_html(heading, answer["diff"]), f"{heading}\n\n{answer['diff']}"))
    return shown + _note(answer)


def reports(exercise: str) -> list[dict[str, Any]]:
    """The reports on what the cells define now, as ``show.report_html`` takes them. Raises UserError."""
    answer = _ask(do="check", wanted=exercise, seed=None, **_defined())
    found: list[dict[str, Any]] = answer["reports"]
    return found


def program() -> str:
    """The path of a file that defines what the cells define now and calls main().

    For a part whose program starts processes of its own: they can be given a file, not a kernel. Raises
    NotImplementedError with the id of an exercise that is still a TODO, UserError.
    """
    answer = _ask(do="program", **_defined())
    if answer["todo"]:
        raise NotImplementedError(answer["todo"])
    path = Path(_scratch().name) / "program.py"
    path.write_text(f'{answer["text"]}\nif __name__ == "__main__":\n    main()\n', encoding="utf-8")
    return str(path)


@cache
def _scratch() -> tempfile.TemporaryDirectory[str]:
    """A folder that is there as long as the kernel."""
    return tempfile.TemporaryDirectory(prefix="hero-program-")


def _sentence(text: str, status: str = "plain") -> tuple[str, str]:
    return show.sentence_html(text, status), text


def _note(answer: dict[str, Any]) -> Parts:
    return [_sentence(answer["note"])] if answer.get("note") else []


def _name(exercise: Any) -> str:
    """An exercise's name, also where the function itself is given."""
    return exercise if isinstance(exercise, str) else str(getattr(exercise, "__name__", exercise))


def _ask(**request: Any) -> dict[str, Any]:
    _record()
    return _judging().ask(request)


def _defined() -> dict[str, Any]:
    """What a judge needs to know of the kernel."""
    record = _record()
    cells = [[cell.number, cell.source, cell.lines] for cell in record.cells()]
    return {"cells": cells, "names": record.names()}


@cache
def _judging() -> Judging:
    from graders.front.workbook import checkout

    return Judging(checkout())


@cache
def _record() -> Record:
    here = shell()
    if here is None:
        raise UserError("this works in a notebook; in a terminal, `hero check` does the same.")
    return Record(here)


if shell() is not None:  # from the first import on, so that nothing is missed
    _record()
