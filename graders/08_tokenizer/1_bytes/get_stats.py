"""08.get_stats: how often each pair of neighbors occurs."""

from collections import Counter
from itertools import pairwise

from graders.authoring import exercise, instead
from graders.counting import Lookups, searched

from .part import few_ids

ex = exercise("get_stats", title="counting pairs of neighbors")


@ex.cases
def _(rng):
    for ids in [
        [],
        [7],
        [7, 7],
        [1, 1, 1, 2],
        [1, 1, 1, 1, 1],
        [9, 300, 9, 300, 9],
        [3, 1, 2, 3, 1, 1, 3, 2],
        [0, 0, 256, 0, 256, 256],
        [-1, 5, -1, 5, -1],
        [1, 65536, 2, 0, 1, 10**6, 2, 10**12],  # numbers that no table of pairs has room for
        [4] * 300,
    ]:
        yield dict(ids=ids)
    for length, kinds in ((30, 3), (2, 2), (60, 6)):
        yield dict(ids=few_ids(rng, length, kinds))


@ex.scenario
def _(m, ids):
    counts = m.get_stats(ids)
    if not isinstance(counts, dict):
        return instead(counts, "a dict")
    return dict(counts)  # a Counter will do


@ex.check("order of the pairs")
def _(m, ids):
    return list(dict(m.get_stats(ids)))


@ex.oracle
def _(ids):
    seen = [(ids[i - 1], ids[i]) for i in range(1, len(ids))]
    return {pair: seen.count(pair) for pair in seen}


@ex.effort
def _(rng):
    for n in (16, 128):
        yield dict(ids=rng.shuffled(range(n)))


def looked_up(case, got):
    ids = case["ids"]
    if not isinstance(got, dict) or got["counts"] != [[*pair, 1] for pair in pairwise(ids)]:
        return "where no id comes twice, each pair of neighbors occurs once"
    return searched(got["times"], len(ids), "ids")


@ex.check("looking up", cases=lambda rng: [dict(ids=rng.shuffled(range(90)))], judge=looked_up)
def _(m, ids):
    lookups = Lookups()
    counts = m.get_stats(lookups.watch(ids))
    times = lookups.times()
    if not isinstance(counts, dict):
        return instead(counts, "a dict")
    return {"counts": [[*map(int, pair), n] for pair, n in counts.items()], "times": times}


ex.hint("A list zipped with itself, shifted by one, gives all pairs of neighbors.")
ex.hint("For each pair: its count so far (0 if it is new), plus one. dict.get has a default.")
ex.hint("for pair in zip(ids, ids[1:]): counts[pair] = counts.get(pair, 0) + 1")


@ex.misconception(
    "Counted without overlaps: after a pair both ids were skipped. Every place counts, so 1 1 1 "
    "has the pair (1, 1) twice. Only merging uses an id up."
)
def steps_of_two(ids):
    return dict(Counter(zip(ids[::2], ids[1::2], strict=False)))


@ex.misconception(
    "In a run of equal ids, overlapping pairs were left out: 1 1 1 has the pair (1, 1) twice, at places 0 "
    "and 1. Counting does not use ids up."
)
def no_overlap(ids):
    counts, i = {}, 0
    while i + 1 < len(ids):
        pair = (ids[i], ids[i + 1])
        counts[pair] = counts.get(pair, 0) + 1
        if i + 2 < len(ids) and ids[i] == ids[i + 1] == ids[i + 2]:
            i += 1
        i += 1
    return counts


@ex.misconception("The last pair is missing: there are len(ids) - 1 pairs.")
def last_missing(ids):
    return dict(Counter(zip(ids[:-1], ids[1:-1], strict=False)))


@ex.misconception(
    "The order within a pair was lost: (1, 2) and (2, 1) are two different pairs, as `th` and `ht` are."
)
def unordered(ids):
    return dict(Counter((min(p), max(p)) for p in pairwise(ids)))


@ex.misconception(
    "Left and right have changed places in each pair: (ids[i], ids[i + 1]) is asked for."
)
def swapped(ids):
    return dict(Counter((b, a) for a, b in pairwise(ids)))


@ex.misconception(
    "Each pair has the count 1: a pair that was seen before counts one more each time."
)
def all_ones(ids):
    return {pair: 1 for pair in pairwise(ids)}


@ex.misconception("The first time a pair is seen must count as 1; it counts 0 here.")
def from_zero(ids):
    return {pair: n - 1 for pair, n in Counter(pairwise(ids)).items()}


@ex.misconception("The end was joined to the beginning: the last id has no right neighbor.")
def circular(ids):
    return dict(Counter(zip(ids, ids[1:] + ids[:1], strict=True)))


@ex.misconception("Single ids were counted. Pairs of neighbors are wanted.")
def singles(ids):
    return dict(Counter(ids))


@ex.misconception(
    "The counts are right, but sorted from the most frequent down. The dict keeps the pairs in the "
    "order in which they are first seen; the next part builds on it."
)
def by_count(ids):
    return dict(Counter(pairwise(ids)).most_common())


@ex.misconception(
    "The counts are right, but the pairs are sorted by their ids. Leave them in the order in which they "
    "are first seen."
)
def by_pair(ids):
    return dict(sorted(Counter(pairwise(ids)).items()))


@ex.misconception(
    "Pairs of ids that stand anywhere in the list were counted. Only neighbors are a pair."
)
def any_two(ids):
    return dict(Counter((a, b) for i, a in enumerate(ids) for b in ids[i + 1 :]))


@ex.misconception(
    "The counts are right, but a set has its own order: the pairs have lost theirs. Leave them in the "
    "order in which they are first seen."
)
def order_of_a_set(ids):
    pairs = list(pairwise(ids))
    return {pair: pairs.count(pair) for pair in set(pairs)}


ex.misconception(
    "The work grows with the square of the ids: all are gone through once more for each pair "
    "(list.count does so, too). Go through them once, and let each pair add 1 to its own entry of the dict.",
    name="each_pair_alone",
    source="""
def get_stats(ids):
    pairs = list(zip(ids, ids[1:]))
    return {pair: sum(other == pair for other in pairs) for pair in pairs}
""",
)


@ex.variant("Counter of pairwise")
def counter(ids):
    return Counter(pairwise(ids))


@ex.variant("indices and setdefault")
def indices(ids):
    counts = {}
    for i in range(len(ids) - 1):
        counts.setdefault((ids[i], ids[i + 1]), 0)
        counts[ids[i], ids[i + 1]] += 1
    return counts
