"""08.chunk_counts: each chunk once."""

from graders.authoring import exercise

from .part import GPT2, TEXTS, counted, random_text

ex = exercise("chunk_counts", title="each chunk once", stretch=True)


@ex.cases
def _(rng):
    for text in TEXTS:
        yield dict(pattern=GPT2, text=text)
    for pattern in (r"\p{L}+", "(?s).", r"\s+|\S+"):
        yield dict(pattern=pattern, text=TEXTS[6] + TEXTS[7])
    yield dict(pattern=r"\S+", text="e\u0301 \u00e9 e\u0301 \u00e9")  # not the same bytes
    yield dict(pattern=r"\S", text="a b" * 300)
    yield dict(pattern=GPT2, text=random_text(rng, 60))


@ex.scenario
def _(m, pattern, text):
    return list(m.chunk_counts(pattern, text).items())  # the order counts


@ex.oracle
def _(pattern, text):
    return list(counted(text, pattern).items())


@ex.effort
def _(rng):
    for n in (12, 96):
        yield dict(pattern=r"\S+", text=" ".join(map(str, rng.shuffled(range(100, 100 + n)))))


ex.hint(
    "The chunks are re.findall(pattern, text). Count them in a dict: it keeps the order of first occurrence."
)
ex.hint("counts[data] = counts.get(data, 0) + 1, with data the chunk as bytes.")
ex.hint(
    "for chunk in re.findall(pattern, text): data = chunk.encode('utf-8'); then counts[data] is one more"
)

ex.misconception(
    "The chunks are strings. Merges are of bytes: chunk.encode('utf-8').",
    name="strings",
    replace='chunk.encode("utf-8")',
    by="chunk",
)
ex.misconception(
    "Every chunk has the count 1. One that occurs again must be counted again.",
    name="always_one",
    replace="counts.get(data, 0) + 1",
    by="1",
)
ex.misconception(
    "The counts are one too few: the first occurrence counts as well.",
    name="from_zero",
    replace="counts.get(data, 0) + 1",
    by="counts.get(data, -1) + 1",
)
ex.misconception(
    "The most frequent chunks come first. Ties in training are decided by what is seen first, so keep "
    "the order of the text.",
    name="most_frequent_first",
    replace="return counts",
    by="return dict(sorted(counts.items(), key=lambda item: -item[1]))",
)
ex.misconception(
    "The chunks are sorted. Ties in training are decided by what is seen first: keep the order of the text.",
    name="sorted",
    replace="return counts",
    by="return dict(sorted(counts.items()))",
)
ex.misconception(
    "The order is that of the last occurrences. First occurrences decide ties: leave a chunk where it is.",
    name="last_seen",
    replace="counts[data] = counts.get(data, 0) + 1",
    by="counts[data] = counts.pop(data, 0) + 1",
)
ex.misconception(
    "The text was cut at spaces. The pattern says where to cut.",
    name="at_spaces",
    replace="for chunk in re.findall(pattern, text):",
    by="for chunk in text.split():",
)

ex.misconception(
    "The work grows with the square of the chunks: all are gone through once more for each. Go through them "
    "once, and let each add 1 to its own entry of the dict.",
    name="each_chunk_alone",
    source="""
def chunk_counts(pattern, text):
    chunks = [chunk.encode("utf-8") for chunk in re.findall(pattern, text)]
    return {chunk: sum(other == chunk for other in chunks) for chunk in chunks}
""",
)

ex.variant(
    "Counter",
    name="counter",
    source="""
def chunk_counts(pattern, text):
    from collections import Counter

    return dict(Counter(found.group().encode() for found in re.finditer(pattern, text)))
""",
)
