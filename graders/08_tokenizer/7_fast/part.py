"""Training the slow way, and numbers that count what is done with them: what the exercises share."""

import regex as re

GPT2 = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""
TEXTS = (
    "",
    "a",
    "ab",
    "aaaaaaa",
    "aaabdaaabac",
    "hug pug hug hugs bun pun hug",
    "the cat that sat there, the rat that ate the hat; and then another, aaa aaaa",
    "na\u00efve \u00e9t\u00e9 \u65e5\u65e5\u672c \U0001f600\u200d\U0001f600 \u05e9\u05dc\u05d5\u05dd  "
    "1234\r\n",
)


def random_text(rng, length, letters="aab b"):
    return "".join(rng.choice(letters) for _ in range(length))


def counted(text, pattern=GPT2):
    """{chunk: count} in the order of first occurrence."""
    chunks = [found.group().encode("utf-8") for found in re.finditer(pattern, text)]
    return {chunk: chunks.count(chunk) for chunk in dict.fromkeys(chunks)}


def learned(counts, size):
    """The merges of plain training: all pairs counted again after each."""
    words, merges = [(list(chunk), n) for chunk, n in counts.items()], {}
    while len(merges) < size - 256:
        total = {}
        for ids, n in words:
            for pair in zip(ids, ids[1:], strict=False):
                total[pair] = total.get(pair, 0) + n
        if not total:
            break
        best = max(total, key=total.__getitem__)
        merges[best] = 256 + len(merges)
        for ids, _ in words:
            i = 0
            while i < len(ids) - 1:
                if (ids[i], ids[i + 1]) == best:
                    ids[i : i + 2] = [merges[best]]
                i += 1
    return merges


def counting(work):
    """A kind of int; work["sums"] counts its sums, products and negations, work["compared"] comparisons."""

    class Counting(int):
        __hash__ = int.__hash__

    def counts(name, key):
        plain = getattr(int, name)

        def method(self, *others):
            work[key] += 1
            return plain(self, *others)

        setattr(Counting, name, method)

    for name in ("add", "sub", "mul"):
        counts(f"__{name}__", "sums")
        counts(f"__r{name}__", "sums")
    for name in ("lt", "le", "gt", "ge", "eq", "ne"):
        counts(f"__{name}__", "compared")
    return Counting


def watched(merges, work):
    """The same dict; counts look-ups, and comparisons of its ids."""
    number = counting(work)

    class Watched(dict):
        def __contains__(self, key):
            work["looked up"] += 1
            return dict.__contains__(self, key)

        def __getitem__(self, key):
            work["looked up"] += 1
            return dict.__getitem__(self, key)

        def get(self, key, default=None):
            work["looked up"] += 1
            return dict.get(self, key, default)

    return Watched({(number(a), number(b)): number(i) for (a, b), i in merges.items()})
