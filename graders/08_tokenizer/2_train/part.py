"""Texts, and tokenizers trained on them by a second, independent way: what the exercises share."""

TEXTS = (
    "",
    "a",
    "aa",
    "aaa",
    "abcd",
    "aaabdaaabac",
    "abcabcabcab bcabc",
    "\u20ac\u20ac \u00e9\u20ac\u00e9 \u00e9\u00e9\u20ac",
    "the cat that sat there, the rat that ate the thing\r\n",
    "\U0001f600\u200d\U0001f600 \u05e9\u05dc\u05d5\u05dd\x00 \u05e9\u05dc\u05d5\u05dd",
)


def random_text(rng, length, letters="ab\u00e9\u20ac "):
    return "".join(rng.choice(letters) for _ in range(length))


def merged(ids, pair, idx):
    """On a copy, in place, with deletions."""
    ids, i = list(ids), 0
    while i < len(ids) - 1:
        if (ids[i], ids[i + 1]) == pair:
            ids[i : i + 2] = [idx]
        i += 1
    return ids


def trained(text, size):
    """The merges that the docstring of train asks for: most frequent, leftmost of equals."""
    ids, merges = list(text.encode("utf-8")), {}
    while len(ids) > 1 and len(merges) < size - 256:
        pairs = [(ids[i], ids[i + 1]) for i in range(len(ids) - 1)]
        most = max(pairs.count(pair) for pair in set(pairs))
        pair = next(p for p in pairs if pairs.count(p) == most)
        merges[pair] = 256 + len(merges)
        ids = merged(ids, pair, merges[pair])
    return merges
