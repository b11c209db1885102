"""The tokenizer against tiktoken, built from the lesson's own merges: the same ids, the same text.

Nothing is downloaded: `tiktoken.Encoding` takes ranks, a pattern and special tokens as they are.
"""

from __future__ import annotations

import random
import runpy
import types
from pathlib import Path

import pytest

tiktoken = pytest.importorskip("tiktoken")
LESSON = Path(__file__).resolve().parents[2] / "solutions" / "08_tokenizer"
PIECES = [
    *"aabbc  \n\t\r0123'.,!",
    *("na\u00efve", "\u65e5\u672c\u8a9e", "\u05e9\u05dc\u05d5\u05dd", "\u0645\u0631", "e\u0301"),
    *("\U0001f600", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\x00", "\ufeff", "\U0010ffff"),
    *("the ", "there", " THE", "don't", "I'LL", "    ", "\r\n\r\n", "1234567", "a" * 90),
]


def load(part: str) -> types.SimpleNamespace:
    return types.SimpleNamespace(**runpy.run_path(str(LESSON / f"{part}.py"), run_name="part"))


def texts(n: int, seed: int) -> list[str]:
    draw = random.Random(seed)
    return ["", *("".join(draw.choices(PIECES, k=draw.randint(1, 30))) for _ in range(n))]


def test_encode_and_decode_agree_with_tiktoken() -> None:
    part = load("2_train")
    merges = part.train("".join(texts(40, 1)), 256 + 120)
    vocab = part.build_vocab(merges)
    ranks = {token: idx for idx, token in vocab.items()}
    assert len(ranks) == len(vocab)  # tiktoken knows tokens by their bytes
    real = tiktoken.Encoding("own", pat_str=r"(?s).+", mergeable_ranks=ranks, special_tokens={})
    for text in texts(300, 2):
        ids = part.encode(text, merges)
        assert ids == real.encode(text)
        assert part.decode(ids, vocab) == text
        assert part.decode(ids[1:-1], vocab) == real.decode(ids[1:-1])


# none begins with another: there the order in which tiktoken tries them is not defined
SPECIAL = {"<|end|>": 5000, "<|fim|>": 5001, "(.)": 5002}
# the same patterns as tiktoken ships them: rewritten for speed, said to match the same
TIKTOKENS = {
    "GPT2_SPLIT_PATTERN": r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s",
    "GPT4_SPLIT_PATTERN": r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+"
    r"| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
}


@pytest.mark.parametrize("name", TIKTOKENS)
def test_the_regex_tokenizer_agrees_with_tiktoken(name: str) -> None:
    part = load("3_regex")
    own = part.RegexTokenizer(getattr(part, name))
    own.train("".join(texts(60, 3)), 256 + 120)
    own.register_special_tokens(SPECIAL)
    ranks = {token: idx for idx, token in own.vocab.items()}
    assert len(ranks) == len(own.vocab) > 300
    real = tiktoken.Encoding(
        "own", pat_str=TIKTOKENS[name], mergeable_ranks=ranks, special_tokens={}
    )
    with_special = tiktoken.Encoding(
        "own", pat_str=TIKTOKENS[name], mergeable_ranks=ranks, special_tokens=SPECIAL
    )
    draw = random.Random(4)
    for text in texts(300, 5):
        assert "".join(part.split_chunks(own.pattern, text)) == text
        assert own.encode_ordinary(text) == real.encode_ordinary(text)
        half = len(text) // 2
        text = text[:half] + "".join(draw.choices([*SPECIAL, "<|", "end"], k=4)) + text[half:]
        for allowed in ("all", {"<|end|>"}, {"<|fim|>", "(.)"}, set()):
            ids = own.encode(text, allowed)
            assert ids == with_special.encode(text, allowed_special=allowed, disallowed_special=())
            assert own.decode(ids) == with_special.decode(ids) == text
        assert own.encode(text, "none") == with_special.encode(text, disallowed_special=())
        if any(token in text for token in SPECIAL):
            for tokenizer in (own, with_special):
                with pytest.raises(ValueError, match="special"):
                    tokenizer.encode(text)
