"""Texts to cut, and tokenizers made without training: what the exercises share."""

GPT2 = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""
LETTERS = r"\p{L}+|\P{L}"  # words, and everything else one by one
WORDS = r"\p{L}+"  # words only: the rest is left out

TEXTS = (
    "",
    " ",
    "a",
    "Hello world's 2024 dogs!!",
    "I'll  don't\r\n\r\n  x = 12345\t#  end  ",
    "na\u00efve \u65e5\u672c\u8a9e 3\u20ac \u05e9\u05dc\u05d5\u05dd",
    "\U0001f600\u200d\U0001f600 \u0663\u0664\u0665 e\u0301",
    "ab ab abab ba  ab",
    "IT'S we'LL it's Ab aB",
)
PIECES = (
    "ab",
    "b",
    " ",
    "  ",
    "'ll",
    "7",
    "2024",
    "!",
    "\n",
    "\u00e9",
    "\u65e5",
    "\U0001f600",
    " ab",
)
MERGES = {
    (97, 98): 256,
    (32, 256): 257,
    (256, 98): 258,
    (195, 169): 259,
    (50, 48): 260,
    (32, 32): 261,
}
SPECIAL = {"<|a|>": 400, "<|ab|>": 301, "<|a|>b": 500, "(.)": 302, "\u00e9nd": 303}


def random_text(rng, length, pieces=PIECES):
    return "".join(rng.choice(pieces) for _ in range(length))


def spelled(merges):
    """{id: bytes} of bytes and merges."""
    vocab = {i: bytes([i]) for i in range(256)}
    for (a, b), idx in merges.items():
        vocab[idx] = vocab[a] + vocab[b]
    return vocab


def made(m, pattern, merges, special):
    """The learner's class with these attributes, as if trained."""
    tokenizer = m.RegexTokenizer(pattern)
    tokenizer.merges, tokenizer.vocab = dict(merges), spelled(merges)
    tokenizer.special_tokens = dict(special)
    return tokenizer


def cut(text, special):
    """Place by place, without a regular expression."""
    pieces, start, i = [], 0, 0
    while i < len(text):
        here = [s for s in special if text.startswith(s, i)]
        if here:
            longest = max(here, key=len)
            pieces += [text[start:i], longest]
            i += len(longest)
            start = i
        else:
            i += 1
    return [p for p in [*pieces, text[start:]] if p]


def encoded(chunks, merges):
    """One place at a time: of all places with the lowest rank, the leftmost."""
    out = []
    for chunk in chunks:
        ids = list(chunk.encode("utf-8"))
        while True:
            pairs = list(zip(ids, ids[1:], strict=False))
            ranks = [(merges[p], i) for i, p in enumerate(pairs) if p in merges]
            if not ranks:
                break
            idx, i = min(ranks)
            ids[i : i + 2] = [idx]
        out += ids
    return out
