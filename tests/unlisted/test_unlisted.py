"""Some 1,250 wrong and 380 right solutions that the graders do not know.

The audit shows that each misconception of a grader is rejected. Here are mistakes, and right ways of
doing it, that were written by looking at the lesson only. Each file ``NN_lesson.py`` beside this one is
parsed, never imported: a solution is a function (or a class, which holds methods where the exercise asks
for methods) called ``_``, and its decorator says what it stands in for, and sometimes what it does:

    @wrong("unigram_loss", "without the zeros")
    def _(Y, vocab_size): ...
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import torch

from graders.authoring import Alternative
from graders.core.audit import Endless, alternative_outcomes
from graders.core.judge import PartJudge
from graders.core.registry import PartRef, Registry

HERE = Path(__file__).parent
FILES = {path.stem: path for path in sorted(HERE.glob("[0-9]*.py"))}
SEED = int(os.environ.get("HERO_UNLISTED_SEED", "1"))
REGISTRY = Registry()
PARTS = [ref for lesson in FILES for ref in REGISTRY.parts(lesson)]


def _solutions(tree: ast.Module, targets: dict[str, tuple[str, ...]]) -> Iterator[tuple]:
    """(exercise, "wrong" or "right", what it is called here, source in the place of its targets)."""
    for node in tree.body:
        if not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            continue
        (call,) = node.decorator_list
        assert isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
        exercise, *words = (ast.literal_eval(argument) for argument in call.args)
        target = targets[exercise][0]
        node.decorator_list = []
        if "." in target:
            source = "\n\n".join(map(ast.unparse, node.body))
        else:
            node.name = target
            source = ast.unparse(node)
        yield exercise, call.func.id, " ".join([f"line {node.lineno}:", *words]), source


@cache
def bank(lesson: str) -> list[tuple]:
    targets = {
        name: exercise.targets
        for ref in REGISTRY.parts(lesson)
        for name, exercise in REGISTRY.load(ref).exercises.items()
    }
    return list(_solutions(ast.parse(FILES[lesson].read_text(encoding="utf-8")), targets))


@pytest.mark.filterwarnings("ignore::UserWarning")  # some mistakes make torch warn
@pytest.mark.parametrize("ref", PARTS, ids=lambda ref: ref.file)
def test_the_verdict_is_right(ref: PartRef) -> None:
    torch.set_num_threads(1)
    part = REGISTRY.load(ref)
    judge, off = PartJudge(part, SEED), []
    for name, kind, label, source in bank(ref.lesson):
        if name not in part.exercises:
            continue
        exercise = part.exercises[name]
        judge.expect(exercise)
        try:
            came = alternative_outcomes(judge, exercise, Alternative(label, "", None, (), source))
        except Endless:
            off.append(f"{name}, {kind}, {label} does not come to an end")
            continue
        verdicts = judge.results(exercise, came)
        passed = all(v.status in ("passed", "skipped") for v in verdicts)
        if passed != (kind == "right"):
            said = next((v.message for v in verdicts if v.status not in ("passed", "skipped")), "")
            off.append(f"{name}, {kind}, {label} {said.splitlines()[:1]}")
    assert not off, "\n".join(off)
