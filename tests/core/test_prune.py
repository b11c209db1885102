"""What travels to the process that runs submitted code gives nothing away."""

from __future__ import annotations

import ast
import textwrap
from pathlib import Path
from types import CodeType

import pytest

from graders.core.asking import asked
from graders.core.loaded import PartRef
from graders.core.prune import divide, prune
from graders.core.registry import ROOT, Registry
from graders.errors import AuthoringError
from graders.ground.child import load_scenarios

PARTS = Registry(ROOT).all_parts()

SOURCE = '''
"""Secret docstring."""
import torch
from graders.authoring import Tol, exercise

SECRET_CONSTANT = 42
USED = 7


def secret_helper(x):
    return x + SECRET_CONSTANT


class Odd(ValueError):
    """Secret docstring, and nothing else."""


def used(m, x):
    """Secret docstring."""
    if x is None:
        raise Odd
    return m.f(x) * USED


ex = exercise("f", target="f", title="secret title", points=3, pure=False)
ex.hint("secret hint")
ex.tolerance(Tol(1e-3))


@ex.cases
def _(rng):
    yield dict(x="secret case")


@ex.oracle
def _(x):
    return secret_helper(x)


@ex.scenario
def _(m, x):
    return used(m, x)


@ex.check("other", cases=secret_helper, tol=Tol(1), judge=lambda case, got, want: "secret judge")
def _(m, x):
    return m.f(x)


@ex.misconception("secret misconception")
def _(x):
    return "secret wrong"


ex.misconception("secret misconception", replace="secret old", by="secret new")(None)
ex.misconception("secret misconception", source="""
    def f(x):
        return "secret source"
""")(None)
for n in (1, 2):
    ex.misconception(f"secret {n}", replace="a", by="b")(None)


@ex.variant()
def secret_variant(x):
    return "secret right"
'''


def test_only_scenarios_and_what_they_use() -> None:
    pruned = prune(ast.parse(SOURCE))
    assert "secret" not in pruned.lower()
    assert "USED = 7" in pruned
    scenarios = load_scenarios([pruned])
    assert set(scenarios) == {("f", "values"), ("f", "other")}

    class Module:
        f = staticmethod(lambda x: x + 1)

    assert scenarios["f", "values"](Module, x=1) == 14
    assert scenarios["f", "other"](Module, x=1) == 2


def test_a_check_keeps_its_name_only() -> None:
    tree = ast.parse(prune(ast.parse(SOURCE)))
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call)]
    checks = [c for c in calls if isinstance(c.func, ast.Attribute) and c.func.attr == "check"]
    assert [(len(c.args), c.keywords) for c in checks] == [(1, [])]


@pytest.mark.parametrize("ref", PARTS, ids=lambda ref: ref.folder)
def test_no_real_grader_file_gives_anything_away(ref: PartRef) -> None:
    part = Registry(ROOT).load(ref)
    for name, exercise in part.exercises.items():
        pruned = _flat(part.scenarios(name))
        for hint in exercise.hints:
            assert _flat(hint) not in pruned
        for alternative in (*exercise.misconceptions, *exercise.variants):
            if len(alternative.message) > 25:  # a variant may be called "flatten"
                assert _flat(alternative.message) not in pruned
            if alternative.source is not None:
                text = ast.unparse(ast.parse(textwrap.dedent(alternative.source).strip("\n")))
                assert _flat(text) not in pruned
        for check in exercise.checks.values():
            for function in (check.cases, check.oracle, check.judge, exercise.default_cases):
                code = getattr(function, "__code__", None)
                if code is not None:
                    assert _lines(code) not in pruned


def _flat(text: str) -> str:
    return " ".join(text.split())


def _lines(code: CodeType) -> str:
    """A function's source as prune() would write it."""
    tree = ast.parse(Path(code.co_filename).read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            start = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            if start == code.co_firstlineno:
                return _flat(ast.unparse(node))
    return "no such function"


@pytest.mark.parametrize("ref", PARTS, ids=lambda ref: ref.folder)
def test_every_scenario_survives(ref: PartRef) -> None:
    part = Registry(ROOT).load(ref)
    for name, exercise in part.exercises.items():
        wanted = {
            (name, c.name)
            for c in exercise.checks.values()
            if c.scenario is not None and not c.steps
        }
        assert set(load_scenarios([part.scenarios(name)])) == wanted


def test_what_fills_a_bank_stays_behind() -> None:
    part = ast.parse("def two(ex, word):\n    ex.misconception(word, replace='x', by='secret')")
    pruned = prune(ast.parse(SOURCE + "\ntwo(ex, 'secret')\n"), part)
    assert "secret" not in pruned.lower() and "two" not in pruned


def test_the_bank_is_apart() -> None:
    asked, bank = divide(ast.parse(SOURCE), ast.parse(""))
    first, second = ast.unparse(asked), ast.unparse(bank)
    assert "misconception" not in first and "variant" not in first
    assert "def secret_helper" in first and "secret hint" in first
    assert "secret wrong" in second and "ex.cases" not in second


def test_one_statement_is_of_one_kind() -> None:
    mixed = "for n in (1, 2):\n    ex.hint('a')\n    ex.misconception('b', replace='c', by='d')"
    with pytest.raises(AuthoringError, match="line 1"):
        divide(ast.parse(mixed), ast.parse(""))


def test_what_a_function_calls_its_own_brings_nothing_along() -> None:
    """`answer` is a local name in one scenario; in the other it is the helper."""
    text = """
    ex = exercise("f")

    def answer(x):
        return x

    @ex.scenario
    def _(m, x):
        {0} = m.f(x)
        return [{0} for {0} in [{0}]]
    """
    for name, travels in (("answer", False), ("other", False)):
        tree = ast.parse(textwrap.dedent(text.format(name)))
        assert ("def answer" in prune(tree)) == travels
    used = ast.parse(textwrap.dedent(text.format("other").replace("m.f(x)", "answer(m.f(x))")))
    assert "def answer" in prune(used)


def test_what_a_scenario_does_not_read_stays_behind() -> None:
    """An argument that only the oracle or the judge asks for may be the answer."""

    def reads_two(m, x, right, y=1):
        return [m.f(x) for _ in range(y)]

    def reads_inside(m, x, right):
        return lambda: right

    case = {"x": 3, "right": 9, "y": 2}
    assert asked(reads_two, case) == {"x": 3, "right": None, "y": 2}
    assert asked(reads_inside, {"x": 3, "right": 9})["right"] == 9
    assert asked(None, case) is case and case["right"] == 9
