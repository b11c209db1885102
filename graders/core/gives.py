"""What the reference was seen to give and to leave: a list, a float, None; a model that is in another mode.

A scenario often makes something of an answer, so that a tuple passes where a list is asked for, and whatever
came back where nothing is. So the kinds are noted beside the answers, by the reference and by the learner's
code, and one that is like the right one is told: where the docstring names the right one. In the same runs
is seen what the reference leaves otherwise than it was. Both are kept, for they ask for runs of their own.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from graders.authoring import Case, Check, Exercise
from graders.core.kept import kept
from graders.core.loaded import LoadedPart
from graders.ground import between, graphs, kinds, leaving, runner, watcher
from graders.ground.definitions import definition
from graders.instead import a

Kinds = dict[str, list[str]]  # {"MLP.parameters": ["list"]}
FEW = 3  # cases of each check in which the reference shows what it gives
# (what came, what is right): the behaviour's name, as ``legal`` has it
LIKE = {
    ("tuple", "list"): "tuple for list",
    ("list", "tuple"): "list for tuple",
    ("Tensor", "float"): "tensor for float",
    ("Tensor", "int"): "tensor for int",
    ("Tensor", "bool"): "tensor for bool",
}
# how docstrings name what is right
NAMED = {
    "list": r"\blists?\b",
    "tuple": r"\b(tuple|pair|triple)s?\b|\A\s*\(\w+(, \w+)+\)",  # or as "(loss, norm): ..."
    "float": r"\bfloats?\b",
    "int": r"\bints?\b",
    "bool": r"\bbools?\b",
    "None": r"\bNone\b",
}
INSIDE = {"float": r"\bPython floats?\b"}  # "float (B, T)" is a tensor
WORDS = {"None": "None", "Tensor": "a tensor"}


Run = Callable[[Check, Case, int], runner.Outcome]
LOOKING = between, graphs, kinds, leaving, runner, watcher
FILES = [*(Path(str(m.__file__)) for m in LOOKING), Path(__file__)]
RULES = blake2b(b"".join(file.read_bytes() for file in FILES)).digest()


@dataclass
class Seen:
    """What was seen of the reference.

    Attributes:
        kinds: what its functions give, where the docstrings name it.
        left: of each check, what was left otherwise than it was.
    """

    kinds: Kinds
    left: dict[str, list[str]]


def seen(
    part: LoadedPart,
    exercise: Exercise,
    cases: Callable[[], Iterable[tuple[Check, Case, int]]],
    run: Run,
) -> Seen:
    """What the reference gives and leaves in a few cases of each check; found out once, and kept.

    Args:
        cases: all there are, with the seed of each.
        run: runs the reference on one, and looks.
    """
    file = part.exercises.file(exercise.name)
    texts = f"\0{part.reference}\0{file.shared.source}\0{file.source}"
    path = part.folder / f"{exercise.name}.gives.py"
    made = kept(path, blake2b(RULES + texts.encode()).digest(), lambda: _found(part, cases(), run))
    return Seen(*made)


def _found(part: LoadedPart, cases: Iterable[tuple[Check, Case, int]], run: Run) -> tuple[Any, ...]:
    came: dict[str, list[runner.Outcome]] = {}
    for check, case, seed in cases:
        outcomes = came.setdefault(check.name, [])
        if len(outcomes) < FEW:
            outcomes.append(run(check, case, seed))
    kinds: Kinds = {}
    for line in sorted(
        {line for every in came.values() for o in every for line in o.get("gave", ())}
    ):
        target, _, kind = line.rpartition(": ")
        kinds.setdefault(target, []).append(kind)
    named = {target: found for target, found in kinds.items() if _all_named(part, target, found)}

    left = {n: sorted({x for o in every for x in o.get("left", ())}) for n, every in came.items()}
    return named, left


def _all_named(part: LoadedPart, target: str, kinds: list[str]) -> bool:
    """Whether the docstring of a function says what it gives, or what is in it ("f[0]")."""
    node = definition(part.bare_tree, target.partition("[")[0])
    text = ast.get_docstring(node) if isinstance(node, ast.FunctionDef) else None
    # a section of its own, or a sentence: "One step; returns the loss, a Python float."
    said = re.search(r"\bReturns:", text or "") or re.search(r"\b[Rr]eturns\b", text or "")
    returns = (
        re.split(r"\n\s*(?:Example|Raises|Source|\n)", (text or "")[said.end() :])[0]
        if said
        else ""
    )
    named = NAMED | INSIDE if "[" in target else NAMED
    return bool(said) and all(kind in named and re.search(named[kind], returns) for kind in kinds)


def another_kind(check: Check, gave: list[str], right: Kinds) -> str:
    """A sentence where a function gives something like what is right; "" if it does not."""
    legal = {*(check.strict(graph=True).types or ())}
    for line in gave:
        target, _, kind = line.rpartition(": ")
        kinds = right.get(target)
        if not kinds or kind in kinds:
            continue
        name, inside, place = target.partition("[")
        if place.startswith("]") and kind == "Tensor":
            continue  # in a list of numbers, tensors of one number do no harm
        wanted = WORDS.get(kinds[0]) or a(kinds[0])
        like = {LIKE[kind, k] for k in kinds if (kind, k) in LIKE}
        if kinds == ["None"] and "something for None" not in legal and not inside:
            return f"`{target}` gave {_words(kind)}, and its docstring says that it returns None."
        if inside:
            legal |= {n.removesuffix(", inside") for n in legal}
        if like and not like & legal:
            if inside:
                return f"in what `{name}` gave is {_words(kind)}, and its docstring says {wanted}."
            return f"`{target}` gave {_words(kind)}, and its docstring says {wanted}."
    return ""


def _words(kind: str) -> str:
    return WORDS.get(kind) or a(kind)
