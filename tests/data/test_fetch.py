"""Fetching, against servers on this machine that misbehave in every way."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import data
from data import DataError, corpora, load_names
from data import fetch as module
from data.corpora import Corpus
from data.fetch import fetch, fetch_command
from data.lock import own_part

CONTENT = random.Random(1).randbytes(300_000)
CORPUS = Corpus("a/n.txt", "names.txt", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
PATHS = {"/a/n.txt": CONTENT, "/b/s.txt": b"To be"}


class Server(ThreadingHTTPServer):
    """A web server with CONTENT at /a/n.txt; its attributes say how it misbehaves."""

    daemon_threads = True
    content: bytes | None = None  # something else to send
    ranges = True  # whether it knows the Range header
    shift = 0  # how far off its answers to Range are
    status = 200
    length = True  # whether it says how long the answer is
    cut: int | None = None  # close the connection after so many bytes of an answer
    stall: int | None = None  # fall silent after so many
    endless = False
    pause = 0.0  # seconds between two pieces of an answer

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.asked: list[str | None] = []  # the Range of each request
        self.closing = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is part of the tests: print nothing."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        server = self.server
        span = self.headers.get("Range")
        server.asked.append(span)
        if server.status != 200 or self.path not in PATHS:
            self.send_error(404 if server.status == 200 else server.status)
            return
        whole = PATHS[self.path] if server.content is None else server.content
        body = whole
        if span and server.ranges:
            start = int(span.removeprefix("bytes=").removesuffix("-")) + server.shift
            if start >= len(whole):
                self.send_error(416)
                return
            body = whole[start:]
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(whole) - 1}/{len(whole)}")
        else:
            self.send_response(200)
        if server.length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.send(body)

    def send(self, body: bytes) -> None:
        server = self.server
        if server.stall is not None:
            self.wfile.write(body[: server.stall])
            self.wfile.flush()
            server.closing.wait(30)
            return
        for start in range(0, len(body[: server.cut]), 10_000):
            self.wfile.write(body[: server.cut][start : start + 10_000])
            server.closing.wait(server.pause)
        while server.endless and not server.closing.is_set():
            self.wfile.write(bytes(100_000))

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with Server() as running:
        # The default is half a second, which every test would wait for at its end.
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.closing.set()
        running.shutdown()
        thread.join()


@pytest.fixture
def folder(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The lecture's folder, not yet there, and the table of files of the server above."""
    sonnet = Corpus("b/s.txt", "s.txt", 5, hashlib.sha256(b"To be").hexdigest())
    monkeypatch.setitem(corpora.CORPORA, "names", CORPUS)
    monkeypatch.setitem(corpora.CORPORA, "shakespeare", sonnet)
    monkeypatch.setattr(corpora, "LECTURE", tmp_path / "data" / "lecture")
    monkeypatch.setattr(module, "BASE_URLS", (server.url,))
    monkeypatch.setattr(module, "TIMEOUT", 10.0)
    return tmp_path / "data" / "lecture"


def visible(folder: Path) -> list[str]:
    """What lies in `folder`, but for the lock files, which may stay."""
    return sorted(name for name in os.listdir(folder) if not name.endswith(".lock"))


def failure(name: str = "names") -> str:
    """Fetch, which must fail, and return the sentence."""
    with pytest.raises(DataError) as caught:
        fetch(name, show=False)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


# --- when all is well ---


def test_fetch_puts_the_file_there_and_asks_only_once(folder: Path, server: Server) -> None:
    path = fetch("names", show=False)
    assert path == folder / "names.txt"
    assert path.read_bytes() == CONTENT
    assert visible(folder) == ["names.txt"]
    changed = path.stat().st_mtime_ns
    assert fetch("names", show=False) == path
    assert path.stat().st_mtime_ns == changed
    assert server.asked == [None]


def test_another_folder_and_another_address(
    folder: Path, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BASE_URLS", ("http://127.0.0.1:1",))
    path = fetch("shakespeare", str(tmp_path / "x"), [server.url + "/"], show=False)
    assert path == tmp_path / "x" / "s.txt"
    assert path.read_bytes() == b"To be"
    assert not folder.exists()


def test_a_second_address_when_the_first_fails(folder: Path, server: Server) -> None:
    path = fetch("names", base_urls=["http://127.0.0.1:1", server.url], show=False)
    assert path.read_bytes() == CONTENT


def test_the_loaders_read_what_was_fetched(
    folder: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.content = b"ann\nbo"
    corpus = Corpus("a/n.txt", "n.txt", 6, hashlib.sha256(server.content).hexdigest())
    monkeypatch.setitem(corpora.CORPORA, "names", corpus)
    with pytest.raises(DataError):
        load_names("lecture")
    fetch("names", show=False)
    assert load_names("lecture") == ["ann", "bo"]


def test_without_a_declared_length(folder: Path, server: Server) -> None:
    server.length = False
    assert fetch("names", show=False).read_bytes() == CONTENT


def test_a_wrong_file_of_that_name_is_replaced(folder: Path, server: Server) -> None:
    folder.mkdir(parents=True)
    for wrong in (b"", b"short", bytes(len(CONTENT)), CONTENT + b"x"):
        (folder / "names.txt").write_bytes(wrong)
        assert fetch("names", show=False).read_bytes() == CONTENT
    assert len(server.asked) == 4


# --- a download that breaks off, and going on ---


def test_a_cut_download_is_continued(folder: Path, server: Server) -> None:
    server.cut = 123_456
    assert "broke off after 123,456 of 300,000 bytes" in failure()
    assert visible(folder) == ["names.txt.part"]
    assert (folder / "names.txt.part").read_bytes() == CONTENT[:123_456]
    server.cut = 100_000
    assert "broke off after 223,456 of 300,000 bytes" in failure()
    server.cut = None
    assert fetch("names", show=False).read_bytes() == CONTENT
    assert visible(folder) == ["names.txt"]
    assert server.asked == [None, "bytes=123456-", "bytes=223456-"]


def test_a_cut_download_without_a_declared_length_is_continued(
    folder: Path, server: Server
) -> None:
    server.cut, server.length = 123_456, False
    assert "broke off after 123,456" in failure()
    server.cut = None
    assert fetch("names", show=False).read_bytes() == CONTENT


def test_a_server_without_range_sends_everything_again(folder: Path, server: Server) -> None:
    server.cut = 123_456
    failure()
    server.cut, server.ranges = None, False
    assert fetch("names", show=False).read_bytes() == CONTENT
    assert visible(folder) == ["names.txt"]
    assert server.asked == [None, "bytes=123456-"]


def test_a_stalled_server(folder: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TIMEOUT", 0.3)
    server.stall = 5_000
    began = time.perf_counter()
    assert "after 5,000 of 300,000 bytes (no answer for 0.3 seconds)" in failure()
    assert time.perf_counter() - began < 5
    assert (folder / "names.txt.part").read_bytes() == CONTENT[:5_000]
    server.stall = None
    assert fetch("names", show=False).read_bytes() == CONTENT


@pytest.mark.parametrize(
    "part",
    [b"stale", CONTENT[:1000] + b"?", bytes(len(CONTENT)), CONTENT + b"x", b""],
    ids=["stale", "corrupt", "as long as the whole", "overlong", "empty"],
)
@pytest.mark.parametrize("ranges", [True, False])
def test_a_bad_partial_file_is_discarded(
    folder: Path, server: Server, part: bytes, ranges: bool
) -> None:
    folder.mkdir(parents=True)
    (folder / "names.txt.part").write_bytes(part)
    server.ranges = ranges
    assert fetch("names", show=False).read_bytes() == CONTENT
    assert visible(folder) == ["names.txt"]
    assert len(server.asked) <= 2


def test_a_whole_partial_file_needs_no_network(folder: Path, server: Server) -> None:
    folder.mkdir(parents=True)
    (folder / "names.txt.part").write_bytes(CONTENT)
    assert fetch("names", show=False).read_bytes() == CONTENT
    assert visible(folder) == ["names.txt"]
    assert server.asked == []


@pytest.mark.parametrize("shift", [7, -7, 400_000])
def test_a_server_that_answers_range_with_another_one(
    folder: Path, server: Server, shift: int
) -> None:
    server.cut = 123_456
    failure()
    server.cut, server.shift = None, shift  # the last shift is past the end: a 416
    assert fetch("names", show=False).read_bytes() == CONTENT
    assert server.asked == [None, "bytes=123456-", None]


# --- what cannot work ---


@pytest.mark.parametrize(
    "content", [b"", b"<html>Log in", bytes(len(CONTENT)), CONTENT[:-1], CONTENT + b"x"]
)
@pytest.mark.parametrize("length", [True, False])
def test_wrong_content_is_thrown_away(
    folder: Path, server: Server, content: bytes, length: bool
) -> None:
    folder.mkdir(parents=True)
    (folder / "names.txt").write_bytes(b"old")
    server.content, server.length = content, length
    sentence = failure()
    assert (folder / "names.txt").read_bytes() == b"old"
    if length or len(content) >= len(CONTENT):
        assert "is not the lecture's file" in sentence
        assert visible(folder) == ["names.txt"]
    # And whatever is kept of it does not stand in the way of the right file.
    server.content = None
    assert fetch("names", show=False).read_bytes() == CONTENT


def test_an_endless_answer_is_not_read_to_its_end(folder: Path, server: Server) -> None:
    server.endless, server.length = True, False
    assert "is not the lecture's file" in failure()
    assert visible(folder) == []


@pytest.mark.parametrize("status", [403, 404, 500, 503])
def test_an_error_of_the_server_keeps_what_there_is(
    folder: Path, server: Server, status: int
) -> None:
    server.cut = 1000
    failure()
    server.status = status
    sentence = failure()
    assert f"/a/n.txt answered {status} (" in sentence
    assert "run `hero data fetch names` to try again." in sentence
    assert (folder / "names.txt.part").read_bytes() == CONTENT[:1000]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "http://no.such.host.invalid", "nonsense", "http://[", "file://"]
)
def test_no_way_to_the_server(folder: Path, url: str) -> None:
    with pytest.raises(DataError, match=r"(Cannot reach|is no address).*to try again\.$"):
        fetch("names", base_urls=[url], show=False)
    assert visible(folder) == []


def test_a_file_address_is_no_way_around(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "n.txt").write_bytes(CONTENT)
    with pytest.raises(DataError, match="is no address on the web"):
        fetch("names", base_urls=[tmp_path.as_uri()], show=False)


def test_a_server_that_speaks_something_else(
    folder: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Handler, "do_GET", lambda self: self.wfile.write(b"SSH-2.0\r\n\r\n"))
    assert "Cannot reach" in failure()


def test_an_unknown_name() -> None:
    with pytest.raises(DataError, match="nothing called 'name' to fetch: choose names or shakes"):
        fetch("name")


def test_a_full_disk(folder: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir(parents=True)
    (folder / "names.txt").write_bytes(b"old")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        assert re.match(r"The disk is full: .*names.txt needs 300,000 bytes", failure())
    assert (folder / "names.txt").read_bytes() == b"old"
    assert fetch("names", show=False).read_bytes() == CONTENT
    assert visible(folder) == ["names.txt"]


class FullDisk(io.FileIO):
    """A file on a disk with room for 100,000 bytes."""

    def write(self, data: Any, /) -> int:
        room = 100_000 - self.tell()
        if room <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(bytes(data)[:room]) or 0


def test_a_disk_that_gets_full_on_the_way(
    folder: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(
            module,
            "open",
            lambda path, mode: io.BufferedWriter(FullDisk(path, mode)),
            raising=False,
        )
        assert "The disk is full" in failure()
    assert visible(folder) == ["names.txt.part"]
    assert CONTENT.startswith((folder / "names.txt.part").read_bytes())
    assert fetch("names", show=False).read_bytes() == CONTENT


def test_no_permission(folder: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir(parents=True)
    folder.chmod(0o555)
    if os.access(folder, os.W_OK):  # an administrator may write anywhere

        def forbidden(*_: object) -> None:
            raise PermissionError(errno.EACCES, "Permission denied")

        monkeypatch.setattr(os, "replace", forbidden)
    try:
        assert "no permission to write in that folder" in failure()
        assert "names.txt" not in visible(folder)
    finally:
        folder.chmod(0o755)


def test_a_file_where_the_folder_should_be(folder: Path, server: Server) -> None:
    folder.parent.mkdir()
    folder.write_text("a file")
    assert "Cannot write" in failure()
    assert folder.read_text() == "a file"


def test_a_folder_where_the_file_should_be(folder: Path, server: Server) -> None:
    (folder / "names.txt").mkdir(parents=True)
    assert "Cannot write" in failure()
    assert (folder / "names.txt").is_dir()


# --- two at once ---


def test_the_partial_file_has_one_owner(tmp_path: Path) -> None:
    target = tmp_path / "x"
    with own_part(target) as first:
        assert first == tmp_path / "x.part"
        with own_part(target) as second:
            assert second not in (first, target)
            second.write_bytes(b"mine")
        assert not second.exists()
    with own_part(target) as third:
        assert third == first


def test_many_at_once_all_get_the_file(folder: Path, server: Server) -> None:
    server.pause = 0.005
    results: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: results.append(fetch("names", show=False).read_bytes()))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [CONTENT] * 6
    assert visible(folder) == ["names.txt"]


def start_process(folder: Path, server: Server) -> subprocess.Popen[bytes]:
    """Start another process that fetches."""
    code = (
        "from data import corpora, fetch\n"
        f"corpora.CORPORA['names'] = corpora.{CORPUS!r}\n"
        f"fetch.fetch('names', {str(folder)!r}, [{server.url!r}], show=False)\n"
    )
    return subprocess.Popen([sys.executable, "-c", code], cwd=Path(data.__file__).parent.parent)


def test_two_processes_at_once(folder: Path, server: Server) -> None:
    server.pause = 0.02
    processes = [start_process(folder, server) for _ in range(2)]
    assert [process.wait(60) for process in processes] == [0, 0]
    assert (folder / "names.txt").read_bytes() == CONTENT
    assert visible(folder) == ["names.txt"]


def test_a_killed_process_leaves_a_part_to_go_on_from(folder: Path, server: Server) -> None:
    server.stall = 150_000
    process = start_process(folder, server)
    part = folder / "names.txt.part"
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with suppress(FileNotFoundError):
            if part.stat().st_size > 100_000:
                break
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
    process.wait(30)
    have = part.stat().st_size
    assert 100_000 < have <= 150_000
    assert not (folder / "names.txt").exists()
    server.stall = None
    assert fetch("names", show=False).read_bytes() == CONTENT
    assert server.asked == [None, f"bytes={have}-"]


# --- what is shown ---


def test_the_download_is_shown_in_a_few_lines(
    folder: Path, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    fetch("names", show=False)
    assert capsys.readouterr().out == ""
    (folder / "names.txt").unlink()
    fetch("names")
    printed = capsys.readouterr().out.splitlines()
    assert 1 <= len(printed) <= 4
    assert printed[-1].startswith("names.txt: 300,000/300,000 bytes")


def test_fetch_command(folder: Path, server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert fetch_command(["shakespeare"]) == 0
    assert f"shakespeare: {folder / 's.txt'} is fetched and verified." in capsys.readouterr().out
    assert fetch_command([]) == 0
    printed = capsys.readouterr().out
    assert f"names: {folder / 'names.txt'} is fetched and verified." in printed
    assert f"shakespeare: {folder / 's.txt'} was there already." in printed


def test_fetch_command_goes_on_after_a_failure(
    folder: Path, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    server.content = b"To be"  # right for one of them only
    assert fetch_command(["nothing", "names", "shakespeare", "names"]) == 1
    out, err = capsys.readouterr()
    assert "shakespeare: " in out
    assert "names: " not in out
    assert len(err.splitlines()) == 2
    assert "nothing called 'nothing'" in err
    assert "is not the lecture's file" in err
