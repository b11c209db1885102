"""``pytest exercises/05``: one item per check, named ``LESSON/PART.py::EXERCISE::CHECK``.

Learners' folders hold no test files: this plugin (loaded by pyproject.toml) collects the exercise files
themselves. Nothing of a learner's file is imported into pytest's process; grading an item means asking
the judge, once per exercise, and reporting what it says.
"""

from __future__ import annotations

import gc
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

KEY = "hero"
STATUS_WORDS = {"passed": "right", "todo": "still to do", "skipped": "skipped"}


class _Shelf:
    """The judge of this run, started only when something is to be graded."""

    judge: Any = None
    results: dict[tuple[str, str], Any]

    def __init__(self) -> None:
        self.results = {}
        self.running: Iterator[list[Any]] | None = None
        self._registry: Any = None
        self.at(Path(__file__).resolve().parents[2])

    def at(self, root: Path) -> None:
        """Sets the checkout: the one pytest runs in, or else the installed one."""
        self.root, self.exercises = root, root / "exercises"
        self._registry = None

    def registry(self) -> Any:
        """The checkout's lessons; each part is loaded once."""
        if self._registry is None:
            _import_core()
            from graders.core.registry import Registry

            self._registry = Registry(self.root)
        return self._registry

    def start(self) -> Any:
        if self.judge is None:
            registry = self.registry()
            from graders.core.judge import Judge

            self.judge = Judge(registry)
        return self.judge

    def close(self) -> None:
        if self.judge is not None:
            self.judge.close()
            self.judge = None


shelf = _Shelf()


# -- what was asked for -------------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    """Lets ``exercises/05``, ``05`` and ``05.tanh_backward`` stand for the paths they mean."""
    if (config.rootpath / "graders" / "authoring.py").is_file():
        shelf.at(config.rootpath.resolve())
    args, ours = [], False
    for text in config.args:
        meant = _meant(text)
        ours = ours or meant is not None
        args += [text] if meant is None else meant
    config.args[:] = args
    if ours or any(_inside(Path(a.split("::")[0])) for a in args):
        # our own report says it shorter and once per exercise
        config.option.tbstyle = "no"
        config.option.reportchars = "".join(
            c for c in getattr(config.option, "reportchars", "") if c not in "fEFeA"
        )
        config.pluginmanager.register(_Reporter(config), "hero-reporter")
        for name in ("hypothesispytest", "anyio"):
            # exercise files hold no tests of theirs, and hypothesis takes a second to say so
            if config.pluginmanager.has_plugin(name):
                config.pluginmanager.unregister(name=name)


def _meant(text: str) -> list[str] | None:
    """The paths that an id stands for; None if it is an ordinary argument."""
    path, _, rest = text.partition("::")
    if Path(path).exists():
        return None
    last = re.split(r"[/\\]", path.rstrip("/\\"))
    number = re.compile(r"\d{1,2}(_\w+)?(\.\w+)?")
    if not any(number.fullmatch(piece) for piece in last[-2:]):
        return None
    registry = shelf.registry()
    from graders.core.registry import UserError

    try:
        chosen = registry.select([text])
    except UserError as error:
        raise pytest.UsageError(str(error)) from None
    meant = []
    for ref, names in chosen:
        file = str(shelf.exercises / ref.file)
        if names == registry.exercise_names(ref):
            meant.append(file)
        else:
            checks = rest.split("::")[1:] if rest else []
            meant += ["::".join([file, name, *checks]) for name in names]
    return meant


def _import_core() -> None:
    """Imports torch and the graders without pytest's import hook, which asks about every module.

    Then the collector is told to leave torch's half a million objects alone: each full collection
    (pytest makes several at its end) would otherwise take tens of milliseconds.
    """
    if "torch" not in sys.modules:
        saved = list(sys.meta_path)
        sys.meta_path[:] = [f for f in saved if not type(f).__module__.startswith("_pytest")]
        gc.disable()
        try:
            import graders.core.judge  # noqa: F401
        finally:
            gc.enable()
            sys.meta_path[:] = saved
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)  # and what grading makes lives on as well


def _inside(path: Path) -> bool:
    try:
        relative = path.absolute().resolve().relative_to(shelf.exercises)
    except (ValueError, OSError):
        return False
    return bool(relative.parts) or path.exists()


def _ref(path: Path) -> Any:
    """The PartRef of a file below exercises/, or None."""
    try:
        relative = path.resolve().relative_to(shelf.exercises)
    except (ValueError, OSError):
        return None
    if len(relative.parts) != 2 or relative.suffix != ".py":
        return None
    _import_core()
    from graders.core.registry import PartRef

    ref = PartRef(relative.parts[0], relative.stem)
    return ref if (shelf.root / "graders" / ref.folder).is_dir() else None


# -- collecting -------------------------------------------------------------------------------------


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """An exercise file, found by walking a folder."""
    if parent.session.isinitpath(file_path) or _ref(file_path) is None:
        return None
    return ExerciseFile.from_parent(parent, path=file_path)


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makemodule(module_path: Path, parent: Any) -> Any:
    """An exercise file, named on the command line: not a test module to import."""
    if _ref(module_path) is None:
        return None
    return ExerciseFile.from_parent(parent, path=module_path)


class ExerciseFile(pytest.File):
    """One part."""

    def collect(self) -> Iterator[pytest.Collector]:
        judge = shelf.start()
        ref = _ref(self.path)
        for name, exercise in judge.registry.load(ref).exercises.items():
            yield ExerciseNode.from_parent(self, name=name, ref=ref, exercise=exercise)


class ExerciseNode(pytest.Collector):
    """One exercise."""

    def __init__(self, *, ref: Any, exercise: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.ref, self.exercise = ref, exercise

    def collect(self) -> Iterator[pytest.Item]:
        part = shelf.start().registry.load(self.ref)
        names = list(self.exercise.checks)
        from graders.core.judge import PartJudge

        if any(PartJudge.is_pure(self.exercise, c) for c in self.exercise.checks.values()):
            names.append("inputs")
        if "autograd" in part.forbid:
            names.append("no_autograd")
        for name in names:
            yield CheckItem.from_parent(self, name=name)


class NotRight(Exception):
    """A check that is not right; carries the sentence."""


class CheckItem(pytest.Item):
    """One check."""

    def runtest(self) -> None:
        result = _grade(self)
        check = next((c for c in result.checks if c.name == self.name), None)
        self.user_properties.append((KEY, _portable(result)))
        if check is None:
            raise NotRight("no answer came back")
        if check.status == "skipped":
            pytest.skip(check.message)
        if check.status != "passed":
            raise NotRight(check.message.splitlines()[0] if check.message else check.status)

    def repr_failure(self, excinfo: Any, style: Any = None) -> str:
        if isinstance(excinfo.value, NotRight):
            return f"{self.parent.name}: {excinfo.value}"  # type: ignore[union-attr]
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        name = f"{self.parent.name}::{self.name}"  # type: ignore[union-attr]
        return self.path, None, name


def _grade(item: CheckItem) -> Any:
    """The verdict on the item's exercise; all that is selected is graded part by part, in order."""
    node: ExerciseNode = item.parent  # type: ignore[assignment]
    key = (str(item.path), node.name)
    if key not in shelf.results:
        judge = shelf.start()
        if os.environ.get("PYTEST_XDIST_WORKER") or item.config.getoption("maxfail", 0):
            chosen = [(node.ref, [node.name])]  # others may run elsewhere, or not at all
        else:
            names: dict[Any, list[str]] = {}
            for other in item.session.items:
                if isinstance(other, CheckItem):
                    mine = names.setdefault(other.parent.ref, [])  # type: ignore[union-attr]
                    if other.parent.name not in mine:  # type: ignore[union-attr]
                        mine.append(other.parent.name)  # type: ignore[union-attr]
            chosen = list(names.items())
        if shelf.running is None or len(chosen) == 1:
            shelf.running = judge.grade_all(chosen, shelf.exercises)
        while key not in shelf.results:
            for result in next(shelf.running):
                shelf.results[result.path, result.name] = result
    return shelf.results[key]


def _portable(result: Any) -> dict[str, Any]:
    """What the reporter needs, as plain data (it may travel from an xdist worker)."""
    from graders.core.report import footer, sentences
    from graders.front.render import source_of

    return {
        "id": result.id,
        "status": result.status,
        "lines": sentences(result, source_of(result)),
        "footer": footer(result),
        "path": result.path,
        "line": result.line,
        "diagnosis": result.diagnosis,
        "points": result.points,
        "max_points": result.max_points,
    }


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Ends the judge's processes."""
    shelf.close()


# -- telling ----------------------------------------------------------------------------------------


class _Reporter:
    """Says what was found, once per exercise, under pytest's dots."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.found: dict[str, dict[str, Any]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for key, value in report.user_properties:
            if key == KEY and isinstance(value, dict):
                self.found.setdefault(value["id"], value)

    def pytest_sessionfinish(self) -> None:
        """Remembers what passed; under xdist the controller alone does, from all reports."""
        if self.found and not os.environ.get("PYTEST_XDIST_WORKER"):
            from graders.front.state import State

            state = State.load(shelf.root)
            changed = [
                state.record(found["id"], found["status"] == "passed")
                for found in self.found.values()
            ]
            if any(changed):
                state.save()

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        write = terminalreporter.write_line
        wrong = [f for f in self.found.values() if f["status"] not in ("passed", "skipped")]
        if wrong:
            terminalreporter.section("what is not right yet")
        for found in wrong:
            if found["status"] == "todo":
                write(found["lines"][0], yellow=True)
                continue
            write("")
            write(found["lines"][0], red=True, bold=True)
            for line in found["lines"][1:]:
                if line and line == found["diagnosis"]:
                    write("  -> " + line, cyan=True)
                else:
                    write("  " + line if line else "")
            try:
                path = os.path.relpath(found["path"])
            except ValueError:
                path = found["path"]
            write(f"  {path}:{found['line']}")
            write(f"  {found['footer']}")
        if self.found:
            right = sum(f["status"] == "passed" for f in self.found.values())
            points = sum(f["points"] for f in self.found.values())
            most = sum(f["max_points"] for f in self.found.values())
            write("")
            write(f"{right} of {len(self.found)} exercises right; {points} of {most} points.")
