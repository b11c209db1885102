"""The embedded names, the script that makes them, and the loaders."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import data
from data import DataError, corpora, load_names, load_shakespeare
from data.corpora import Corpus

FOLDER = Path(data.__file__).parent
SHA256 = "bd02dfd33179e23ec2dd093cbd4de619834f75d660ef1ae04d3127e7a0110053"


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run Python in the checkout."""
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(
        command, cwd=FOLDER.parent, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def lecture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lecture folder of our own, empty, and the names `ann` and `bo` as the lecture's file."""
    content = b"ann\nbo"
    corpus = Corpus("a/n.txt", "n.txt", len(content), hashlib.sha256(content).hexdigest())
    monkeypatch.setattr(corpora, "LECTURE", tmp_path)
    monkeypatch.setitem(corpora.CORPORA, "names", corpus)
    monkeypatch.setitem(corpora.CORPORA, "shakespeare", corpus)
    return tmp_path


# --- the embedded names ---


def test_embedded_names_are_those_the_readme_describes() -> None:
    content = (FOLDER / "names.txt").read_bytes()
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert hashlib.sha256(content).hexdigest() == SHA256
    assert SHA256 in readme
    assert f"{len(content):,} bytes" in readme
    names = load_names()
    assert names == content.decode().split("\n")[:-1]
    for count in (len(names), len(set(names)), sum(len(name) + 1 for name in names)):
        assert f"{count:,}" in readme
    assert (len(names), min(map(len, names)), max(map(len, names))) == (32257, 2, 15)
    assert all(re.fullmatch("[a-z]+", name) for name in names)
    assert max(Counter(names).values()) == 2  # once for each sex
    assert names[:2] == ["emma", "olivia"]
    assert names[18148] == "liam"  # the first boy


def test_the_readme_knows_the_addresses_and_sums_of_the_lecture() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    for corpus in corpora.CORPORA.values():
        assert corpus.path in readme
        assert corpus.sha256 in readme
        assert f"lecture/{corpus.file}" in readme


def test_each_call_gives_a_list_of_its_own() -> None:
    load_names().clear()
    assert len(load_names()) == 32257


# --- make_names.py ---


def test_make_names_sorts_whatever_the_order_of_the_rows(tmp_path: Path) -> None:
    rows = ["Zoe,F,5", "Amy,F,5", "Bo,M,90", "Ann,F,70", "Amy,M,6"]
    for number, text in enumerate(
        ["\n".join(["name,sex,births", *rows]), "\r\n".join(reversed(rows)) + "\r\n"]
    ):
        table, out = tmp_path / f"{number}.csv", tmp_path / f"{number}.txt"
        table.write_bytes(text.encode())
        done = run("data/make_names.py", table, out)
        assert (done.returncode, done.stderr) == (0, "")
        assert "5 names" in done.stdout
        assert out.read_bytes() == b"ann\namy\nzoe\nbo\namy\n"


def test_make_names_gives_back_the_embedded_names(tmp_path: Path) -> None:
    names = load_names()
    # Any falling counts will do: the order is what they carry.
    rows = [f"{name},{'F' if i < 18148 else 'M'},{40000 - i}" for i, name in enumerate(names)]
    table, out = tmp_path / "table.csv", tmp_path / "names.txt"
    table.write_text("name,sex,births\n" + "\n".join(sorted(rows)))
    assert run("data/make_names.py", table, out).returncode == 0
    assert hashlib.sha256(out.read_bytes()).hexdigest() == SHA256


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("ann,F,5\nbo,M", "row 2 has 2 fields"),
        ("ann,F,5\nbo,X,5", "row 2: the sex is 'X'"),
        ("ann,F,many", "'many' is not a number"),
        ("ann,F,-5", "'-5' is not a number"),
        ("an n,F,5", "'an n' is not a name"),
        ("zoë,F,5", "'zoë' is not a name"),
        ("name,sex,births", "no name in it"),
        ("", "no name in it"),
    ],
)
def test_make_names_refuses_a_wrong_table_and_leaves_the_old_file(
    tmp_path: Path, text: str, sentence: str
) -> None:
    table, out = tmp_path / "table.csv", tmp_path / "names.txt"
    table.write_text(text, encoding="utf-8")
    out.write_text("old\n")
    done = run("-X", "utf8", "data/make_names.py", table, out)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert out.read_text() == "old\n"
    assert sorted(os.listdir(tmp_path)) == ["names.txt", "table.csv"]


def test_make_names_wrong_usage_and_missing_table(tmp_path: Path) -> None:
    assert run("data/make_names.py").returncode == 2
    done = run("data/make_names.py", tmp_path / "none.csv", tmp_path / "names.txt")
    assert done.returncode == 1
    assert "none.csv" in done.stderr
    assert os.listdir(tmp_path) == []


# --- the loaders ---


def test_lecture_names_once_they_are_there(lecture: Path) -> None:
    (lecture / "n.txt").write_bytes(b"ann\nbo")
    assert load_names("lecture") == ["ann", "bo"]
    assert load_shakespeare("lecture") == "ann\nbo"


def test_a_missing_lecture_file_says_how_to_fetch_it(lecture: Path) -> None:
    with pytest.raises(DataError, match=r"not here yet: run `hero data fetch names`\.$"):
        load_names("lecture")
    with pytest.raises(DataError, match=r"not here yet: run `hero data fetch shakespeare`\.$"):
        load_shakespeare("lecture")


@pytest.mark.parametrize("content", [b"", b"ann\nba", b"ann\nbo\n", b"\xff\xfe"])
def test_a_wrong_lecture_file_is_refused(lecture: Path, content: bytes) -> None:
    (lecture / "n.txt").write_bytes(content)
    with pytest.raises(DataError, match=r"SHA-256 is another.*`hero data fetch names`"):
        load_names("lecture")
    with pytest.raises(DataError, match="`hero data fetch shakespeare`"):
        load_shakespeare("lecture")


def test_a_lecture_file_that_is_a_folder(lecture: Path) -> None:
    (lecture / "n.txt").mkdir()
    with pytest.raises(DataError, match="Cannot read"):
        load_names("lecture")


def test_any_file_of_names(tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_bytes("\ufeffAnn\r\n\r\n  zoë \r\nAnn".encode())
    assert load_names(path) == load_names(str(path)) == ["Ann", "zoë", "Ann"]
    assert load_shakespeare(path) == "Ann\r\n\r\n  zoë \r\nAnn"


def test_a_source_that_is_nothing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match='no file \'Lecture\': source is "embedded", "lecture" or'):
        load_names("Lecture")
    with pytest.raises(
        DataError, match='no file \'Hamlet\': source is "embedded", "all", "lecture" or'
    ):
        load_shakespeare("Hamlet")
    with pytest.raises(DataError, match="Cannot read"):
        load_names(tmp_path)
    (tmp_path / "x").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="not text in UTF-8"):
        load_names(tmp_path / "x")
    (tmp_path / "x").write_text("\n \n")
    with pytest.raises(DataError, match="There are no names in"):
        load_names(tmp_path / "x")
    (tmp_path / "x").write_text("ann\nst. john\n")
    with pytest.raises(DataError, match=r"'st\. john' is no name"):
        load_names(tmp_path / "x")


@pytest.mark.parametrize("name", ["names", "shakespeare"])
def test_the_real_lecture_file_where_it_was_fetched(name: str) -> None:
    corpus = corpora.CORPORA[name]
    if not (corpora.LECTURE / corpus.file).is_file():
        pytest.skip(f"`hero data fetch {name}` was not run here")
    if name == "names":
        names = load_names("lecture")
        assert len(names) == 32033
        assert sum(len(name) + 1 for name in names) == 228146
        assert not Counter(names) - Counter(load_names())  # all of them are in ours
    else:
        text = load_shakespeare("lecture")
        assert (len(text), len(set(text))) == (1115394, 65)


def test_importing_data_is_light() -> None:
    code = "import sys, data; data.load_names(); data.picture; print(*sys.modules)"
    modules = set(run("-c", code).stdout.split())
    assert "data.corpora" in modules
    heavy = {"rich", "torch", "numpy", "matplotlib", "socket", "ssl", "http", "urllib.request"}
    assert not modules & heavy
