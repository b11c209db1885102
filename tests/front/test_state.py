"""The progress file: nothing in it is lost, and a bad one costs a sentence."""

import json
import os

import pytest

from graders.front.files import write_atomically
from graders.front.state import State


def test_there_and_back(tmp_path):
    state = State.load(tmp_path)
    assert (state.done, state.current, state.hints, state.note) == (set(), "", {}, "")
    assert state.record("05.a", True)
    assert not state.record("05.a", True)
    state.current, state.hints["05.b"] = "05.b", 2
    state.save()
    again = State.load(tmp_path)
    assert (again.done, again.current, again.hints) == ({"05.a"}, "05.b", {"05.b": 2})
    assert os.listdir(tmp_path / ".hero") == ["state.json"]  # no temporary file stays


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"done": 3}',
        b'{"done": [], "hints": [1]}',
        b'{"done": [], "hints": {"05.a": "x"}}',
        b'{"done": [], "hints": {"05.a": 1e999}}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_a_corrupt_file_is_set_aside(tmp_path, text):
    folder = tmp_path / ".hero"
    folder.mkdir()
    (folder / "state.json").write_bytes(text)
    state = State.load(tmp_path)
    assert state.done == set()
    assert "state.corrupt.json" in state.note
    assert (folder / "state.corrupt.json").read_bytes() == text
    (folder / "state.json").write_bytes(b"{")  # and once more, under another name
    assert "state.corrupt-1.json" in State.load(tmp_path).note
    assert (folder / "state.corrupt.json").read_bytes() == text


def test_what_cannot_be_set_aside_stays(tmp_path, monkeypatch):
    (tmp_path / ".hero").mkdir()
    path = tmp_path / ".hero" / "state.json"
    path.write_text("{")

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    state = State.load(tmp_path)
    assert "stays as it is" in state.note
    monkeypatch.undo()
    state.record("05.a", True)
    state.save()
    assert path.read_text() == "{"


def test_failing_to_save_costs_only_the_progress(tmp_path):
    (tmp_path / ".hero").write_text("a file where the folder should be")
    state = State.load(tmp_path)
    state.save()
    assert state.note
    assert (tmp_path / ".hero").read_text().startswith("a file")


def test_two_programs_at_once(tmp_path):
    first = State.load(tmp_path)
    first.done |= {"05.a", "05.b"}
    first.hints = {"05.a": 1, "05.b": 1}
    first.save()
    watch, check = State.load(tmp_path), State.load(tmp_path)
    check.record("05.c", True)
    check.record("05.a", False)
    check.save()
    watch.current = "05.d"
    watch.hints["05.d"] = 1
    del watch.hints["05.b"]
    watch.save()
    last = State.load(tmp_path)
    assert last.done == {"05.b", "05.c"} == watch.done
    assert last.current == "05.d"
    assert last.hints == {"05.a": 1, "05.d": 1}


def test_atomic_writing_keeps_the_old_file_when_it_fails(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(0o640)

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["file"]
    monkeypatch.undo()
    write_atomically(path, "new")
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_atomically(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert json.dumps((tmp_path / "real").read_text()) == '"new"'
