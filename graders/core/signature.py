"""What a function takes, as its text says it, beside what the stub's takes, by which others call it.

Told where all else is right. A parameter that was renamed, one that can be given in one way only, a default
of another value: no case need show it.
"""

from __future__ import annotations

import ast
import inspect
from inspect import Parameter
from types import FunctionType
from typing import Any

from graders.authoring import Exercise
from graders.core.forbidden import mentions, told_by_words
from graders.core.report import CheckResult
from graders.ground.definitions import definition

NOT_SEEN: Any = type("NotSeen", (), {})()  # a default that is computed
BY_PLACE, BY_NAME, BOTH = (
    Parameter.POSITIONAL_ONLY,
    Parameter.KEYWORD_ONLY,
    Parameter.POSITIONAL_OR_KEYWORD,
)
PLAIN = int, float, bool, str  # of None, or of a function, others may stand for the same
Taken = dict[str, tuple[Any, Any]]  # name -> (kind, default)


def told_by_text(
    results: list[CheckResult], tree: ast.Module, exercise: Exercise, reference: Any
) -> None:
    """What the text of a file says beside what came of it: of forbidden tools, and of what functions take."""
    if "autograd" in exercise.forbid:
        told_by_words(results, mentions(tree, exercise.targets))
    told_by_signature(results, tree, reference, exercise.targets)


def told_by_signature(
    results: list[CheckResult], tree: ast.Module, reference: Any, targets: tuple[str, ...]
) -> None:
    """Adds a failed "signature" where everything passed and a target takes something else than the stub."""
    if any(r.status not in ("passed", "skipped") for r in results):
        return
    for name, function in _functions(reference, targets):
        node = definition(tree, name)
        if not isinstance(node, ast.FunctionDef) or node.decorator_list:
            continue
        if said := differs(name, of_text(node.args), of_function(function)):
            results.append(CheckResult("signature", "failed", said))
            return


def _functions(module: Any, targets: tuple[str, ...]) -> list[tuple[str, FunctionType]]:
    """The functions and methods that an exercise asks for, by name."""
    found: list[tuple[str, FunctionType]] = []
    for target in targets:
        thing = module
        for name in target.split("."):
            thing = vars(thing).get(name)
            if thing is None:
                break
        if isinstance(thing, FunctionType):
            found.append((target, thing))
        elif isinstance(thing, type):
            own = vars(thing).items()
            found += [(f"{target}.{n}", f) for n, f in own if isinstance(f, FunctionType)]
    return found


def of_function(function: FunctionType) -> Taken:
    """What a function takes."""
    taken = inspect.signature(function).parameters.values()
    return {p.name: (p.kind, p.default) for p in taken}


def of_text(args: ast.arguments) -> Taken:
    """The same of a text, which is not executed: a default counts if it is written out as a value."""
    taken: Taken = {}
    places = [*args.posonlyargs, *args.args]
    missing = [Parameter.empty] * (len(places) - len(args.defaults))
    defaults = [*missing, *map(_value, args.defaults)]
    for i, (arg, default) in enumerate(zip(places, defaults, strict=True)):
        taken[arg.arg] = (BY_PLACE if i < len(args.posonlyargs) else BOTH), default
    if args.vararg:
        taken[args.vararg.arg] = Parameter.VAR_POSITIONAL, Parameter.empty
    for arg, node in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        taken[arg.arg] = BY_NAME, Parameter.empty if node is None else _value(node)
    if args.kwarg:
        taken[args.kwarg.arg] = Parameter.VAR_KEYWORD, Parameter.empty
    return taken


def _value(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return NOT_SEEN


def differs(name: str, mine: Taken, stubs: Taken) -> str:
    """What is another, in a sentence; "" if nothing is. ``self`` may be called anything."""
    if any(kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD) for kind, _ in mine.values()):
        return ""
    first = 1 if "." in name else 0
    for parameter, (kind, default) in [*stubs.items()][first:]:
        if kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD):
            return ""
        if parameter not in mine:
            return (
                f"`{name}` has no parameter `{parameter}` any more. Whoever calls it may write "
                f"`{parameter}=...`: keep the stub's names."
            )
        own, given = mine[parameter]
        if own != kind and own != BOTH:
            how = "by its place" if own == BY_PLACE else "by its name"
            return (
                f"`{parameter}` of `{name}` can be given {how} only; in the stub either way will do. "
                "Keep the stub's first line."
            )
        if (
            type(default) in PLAIN
            and given is not NOT_SEEN
            and given is not None
            and not _same(given, default)
        ):
            now = "none" if given is Parameter.empty else repr(given)
            return f"the default of `{parameter}` in `{name}` is {default!r} in the stub; here it is {now}."
    return ""


def _same(given: Any, default: Any) -> bool:
    try:
        return bool(given == default) and isinstance(given, bool) == isinstance(default, bool)
    except Exception:  # what cannot be compared is not told
        return True
