"""The cache beside the byte code: right, or made anew; never in the way."""

import os
import sys
from pathlib import Path

import pytest

from graders.core.kept import kept


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return tmp_path / "scale.py"


def files(path: Path) -> list[Path]:
    return list((path.parent / "__pycache__").glob("*"))


def test_the_second_time_nothing_is_made(path: Path) -> None:
    assert kept(path, b"key", lambda: ("made", [1, 2.5])) == ("made", [1, 2.5])
    assert [f.name for f in files(path)] == [f"scale.{sys.implementation.cache_tag}.grader"]
    assert kept(path, b"key", lambda: 1 / 0) == ("made", [1, 2.5])
    assert kept(path, b"other", lambda: "anew") == "anew"
    assert kept(path, b"key", lambda: "again") == "again"


@pytest.mark.parametrize("content", [b"", b"junk", b"\0" * 40, b"\xe9\x03\0\0\0"])
def test_a_broken_file_is_made_anew(path: Path, content: bytes) -> None:
    kept(path, b"key", lambda: "made")
    files(path)[0].write_bytes(content)
    assert kept(path, b"key", lambda: "anew") == "anew"
    assert len(files(path)) == 1 and files(path)[0].read_bytes() != content


def test_nothing_is_written_where_nobody_may(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert kept(path, b"key", lambda: "made") == "made"
    assert files(path) == []


def test_nothing_is_written_without_byte_code(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert kept(path, b"key", lambda: "made") == "made"
    assert files(path) == []


def test_what_goes_wrong_is_passed_on_and_not_kept(path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        kept(path, b"key", lambda: 1 / 0)
    assert files(path) == []
