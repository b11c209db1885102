"""10.best_of_n: the best of several tries, by a given judge."""

from graders.authoring import Raises, exercise

best = exercise("best_of_n", title="the best of n", pure=False)


@best.cases
def _(rng):
    for n in (5, 1, 8):
        names = [f"way {i}" for i in rng.shuffled(range(n))]
        yield dict(candidates=names, scores=rng.numbers(n, -3, 3))
        yield dict(candidates=names, scores=[-1.0 - abs(s) for s in rng.numbers(n)])  # all negative
    yield dict(candidates=["a", "b", "c", "d"], scores=[1.0, 2.5, 2.5, 0.0])
    yield dict(candidates=["a", "b", "c"], scores=[-2.0, -2.0, -2.0])
    yield dict(candidates=["a", "b", "c"], scores=[0.0, float("-inf"), -1.0])
    yield dict(candidates=["z", "a", "b"], scores=[1.5, 1.5, 0.0])
    yield dict(candidates=["a", "b"], scores=[float("-inf"), float("-inf")])
    yield dict(
        candidates=[[1, 2], [3], [1, 2, 3], [9]], scores=[0.0, -1.0, 4.0, 1.0]
    )  # lists: not hashable
    yield dict(candidates=[{"z": 1}, {"a": 2}], scores=[0.0, 3.0])  # dicts: not ordered
    yield dict(
        candidates=["twice", "once", "twice"], scores=[1.0, 5.0, 9.0]
    )  # by call, not by name
    yield dict(candidates=[None, "x"], scores=[2.0, 1.0])
    # apart by less than single precision tells, and far below any start
    yield dict(candidates=["a", "b", "c"], scores=[1.0, 1.0 + 1e-12, 1.0 - 1e-12])
    yield dict(candidates=["a", "b", "c"], scores=[-3e30, -2e30, -4e30])
    scores = rng.numbers(150, -3, 3)
    scores[rng.integer(70, 150)] = 9.0
    yield dict(candidates=[f"way {i}" for i in range(150)], scores=scores)
    yield dict(candidates=[], scores=[])


@best.scenario
def _(m, candidates, scores):
    calls, left = [], scores[::-1]
    scores.clear()  # once given, a score stands nowhere else

    def scorer(candidate):
        calls.append(candidate)
        return left.pop() if left else -9.0

    return {
        "best": m.best_of_n(candidates, scorer),
        "scorer was called with": calls,
        "candidates afterwards": candidates,
    }


@best.oracle
def _(candidates, scores):
    if not candidates:
        return Raises("ValueError")
    first = min(range(len(scores)), key=lambda i: (-scores[i], i))
    return {
        "best": candidates[first],
        "scorer was called with": candidates,
        "candidates afterwards": candidates,
    }


best.hint("One score for each candidate; the candidate of the largest one.")
best.hint("max takes a key: the function by whose values it compares.")
best.hint(
    "max(candidates, key=scorer) calls it once for each, returns the first best, and raises ValueError."
)


@best.misconception("The candidate with the *lowest* score came back.")
def lowest(candidates, scorer):
    return min(candidates, key=scorer)


@best.misconception(
    "The search began with a best score of 0, and where all scores are negative nothing is better: the first "
    "candidate came back. Begin with the first one's own score."
)
def starts_at_0(candidates, scorer):
    if not candidates:
        raise ValueError
    found, top = candidates[0], 0
    for candidate in candidates:
        score = scorer(candidate)
        if score > top:
            found, top = candidate, score
    return found


@best.misconception(
    "The candidates were sorted in place: the list that was given has another order now."
)
def sorts_in_place(candidates, scorer):
    if not candidates:
        raise ValueError
    candidates.sort(key=scorer, reverse=True)
    return candidates[0]


@best.misconception("Of several equally good candidates the last came back: agreed is the first.")
def last_of_ties(candidates, scorer):
    if not candidates:
        raise ValueError
    scores = [scorer(c) for c in candidates]
    return candidates[max(range(len(scores)), key=lambda i: (scores[i], i))]


@best.misconception("The score came back. Asked is the candidate that has it.")
def score(candidates, scorer):
    return max(scorer(c) for c in candidates)


@best.misconception("The index came back. Asked is the candidate itself.")
def index(candidates, scorer):
    scores = [scorer(c) for c in candidates]
    return scores.index(max(scores))


@best.misconception("The candidates were compared themselves, the scorer was never asked.")
def no_scorer(candidates, scorer):
    return max(candidates, key=str)


@best.misconception(
    "The scorer was called more than once for a candidate. It may be a large model: once is enough."
)
def called_twice(candidates, scorer):
    if not candidates:
        raise ValueError
    scores = [scorer(c) for c in candidates]
    found = candidates[scores.index(max(scores))]
    scorer(found)
    return found


@best.misconception(
    "The search began with a best score of 0 (or -1): if all scores are below, nothing is found."
)
def starts_at_zero(candidates, scorer):
    if not candidates:
        raise ValueError
    best, found = 0.0, None
    for c in candidates:
        value = scorer(c)
        if value > best:
            best, found = value, c
    return found


@best.misconception(
    "Without candidates nothing was said, None came back. There is no best of nothing: ValueError."
)
def none_for_nothing(candidates, scorer):
    return max(candidates, key=scorer, default=None)


@best.misconception(
    "The scores were kept in a dict by candidate: lists cannot be its keys, and equal ones share a score."
)
def in_a_dict(candidates, scorer):
    scores = {c: scorer(c) for c in candidates}
    return max(scores, key=scores.get)


@best.misconception("The first candidate came back, whatever the scores are.")
def first(candidates, scorer):
    if not candidates:
        raise ValueError
    for c in candidates:
        scorer(c)
    return candidates[0]


@best.misconception(
    "Pairs (score, candidate) were compared: where scores are equal, the candidates decide, or "
    "cannot be compared."
)
def pairs(candidates, scorer):
    return max((scorer(c), c) for c in candidates)[1]


@best.variant("a loop that starts with the first")
def loop(candidates, scorer):
    if len(candidates) == 0:
        raise ValueError("nothing to choose from")
    found, top = candidates[0], scorer(candidates[0])
    for c in candidates[1:]:
        value = scorer(c)
        if value > top:
            found, top = c, value
    return found
