"""08.encode_ordinary: chunk by chunk."""

import regex as re

from graders.authoring import exercise

from .part import GPT2, LETTERS, MERGES, SPECIAL, TEXTS, WORDS, encoded, made, random_text

ex = exercise(
    "encode_ordinary", target="RegexTokenizer.encode_ordinary", title="encoding chunk by chunk"
)


@ex.cases
def _(rng):
    for text in (*TEXTS, "ab  abb", "x<|a|>b", "\u00e9nd (.)", "20 2020 ab20"):
        yield dict(text=text, pattern=GPT2, merges=MERGES)
    # a mark of byte order and Windows line ends are text like any other
    for pattern in (GPT2, r"(?s).+"):
        yield dict(text="\ufeffab\r\nab \ufeffab\r\n", pattern=pattern, merges=MERGES)
    across = {(98, 32): 256, (46, 32): 257, (256, 97): 258}  # merges that would cross GPT-2's cuts
    yield dict(text="ab ab. ab", pattern=GPT2, merges=across)
    yield dict(text="ab ab. ab", pattern=r"(?s).+", merges=across)
    yield dict(text="ab, ab! 20", pattern=WORDS, merges=MERGES)
    yield dict(text="ab ab", pattern=LETTERS, merges={})
    for length in (5, 30):
        yield dict(
            text=random_text(rng, length), pattern=rng.choice((GPT2, LETTERS)), merges=MERGES
        )


@ex.scenario
def _(m, text, pattern, merges):
    return made(m, pattern, merges, SPECIAL).encode_ordinary(text)


def changes(rng):
    """Two trainings with as many merges, and a pattern that cuts elsewhere."""
    first, second = {(97, 98): 256, (32, 256): 257}, {(98, 97): 256, (98, 32): 257}
    text = "ab ab ba" + random_text(rng, 9)
    yield dict(text=text, first=first, second=second, patterns=[GPT2, LETTERS])
    yield dict(text=text, first=second, second=first, patterns=[LETTERS, r"(?s).+"])


@ex.check("trained anew", cases=changes)
def _(m, text, first, second, patterns):
    """Each call goes by the pattern and the merges that the tokenizer has at that moment."""
    tokenizer, found = made(m, patterns[0], first, SPECIAL), []
    for merges in (first, second, first):
        tokenizer.merges = dict(merges)
        found += [tokenizer.encode_ordinary(text), tokenizer.encode_ordinary("ab ab")]
    tokenizer.pattern = patterns[1]
    return [*found, tokenizer.encode_ordinary(text), tokenizer.encode_ordinary("ab ab")]


@ex.oracle("trained anew")
def _(text, first, second, patterns):
    found = []
    for pattern, merges in zip(
        [patterns[0]] * 3 + [patterns[1]], (first, second, first, first), strict=True
    ):
        found += [encoded(re.findall(pattern, t), merges) for t in (text, "ab ab")]
    return found


@ex.oracle
def _(text, pattern, merges):
    return encoded(re.findall(pattern, text), merges)


ex.hint("split_chunks cuts, encode_chunk encodes the bytes of one chunk.")
ex.hint("The ids of all chunks go into one flat list: extend, not append.")
ex.hint(
    "for chunk in split_chunks(self.pattern, text): ids.extend(encode_chunk(chunk.encode('utf-8'), "
    "self.merges))"
)

ex.misconception(
    "The text was encoded in one piece, so merges cross the cuts. Cut it first.",
    name="not_cut",
    replace="split_chunks(self.pattern, text)",
    by="[text]",
)
ex.misconception(
    "The ids of chunks that were met before are remembered, and the tokenizer has been given other merges "
    "since: what is remembered is out of date. Encode each chunk by self.merges as they are now.",
    name="remembered",
    source="""
def encode_ordinary(self, text):
    known = self.__dict__.setdefault("known", {})
    ids = []
    for chunk in split_chunks(self.pattern, text):
        if chunk not in known:
            known[chunk] = encode_chunk(chunk.encode("utf-8"), self.merges)
        ids.extend(known[chunk])
    return ids
""",
)
ex.misconception(
    "A list of lists: append puts each chunk's list in as one item. Use extend.",
    name="nested",
    replace="ids.extend(",
    by="ids.append(",
)
ex.misconception(
    "GPT-4's pattern is used whatever pattern the tokenizer was made with: use self.pattern.",
    name="other_pattern",
    replace="self.pattern",
    by="GPT4_SPLIT_PATTERN",
)
ex.misconception(
    "Only the first chunk was encoded: return after the loop, not in it.",
    name="first_chunk",
    edits=[("self.merges))\n", "self.merges))\n            return ids\n")],
)
ex.misconception(
    "The chunks were encoded and then merged again as a whole: that crosses the cuts after all.",
    name="merged_again",
    replace="return ids",
    by="while any(p in self.merges for p in zip(ids, ids[1:])):\n"
    "            p = min((self.merges.get(p, 10**9), p) for p in zip(ids, ids[1:]))[1]\n"
    "            ids = merge(ids, p, self.merges[p])\n        return ids",
)
ex.misconception(
    "These are the bytes as they are, without any merge.",
    name="no_merges",
    replace='encode_chunk(chunk.encode("utf-8"), self.merges)',
    by='chunk.encode("utf-8")',
)
ex.misconception(
    "Chunks of spaces were dropped: decoding could not bring them back.",
    name="no_blank",
    replace="in split_chunks(self.pattern, text):",
    by="in filter(str.strip, split_chunks(self.pattern, text)):",
)
ex.misconception(
    "Special tokens became their ids. In encode_ordinary nothing is special; that is for encode.",
    name="special",
    source="""
    def encode_ordinary(self, text):
        ids = []
        for piece in split_special(text, self.special_tokens):
            if piece in self.special_tokens:
                ids.append(self.special_tokens[piece])
                continue
            for chunk in split_chunks(self.pattern, piece):
                ids.extend(encode_chunk(chunk.encode("utf-8"), self.merges))
        return ids
""",
)

ex.variant(
    "a comprehension, each different chunk encoded once",
    name="cached",
    source="""
    def encode_ordinary(self, text):
        chunks = split_chunks(self.pattern, text)
        known = {c: encode_chunk(c.encode(), self.merges) for c in set(chunks)}
        return [i for c in chunks for i in known[c]]
""",
)
