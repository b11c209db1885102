"""08.unused_tokens: tokens that nobody meets."""

from graders.authoring import exercise
from graders.counting import Lookups, searched

from .part import cut, random_text

ex = exercise("unused_tokens", title="tokens that nobody meets", points=2)


@ex.cases
def _(rng):
    vocab = {0: b"a", 1: b"b", 2: b"ab", 3: b"zz"}
    yield dict(vocab=vocab, ids=[2, 2, 0], corpus=b"ababa")
    yield dict(vocab=vocab, ids=[], corpus=b"")
    yield dict(vocab=vocab, ids=[0, 1, 2, 3], corpus=b"ababzz")
    # ids out of order; one across two tokens; half a character
    some = {
        9: b"ba",
        300: b"\xe6\x97",
        4: b"\xe6\x97\xa5",
        7: b"c",
        2: b"ab",
        50: b"no",
        8: b"\x97\xa5a",
    }
    yield dict(vocab=some, ids=[2, 2, 4, 2], corpus="abab\u65e5ab".encode())
    yield dict(vocab=dict(rng.shuffled(some.items())), ids=[2, 7], corpus=b"abc")
    far = {5: b"a", 5 + 2**16: b"b", 10**7: b"end", 70_000: b"aaa"}
    yield dict(vocab=far, ids=[5] * 9 + [5 + 2**16], corpus=b"ab" * 2000 + b"end")
    data = random_text(rng, 60).encode()
    pieces = cut(rng, data)
    kinds = rng.shuffled(
        dict.fromkeys(
            [*pieces, *(bytes([b]) for b in range(97, 110)), *cut(rng, data), b"zzz", b"aba"]
        )
    )
    vocab = {3 * i + 1: token for i, token in enumerate(kinds)}
    yield dict(
        vocab=dict(rng.shuffled(vocab.items())),
        ids=[3 * kinds.index(p) + 1 for p in pieces],
        corpus=data,
    )


@ex.scenario
def _(m, vocab, ids, corpus):
    return [list(part) for part in m.unused_tokens(vocab, ids, corpus)]


@ex.oracle
def _(vocab, ids, corpus):
    absent, swallowed = [], []
    for i in sorted(vocab):
        if ids.count(i) == 0:
            (absent if corpus.find(vocab[i]) < 0 else swallowed).append(i)
    return [absent, swallowed]


def half(rng):
    """A vocabulary of which every second token is used; the corpus holds all of them."""
    vocab = {i: bytes([33 + i]) for i in range(90)}
    ids = rng.shuffled(range(0, 90, 2)) * 2
    yield dict(vocab=vocab, ids=ids, corpus=bytes(range(33, 123)))


def looked_up(case, got):
    if got["parts"] != [[], [i for i in case["vocab"] if i not in case["ids"]]]:
        return "every second token is not among the ids, and the corpus holds its bytes"
    return searched(got["times"], len(case["ids"]), "ids")


@ex.check("looking up", cases=half, judge=looked_up)
def _(m, vocab, ids, corpus):
    lookups = Lookups()
    parts = m.unused_tokens(vocab, lookups.watch(ids), corpus)
    times = lookups.times()
    return {"parts": [[*map(int, part)] for part in parts], "times": times}


ex.hint("First all ids in vocab that are not among ids. Then: do their bytes stand in the corpus?")
ex.hint("bytes know `in`: b'ab' in corpus. A set of the ids makes the question fast.")
ex.hint(
    "used = set(ids), once; unused = sorted(i for i in vocab if i not in used), split by vocab[i] in corpus"
)

ex.misconception(
    "Tokens whose bytes stand in the corpus were all taken for used. What counts is whether their id is "
    "among ids: the bytes "
    "may stand inside of a longer token.",
    name="by_bytes_only",
    replace="unused = sorted(i for i in vocab if i not in used)",
    by="unused = sorted(i for i in vocab if vocab[i] not in corpus)",
)
ex.misconception(
    "Used tokens are among the results. Only ids that are not among ids belong there.",
    name="used_too",
    replace="if i not in used)",
    by="if True)",
)
ex.misconception(
    "The two lists are the wrong way round: first those whose bytes stand nowhere.",
    name="swapped",
    replace="return absent, [i for i in unused if vocab[i] in corpus]",
    by="return [i for i in unused if vocab[i] in corpus], absent",
)
ex.misconception(
    "The ids are not in ascending order.",
    name="unsorted",
    replace="sorted(i for i in vocab if i not in used)",
    by="[i for i in vocab if i not in used]",
)
ex.misconception(
    "The bytes of tokens came back. Ids are asked for.",
    name="tokens",
    edits=[
        ("[i for i in unused if vocab[i] not", "[vocab[i] for i in unused if vocab[i] not"),
        ("[i for i in unused if vocab[i] in", "[vocab[i] for i in unused if vocab[i] in"),
    ],
)
ex.misconception(
    "Looked for inside of single used tokens only. A token's bytes may also run across the border of two.",
    name="inside_only",
    edits=[
        ("if vocab[i] not in corpus]", "if not any(vocab[i] in vocab[j] for j in used)]"),
        ("if vocab[i] in corpus]", "if any(vocab[i] in vocab[j] for j in used)]"),
    ],
)
ex.misconception(
    "Ids were counted from 0 to len(vocab). A vocabulary may have gaps: go through its own ids.",
    name="by_range",
    replace="for i in vocab if i not in used",
    by="for i in range(len(vocab)) if i in vocab and i not in used",
)

ex.misconception(
    "All ids are gone through for each token: `in` does so, where ids is a list, and set(ids), where it "
    "is made for each. A corpus has millions of them: make the set once, before the loop.",
    name="looked_up_in_the_list",
    replace="used = set(ids)",
    by="used = ids",
)

ex.variant(
    "sets",
    name="sets",
    source="""
def unused_tokens(vocab, ids, corpus):
    rest = vocab.keys() - set(ids)
    there = {i for i in rest if corpus.count(vocab[i])}
    return sorted(rest - there), sorted(there)
""",
)
