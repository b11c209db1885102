"""What kind of thing each function of an exercise gives: a list, a tuple, a float, None.

A scenario often makes something of an answer, so that a tuple passes where a list is asked for, and whatever
came back where nothing is. So the kinds are noted beside the answers, by the reference and by the learner's
code, and one that is like the right one is told: where the docstring names the right one.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable
from hashlib import blake2b

from graders.authoring import Case, Check, Exercise
from graders.core.kept import kept
from graders.core.loaded import LoadedPart
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
    "tuple": r"\b(tuple|pair|triple)s?\b",
    "float": r"\bfloats?\b",
    "int": r"\bints?\b",
    "bool": r"\bbools?\b",
    "None": r"\bNone\b",
}
WORDS = {"None": "None", "Tensor": "a tensor"}


Gave = Callable[[Check, Case, int], Iterable[str]]


def given_kinds(
    part: LoadedPart,
    exercise: Exercise,
    cases: Callable[[], Iterable[tuple[Check, Case, int]]],
    gave: Gave,
) -> Kinds:
    """What the reference's functions give, and the docstrings name; found out once, and kept.

    Args:
        cases: all there are, with the seed of each.
        gave: what the reference's functions gave in one, "MLP.parameters: list".
    """
    file = part.exercises.file(exercise.name)
    key = blake2b(f"3\0{part.reference}\0{file.shared.source}\0{file.source}".encode()).digest()
    path = part.folder / f"{exercise.name}.gives.py"
    found: Kinds = kept(path, key, lambda: _found(part, cases(), gave))
    return found


def _found(part: LoadedPart, cases: Iterable[tuple[Check, Case, int]], gave: Gave) -> Kinds:
    seen, counts = set[str](), dict[str, int]()
    for check, case, seed in cases:
        counts[check.name] = counts.get(check.name, 0) + 1
        if counts[check.name] <= FEW:
            seen.update(gave(check, case, seed))
    found: Kinds = {}
    for line in sorted(seen):
        target, _, kind = line.partition(": ")
        found.setdefault(target, []).append(kind)
    return {target: kinds for target, kinds in found.items() if _all_named(part, target, kinds)}


def _all_named(part: LoadedPart, target: str, kinds: list[str]) -> bool:
    """Whether the docstring of a function says what it gives."""
    node = definition(part.bare_tree, target)
    text = ast.get_docstring(node) if isinstance(node, ast.FunctionDef) else None
    # a section of its own, or a sentence: "One step; returns the loss, a Python float."
    said = re.search(r"\bReturns:|\b[Rr]eturns\b", text or "")
    returns = (
        re.split(r"\n\s*(?:Example|Raises|Source|\n)", (text or "")[said.end() :])[0]
        if said
        else ""
    )
    return bool(said) and all(kind in NAMED and re.search(NAMED[kind], returns) for kind in kinds)


def another_kind(check: Check, gave: list[str], right: Kinds) -> str:
    """A sentence where a function gives something like what is right; "" if it does not."""
    legal = check.strict(graph=True).types or ()
    for line in gave:
        target, _, kind = line.partition(": ")
        kinds = right.get(target)
        if not kinds or kind in kinds:
            continue
        wanted = WORDS.get(kinds[0]) or a(kinds[0])
        like = {LIKE[kind, k] for k in kinds if (kind, k) in LIKE}
        if kinds == ["None"] and "something for None" not in legal:
            return f"`{target}` gave {_words(kind)}, and its docstring says that it returns None."
        if like and not like & set(legal):
            return f"`{target}` gave {_words(kind)}, and its docstring says {wanted}."
    return ""


def _words(kind: str) -> str:
    return WORDS.get(kind) or a(kind)
