"""08.link_merges: merges of bytes become merges of ids."""

from graders.authoring import exercise

from .part import PROSE, learned, mixed, random_text, table

ex = exercise("link_merges", title="merges as ids")


@ex.cases
def _(rng):
    yield dict(
        pairs=[(b"h", b"i"), (b"hi", b"!")],
        ids={b"!": 0, b"h": 71, b"i": 72, b"hi": 300, b"hi!": 301},
    )
    yield dict(pairs=[], ids={b"a": 3})
    # the id of the whole is not the next one, nor above those of its halves
    yield dict(
        pairs=[(b"b", b"a"), (b"ba", b"ba")], ids={b"ba": 4, b"a": 9, b"baba": 2, b"b": 7, b"ab": 1}
    )
    high = {b"a": 40_000, b"b": 0, b"ab": 70_000, b"abb": 10**6}
    yield dict(pairs=[(b"a", b"b"), (b"ab", b"b")], ids=high)
    for text, count, gaps in (
        (PROSE, 30, False),
        (PROSE, 25, True),
        (random_text(rng, 70), 14, True),
    ):
        pairs = learned(text, count)
        yield dict(pairs=pairs, ids=mixed(rng, table(rng, pairs, gaps)))


@ex.scenario
def _(m, pairs, ids):
    merges = m.link_merges([tuple(p) for p in pairs], dict(ids))
    return [[list(pair), idx] for pair, idx in merges.items()]  # the order counts


@ex.oracle
def _(pairs, ids):
    return [[[ids[a], ids[b]], ids[b"".join((a, b))]] for a, b in pairs]


ex.hint("What are the ids of the left half, of the right half, and of the two joined?")
ex.hint("Bytes are joined by +. All three are keys of ids.")
ex.hint("{(ids[left], ids[right]): ids[left + right] for left, right in pairs}")

ex.misconception(
    "The new ids were counted up from 256. The table says what they are: ids[left + right].",
    name="counted",
    replace="{(ids[left], ids[right]): ids[left + right] for left, right in pairs}",
    by="{(ids[a], ids[b]): 256 + i for i, (a, b) in enumerate(pairs)}",
)
ex.misconception(
    "The halves stand in the wrong order: left first.",
    name="swapped",
    replace="(ids[left], ids[right])",
    by="(ids[right], ids[left])",
)
ex.misconception(
    "The halves were joined the wrong way round: left + right.",
    name="joined_backwards",
    replace="ids[left + right]",
    by="ids.get(right + left)",
)
ex.misconception(
    "The keys are bytes. Encoding works on ids: (ids[left], ids[right]).",
    name="bytes_as_keys",
    replace="(ids[left], ids[right])",
    by="(left, right)",
)
ex.misconception(
    "The result goes from new ids to pairs. Encoding looks up pairs: {(left id, right id): new id}.",
    name="turned",
    replace="(ids[left], ids[right]): ids[left + right]",
    by="ids[left + right]: (ids[left], ids[right])",
)
ex.misconception(
    "The merges stand in the order of their ids. Keep that of pairs: it is the order of learning.",
    name="sorted",
    replace="for left, right in pairs}",
    by="for left, right in sorted(pairs, key=lambda p: ids[p[0] + p[1]])}",
)

ex.variant(
    "a loop",
    name="a_loop",
    source="""
def link_merges(pairs, ids):
    merges = {}
    for pair in pairs:
        merges[tuple(ids[half] for half in pair)] = ids[b"".join(pair)]
    return merges
""",
)
