"""08.to_ranks: from pairs to a table of bytes."""

from graders.authoring import Raises, exercise

from .part import MERGES, PROSE, learned, random_text, spelled

ex = exercise("to_ranks", title="the table that tiktoken wants")


@ex.cases
def _(rng):
    for merges in MERGES:
        yield dict(merges=merges)
    yield dict(merges={(104, 101): 256, (256, 108): 257})
    yield dict(merges={(97, 98): 256, (98, 99): 257, (97, 257): 258, (256, 99): 259})  # abc twice
    yield dict(merges={(97, 97): 256, (97, 256): 257, (256, 97): 258})
    # abc twice, with others between
    far = {(97, 98): 256, (98, 99): 257, (97, 257): 258, (120, 121): 259, (256, 99): 260}
    yield dict(merges=far | {(121, 120): 261})
    yield dict(merges={(226, 130): 256, (256, 172): 257, (257, 257): 258, (0, 0): 259})
    yield dict(merges=learned(PROSE, 90))
    yield dict(merges=learned(random_text(rng, 120), 40))


@ex.oracle
def _(merges):
    tokens = spelled(merges)
    if len(set(tokens)) < len(tokens):
        return Raises("ValueError")
    return {token: i for i, token in enumerate(tokens)}


ex.hint("First the bytes of each id, as in build_vocab; then turn the table around.")
ex.hint("If two ids have the same bytes, the turned table is shorter than the first.")
ex.hint(
    "vocab as in build_vocab; ranks = {token: idx for idx, token in vocab.items()}; ValueError if "
    "len(ranks) < len(vocab)"
)

ex.misconception(
    "The table goes from ids to bytes. tiktoken looks up bytes: {bytes: id}.",
    name="turned",
    replace="return ranks",
    by="return vocab",
)
ex.misconception(
    "The 256 single bytes are missing. Without them tiktoken cannot begin.",
    name="no_bytes",
    replace="return ranks",
    by="return {t: i for t, i in ranks.items() if i >= 256}",
)
ex.misconception(
    "Two ids stand for the same bytes, and one was lost without a word. Raise ValueError.",
    name="loses_one",
    replace="if len(ranks) < len(vocab):",
    by="if False:",
)
ex.misconception(
    "The ranks of the merges start at 0. They are the ids, from 256 on; the bytes come before.",
    name="from_zero",
    replace="return ranks",
    by="return {t: i - 256 * (i > 255) for t, i in ranks.items()}",
)
ex.misconception(
    "The keys are strings. A token may be half a character: bytes.",
    name="strings",
    replace="return ranks",
    by='return {t.decode("utf-8", errors="replace"): i for t, i in ranks.items()}',
)
ex.misconception(
    "The halves were joined in the wrong order: left first.",
    name="swapped",
    replace="vocab[left] + vocab[right]",
    by="vocab[right] + vocab[left]",
)
ex.misconception(
    "A merge holds the two ids as two bytes; ids above 255 are no bytes. Join what the halves stand for.",
    name="ids_as_bytes",
    replace="vocab[left] + vocab[right]",
    by="bytes([left % 256, right % 256])",
)

ex.variant(
    "one table",
    name="one_table",
    source="""
def to_ranks(merges):
    tokens = [bytes([i]) for i in range(256)]
    ranks = dict(zip(tokens, range(256)))
    for left, right in merges:
        token = tokens[left] + tokens[right]
        if token in ranks:
            raise ValueError(f"{token!r} twice")
        ranks[token] = len(tokens)
        tokens.append(token)
    return ranks
""",
)
