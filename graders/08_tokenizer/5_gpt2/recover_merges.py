"""08.recover_merges: the merges behind a table of ranks."""

from graders.authoring import Raises, exercise

from .part import PROSE, halves, learned, mixed, random_text, real_ranks, table

ex = exercise("recover_merges", title="merges from ranks")


@ex.cases
def _(rng):
    own = {bytes([b]): b for b in range(256)}
    yield dict(ranks=own)
    yield dict(ranks=own | {b"abc": 302, b"bc": 300, b"ab": 301})
    yield dict(ranks=own | {b"abc": 302, b"ab": 300, b"bc": 301})
    yield dict(ranks=own | {b"abcd": 302, b"ab": 300})
    higher = {token: rank + 90 for token, rank in own.items()}
    yield dict(ranks=higher | {b"abc": 402, b"bc": 400, b"ab": 401})
    yield dict(ranks=higher | {b"abc": 9, b"bc": 0, b"ab": 1})
    yield dict(ranks=own | {b"abc": 300, b"bd": 301})  # no a + bc, no ab + c
    for text, count, gaps in ((PROSE, 60, True), (random_text(rng, 90, "abc"), 30, False)):
        yield dict(ranks=mixed(rng, table(rng, learned(text, count), gaps)))
    real = real_ranks(1000)
    if real:
        yield dict(ranks=mixed(rng, real))


@ex.scenario
def _(m, ranks):
    merges = m.recover_merges(dict(ranks))
    return [[list(pair), rank] for pair, rank in merges.items()]  # the order counts


@ex.oracle
def _(ranks):
    merges = []
    for token in sorted((t for t in ranks if len(t) > 1), key=ranks.get):
        pieces = halves(token, ranks)
        if len(pieces) != 2:
            return Raises("ValueError")
        merges.append([[ranks[pieces[0]], ranks[pieces[1]]], ranks[token]])
    return merges


ex.hint("Go through the tokens in the order of their ranks. Which of them were merged at all?")
ex.hint(
    "Single bytes were not. For the others split_token gives the two halves; their ranks are the key."
)
ex.hint(
    "for token, rank in sorted(ranks.items(), key=lambda item: item[1]): if len(token) > 1: left, right = "
    "split_token(token, ranks); merges[ranks[left], ranks[right]] = rank"
)

ex.misconception(
    "The merges stand in the order of the dict. They were learned in the order of their ranks: sort by rank.",
    name="unsorted",
    replace="sorted(ranks.items(), key=lambda item: item[1])",
    by="ranks.items()",
)
ex.misconception(
    "Sorted by the tokens' bytes, as sorted does with pairs (bytes, rank). The order is that of the ranks.",
    name="by_bytes",
    replace="sorted(ranks.items(), key=lambda item: item[1])",
    by="sorted(ranks.items())",
)
ex.misconception(
    "Single bytes were to be split too. They were never merged: skip tokens of one byte.",
    name="bytes_too",
    replace="if len(token) > 1:",
    by="if True:",
)
ex.misconception(
    "Whether a token is a single byte was asked of its rank (from 256 on). Ask its length: ranks may "
    "have gaps, "
    "or start elsewhere; and a rank of 256 may be the first merge.",
    name="after_256",
    replace="if len(token) > 1:",
    by="if rank > 256:",
)
ex.misconception(
    "The keys are bytes. Encoding works on ids, which are the ranks: (ranks[left], ranks[right]).",
    name="bytes_as_keys",
    replace="merges[ranks[left], ranks[right]]",
    by="merges[left, right]",
)
ex.misconception(
    "The halves stand in the wrong order: left first.",
    name="swapped",
    replace="merges[ranks[left], ranks[right]]",
    by="merges[ranks[right], ranks[left]]",
)
ex.misconception(
    "New ids were counted up from 256. The rank is the id, and ranks may have gaps.",
    name="counted",
    replace="] = rank",
    by="] = 256 + len(merges)",
)
ex.misconception(
    "Tokens that do not come apart into two were skipped. Such a table was made by no merges: let the "
    "ValueError "
    "of split_token come.",
    name="skips",
    source="""
def recover_merges(ranks):
    merges = {}
    for token in sorted(ranks, key=ranks.get):
        try:
            left, right = split_token(token, ranks)
        except ValueError:
            continue
        merges[ranks[left], ranks[right]] = ranks[token]
    return merges
""",
)
ex.misconception(
    "The result goes from ranks to pairs. Encoding looks up pairs: {(left rank, right rank): rank}.",
    name="turned",
    replace="merges[ranks[left], ranks[right]] = rank",
    by="merges[rank] = (ranks[left], ranks[right])",
)

ex.variant(
    "sorted keys",
    name="sorted_keys",
    source="""
def recover_merges(ranks):
    long = sorted((t for t in ranks if len(t) > 1), key=ranks.__getitem__)
    return {tuple(ranks[half] for half in split_token(t, ranks)): ranks[t] for t in long}
""",
)
