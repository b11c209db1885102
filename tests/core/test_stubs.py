"""Stubs: what a learner is given has the lesson and not the solution."""

from __future__ import annotations

import ast
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graders.core.registry import PartRef, Registry
from graders.core.standins import same_code
from graders.core.stubs import (
    SourceError,
    make_stub,
    owners,
    regions,
    stub_of,
    without_markers,
)

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


def lesson(bodies: list[list[str]], between: list[str]) -> tuple[str, dict[tuple[int, int], str]]:
    """A source with a region per body, and who owns which."""
    lines: list[str] = ["# a lesson", "import math"]
    owned = {}
    for number, body in enumerate(bodies):
        lines += ["", "", f"def f{number}(x):", '    """Explained."""']
        first = len(lines) + 1
        lines += [f"    {BEGIN}", *(f"    {line}" for line in body), f"    {END}"]
        owned[first, len(lines)] = f"99.f{number}"
        lines += [f"# {text}" for text in between]
    return "\n".join(lines) + "\n", owned


statements = st.lists(
    st.sampled_from(
        ["y = 1", "secret = x", "if x:\n        secret = 2", "return x", "# secret", "secret()"]
    ),
    min_size=1,
    max_size=4,
)
comments = st.lists(st.text("abc #é", max_size=9), max_size=2)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(statements, max_size=4), comments)
def test_stubs(bodies: list[list[str]], between: list[str]) -> None:
    bodies = [[line for text in body for line in text.split("\n    ")] for body in bodies]
    source, owned = lesson(bodies, between)
    assert regions(source) == sorted(owned)
    stub = make_stub(source, owned)
    assert "SOLUTION" not in stub and "secret" not in stub
    assert stub.count("raise NotImplementedError") == len(bodies)
    for exercise in owned.values():
        assert f'raise NotImplementedError("{exercise}")' in stub
        assert f"`hero hint {exercise}`" in stub
    ast.parse(stub)
    assert regions(stub) == [] and make_stub(stub, {}) == stub
    # what stands outside the regions is untouched, and in order
    solved = {n for first, last in owned for n in range(first, last + 1)}
    outside = [line for n, line in enumerate(source.splitlines(), 1) if n not in solved]
    kept = [
        line
        for line in stub.splitlines()
        if "# TODO" not in line and "NotImplementedError" not in line
    ]
    assert kept == outside
    bare = without_markers(source)
    assert "SOLUTION" not in bare and ast.dump(ast.parse(bare)) == ast.dump(ast.parse(source))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([BEGIN, END, "x = 1", "  " + BEGIN, "", "y"]), max_size=8))
def test_regions_are_found_or_refused(lines: list[str]) -> None:
    source = "\n".join(lines)
    try:
        found = regions(source)
    except SourceError as error:
        assert "line " in str(error)
        return
    assert len(found) == sum(BEGIN in line for line in lines)
    assert len(found) == sum(END in line for line in lines)
    assert all(a + 1 < b for a, b in found)
    assert all(b < c for (_, b), (c, _) in pairwise(found))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (f"{BEGIN}\nx\n", "line 1: a region begins and does not end"),
        (f"x\n{END}\n", "line 2: a region ends that did not begin"),
        (f"{BEGIN}\nx\n{BEGIN}\n{END}\n", "line 3: a region begins inside another (line 1)"),
        (f"{BEGIN}\n{END}\n", "line 1: an empty region"),
    ],
)
def test_errors_name_the_line(source: str, words: str) -> None:
    with pytest.raises(SourceError) as caught:
        regions(source)
    assert words in str(caught.value)


def test_a_part(checkout: Path) -> None:
    part = Registry(checkout).load(PartRef("97_made_up", "1_part"))
    assert sorted(owners(part).values()) == sorted(f"97.{name}" for name in part.exercises)
    stub = stub_of(part)
    assert stub.count("NotImplementedError") == 8
    assert '        raise NotImplementedError("97.counter_add")' in stub
    for secret in ("3 * x", "mean(0)", "a @ b", "self.n"):
        assert secret not in stub
    assert stub == stub_of(part)


def test_a_region_without_an_owner(checkout: Path, tmp_path: Path) -> None:
    for wing in ("graders", "solutions"):
        (tmp_path / wing / "97_x").mkdir(parents=True)
    (tmp_path / "graders/97_x/1_p.py").write_text("from graders.authoring import exercise\n")
    path = tmp_path / "solutions/97_x/1_p.py"
    path.write_text(f"def f():\n    {BEGIN}\n    return 1\n    {END}\n")
    with pytest.raises(SourceError, match=r"line 2: this region belongs to no exercise"):
        stub_of(Registry(tmp_path).load(PartRef("97_x", "1_p")))


def test_same_code() -> None:
    def code(text: str) -> ast.stmt:
        return ast.parse(text).body[0]

    one = code('def f(x):\n    """A."""\n    return x  # comment\n')
    assert same_code(one, code("def f(x):\n\n    return (x)\n"))
    assert not same_code(one, code("def f(x):\n    return -x\n"))
    assert not same_code(one, None)
    deep = code("def f(x):\n    return " + "-" * 400 + "x\n")
    same_code(deep, deep)  # whatever it says, it does not raise
