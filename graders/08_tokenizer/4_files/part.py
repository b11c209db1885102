"""Merges, patterns and texts that files and tiktoken stumble over: what the exercises share."""

import os

import regex as re

GPT2 = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""
VERSION = "workbook tokenizer 1"
PATTERNS = (GPT2, 'a b\n"c"\\|\r\n', "", "\u65e5|\u2028|\U0001f600| +")
SPECIALS = (
    {},
    {"<|end|>": 300},
    {
        "two words": 7000,
        'a "quote"\n and a \\': 5,
        "\u00e9nd \U0001f600": 12345678901,
        " 9": 301,
        "": 302,
    },
)
MERGES = (
    {},
    {(104, 105): 256, (256, 33): 257},
    {(97, 98): 256, (32, 256): 257, (256, 98): 258, (195, 169): 259, (50, 48): 260, (0, 255): 261},
)
PROSE = (
    "the cat that sat there, the rat that ate the hat; and then another, aaa aaaa aaaaaaa "
    "na\u00efve \u00e9t\u00e9 \u65e5\u65e5\u672c\u65e5 \u05e9\u05dc\u05d5\u05dd "
    "\u05e9\u05dc\u05d5\u05dd \u0663\u0664\u0663"
)
TEXTS = (
    "",
    " ",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" * 9,
    "the that  then\r\n\r\n  hat's 1234\t# \x00\x7f\x80\u2028",
    "\U0001f469\u200d\U0001f52c \U0001f1eb\U0001f1f7 e\u0301 \ufeff\U0010ffff \U00020000",
    "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 \u65e5\u672c\u8a9e na\u00efve",
)


def random_text(rng, length, letters="abth\u00e9\u65e5 \n"):
    return "".join(rng.choice(letters) for _ in range(length))


def planes(rng, count):
    """Characters of every plane of Unicode, with words between them."""
    spans = ((0, 0x7F), (0x80, 0x7FF), (0x800, 0xD7FF), (0xE000, 0xFFFF)) + tuple(
        (plane << 16, (plane << 16) + 0xFFFF) for plane in range(1, 17)
    )
    out = []
    for _ in range(count):
        low, high = rng.choice(spans)
        out += [chr(rng.integer(low, high + 1)), rng.choice(("", " ", "the", "aaa", "  "))]
    return "".join(out)


def learned(text, count, pattern=GPT2):
    """Merges of a text: most frequent pair, of equals the first seen, in place."""
    chunks, merges = [list(c.encode("utf-8")) for c in re.findall(pattern, text)], {}
    while len(merges) < count:
        pairs = [pair for ids in chunks for pair in zip(ids, ids[1:], strict=False)]
        if not pairs:
            break
        best = max(dict.fromkeys(pairs), key=pairs.count)
        merges[best] = 256 + len(merges)
        for ids in chunks:
            i = 0
            while i < len(ids) - 1:
                if (ids[i], ids[i + 1]) == best:
                    ids[i : i + 2] = [merges[best]]
                i += 1
    return merges


def spelled(merges):
    """The bytes of every id, in order."""
    tokens = [bytes([i]) for i in range(256)]
    for left, right in merges:
        tokens.append(tokens[left] + tokens[right])
    return tokens


def encoded(text, pattern, merges):
    """One place at a time: of all places with the lowest rank, the leftmost."""
    out = []
    for chunk in re.findall(pattern, text):
        ids = list(chunk.encode("utf-8"))
        while True:
            pairs = zip(ids, ids[1:], strict=False)
            ready = [(merges[p], i) for i, p in enumerate(pairs) if p in merges]
            if not ready:
                break
            idx, i = min(ready)
            ids[i : i + 2] = [idx]
        out += ids
    return out


def written(pattern, merges, special):
    """What the format says of a tokenizer, as a list of lines."""
    import json

    lines = [VERSION, json.dumps(pattern), str(len(special))]
    for token in special:
        lines.append(json.dumps(token) + " " + str(special[token]))
    return [*lines, str(len(merges)), *(" ".join(map(str, pair)) for pair in merges)]


class a_path:
    """A path at which a file may be written; it is gone afterwards."""

    def __init__(self, name="own"):
        self.name = name

    def __enter__(self):
        self.path = f"{self.name}{os.getpid()}.tokenizer"
        return self.path

    def __exit__(self, *exc):
        if os.path.exists(self.path):
            os.remove(self.path)
