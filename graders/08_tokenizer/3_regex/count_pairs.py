"""08.count_pairs: pairs within chunks, never across."""

from collections import Counter
from itertools import pairwise

from graders.authoring import exercise, instead
from graders.counting import Lookups, searched

ex = exercise("count_pairs", title="pairs within chunks")


@ex.cases
def _(rng):
    yield dict(chunks=[])
    yield dict(chunks=[[]])
    yield dict(chunks=[[7], [7], [7, 7]])
    yield dict(chunks=[[1, 2, 1], [2, 1, 2], [7]])
    yield dict(chunks=[[4, 4, 4], [], [4, 4], [300, 4]])
    yield dict(chunks=[[9, 8], [1, 2], [1, 2], [9, 8], [1, 2]])
    # no number is free to stand between the chunks
    yield dict(chunks=[[-1, 5, -1], [5, -1, 10**6], [70_000, 0, 65536], [1, 10**12]])
    yield dict(chunks=[[2] * 200, [2] * 100])
    for n in (3, 9):
        yield dict(chunks=[[rng.integer(0, 3) for _ in range(rng.integer(0, 7))] for _ in range(n)])


@ex.scenario
def _(m, chunks):
    counts = m.count_pairs(chunks)
    if not isinstance(counts, dict):
        return instead(counts, "a dict")
    return dict(counts)  # a Counter will do


@ex.check("order of the pairs")
def _(m, chunks):
    return list(dict(m.count_pairs(chunks)))


@ex.oracle
def _(chunks):
    seen = [(ids[i - 1], ids[i]) for ids in chunks for i in range(1, len(ids))]
    return {pair: seen.count(pair) for pair in seen}


@ex.effort
def _(rng):
    for n in (4, 32):
        ids = rng.shuffled(range(4 * n))
        yield dict(chunks=[ids[i : i + 4] for i in range(0, 4 * n, 4)])


def apart(rng):
    ids = rng.shuffled(range(90))
    yield dict(chunks=[ids[i : i + 6] for i in range(0, 90, 6)])


def looked_up(case, got):
    once = [[*pair, 1] for ids in case["chunks"] for pair in pairwise(ids)]
    if not isinstance(got, dict) or got["counts"] != once:
        return "where no id comes twice, each pair of neighbors occurs once"
    return searched(got["times"], sum(map(len, case["chunks"])), "ids")


@ex.check("looking up", cases=apart, judge=looked_up)
def _(m, chunks):
    lookups = Lookups()
    counts = m.count_pairs([lookups.watch(ids) for ids in chunks])
    times = lookups.times()
    if not isinstance(counts, dict):
        return instead(counts, "a dict")
    return {"counts": [[*map(int, pair), n] for pair, n in counts.items()], "times": times}


ex.hint("Count as in get_stats, for each chunk, into one and the same dict.")
ex.hint("Two loops: over the chunks, and over zip(ids, ids[1:]). Where must the dict be made?")
ex.hint("counts = {} before both loops; counts[pair] = counts.get(pair, 0) + 1 inside")


@ex.misconception(
    "Pairs across the cuts were counted: the last id of a chunk and the first of the next are no neighbors."
)
def across(chunks):
    return dict(Counter(pairwise([i for ids in chunks for i in ids])))


@ex.misconception(
    "The dict is made anew for each chunk, so only the last one is counted. Make it before the loop."
)
def last_chunk(chunks):
    return dict(Counter(pairwise(chunks[-1]))) if chunks else {}


@ex.misconception(
    "dict.update replaces the count of a pair that an earlier chunk has. The counts must be added."
)
def updated(chunks):
    counts = {}
    for ids in chunks:
        counts.update(Counter(pairwise(ids)))
    return counts


@ex.misconception("A pair counts once in each chunk here. Count every place where it stands.")
def once_a_chunk(chunks):
    counts = Counter()
    for ids in chunks:
        counts.update(dict.fromkeys(pairwise(ids)).keys())
    return dict(counts)


@ex.misconception(
    "Chunks that occur again were left out. They count again: frequency is what matters."
)
def different_chunks(chunks):
    counts = Counter()
    for ids in dict.fromkeys(map(tuple, chunks)):
        counts.update(pairwise(ids))
    return dict(counts)


@ex.misconception("One dict for each chunk came back. Add them up in a single one.")
def one_each(chunks):
    return [dict(Counter(pairwise(ids))) for ids in chunks]


@ex.misconception(
    "Something of an earlier call is left (a dict as default argument is made only once)."
)
def leaks(chunks, counts={}):  # noqa: B006
    for ids in chunks:
        for pair in pairwise(ids):
            counts[pair] = counts.get(pair, 0) + 1
    return counts


@ex.misconception(
    "The counts are right, but sorted from the most frequent down. Keep the order in which the pairs "
    "are first seen."
)
def by_count(chunks):
    return dict(Counter(p for ids in chunks for p in pairwise(ids)).most_common())


ex.misconception(
    "The work grows with the square of the ids: all chunks are gone through once more for each pair "
    "(list.count does so, too). Go through them once, and let each pair add 1 to its own entry of one dict.",
    name="each_pair_alone",
    source="""
def count_pairs(chunks):
    pairs = [pair for ids in chunks for pair in zip(ids, ids[1:])]
    return {pair: sum(other == pair for other in pairs) for pair in pairs}
""",
)


@ex.variant("a Counter over all pairs")
def counter(chunks):
    return Counter(pair for ids in chunks for pair in pairwise(ids))
