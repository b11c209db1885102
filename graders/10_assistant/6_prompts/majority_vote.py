"""10.majority_vote: what most tries say."""

from graders.authoring import exercise

vote = exercise("majority_vote", title="self-consistency: a vote")


@vote.cases
def _(rng):
    yield dict(answers=["7", "12", "12", None, "7", "12"])
    yield dict(answers=[None, None, None, "4", "5", "5"])
    yield dict(answers=[None, "b", "a", "a", "b", None, None])  # a tie: b was first
    yield dict(answers=["z", "a", "m"])
    yield dict(answers=["3", "1", "1", "2", "2", "3", "1", "2"])
    yield dict(answers=[3, 10, 10, 9, 9])
    yield dict(answers=[9, 10, 10, 9])
    yield dict(answers=[0, None, 0, 5, None, None])  # 0 and "" are answers
    yield dict(answers=["", "", "x", None])
    yield dict(answers=[0])
    yield dict(answers=[-1, 2, -1, 4.5, 4.5, 4.5])
    yield dict(answers=[None, None])
    yield dict(answers=[])
    yield dict(answers=[None])
    yield dict(answers=["10", 10, 10, "10", "10"])  # a string is not a number
    yield dict(answers=["7", 7, 7, "7", 8, 8, 8])  # two of each: 8 is first with three
    yield dict(answers=["Yes", "no", "no", "yes", "yes ", "no", "Yes"])
    yield dict(answers=rng.shuffled(["a"] * 3 + ["b"] * 4 + ["c"] * 4 + [None] * 6))
    yield dict(answers=rng.shuffled([*rng.integers(0, 4, 11).tolist(), None, None, None, None]))


@vote.oracle
def _(answers):
    valid = [a for a in answers if a is not None]
    found, most = None, 0
    for i, a in enumerate(valid):
        same = sum(type(a) is type(b) and a == b for b in valid)
        if a not in valid[:i] and same > most:
            found, most = a, same
    return found


@vote.effort
def _(rng):
    for n in (16, 128):
        yield dict(answers=rng.shuffled(range(n)))


vote.hint("First those that are not None; then count each.")
vote.hint("collections.Counter counts, and keeps the order in which things first occurred.")
vote.hint(
    "votes = Counter(a for a in answers if a is not None); max(votes, key=votes.get) if votes else None"
)


@vote.misconception(
    "None got votes: a try without an answer does not vote, however many there are."
)
def none_votes(answers):
    return max(dict.fromkeys(answers), key=answers.count) if answers else None


@vote.misconception(
    "`if a` threw away 0 and the empty string, which are answers. Only None is none: `is not None`."
)
def truthy(answers):
    valid = [a for a in answers if a]
    return max(dict.fromkeys(valid), key=valid.count) if valid else None


@vote.misconception(
    "Of equally frequent answers the one that occurs first is asked for; another one came."
)
def last_of_ties(answers):
    valid = [a for a in answers if a is not None][::-1]
    return max(dict.fromkeys(valid), key=valid.count) if valid else None


@vote.misconception(
    "Equally frequent answers were sorted, and the smallest or largest taken. Agreed is the first "
    "in the list."
)
def sorted_ties(answers):
    valid = [a for a in answers if a is not None]
    return min(valid, key=lambda a: (-valid.count(a), str(a))) if valid else None


@vote.misconception(
    "If none is valid there is nothing to count, and an exception came. Agreed is None."
)
def fails_on_nothing(answers):
    valid = [a for a in answers if a is not None]
    return max(dict.fromkeys(valid), key=valid.count)


@vote.misconception(
    "None came back unless more than half agree. The most frequent answer wins, with less than half, too."
)
def absolute(answers):
    valid = [a for a in answers if a is not None]
    found = max(dict.fromkeys(valid), key=valid.count) if valid else None
    return found if 2 * valid.count(found) > len(valid) else None


@vote.misconception(
    "The rarest answer came back. Right tries agree, wrong ones seldom do: take the most frequent."
)
def rarest(answers):
    valid = [a for a in answers if a is not None]
    return min(dict.fromkeys(valid), key=valid.count) if valid else None


@vote.misconception("The first valid answer came back. All of them vote.")
def first_one(answers):
    return next((a for a in answers if a is not None), None)


@vote.misconception("The number of votes came along or instead. Asked is the answer.")
def with_count(answers):
    valid = [a for a in answers if a is not None]
    found = max(dict.fromkeys(valid), key=valid.count) if valid else None
    return None if found is None else (found, valid.count(found))


@vote.misconception(
    "The answers were made strings, so that 10 came back as '10' (and both were counted as one)."
)
def strings(answers):
    valid = [str(a) for a in answers if a is not None]
    return max(dict.fromkeys(valid), key=valid.count) if valid else None


@vote.misconception(
    "Spellings were made alike: 'Yes' and 'yes ' are different answers here. Cleaning up comes "
    "before the vote."
)
def cleaned(answers):
    valid = [a.strip().lower() if isinstance(a, str) else a for a in answers if a is not None]
    return max(dict.fromkeys(valid), key=valid.count) if valid else None


@vote.misconception(
    "The answer that was the first to reach the highest count came back. Of equally frequent ones "
    "the one that occurs first in the list is asked for."
)
def first_to_reach(answers):
    votes, found, most = {}, None, 0
    for a in answers:
        if a is not None:
            votes[a] = votes.get(a, 0) + 1
            if votes[a] > most:
                found, most = a, votes[a]
    return found


@vote.misconception(
    "None came back where two answers are equally frequent. Agreed is the one of them that occurs first."
)
def none_if_tied(answers):
    valid = [a for a in answers if a is not None]
    ranked = sorted({valid.count(a): a for a in valid}, reverse=True)
    found = [a for a in dict.fromkeys(valid) if valid.count(a) == ranked[0]] if valid else []
    return found[0] if len(found) == 1 else None


vote.misconception(
    """The work grows with the square of the answers: all are gone through once more for each. Go
    through them once, and let each add 1 to its own entry of a dict; Counter does just that.""",
    name="counted_for_each",
    source="""
def majority_vote(answers):
    best, most = None, 0
    for answer in answers:
        if answer is not None:
            same = sum(other == answer for other in answers)
            if same > most:
                best, most = answer, same
    return best
""",
)


@vote.variant("most_common")
def most_common(answers):
    from collections import Counter

    ranking = Counter(a for a in answers if a is not None).most_common(1)
    return ranking[0][0] if ranking else None


@vote.variant("counting by hand")
def counted(answers):
    counts = {}
    for a in answers:
        if a is not None:
            counts[a] = counts.get(a, 0) + 1
    found = None
    for a, n in counts.items():
        if found is None or n > counts[found]:
            found = a
    return found
