"""Reading what somebody wrote never takes long, and an ordinary file costs no process."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from graders.core.registry import Registry
from graders.core.source import Source, Unreadable
from graders.core.stubs import stub_of
from graders.ground import parsing
from graders.ground.parsing import TooMuch, is_too_much, parse
from graders.teach.assemble import assemble

BRACES = "zz = f'" + "{1}" * 60_000 + "'"  # half a minute in Python 3.11
DEFINITIONS = "".join(f"def f{i}(x):\n    return f{i + 1}(x)\n" for i in range(40_000))


def test_every_solution_is_read_without_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "_tried", lambda text: pytest.fail("a child was started"))
    for path in Registry().root.glob("solutions/*/*.py"):
        parse(path.read_text())


def test_a_text_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parse("only_here = 1") is parse("only_here = 1")


@pytest.mark.parametrize("text", [BRACES, DEFINITIONS, "x = [" + "1," * 70_000 + "]"])
def test_what_takes_long_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(TooMuch):
        parse(text)
    (tmp_path / "a.py").write_text(text)
    with pytest.raises(Unreadable, match=r"a\.py is not read: there is far too much in it"):
        Source(tmp_path / "a.py")


def test_large_is_not_too_much() -> None:
    table = "x = '''" + "text\n" * 200_000 + "'''\n" + "y = [" + "1," * 20_000 + "]"
    assert not is_too_much(table)
    assert len(parse(table).body) == 2
    assert not is_too_much("x = (" + " " * 50_000)  # no Python: that is said by who parses it


RIGHT = "def average_matmul(x):\n    return x.cumsum(1)\n"


@pytest.fixture(scope="module")
def stub() -> str:
    registry = Registry()
    ((ref, _),) = registry.select(["07/3"])
    return stub_of(registry.load(ref))


def test_a_cell_that_is_too_much_is_left_out_alone(stub: str) -> None:
    made = assemble([(1, RIGHT), (2, BRACES)], stub)
    assert "cumsum" in made.file.text
    assert [str(b)[:21] for b in made.broken] == ["cell 2 is not read: t"]


def test_of_many_large_cells_the_small_ones_are_read(stub: str) -> None:
    many = [
        (n, DEFINITIONS[n * 20_000 : n * 20_000 + 30_000].partition("\n")[2]) for n in range(2, 12)
    ]
    many = [(n, text[text.index("def") : text.rindex("def")]) for n, text in many]
    made = assemble([*many, (40, RIGHT)], stub)
    assert "cumsum" in made.file.text
    assert all(b.message == parsing.TOO_MUCH for b in made.broken)
    assert len(made.broken) > 7


def test_a_chain_of_functions_costs_nobody_else_anything(stub: str) -> None:
    """Each needs the next, 1,500 times: no cell is at fault for that."""
    chain = "".join(f"def f{i}(x):\n    return f{i + 1}(x)\n" for i in range(1500))
    made = assemble([(1, "def average_loop(x):\n    return f0(x)\n"), (2, RIGHT), (3, chain)], stub)
    assert made.broken == []
    names = {n.name for n in ast.parse(made.file.text).body if isinstance(n, ast.FunctionDef)}
    assert {"f0", "f1499", "average_matmul", "average_loop"} <= names
    assert "cumsum" in made.file.text
