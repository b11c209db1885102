"""What a grade cell of an assignment calls, in a notebook that somebody works in.

It shows the report, and raises unless the exercise is right: to nbgrader, a cell that says nothing
has earned full marks. It returns the points, which are then the cell's result and its score. At
grading time nothing of this runs: ``graders.teach.preprocessor`` and ``hero grade`` judge the
notebook's cells themselves.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graders.core.judge import Judge

_judge: Judge | None = None


class NotRight(Exception):
    """An exercise is not right yet. The report above says why."""

    def _render_traceback_(self) -> list[str]:
        """IPython shows this in place of a traceback through the grader."""
        return [f"{type(self).__name__}: {self}"]


def graded(exercise: str, points: float) -> float:
    """Checks one exercise from what this notebook's cells define now, and shows the report.

    Args:
        exercise: its id, "05.tanh_backward".
        points: what it is worth.

    Returns:
        The points.

    Raises:
        NotRight: the exercise is not right.
    """
    with _quietly():
        verdict = _verdict(exercise, float(points))
    _show(verdict)
    if not verdict.right:
        raise NotRight(verdict.lines[0])
    return float(points)


def _verdict(exercise: str, points: float) -> Any:
    from graders.core.report import sentences
    from graders.teach.assemble import assemble
    from graders.teach.grading import judged
    from graders.teach.verdicts import verdict_of

    judge = _judge_of_this_kernel()
    ((ref, (name,)),) = judge.registry.select([exercise])
    names = {n.name for n in judge.registry.load(ref).tree.body if hasattr(n, "name")}
    made = assemble(_cells(), names)
    result = judged(judge, ref, [name], made)[name]
    return verdict_of(result, points, [made.located(line) for line in sentences(result)])


def _cells() -> list[tuple[int, str]]:
    """(number in square brackets, text) of every cell that this kernel ran, oldest first."""
    shell = _shell()
    if shell is None:
        raise NotRight("this checks a notebook's cells, and no notebook is running here.")
    history = shell.history_manager.input_hist_raw
    return [(n, text) for n, text in enumerate(history) if n and "graded(" not in text]


def _shell() -> Any:
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    return get_ipython()


def _judge_of_this_kernel() -> Judge:
    global _judge
    if _judge is None:
        from graders.core.judge import Judge
        from graders.ground.worker import Worker

        # fresh: this kernel has long loaded what a child must not find
        _judge = Judge(worker=Worker(fresh=True))
    return _judge


def _show(verdict: Any) -> None:
    from graders.teach.verdicts import outputs_of

    data = outputs_of(verdict)[0]["data"]
    from IPython.display import display

    display(data, raw=True)


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Nothing reaches standard error meanwhile: nbgrader gives 0 points for a single warning there."""
    import io
    import warnings

    null = os.open(os.devnull, os.O_WRONLY)
    kept = os.dup(2)
    os.dup2(null, 2)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(null)
