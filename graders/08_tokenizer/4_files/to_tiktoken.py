"""08.to_tiktoken: the real library, with the learner's merges."""

from graders.authoring import exercise
from graders.instead import instead

from .part import GPT2, MERGES, PROSE, TEXTS, encoded, learned, planes, random_text

ex = exercise("to_tiktoken", title="your merges inside tiktoken")
END = {"<|end|>": 5000, "(.) \u00e9\n": 4000}


@ex.cases
def _(rng):
    example = {(104, 101): 256, (256, 108): 257}
    yield dict(
        pattern=r"\S+|\s+",
        merges=example,
        special={"<|end|>": 300},
        texts=["hel he hehel", "", "<|end|>"],
    )
    yield dict(pattern=GPT2, merges=MERGES[0], special={}, texts=[PROSE, *TEXTS])
    yield dict(
        pattern="(?s).+", merges=learned(PROSE, 60, "(?s).+"), special=END, texts=[PROSE, *TEXTS]
    )
    merges = learned(PROSE + random_text(rng, 60), 90)
    for _ in range(3):
        texts = [planes(rng, 12) for _ in range(30)] + [random_text(rng, 20) for _ in range(30)]
        yield dict(pattern=GPT2, merges=merges, special=END, texts=[*texts, *TEXTS])


@ex.scenario
def _(m, pattern, merges, special, texts):
    import tiktoken

    kept = dict(merges), dict(special)
    own = m.to_tiktoken("mine", pattern, merges, special)
    if type(own) is not tiktoken.Encoding:
        return instead(own, "a tiktoken.Encoding")
    plain = [text for text in texts[:6] if not any(name in text for name in special)]
    marked = [text + "".join(special) + text[:2] for text in plain]
    return {
        "name": own.name,
        "ids": [list(own.encode_ordinary(text)) for text in texts],
        "with special tokens": [list(own.encode(t, allowed_special="all")) for t in marked],
        "back": [own.decode(own.encode_ordinary(text)) for text in texts],
        "arguments unchanged": (merges, special) == kept,
    }


@ex.oracle
def _(pattern, merges, special, texts):
    marked = []
    for text in [t for t in texts[:6] if not any(name in t for name in special)]:
        ids = encoded(text, pattern, merges) + list(special.values())
        marked.append(ids + encoded(text[:2], pattern, merges))
        if not special:  # then it is one text
            marked[-1] = encoded(text + text[:2], pattern, merges)
    return {
        "name": "mine",
        "ids": [encoded(text, pattern, merges) for text in texts],
        "with special tokens": marked,
        "back": texts,
        "arguments unchanged": True,
    }


ex.hint("Four arguments, and the docstring names them. One of them needs to_ranks.")
ex.hint("from tiktoken import Encoding, inside of the function.")
ex.hint(
    "Encoding(name, pat_str=pattern, mergeable_ranks=to_ranks(merges), special_tokens=special_tokens)"
)

ex.misconception(
    "The special tokens did not reach tiktoken. Pass them on.",
    name="no_special",
    replace="special_tokens=special_tokens\n",
    by="special_tokens={}\n",
)
ex.misconception(
    "The split pattern is not the one that was passed in, and the cuts are elsewhere.",
    name="own_pattern",
    replace="pat_str=pattern",
    by="pat_str=PATTERN",
)
ex.misconception(
    "The merges did not reach tiktoken: these are the single bytes. to_ranks(merges) is the table.",
    name="bytes_only",
    replace="to_ranks(merges)",
    by="to_ranks({})",
)
ex.misconception(
    "The name did not reach tiktoken.",
    name="no_name",
    replace="name, pat_str=pattern",
    by='"own", pat_str=pattern',
)
ex.misconception(
    "The special tokens were put among the merges: then they are made from any text, allowed or not.",
    name="among_merges",
    replace="mergeable_ranks=to_ranks(merges)",
    by="mergeable_ranks=to_ranks(merges) | {t.encode(): i for t, i in special_tokens.items()}",
)

ex.misconception(
    "That is a class of your own that encodes alike. What is wanted is the library's: a tiktoken.Encoding, "
    "made with your merges.",
    name="own_class",
    source="""
class Own:
    def __init__(self, name, pattern, merges, special):
        self.name, self.pattern, self.merges, self.special = name, pattern, merges, special

    def encode_ordinary(self, text):
        from tiktoken import Encoding

        ranks = to_ranks(self.merges)
        return Encoding("", pat_str=self.pattern, mergeable_ranks=ranks, special_tokens={}).encode(text)


def to_tiktoken(name, pattern, merges, special_tokens):
    return Own(name, pattern, merges, special_tokens)
""",
)

ex.variant(
    "by keywords",
    name="keywords",
    source="""
def to_tiktoken(name, pattern, merges, special_tokens):
    import tiktoken

    ranks = dict(to_ranks(merges))
    wanted = dict(name=name, pat_str=pattern, mergeable_ranks=ranks, special_tokens=dict(special_tokens))
    return tiktoken.Encoding(**wanted)
""",
)
