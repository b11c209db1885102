"""08.encode_ranked: shuffled bytes, then merges; equal to tiktoken."""

import functools

from graders.authoring import exercise

from .part import GPT2, PROSE, TEXTS, halves, learned, mixed, random_text, real_ranks, table

ex = exercise("encode_ranked", title="encoding as GPT-2 and GPT-4 do", points=2)


def linked(ranks):
    """The merges behind a table, for the cases."""
    merges = {}
    for token in ranks:
        if len(token) > 1:
            left, right = halves(token, ranks)
            merges[ranks[left], ranks[right]] = ranks[token]
    return merges


@functools.cache
def real_merges(size):
    """The merges behind GPT-4's first ranks: the same for every seed."""
    return linked(real_ranks(size))


@ex.cases
def _(rng):
    ranks = {bytes([b]): 255 - b for b in range(256)} | {b"ab": 256}
    for text in ("ab b", "", "b", "aab\nab"):
        yield dict(text=text, pattern=GPT2, ranks=ranks, merges={(158, 157): 256})
    yield dict(text="ab", pattern=GPT2, ranks=ranks, merges={})
    # the dict begins with the younger merge
    ranks = {bytes([b]): 255 - b for b in range(256)} | {b"bc": 256, b"ab": 257}
    yield dict(text="abc", pattern=GPT2, ranks=ranks, merges={(158, 157): 257, (157, 156): 256})
    # as many entries as the first table, and other ids; then ids above all that one takes for infinity
    ranks = {bytes([b]): b for b in range(256)} | {b"ab": 256}
    yield dict(text="ab b", pattern=GPT2, ranks=ranks, merges={(97, 98): 256})
    ranks = ranks | {b"ab": 2_000_000_000, b"abb": 2_000_000_001}
    high = {(97, 98): 2_000_000_000, (2_000_000_000, 98): 2_000_000_001}
    yield dict(text="abbab", pattern=GPT2, ranks=ranks, merges=high)
    ranks = table(rng, learned(PROSE, 70), gaps=True)
    merges = linked(mixed(rng, ranks))
    for text in (*TEXTS, PROSE):
        yield dict(text=text, pattern=GPT2, ranks=ranks, merges=merges)
    for pattern in ("(?s).+", r"\p{L}+|\P{L}", r"\p{N}{1,3}|\P{N}+"):
        yield dict(text=PROSE + " 1234567", pattern=pattern, ranks=ranks, merges=merges)
    ranks = table(rng, learned(random_text(rng, 90), 30))
    for length in (8, 60):
        yield dict(text=random_text(rng, length), pattern=GPT2, ranks=ranks, merges=linked(ranks))
    real = real_ranks(700)
    if real:
        merges = real_merges(700)
        for text in (TEXTS[3], PROSE + random_text(rng, 30)):
            yield dict(text=text, pattern=GPT2, ranks=real, merges=merges)


@ex.oracle
def _(text, pattern, ranks, merges):
    from tiktoken import Encoding

    if not merges:  # then no token of two bytes may be used
        ranks = {token: rank for token, rank in ranks.items() if len(token) == 1}
    return Encoding(
        "real", pat_str=pattern, mergeable_ranks=ranks, special_tokens={}
    ).encode_ordinary(text)


ex.hint(
    "For each chunk: its UTF-8 bytes, each byte's id, then merges, always the lowest new id first."
)
ex.hint(
    "shuffle = byte_shuffle(ranks); ids = [shuffle[b] for b in chunk.encode('utf-8')]. From there on it "
    "is the "
    "loop of the parts before."
)
ex.hint(
    "while len(ids) >= 2: pair = min(pairwise(ids), key=lambda p: merges.get(p, float('inf'))); break "
    "if it is "
    "not in merges; ids = merge(ids, pair, merges[pair]). Then out.extend(ids)."
)

ex.misconception(
    "The bytes were taken as ids. Here byte b has the id byte_shuffle(ranks)[b], and the merges are of ids.",
    name="no_shuffle",
    replace='[shuffle[b] for b in chunk.encode("utf-8")]',
    by='list(chunk.encode("utf-8"))',
)
ex.misconception(
    "The shuffle came after the merges. The merges are of ids, so the bytes become ids first.",
    name="shuffle_last",
    edits=[
        ('[shuffle[b] for b in chunk.encode("utf-8")]', 'list(chunk.encode("utf-8"))'),
        ("out.extend(ids)", "out.extend(shuffle[i] if i < 256 else i for i in ids)"),
    ],
)
ex.misconception(
    "The shuffle was undone rather than done: at place b it must give the id of the byte b.",
    name="inverse",
    replace="byte_shuffle(ranks), []",
    by="sorted(range(256), key=byte_shuffle(ranks).__getitem__), []",
)
ex.misconception(
    "The text was not cut first: a token crosses from one chunk into the next.",
    name="no_split",
    replace="for chunk in re.findall(pattern, text):",
    by="for chunk in [text]:",
)
ex.misconception(
    "GPT-2's pattern was used whatever was passed in: take the argument.",
    name="always_gpt2",
    replace="for chunk in re.findall(pattern, text):",
    by="for chunk in re.findall(GPT2_SPLIT_PATTERN, text):",
)
ex.misconception(
    "The merges were replayed in the order of the dict, which means nothing here. The lowest new id "
    "comes first.",
    name="dict_order",
    replace='key=lambda p: merges.get(p, float("inf"))',
    by="key=lambda p: list(merges).index(p) if p in merges else len(merges)",
)
ex.misconception(
    "The leftmost pair that is among the merges came first. All pairs of the chunk compete: the lowest "
    "new id wins, wherever it stands.",
    name="leftmost",
    replace='key=lambda p: merges.get(p, float("inf"))',
    by="key=lambda p: p not in merges",
)
ex.misconception(
    "The longest token that fits was taken, from left to right. Encoding replays the merges, lowest id "
    "first, and "
    "may end with shorter tokens.",
    name="longest_match",
    source="""
def encode_ranked(text, pattern, ranks, merges):
    out = []
    for chunk in re.findall(pattern, text):
        data = chunk.encode("utf-8")
        while data:
            n = next(n for n in range(len(data), 0, -1) if data[:n] in ranks)
            out.append(ranks[data[:n]])
            data = data[n:]
    return out
""",
)
ex.misconception(
    "A single merge was made in each chunk. Look again until no pair is left that is known.",
    name="only_once",
    replace="while len(ids) >= 2:",
    by="for _ in range(1 if len(ids) > 1 else 0):",
)
ex.misconception(
    "Only the last chunk came back: the ids of all chunks stand one after the other.",
    name="last_chunk",
    replace="out.extend(ids)",
    by="out = ids",
)
ex.misconception(
    "Each chunk's ids are a list of their own. One flat list is asked for: extend, not append.",
    name="nested",
    replace="out.extend(ids)",
    by="out.append(ids)",
)

ex.variant(
    "one place at a time",
    name="one_place",
    source="""
def encode_ranked(text, pattern, ranks, merges):
    result = []
    for found in re.finditer(pattern, text):
        ids = [ranks[bytes([b])] for b in found.group().encode()]
        while True:
            ready = [(merges[p], i) for i, p in enumerate(zip(ids, ids[1:])) if p in merges]
            if not ready:
                break
            new, i = min(ready)
            ids[i : i + 2] = [new]
        result += ids
    return result
""",
)
