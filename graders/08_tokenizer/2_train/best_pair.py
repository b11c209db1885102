"""08.best_pair: the most frequent pair, the first of equals."""

from graders.authoring import exercise

ex = exercise("best_pair", title="the most frequent pair")


@ex.cases
def _(rng):
    yield dict(counts={(3, 4): 1})
    yield dict(counts={(1, 2): 3, (9, 9): 5, (4, 4): 5})
    yield dict(counts={(9, 1): 4, (2, 300): 4, (5, 5): 4, (1, 9): 1})
    yield dict(counts={(1, 1): 2, (7, 7): 9, (300, 2): 1})
    yield dict(counts={(5, 5): 1, (400, 400): 1, (2, 2): 1})
    yield dict(counts={(1, 1): 9, (2, 2): 10, (3, 3): 100, (4, 4): 20})
    yield dict(counts={(1, 1): 2**53, (2, 2): 2**53 + 1})  # equal only as floats
    for n in (6, 25):
        pairs = {(rng.integer(0, 300), rng.integer(0, 300)): rng.integer(1, 5) for _ in range(n)}
        yield dict(counts=pairs)


@ex.oracle
def _(counts):
    best = None
    for pair, count in counts.items():
        if best is None or count > counts[best]:
            best = pair
    return best


ex.hint("max goes through the keys of a dict; by what should it compare them?")
ex.hint("key= takes a function from a pair to its count. The dict has a method that is just that.")
ex.hint("return max(counts, key=counts.get)")


@ex.misconception(
    "Without key=, max compares the pairs themselves: the largest ids win, whatever the counts."
)
def largest_pair(counts):
    return max(counts)


@ex.misconception(
    "Among equally frequent pairs the one with the largest ids won. The rule is: the one seen first, that "
    "is the first in the dict. max(counts, key=counts.get) keeps the first of equals."
)
def tie_by_largest(counts):
    return max((count, pair) for pair, count in counts.items())[1]


@ex.misconception(
    "Among equally frequent pairs the one with the smallest ids won. The rule is: the one seen first, "
    "that is the first in the dict."
)
def tie_by_smallest(counts):
    return min(counts, key=lambda pair: (-counts[pair], pair))


@ex.misconception(
    "Among equally frequent pairs the last one won (>= where > is needed, or the end of a "
    "sorted list). The first in the dict wins."
)
def last_of_equals(counts):
    return sorted(counts, key=counts.get)[-1]


@ex.misconception("That is the rarest pair: max, not min.")
def rarest(counts):
    return min(counts, key=counts.get)


@ex.misconception("That is its count. Return the pair itself.")
def the_count(counts):
    return max(counts.values())


@ex.misconception("Pair and count came back together. Return the pair alone.")
def both(counts):
    return max(counts.items(), key=lambda item: item[1])


@ex.misconception("That is the first pair of the dict, however rare. Compare the counts.")
def first(counts):
    return next(iter(counts))


@ex.misconception(
    "None came back where every pair occurs once. All are the most frequent then: "
    "the first in the dict is asked for."
)
def none_of_ones(counts):
    best = max(counts, key=counts.get)
    return best if counts[best] > 1 else None


@ex.variant("a stable sort, descending")
def by_sorting(counts):
    return sorted(counts.items(), key=lambda item: -item[1])[0][0]


@ex.variant("a loop")
def by_loop(counts):
    best, most = None, 0
    for pair, count in counts.items():
        if count > most:
            best, most = pair, count
    return best
