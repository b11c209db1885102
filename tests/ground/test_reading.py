"""A file is read once, and nothing that only looks like one is read at all."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from graders.ground.reading import NotPlain, read_once

unix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has none of these")


def test_a_file_and_a_link_to_it(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_bytes(b"x = 1\r\n")
    assert read_once(file, 100) == b"x = 1\r\n"
    assert read_once(str(file), 7) == b"x = 1\r\n"
    if sys.platform != "win32":
        (tmp_path / "link.py").symlink_to(file)
        assert read_once(tmp_path / "link.py", 100) == b"x = 1\r\n"


def test_one_that_is_too_large(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_bytes(b"x" * 11)
    with pytest.raises(NotPlain, match="it is larger than 10 bytes"):
        read_once(file, 10)
    with open(file, "r+b") as sparse:
        sparse.truncate(2**40)
    with pytest.raises(NotPlain, match="it is larger than 2 MB"):
        read_once(file, 2 * 2**20)


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_once(tmp_path / "none.py", 10)
    with pytest.raises(NotPlain, match="its name cannot be"):
        read_once(str(tmp_path) + "\0", 10)
    with pytest.raises(NotPlain, match="it is a folder"):
        read_once(tmp_path, 10)


@unix
def test_what_is_no_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.py"
    os.mkfifo(pipe)
    with pytest.raises(NotPlain, match="it is a pipe"):
        read_once(pipe, 10)
    writer = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)  # and one that somebody writes into
    os.write(writer, b"x = 1")
    with pytest.raises(NotPlain, match="it is a pipe"):
        read_once(pipe, 10)
    os.close(writer)
    for device in ("/dev/zero", "/dev/null", "/dev/random"):
        link = tmp_path / Path(device).name
        link.symlink_to(device)
        for path in (device, link):
            with pytest.raises(NotPlain, match="it is a device"):
                read_once(path, 10)
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OSError):
        read_once(tmp_path / "loop", 10)
    folder = os.getcwd()
    os.chdir(tmp_path)  # the name of a socket must be short
    try:
        with socket.socket(socket.AF_UNIX) as service:
            service.bind("s")
            with pytest.raises(NotPlain, match="it is a socket"):
                read_once("s", 10)
    finally:
        os.chdir(folder)


@unix
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc")
def test_a_file_that_says_it_has_no_size() -> None:
    assert read_once("/proc/self/status", 10**6).startswith(b"Name:")
    with pytest.raises(NotPlain, match="larger than 5 bytes"):
        read_once("/proc/self/status", 5)
