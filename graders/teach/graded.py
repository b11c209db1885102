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
        NotRight: the exercise is not right, or could not be judged.
    """
    with _quietly():
        from graders.notebook import calls, show

        try:
            (report,) = calls.reports(exercise)
        except Exception as error:
            raise NotRight(str(error) or type(error).__name__) from None
    # an assignment imports nothing but this function, and has no seed to repeat
    hints = [call for call in report["help"] if call.startswith("hint(")]
    report["help"] = [f"from graders.notebook import hint; {call}" for call in hints]
    show.display([(show.report_html(report), show.report_text(report))])
    if report["status"] != "passed":
        raise NotRight(report["lines"][0])
    return float(points)


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Nothing reaches standard error meanwhile: nbgrader gives 0 points for a single warning there."""
    import io
    import warnings

    null, kept = os.open(os.devnull, os.O_WRONLY), os.dup(2)
    os.dup2(null, 2)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(null)
