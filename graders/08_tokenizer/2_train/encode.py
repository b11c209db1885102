"""08.encode: the earliest merge first."""

from graders.authoring import exercise

from .part import TEXTS, random_text, trained

ex = exercise("encode", title="from text to ids", points=2)


@ex.cases
def _(rng):
    abc = {(98, 99): 256, (97, 98): 257, (257, 120): 258}  # bc, ab, abx
    example = {(97, 97): 256, (256, 97): 257, (257, 98): 258}
    # ab, cd, then b c d as one, which the longest-match rule prefers
    greedy = {(97, 98): 256, (99, 100): 257, (98, 257): 258, (258, 101): 259}
    for text in ("", "a", "abcx", "abxabcx", "abab", "bcbcab"):
        yield dict(text=text, merges=abc)
    for text in ("aaabdaaabac", "ab", "aaaaaaa", "aaaab", "baaa"):
        yield dict(text=text, merges=example)
    for text in ("abcde", "bcde", "abcd bcd", "bcdeabcde"):
        yield dict(text=text, merges=greedy)
    yield dict(text="\u20ac\u20ac", merges={(226, 130): 256, (256, 172): 257})
    yield dict(text="ab", merges={})
    # a mark of byte order and Windows line ends are text like any other
    yield dict(text="\ufeffab\r\nab \ufeffab\r\n", merges={(97, 98): 256, (256, 13): 257})
    # ascending is all that is said of the ids
    yield dict(text="abcab abd", merges={(97, 98): 300, (300, 99): 70_000, (32, 300): 10**7})
    yield dict(text=" ab\nb ", merges={(32, 97): 256, (98, 32): 257})
    # rare pairs with a low rank, frequent ones with a high
    yield dict(text="abcbcbc abc", merges={(97, 98): 256, (98, 99): 257, (257, 257): 258})
    for text in TEXTS[6:]:
        yield dict(text=text + text[::-1], merges=trained(text, 266))
    some = trained(random_text(rng, 90), 281)
    for length in (3, 40, 80):
        yield dict(text=random_text(rng, length), merges=some)


@ex.oracle
def _(text, merges):
    # one place at a time: of all places with the lowest rank, the leftmost
    ids = list(text.encode("utf-8"))
    while True:
        ranks = [
            (merges[p], i) for i in range(len(ids) - 1) if (p := (ids[i], ids[i + 1])) in merges
        ]
        if not ranks:
            return ids
        idx, i = min(ranks)
        ids[i : i + 2] = [idx]


ex.hint("Which of the pairs that stand there now was learned earliest? Its new id is the lowest.")
ex.hint(
    "min over get_stats(ids) with a key: the pair's new id, or infinity if it is not among the merges. "
    "When do you stop?"
)
ex.hint(
    "while len(ids) >= 2: pair = min(get_stats(ids), key=lambda p: merges.get(p, float('inf'))); break if "
    "pair not in merges; ids = merge(ids, pair, merges[pair])"
)

PICK = 'min(get_stats(ids), key=lambda p: merges.get(p, float("inf")))'
ex.misconception(
    "The most frequent pair was merged first. That was the rule of training; in encoding the pair with "
    "the lowest new id comes first, however rare it is here.",
    name="most_frequent",
    replace=PICK,
    by="max((c := get_stats(ids)), key=lambda p: c[p] if p in merges else -1)",
)
ex.misconception(
    "The latest merge came first. Merges are replayed in the order in which they were learned: lowest "
    "new id first.",
    name="highest_first",
    replace=PICK,
    by="max(get_stats(ids), key=lambda p: merges.get(p, -1))",
)
ex.misconception(
    "The leftmost pair that is among the merges came first. All pairs compete: the lowest new id wins, "
    "wherever it stands.",
    name="leftmost",
    replace=PICK,
    by="min(get_stats(ids), key=lambda p: p not in merges)",
)
ex.misconception(
    "A single merge was made. Merges build on one another: look again until no pair is left that is known.",
    name="only_once",
    replace="while len(ids) >= 2:",
    by="for _ in range(1 if len(ids) > 1 else 0):",
)
ex.misconception(
    "With fewer than two ids there is no pair, and min of nothing fails. The empty text and a single byte "
    "are texts too.",
    name="short_text",
    replace="while len(ids) >= 2:",
    by="while True:",
)
ex.misconception(
    "When none of the pairs is among the merges, looking one up raises KeyError: that is the moment to stop.",
    name="no_stop",
    replace="if pair not in merges:\n            break",
    by="pass",
)
ex.misconception(
    "These are code points. The merges were learned on UTF-8 bytes: start from text.encode('utf-8').",
    name="code_points",
    replace='list(text.encode("utf-8"))',
    by="[ord(c) for c in text]",
)
ex.misconception(
    "The bytes came back as they were: nothing is merged.",
    name="bytes_only",
    source="""
def encode(text, merges):
    return list(text.encode("utf-8"))
""",
)
ex.misconception(
    "The longest token that fits was taken, from left to right. That is another algorithm: BPE replays its "
    "merges, earliest first, and may end with shorter tokens.",
    name="longest_match",
    source="""
def encode(text, merges):
    vocab = {i: bytes([i]) for i in range(256)}
    for (a, b), idx in merges.items():
        vocab[idx] = vocab[a] + vocab[b]
    data, out = text.encode("utf-8"), []
    while data:
        best = max((i for i in vocab if data.startswith(vocab[i])), key=lambda i: len(vocab[i]))
        out.append(best)
        data = data[len(vocab[best]):]
    return out
""",
)
ex.misconception(
    "One walk from left to right that grows the last token as long as it can: a pair further right may "
    "have the lower rank and must come first.",
    name="one_walk",
    source="""
def encode(text, merges):
    out = []
    for i in text.encode("utf-8"):
        out.append(i)
        while len(out) > 1 and (out[-2], out[-1]) in merges:
            idx = merges[out[-2], out[-1]]
            out[-2:] = [idx]
    return out
""",
)

ex.variant(
    "the merges replayed in order",
    name="replayed",
    source="""
def encode(text, merges):
    ids = list(text.encode())
    for pair, idx in merges.items():
        ids = merge(ids, pair, idx)
    return ids
""",
)
ex.variant(
    "one place at a time",
    name="one_place",
    source="""
def encode(text, merges):
    ids = [*text.encode()]
    while True:
        found = [(merges[p], i) for i, p in enumerate(zip(ids, ids[1:])) if p in merges]
        if not found:
            return ids
        idx, i = min(found)
        ids = ids[:i] + [idx] + ids[i + 2:]
""",
)
