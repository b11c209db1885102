"""Tables of tokens and ranks, made by a second way or cut from the real ones: what the exercises share."""

import functools
from collections import Counter

GPT2 = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""

TEXTS = (
    "",
    "a",
    "the cat that sat there, the rat that ate",
    "I'll  don't\r\n\r\n  x = 12345\t#  end  ",
    "na\u00efve \u65e5\u672c\u8a9e 3\u20ac \u05e9\u05dc\u05d5\u05dd \u05e9\u05dc\u05d5\u05dd",
    "\U0001f469\u200d\U0001f52c \U0001f1eb\U0001f1f7 \x00\x7f\x80\xad\u2028 \ufeff\U0010ffff",
    "aaaaaaaaaaaaaaaaaaaaaaa   aaa      a",
)
PROSE = (
    "the cat that sat there, the rat that ate the hat; and then another, aaa aaaa "
    "na\u00efve \u00e9t\u00e9 \u65e5\u65e5"
)


def random_text(rng, length, letters="abcd\u00e9 \n"):
    return "".join(rng.choice(letters) for _ in range(length))


@functools.cache
def visible():
    """GPT-2's character of each byte, from the ranges that do not print rather than those that do."""
    hidden = [*range(33), *range(127, 161), 173]
    return {b: chr(256 + hidden.index(b)) if b in hidden else chr(b) for b in range(256)}


def seen(data):
    shown = visible()
    return "".join(shown[b] for b in data)


def learned(text, count):
    """The first tokens that byte pair encoding makes of a text, as bytes: [(left, right), ...]."""
    pieces, pairs = [bytes([b]) for b in text.encode("utf-8")], []
    while len(pairs) < count and len(pieces) > 1:
        neighbors = [(a, b) for a, b in zip(pieces, pieces[1:], strict=False) if 10 not in a + b]
        counts = Counter(neighbors)  # in the order of the text, so the first of equals wins
        pair = max(counts, key=counts.__getitem__)
        pairs.append(pair)
        i = 0
        while i < len(pieces) - 1:
            if (pieces[i], pieces[i + 1]) == pair:
                pieces[i : i + 2] = [pair[0] + pair[1]]
            i += 1
    return pairs


def table(rng, pairs, gaps=False):
    """{bytes: rank}: the bytes in some order, then the pairs in theirs, with gaps if wanted."""
    ranks = {bytes([b]): i for i, b in enumerate(rng.shuffled(range(256)))}
    rank = 255
    for left, right in pairs:
        rank += rng.integer(2, 9) if gaps else 1
        ranks[left + right] = rank
    return ranks


def mixed(rng, ranks):
    """The same dict, its entries in another order."""
    return dict(rng.shuffled(ranks.items()))


def halves(token, ranks):
    """What is left of a token when its bytes are merged by all tokens of lower rank."""
    pieces = [token[i : i + 1] for i in range(len(token))]
    while True:
        older = [
            (ranks[pieces[i] + pieces[i + 1]], i)
            for i in range(len(pieces) - 1)
            if ranks.get(pieces[i] + pieces[i + 1], ranks[token]) < ranks[token]
        ]
        if not older:
            return pieces
        i = min(older)[1]
        pieces = [*pieces[:i], pieces[i] + pieces[i + 1], *pieces[i + 2 :]]


@functools.cache
def real_ranks(size):
    """The first ranks of GPT-4's vocabulary, if it is installed; else None."""
    from data import DataError, load_cl100k_ranks

    try:
        return load_cl100k_ranks(size)
    except DataError:
        return None
