"""Loads a part's source as a module and runs scenarios on it. Used on both sides of the fence.

The child process runs it on a learner's file; the parent runs the very same code on the reference.
What comes out is an *outcome* per case, as plain data:

    {"value": bytes (wire), "changed": [names], "left": [...], "gave": [...], "guard": [...], "used": [...],
     "steps": int, "printed": str}
        (the last seven only where there is something to say)
    {"raised": type name, "message": str, "frames": [[line, function], ...], "todo": bool, ...}
    {"unsendable": reason, ...}
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import dis
import importlib
import inspect
import io
import linecache
import os
import sys
import tempfile
import types
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import torch

from graders.authoring import Case, Scenario
from graders.ground import inputs, wire
from graders.ground.going_on import execute
from graders.ground.guard import watching
from graders.ground.layout import like
from graders.ground.lean import lean_optimizers
from graders.ground.leaving import first_draws, left_behind, settings
from graders.ground.leaving import seed_everything as seed_everything
from graders.ground.own_code import code_of, replaced
from graders.ground.shown import lines_of
from graders.ground.standing_in import STANDIN_LINES, with_standins
from graders.ground.steps import Steps, counting_steps
from graders.ground.using_up import use_up
from graders.ground.watcher import CALLS, Watch, watching_calls

# what submitted code replaces in its own process is no matter to what runs it (see wire.py)
globals()["__builtins__"] = dict(vars(builtins))
_detach, _clone = torch.Tensor.detach, torch.Tensor.clone
_requires_grad_ = torch.Tensor.requires_grad_
RECURSION_LIMIT = sys.getrecursionlimit()
# held here, because a submission may replace what their modules hold
_set_grad_enabled, _set_default_dtype = torch._C._set_grad_enabled, torch._C._set_default_dtype
_get_default_dtype, _FLOAT32 = torch.get_default_dtype, torch.float32

MAX_PRINTED = 4_000  # characters kept of what a check prints
MAX_OUTPUT = 1_000_000  # characters a check may print before it is stopped
MAX_MESSAGE = 2_000
PACKAGES = (torch.__path__[0], os.path.dirname(os.__file__))  # where others raise

EVERY = 40  # calls of one function in one case that are watched, where the code is trusted
UNCHANGING = (int, float, bool, str, bytes, complex, type(None))  # no function can change these

Outcome = dict[str, Any]


class MissingName(Exception):
    """The file no longer has the function or class that an exercise asks for."""


class PrintedTooMuch(BaseException):
    """A check printed more than MAX_OUTPUT characters; no ``except Exception`` may hide it."""


# -- loading --------------------------------------------------------------------------------------


def load(
    source: str,
    path: str,
    name: str = "part",
    standins: dict[str, dict[str, str]] | None = None,
    used: list[str] | None = None,
    code: types.CodeType | None = None,
    stopped: list[Outcome] | None = None,
) -> types.ModuleType:
    """Executes a part's source as a module.

    Args:
        source: Python source text.
        path: shown in tracebacks.
        standins: {exercise: {qualname: source of a definition}} to use instead of the file's own.
        used: receives the name of each exercise whose stand-in is called.
        code: the source, compiled, where somebody has kept it.
        stopped: receives the outcome of each statement that stops, with its "lines"; unless given, the first
            that stops is raised.

    Raises:
        SyntaxError, or whatever the module's own top level raises.
    """
    tree = with_standins(source, path, standins) if standins else None
    if tree is not None:
        code = compile(tree, path, "exec", dont_inherit=True)
    elif code is None:
        code = compile(source, path, "exec", dont_inherit=True)
    module = types.ModuleType(name)
    module.__file__ = path
    seen = used if used is not None else []
    module.__dict__["__standin__"] = lambda exercise: seen.append(exercise)
    sys.modules[name] = module
    lines = lines_of(source, keepends=True)
    linecache.cache[path] = (len(source), None, lines, path)
    if stopped is None:
        exec(code, module.__dict__)
        return module

    def note(error: BaseException, node: ast.stmt) -> None:
        stopped.append({**describe(error, path), "lines": [node.lineno, node.end_lineno or 0]})

    parsed = partial(ast.parse, source) if tree is None else lambda: tree
    execute(code, parsed, module.__dict__, range(STANDIN_LINES), note)
    return module


def lookup(module: types.ModuleType, qualname: str) -> Any:
    """The object a qualname names in a module. Raises MissingName."""
    thing: Any = module
    for name in qualname.split("."):
        try:
            thing = getattr(thing, name)
        except AttributeError:
            raise MissingName(qualname) from None
    return thing


# -- running --------------------------------------------------------------------------------------


def call_target(target: str) -> Scenario:
    """The default scenario: call the target with the case."""

    # positional only: a case may have an argument `m` of its own, AdamW's first moment say
    def scenario(m: types.ModuleType, /, **case: Any) -> Any:
        return lookup(m, target)(**case)

    return scenario


def given(scenario: Scenario, case: Case) -> Case:
    """What a scenario has a parameter for. A case may hold more, for its oracle or judge alone."""
    code = scenario.__code__
    if code.co_flags & inspect.CO_VARKEYWORDS:
        return case
    named = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return {name: value for name, value in case.items() if name in named}


def fresh(case: Case) -> Case:
    """A copy that shares no memory with the case: lists, tensors and all."""
    return {name: _copy(value) for name, value in case.items()}


def _copy(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        plain = _detach(value)
        return _requires_grad_(like(_clone(plain), plain), value.requires_grad)
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, (list, tuple, set)):
        return type(value)(_copy(item) for item in value)
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return value


def run_case(
    scenario: Scenario,
    module: types.ModuleType,
    case: Case,
    seed: int,
    forbid: tuple[str, ...] = (),
    nets: bool = True,
    pure: bool = False,
    used: list[str] | None = None,
    path: str = "",
    trusted: bool = True,
    looked: bool = True,
    targets: tuple[str, ...] = (),
    steps: bool = False,
    between: Case | None = None,
    turning: bool = False,
) -> Outcome:
    """The outcome of one scenario on one case; exceptions of any kind are outcomes too.

    A changed argument is among the ``changed`` where the check is ``pure``, else among what was ``left``;
    neither is ``looked`` for where nobody asks. The ``targets``' first calls are watched (see watcher.py).
    Another case runs ``between`` them, where one is given (see between.py).
    Where it is ``turning``, each function is first called with its arguments turned (see turning.py).
    Only where the code is ``trusted`` is a KeyboardInterrupt the user's, and passed on.
    """
    use_up()
    case = fresh(given(scenario, asked := case))
    kept = {n: v for n, v in case.items() if looked and type(v) not in UNCHANGING}
    before = {name: _state(value) for name, value in kept.items()}
    if looked:
        first_draws(seed)
    seed_everything(seed)
    # whatever ran before may have changed what is global
    sys.setrecursionlimit(RECURSION_LIMIT)
    _set_grad_enabled(True)
    if _get_default_dtype() is not _FLOAT32:  # setting it imports torch anew, which may be gone
        _set_default_dtype(_FLOAT32)
    outcome: Outcome = {}
    before_all = settings() if looked else []
    offences: list[str] = []
    watch, counted = Watch(), Steps()
    code = code_of(module) if targets else []
    aside = partial(_run_unseen, scenario, module, asked, between) if between else None
    with printing_into(outcome):
        try:
            with (
                watching(forbid, nets) as offences,
                watching_calls(
                    module, targets, CALLS if nets else EVERY, aside, pure, turning
                ) as watch,
                counting_steps(str(getattr(module, "__file__", "")), steps) as counted,
            ):
                value = scenario(module, **case)
            outcome["value"] = wire.encode(value)
            if outcome["value"] in watch.before:
                outcome["as_before"] = True
        except wire.WireError as error:
            outcome["unsendable"] = str(error)
        except BaseException as error:
            if trusted and isinstance(error, KeyboardInterrupt):
                raise
            outcome.update(describe(error, path))
    left = left_behind(seed, before_all) if looked else []
    altered = [n for n, was in before.items() if was is not None and inputs.changed(case[n], was)]
    if altered and pure:
        outcome["changed"] = altered
    elif altered:  # by the scenario, perhaps: the reference's run says
        left += [ARGUMENT + name for name in altered]
    left += [ARGUMENT + name for name in sorted(watch.changed - {*altered})]
    left += replaced(code)
    left += sorted(watch.modes - {*left}) + [EARLIER] * watch.spoilt + sorted(watch.graphs)
    if left:
        outcome["left"] = left
    if steps:
        outcome["steps"] = counted.count
    if watch.gave:
        outcome["gave"] = sorted(watch.gave)
    if trusted and watch.held:
        outcome["held"] = sorted(ARGUMENT + name for name in watch.held)
    if offences:
        outcome["guard"] = list(offences)
    if used:
        outcome["used"] = sorted({name for name in used if type(name) is str})
    return outcome


def _run_unseen(
    scenario: Scenario, module: types.ModuleType, same: Case, other: Case, first: bool
) -> None:
    """Runs another case; at first the same before it, whose objects are made from the same arguments."""
    for case in (same, other)[not first :]:
        with contextlib.suppress(Exception):
            scenario(module, **fresh(given(scenario, case)))


def _state(value: Any) -> Any:
    """See ``inputs.state``; None for what is too large to be looked at."""
    try:
        return inputs.state(value)
    except wire.WireError:
        return None


ARGUMENT, EARLIER = "argument ", "an earlier answer"


def describe(error: BaseException, path: str) -> Outcome:
    """An exception as plain data: the frames of the learner's own file only."""
    frames: list[list[Any]] = []
    todo = by_hand = False
    kind = type(error)  # a class may lie about its instances, and even about its name
    trace = BaseException.__dict__["__traceback__"].__get__(error)
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename == path and trace.tb_lineno < STANDIN_LINES:
            frames.append([trace.tb_lineno, code.co_name])
        if trace.tb_next is None and code.co_filename == path:
            todo = issubclass(kind, NotImplementedError) and trace.tb_lineno < STANDIN_LINES
        if trace.tb_next is None:  # by a `raise` of its own, not by what Python or torch refused
            raises = code.co_code[trace.tb_lasti] == dis.opmap["RAISE_VARARGS"]
            by_hand = raises and not code.co_filename.startswith(PACKAGES)
        trace = trace.tb_next
    try:
        message = str.__str__(str(error))[:MAX_MESSAGE]
    except BaseException:  # a hostile __str__
        message = ""
    result: Outcome = {
        "raised": wire.exception_name(error),
        "base": wire.built_in_base(error),
        "message": message,
        "frames": frames[-6:],
        "todo": todo,
        "by_hand": by_hand,
    }
    if kind is MissingName:
        result["missing"] = message
    if issubclass(kind, SyntaxError) and not frames:
        # of the file itself: what the code compiles or raises on its own has frames
        result["frames"] = [[int(getattr(error, "lineno", 0) or 0), ""]]
        result["message"] = str(getattr(error, "msg", ""))[:MAX_MESSAGE]
        result["syntax"] = True
    return result


class _Printed(io.TextIOBase):
    def __init__(self) -> None:
        self.text: list[str] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        text = str(text)
        if self.size < MAX_PRINTED:
            self.text.append(text[: MAX_PRINTED - self.size])
        self.size += len(text)
        if self.size > MAX_OUTPUT:
            raise PrintedTooMuch(f"printed more than {MAX_OUTPUT:,} characters")
        return len(text)


@contextmanager
def printing_into(outcome: Outcome) -> Iterator[None]:
    """Keeps what is printed inside, if anything is, as ``outcome["printed"]``."""
    printed = _Printed()
    saved = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = printed
    try:
        yield
    finally:
        sys.stdout, sys.stderr = saved
        if printed.text:
            outcome["printed"] = "".join(printed.text)


def warm_up() -> None:
    """Does once, before children are forked, what would otherwise be slow in each of them."""

    def scenario(m: types.ModuleType, x: torch.Tensor) -> Any:
        y = (x @ x.T).tanh() + x.exp().sum(1, keepdim=True)
        hot = torch.nn.functional.one_hot(torch.arange(3), 3)
        return [y, y.softmax(1), y.var(0), hot, 1.5, "a"]

    load("import torch\n\n\ndef f(x):\n    return x\n", "warm_up.py", "warm_up")
    case: Case = {"x": torch.ones(3, 2, dtype=torch.float64)}
    for forbid in ((), ("autograd",)):
        outcome = run_case(scenario, types.ModuleType("warm_up"), case, 0, forbid, pure=True)
        wire.decode(outcome["value"])
    for name in ("argparse", "random", "time", "collections", "data"):  # what lessons import
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    lean_optimizers()
    leaf = torch.ones(2, requires_grad=True)
    torch.optim.AdamW([leaf])
    (torch.nn.functional.linear(leaf, torch.ones(3, 2)).tanh().sum()).backward()
    torch.randn(2, generator=torch.Generator().manual_seed(0))
    sys.modules.pop("warm_up", None)
    linecache.cache.pop("warm_up.py", None)


def quiet_environment(folder: str) -> None:
    """Temporary files and matplotlib's settings go to the run's own folder; no windows open."""
    os.environ.update(TMPDIR=folder, MPLBACKEND="Agg", MPLCONFIGDIR=folder, HERO_OUT=folder)
    tempfile.tempdir = folder  # whoever asked before has had another answer kept
