"""08.train_chunks: merges that never cross a cut."""

import regex as re

from graders.authoring import Raises, exercise

from .part import GPT2, LETTERS, TEXTS, WORDS, random_text, spelled

ex = exercise(
    "train_chunks", target="RegexTokenizer.train", title="training within chunks", points=2
)


@ex.cases
def _(rng):
    for text in TEXTS:
        yield dict(pattern=GPT2, text=text * 2, size=261, before="zz zz")
    yield dict(pattern=GPT2, text="hug hug hugs", size=258, before="")
    yield dict(pattern=WORDS, text="ab. ab. ab. b.", size=300, before="qq")  # runs out of pairs
    yield dict(pattern=LETTERS, text="dog. dog. dog! ", size=257, before="a")
    yield dict(pattern=GPT2, text="aaabdbd", size=257, before="")  # aa twice, overlapping
    yield dict(pattern=GPT2, text="aa aa", size=256, before="bb bb")
    yield dict(pattern=GPT2, text="aa aa", size=255, before="bb bb")
    for pattern, length in ((GPT2, 40), (LETTERS, 70)):
        text = random_text(rng, length)
        yield dict(pattern=pattern, text=text, size=256 + length // 4, before=random_text(rng, 9))


@ex.scenario
def _(m, pattern, text, size, before):
    tokenizer = m.RegexTokenizer(pattern)
    tokenizer.special_tokens = {"<|a|>": 9999}
    tokenizer.train(before, 258)  # nothing of it may be left
    returned = tokenizer.train(text, size)
    return {
        "merges": dict(tokenizer.merges),
        "vocab": dict(tokenizer.vocab),
        "special tokens": dict(tokenizer.special_tokens),
        "returned": returned,
    }


@ex.oracle
def _(pattern, text, size, before):
    if size < 256:
        return Raises("ValueError")
    # a chunk as a string of ids; str.replace goes from left to right
    chunks, merges = [c.encode().decode("latin-1") for c in re.findall(pattern, text)], {}
    while len(merges) < size - 256:
        pairs = [c[i : i + 2] for c in chunks for i in range(len(c) - 1)]
        if not pairs:
            break
        pair = max(pairs, key=lambda p: (pairs.count(p), -pairs.index(p)))
        idx = 256 + len(merges)
        merges[ord(pair[0]), ord(pair[1])] = idx
        chunks = [c.replace(pair, chr(idx)) for c in chunks]
    return {
        "merges": merges,
        "vocab": spelled(merges),
        "special tokens": {"<|a|>": 9999},
        "returned": None,
    }


ex.hint("As plain training, but on a list of lists: one list of ids for each chunk.")
ex.hint("count_pairs counts over all chunks; merge works on one chunk at a time: apply it to each.")
ex.hint(
    "chunks = [list(c.encode('utf-8')) for c in split_chunks(self.pattern, text)]; each round: "
    "pair = max(counts, key=counts.get), chunks = [merge(ids, pair, idx) for ids in chunks]; note the pair "
    "in merges and its bytes in vocab; set both at the end"
)

ex.misconception(
    "The text was not cut: it was trained as one long row of bytes, and merges cross from word to word.",
    name="not_cut",
    replace='[list(chunk.encode("utf-8")) for chunk in split_chunks(self.pattern, text)]',
    by='[list(text.encode("utf-8"))]',
)
ex.misconception(
    "The chunks were put back together before counting, so pairs (and merges) cross the cuts.",
    name="flattened",
    replace="for idx in range",
    by="chunks = [sum(chunks, [])]\n        for idx in range",
)
ex.misconception(
    "Merges of an earlier training are still there: begin with empty merges, and set self.merges anew.",
    name="merges_leak",
    replace="self.merges, self.vocab = merges, vocab",
    by="self.merges, self.vocab = {**self.merges, **merges}, vocab",
)
ex.misconception(
    "Entries of an earlier training are still in self.vocab: build it anew in each training.",
    name="vocab_leaks",
    replace="self.merges, self.vocab = merges, vocab",
    by="self.merges, self.vocab = merges, {**self.vocab, **vocab}",
)
ex.misconception(
    "self.vocab lacks the new tokens: vocab[idx] = vocab[left] + vocab[right], or decoding fails.",
    name="no_vocab",
    replace="vocab[idx] = vocab[pair[0]] + vocab[pair[1]]",
    by="pass",
)
ex.misconception(
    "The learned merges are not kept: put them into self.merges and self.vocab.",
    name="not_kept",
    replace="self.merges, self.vocab = merges, vocab",
    by="pass",
)
ex.misconception(
    "GPT-4's pattern is used whatever pattern the tokenizer was made with: use self.pattern.",
    name="other_pattern",
    replace="split_chunks(self.pattern, text)",
    by="split_chunks(GPT4_SPLIT_PATTERN, text)",
)
ex.misconception(
    "When no chunk has a pair left, the best of none fails. Stop training there.",
    name="no_stop",
    replace="if not counts:\n                break",
    by="pass",
)
ex.misconception(
    "Equal counts: the pair with the largest ids won. The rule is the pair seen first.",
    name="largest_of_equals",
    replace="max(counts, key=counts.get)",
    by="max(counts, key=lambda p: (counts[p], p))",
)
ex.misconception(
    "A vocab_size below 256 has no place for all bytes: raise ValueError.",
    name="too_small",
    replace="if vocab_size < 256:",
    by="if False:",
)
ex.misconception(
    "Only different chunks were counted. A frequent word must count as often as it stands there.",
    name="different_chunks",
    replace="for chunk in split_chunks(self.pattern, text)]",
    by="for chunk in dict.fromkeys(split_chunks(self.pattern, text))]",
)
ex.misconception(
    "The special tokens are gone after training; they should stay as they were.",
    name="special_gone",
    replace="self.merges, self.vocab = merges, vocab",
    by="self.merges, self.vocab, self.special_tokens = merges, vocab, {}",
)

ex.misconception(
    """It stopped when no pair came twice. Asked for so many tokens, it goes on while there is any
    pair.""",
    name="stops_at_once",
    replace="if not counts:",
    by="if not counts or max(counts.values()) == 1:",
)

ex.misconception(
    """Merges of an earlier training stay in the tokenizer. It begins anew: with bytes alone.""",
    name="earlier_stay",
    edits=[
        (
            "merges, vocab = {}, {i: bytes([i]) for i in range(256)}",
            "merges, vocab = self.merges, self.vocab",
        )
    ],
)

ex.variant(
    "a chunk and how often it occurs",
    name="weighted",
    source="""
    def train(self, text, vocab_size):
        if vocab_size < 256:
            raise ValueError("too small")
        self.merges, self.vocab = {}, {i: bytes([i]) for i in range(256)}
        words = {}
        for chunk in split_chunks(self.pattern, text):
            key = tuple(chunk.encode())
            words[key] = words.get(key, 0) + 1
        while len(self.vocab) < vocab_size:
            counts = {}
            for word, n in words.items():
                for pair in zip(word, word[1:]):
                    counts[pair] = counts.get(pair, 0) + n
            if not counts:
                return
            pair, new = max(counts, key=counts.get), len(self.vocab)
            self.merges[pair] = new
            self.vocab[new] = self.vocab[pair[0]] + self.vocab[pair[1]]
            words = {tuple(merge(list(w), pair, new)): n for w, n in words.items()}
""",
)

ex.equivalent(
    "list(chunk.encode('utf-8'))  ->  chunk.encode('utf-8')",
    "bytes are a row of ints; the first merge makes a list of it",
)
