"""The cache beside the byte code: right, or made anew; never in the way."""

import os
import sys
from pathlib import Path

import pytest

from graders.core import kept, prune

SOURCE = """from graders.authoring import exercise

ex = exercise("f")


@ex.cases
def _(rng):
    yield dict(x=1)


@ex.check("twice")
def _(m, x):
    return m.f(x) + m.f(x)
"""


@pytest.fixture
def grader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    path = tmp_path / "1_part.py"
    path.write_text(SOURCE)
    return path


def files(grader: Path) -> list[Path]:
    return list((grader.parent / "__pycache__").glob("*"))


def test_the_second_time_nothing_is_parsed(grader: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, scenarios = kept.code_and_scenarios(SOURCE, grader)
    assert scenarios == prune.prune(SOURCE) and "twice" in scenarios and "cases" not in scenarios
    assert [file.name for file in files(grader)] == [
        f"1_part.{sys.implementation.cache_tag}.grader"
    ]
    monkeypatch.setattr(prune, "prune", lambda tree: "made anew")
    assert kept.code_and_scenarios(SOURCE, grader) == (code, scenarios)
    assert kept.code_and_scenarios(SOURCE + "# other\n", grader)[1] == "made anew"


@pytest.mark.parametrize("content", [b"", b"junk", b"\0" * 40, b"\xe9\x03\0\0\0"])
def test_a_broken_file_is_made_anew(grader: Path, content: bytes) -> None:
    _, scenarios = kept.code_and_scenarios(SOURCE, grader)
    files(grader)[0].write_bytes(content)
    assert kept.code_and_scenarios(SOURCE, grader)[1] == scenarios
    assert len(files(grader)) == 1 and files(grader)[0].read_bytes() != content


def test_nothing_is_written_where_nobody_may(grader: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert kept.code_and_scenarios(SOURCE, grader)[1]
    assert files(grader) == []


def test_nothing_is_written_without_byte_code(
    grader: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert kept.code_and_scenarios(SOURCE, grader)[1]
    assert files(grader) == []


def test_a_file_that_is_not_python(grader: Path) -> None:
    with pytest.raises(SyntaxError):
        kept.code_and_scenarios("def f(:\n", grader)
