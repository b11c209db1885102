"""Drives part 08/3: trains the learner's tokenizer, and cuts a text with it.

What these return is read by graders/web/pieces.py, which believes none of it.
"""

from __future__ import annotations

import types
from typing import Any

from graders.authoring import exercise

tokenizer = exercise("tokenizer")


@tokenizer.check("train")
def train(m: types.ModuleType, text: str, vocab_size: int) -> Any:
    """The merges that it learns: [left, right, new id] each, in their order; or what is wrong."""
    made = m.RegexTokenizer(m.GPT4_SPLIT_PATTERN)
    made.train(text, vocab_size)
    if not isinstance(made.merges, dict) or not made.merges:
        return {"nonsense": "train left no merges"}
    return {"merges": [[*pair, idx] for pair, idx in made.merges.items()]}


@tokenizer.check("cut")
def cut(m: types.ModuleType, text: str, merges: list[list[int]]) -> Any:
    """The ids of a text, the bytes of each, and what they decode to."""
    made = m.RegexTokenizer(m.GPT4_SPLIT_PATTERN)
    for left, right, idx in merges:
        made.merges[left, right] = idx
        made.vocab[idx] = made.vocab[left] + made.vocab[right]
    ids = made.encode_ordinary(text)
    if not isinstance(ids, list) or any(type(i) is not int for i in ids):
        return {"nonsense": "encode_ordinary does not return a list of ints"}
    strange = [i for i in ids if i not in made.vocab]
    if strange:
        return {
            "nonsense": f"encode_ordinary gave the id {strange[0]}, which is not in its vocabulary"
        }
    return {"ids": ids, "bytes": [made.vocab[i] for i in ids], "again": made.decode(ids) == text}
