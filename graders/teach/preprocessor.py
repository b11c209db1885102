"""Grades notebooks inside nbgrader, in place of the preprocessors that run a Jupyter kernel.

In nbgrader_config.py::

    from graders.teach import preprocessor as hero
    c.Autograde.sanitize_preprocessors = hero.SANITIZE
    c.Autograde.autograde_preprocessors = hero.AUTOGRADE

``Mend`` puts a submission in order before nbgrader looks at it; ``Grade`` stands where ``Execute``
stood. It judges the notebook's cells in the strict worker and writes the outputs of its grade
cells, from which nbgrader reads the scores. No kernel starts; of what a submission saved as output,
nothing is looked at.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbformat import from_dict
from nbgrader import preprocessors as nbgraders
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_solution
from traitlets import Bool, Integer

from graders.core.registry import Registry
from graders.ground.exposure import refuse_exposed
from graders.teach.cells import NoNotebook, cells_of
from graders.teach.grading import Graded, Task, grade_cells, task_of
from graders.teach.mend import as_notebook, asked_of, comment_of, mend, notes_of
from graders.teach.verdicts import not_graded

if TYPE_CHECKING:
    from graders.core.judge import Judge

_judges: dict[bool, Judge] = {}


def judge(trusted: bool = False, seed: int | None = None) -> Judge:
    """The judge of this process, started when it is first needed. Raises SandboxError.

    Its server is an interpreter of its own: this process has long loaded what a submission must not find, and
    holds the gradebook open.
    """
    if trusted not in _judges:
        from graders.core.judge import Judge
        from graders.ground.worker import Worker

        _judges[trusted] = Judge(Registry(), Worker(strict=not trusted, fresh=True), seed)
    return _judges[trusted]


class _Ours(NbGraderPreprocessor):
    """What both preprocessors do: find the released notebook, the truth about cells and points."""

    def released(self, resources: Any) -> dict[str, Any] | None:
        """The released notebook of what is graded, or None where there is none."""
        import json

        asked = resources["nbgrader"]
        coursedir = self._coursedir()
        if coursedir is None:
            return None
        folder = coursedir.format_path(coursedir.release_directory, ".", asked["assignment"])
        path = Path(folder) / f"{asked['notebook']}.ipynb"
        try:
            found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return found

    def _coursedir(self) -> Any:
        at: Any = self.parent
        while at is not None and getattr(at, "coursedir", None) is None:
            at = at.parent
        return getattr(at, "coursedir", None)


class Mend(_Ours):
    """Puts a submission's cells in order: what is locked, missing, copied or renamed; drops all outputs."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        released = self.released(resources)
        if released is None:
            self.log.warning("No released notebook: cells stay as they were submitted")
            return nb, resources
        mended = mend(_plain(nb), asked_of(released))
        for note in mended.notes:
            self.log.warning(note)
        made = as_notebook(mended, {})
        made["metadata"]["hero"]["notes"] = mended.notes  # shown when it is graded
        return from_dict(made), resources


class Grade(_Ours):
    """Judges a submission's cells and writes the outputs of its grade cells."""

    trust_submissions = Bool(
        False,
        help="Run submitted code with limits but unconfined, where this system cannot confine it. "
        "It could then read files and use the network.",
    ).tag(config=True)

    seed = Integer(
        None,
        allow_none=True,
        help="The seed of the cases; drawn anew for each run of nbgrader unless given.",
    ).tag(config=True)

    def __call__(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """As nbconvert has it; but switched off (--no-execute), it still leaves no grade cell silent."""
        if self.enabled and self.config.Execute.get("enabled", True):
            return self.preprocess(nb, resources)
        task = task_of(Registry(), self.released(resources) or nb)
        verdicts = {
            grade_id: not_graded(name, task.points[grade_id], "not graded: --no-execute was given.")
            for grade_id, name in task.exercises.items()
        }
        graded = Graded(verdicts, notes_of(nb), mend(_plain(nb), task.asked))
        return from_dict(graded.notebook()), resources

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        coursedir = self._coursedir()
        if coursedir is not None and not self.trust_submissions:
            refuse_exposed("the course", Path(coursedir.root))
        started = judge(self.trust_submissions, self.seed)
        task = task_of(started.registry, self.released(resources) or nb)
        graded = grade_cells(started, task, _plain(nb))
        graded.notes = list(dict.fromkeys([*notes_of(nb), *graded.notes]))
        for note in graded.notes:
            self.log.warning(note)
        resources["hero_notes"] = graded.notes
        return from_dict(graded.notebook()), resources


class Comments(NbGraderPreprocessor):
    """Puts what there is to say about the whole notebook into the gradebook, as an automatic comment."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        from nbgrader.api import Gradebook

        asked = resources["nbgrader"]
        notes = resources.get("hero_notes", [])
        ids = [c.metadata.nbgrader.grade_id for c in nb.cells if is_solution(c)]
        if notes and ids:
            with Gradebook(asked["db_url"]) as gradebook:
                comment = gradebook.find_comment(
                    ids[0], asked["notebook"], asked["assignment"], asked["student"]
                )
                comment.auto_comment = comment_of(notes)
                gradebook.db.commit()
        return nb, resources


def _plain(nb: Any) -> Any:
    import json

    try:
        return cells_of(json.dumps(nb).encode("utf-8", "replace"))
    except NoNotebook as error:
        raise ValueError(f"the notebook {error}") from None


SANITIZE = [
    Mend,
    nbgraders.ClearOutput,
    nbgraders.DeduplicateIds,
    nbgraders.OverwriteKernelspec,
    nbgraders.OverwriteCells,
    nbgraders.CheckCellMetadata,
]
AUTOGRADE = [
    Grade,
    nbgraders.IgnorePattern,
    ClearMetadataPreprocessor,
    nbgraders.LimitOutput,
    nbgraders.SaveAutoGrades,
    Comments,
    nbgraders.AssignLatePenalties,
    nbgraders.CheckCellMetadata,
]

__all__ = ["AUTOGRADE", "SANITIZE", "Comments", "Grade", "Graded", "Mend", "Task"]
