"""``pytest exercises/05``: one item per check, named ``LESSON/PART.py::EXERCISE::CHECK``.

Learners' folders hold no test files: this plugin (loaded by pyproject.toml) collects the exercise files
themselves. Nothing of a learner's file is imported into pytest's process, nor what lies beside it (see
theirs.py); grading an item means asking the judge, once per exercise, and reporting what it says.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graders.errors import UserError
from graders.front import theirs
from graders.front.pytest_report import KEY, Reporter, portable


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


def pytest_addoption(parser: pytest.Parser) -> None:
    """Knows -n even where nothing does it, to say what it needs."""
    if importlib.util.find_spec("xdist") is None:
        group = parser.getgroup("xdist")
        group._addoption("-n", "--numprocesses", dest="hero_needs_xdist", help=argparse.SUPPRESS)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """No conftest.py of exercises/ is executed."""
    _settle(early_config)
    theirs.keep_conftests_out(early_config, _theirs)


def _settle(config: pytest.Config) -> None:
    if (config.rootpath / "graders" / "authoring.py").is_file():
        shelf.at(config.rootpath.resolve())


def _theirs(path: Path) -> bool:
    return theirs.below(path, shelf.exercises)


def pytest_configure(config: pytest.Config) -> None:
    """Lets ``exercises/05``, ``05`` and ``05.tanh_backward`` stand for the paths they mean."""
    if getattr(config.option, "hero_needs_xdist", None) is not None:
        raise pytest.UsageError(
            'pytest -n needs pytest-xdist, which is not installed: pip install -e ".[parallel]"'
        )
    _settle(config)
    args, ours = [], False
    for text in config.args:
        meant = _meant(text)
        ours = ours or meant is not None
        args += [text] if meant is None else meant
    config.args[:] = args
    asked = [path for path in (Path(a.split("::")[0]).absolute() for a in args) if _theirs(path)]
    inside = (below for path in asked if path.is_dir() for below in path.glob("*/"))
    theirs.refuse_settings([*asked, *inside], shelf.exercises)
    if ours or any(_inside(Path(a.split("::")[0])) for a in args):
        _expect(config, asked)
        # our own report says it shorter and once per exercise
        config.option.tbstyle = "no"
        config.option.reportchars = "".join(
            c for c in getattr(config.option, "reportchars", "") if c not in "fEFeA"
        )
        config.pluginmanager.register(Reporter(shelf), "hero-reporter")
        for name in ("hypothesispytest", "anyio"):
            # exercise files hold no tests of theirs, and hypothesis takes a second to say so
            if config.pluginmanager.has_plugin(name):
                config.pluginmanager.unregister(name=name)


def _expect(config: pytest.Config, asked: list[Path]) -> None:
    """Starts what is worth starting for so many parts, before collecting reads the lessons."""
    alone = os.environ.get("PYTEST_XDIST_WORKER") or config.getoption("maxfail", 0)
    if alone or config.getoption("numprocesses", None) or config.getoption("collectonly", False):
        return
    files = {file for path in asked for file in ([path] if path.is_file() else path.rglob("*.py"))}
    parts = sum(_ref(file) is not None for file in files)
    if parts:
        shelf.start().expect(parts)


def _meant(text: str) -> list[str] | None:
    """The paths that an id stands for; None if it is an ordinary argument."""
    path, _, rest = text.partition("::")
    if Path(path).exists():
        return None
    last = re.split(r"[/\\]", path.rstrip("/\\"))
    number = re.compile(r"\d{1,2}(_\w+)?(\.\w+)?")
    if not any(number.fullmatch(piece) for piece in last[-2:]):
        return None
    shelf.start()  # its children are forked from what there is now: before a lesson is read
    registry = shelf.registry()

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
def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """What is no exercise is no test either."""
    if _theirs(collection_path) and not collection_path.is_dir() and _ref(collection_path) is None:
        return True
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A folder of exercises is no package, whose __init__.py would be imported."""
    return pytest.Dir.from_parent(parent, path=path) if _theirs(path) else None


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makemodule(module_path: Path, parent: Any) -> Any:
    """An exercise file, named on the command line: not a test module to import."""
    if _ref(module_path) is None:
        if _theirs(module_path):
            raise pytest.UsageError(f"{module_path} is no exercise, and is not executed.")
        return None
    return ExerciseFile.from_parent(parent, path=module_path)


class ExerciseFile(pytest.File):
    """One part."""

    def collect(self) -> Iterator[pytest.Collector]:
        from graders.front.cards import line_in
        from graders.front.files import MAX_BYTES
        from graders.ground.reading import read_once

        judge = shelf.start()
        ref = _ref(self.path)
        try:
            source = read_once(self.path, MAX_BYTES).decode("utf-8-sig")
        except (OSError, ValueError):
            source = ""
        for name, exercise in judge.registry.load(ref).exercises.items():
            line = line_in(source, f"{ref.number}.{name}", exercise.targets)
            yield ExerciseNode.from_parent(self, name=name, ref=ref, exercise=exercise, line=line)


class ExerciseNode(pytest.Class):
    """One exercise. (A Class, since editors show what stands between a file and its tests only then.)"""

    def __init__(self, *, ref: Any, exercise: Any, line: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.ref, self.exercise, self.line = ref, exercise, line

    def collect(self) -> Iterator[pytest.Item]:
        names = list(self.exercise.checks)
        from graders.core.judge import PartJudge

        if any(PartJudge.is_pure(self.exercise, c) for c in self.exercise.checks.values()):
            names.append("inputs")
        if "autograd" in self.exercise.forbid:
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
        self.user_properties.append((KEY, portable(result)))
        if check is None:  # we stumbled over the exercise, and its one check says so
            raise NotRight(result.checks[0].message if result.checks else "no answer came back")
        if check.status == "skipped":
            pytest.skip(check.message)
        if check.status != "passed":
            raise NotRight(check.message.splitlines()[0] if check.message else check.status)

    def repr_failure(self, excinfo: Any, style: Any = None) -> str:
        if isinstance(
            excinfo.value, NotRight
        ):  # for editors and JUnit: the terminal has its own report
            for key, found in self.user_properties:
                if key == KEY and isinstance(found, dict):
                    return "\n".join(filter(None, [*found["lines"], found["footer"]]))
            return f"{self.parent.name}: {excinfo.value}"  # type: ignore[union-attr]
        if isinstance(excinfo.value, UserError):  # the machine cannot run checks, say
            return str(excinfo.value)
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        node: ExerciseNode = self.parent  # type: ignore[assignment]
        return self.path, node.line - 1, f"{node.name}::{self.name}"


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


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Ends the judge's processes."""
    shelf.close()
