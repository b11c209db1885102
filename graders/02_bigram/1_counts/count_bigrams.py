"""02.count_bigrams: a dict of counts."""

import itertools

from graders.authoring import exercise

from .part import LETTERS, word

counted = exercise("count_bigrams", title="a dict of counts")


@counted.cases
def _(rng):
    yield dict(words=["ava", "a", "vava"])
    yield dict(words=["aaa"])
    yield dict(words=[])
    yield dict(words=["", "b", ""])
    yield dict(words=["Zoë", "noe"])
    for letters, lengths in [(3, (5, 1, 6, 2)), (6, (4, 9, 3)), (2, (8, 8, 8, 1))]:
        some = rng.shuffled(LETTERS)[:letters]
        made = [word(rng, some, n) for n in lengths]
        yield dict(words=[*made, made[0], some[0] * 3, some[1] + some[0]])


@counted.scenario
def _(m, words):
    """A Counter or a defaultdict is a dict; a pair that occurs 0 times must not be in it."""
    counts = m.count_bigrams(words)
    return dict(counts) if isinstance(counts, dict) else counts


@counted.effort
def _(rng):
    for n in (3, 24):  # no letter twice
        letters = rng.shuffled(chr(0x4E00 + i) for i in range(4 * n))
        yield dict(words=["".join(letters[i : i + 4]) for i in range(0, 4 * n, 4)])


counted.hint("Two loops: over the words, and over the bigrams of each.")
counted.hint("counts.get(pair, 0) is 0 for a pair that is new. What do you write back?")
counted.hint(
    "counts = {}; for word in words: for pair in bigrams(word): counts[pair] = counts.get(pair, 0) + 1; "
    "return counts"
)


@counted.misconception(
    "Everything is 1: a pair that comes again starts anew. Add 1 to what is there, counts.get(pair, 0) + 1."
)
def always_one(words):
    return {p: 1 for w in words for p in zip("." + w, w + ".", strict=True)}


@counted.misconception(
    "One too low: a new pair starts with 0 and is never counted for its first time. get(pair, 0) + 1."
)
def first_not_counted(words):
    counts = {}
    for w in words:
        for p in zip("." + w, w + ".", strict=True):
            counts[p] = counts[p] + 1 if p in counts else 0
    return counts


@counted.misconception(
    "One too high: a new pair starts with 1, and then gets 1 more. The count so far is 0: get(pair, 0)."
)
def starts_at_one(words):
    counts = {}
    for w in words:
        for p in zip("." + w, w + ".", strict=True):
            counts[p] = counts.get(p, 1) + 1
    return counts


@counted.misconception(
    "Only the last word was counted: make the dict once, before the loop over the words."
)
def only_last(words):
    counts = {}
    for w in words:
        counts = {}
        for p in zip("." + w, w + ".", strict=True):
            counts[p] = counts.get(p, 0) + 1
    return counts


@counted.misconception("Only the first word was counted: return stands inside the loop.")
def only_first(words):
    counts = {}
    for w in words[:1]:
        for p in zip("." + w, w + ".", strict=True):
            counts[p] = counts.get(p, 0) + 1
    return counts


@counted.misconception(
    "The words were joined to one text: pairs that cross from one name into the next are no bigrams of "
    "any name. Go through the words one by one."
)
def crossing(words):
    counts, text = {}, "." + "".join(words) + "."
    for p in itertools.pairwise(text):
        counts[p] = counts.get(p, 0) + 1
    return counts


@counted.misconception(
    "('.', '.') was counted where one name ends and the next begins. Go through the words one by one."
)
def dots_meet(words):
    counts, text = {}, "".join("." + w + "." for w in words)
    for p in itertools.pairwise(text):
        counts[p] = counts.get(p, 0) + 1
    return counts


@counted.misconception(
    "Beginnings and ends were not counted: bigrams(word) has them, zip(word, word[1:]) has not."
)
def no_dots(words):
    counts = {}
    for w in words:
        for p in itertools.pairwise(w):
            counts[p] = counts.get(p, 0) + 1
    return counts


@counted.misconception(
    "A word that comes twice was counted once. Every word of the list counts: no set."
)
def distinct_words(words):
    counts = {}
    for w in dict.fromkeys(words):
        for p in zip("." + w, w + ".", strict=True):
            counts[p] = counts.get(p, 0) + 1
    return counts


@counted.misconception(
    "A bigram that occurs twice in the same word was counted once for it. Every occurrence counts: no set."
)
def once_a_word(words):
    counts = {}
    for w in words:
        for p in dict.fromkeys(zip("." + w, w + ".", strict=True)):
            counts[p] = counts.get(p, 0) + 1
    return counts


@counted.misconception(
    "The keys are strings of two characters. They shall be pairs, as bigrams(word) gives them."
)
def string_keys(words):
    counts = {}
    for w in words:
        for a, b in zip("." + w, w + ".", strict=True):
            counts[a + b] = counts.get(a + b, 0) + 1
    return counts


@counted.misconception("The pairs are swapped: (first, second), the successor comes second.")
def swapped_keys(words):
    counts = {}
    for w in words:
        for a, b in zip("." + w, w + ".", strict=True):
            counts[b, a] = counts.get((b, a), 0) + 1
    return counts


@counted.misconception(
    "These are single characters. A bigram model counts pairs: use bigrams(word)."
)
def single_characters(words):
    counts = {}
    for w in words:
        for ch in w + ".":
            counts[ch] = counts.get(ch, 0) + 1
    return counts


@counted.misconception(
    "These are shares, not counts. Dividing comes in part 2: return whole numbers."
)
def shares(words):
    counts = {}
    for w in words:
        for p in zip("." + w, w + ".", strict=True):
            counts[p] = counts.get(p, 0) + 1
    total = sum(counts.values())
    return {p: n / total for p, n in counts.items()}


@counted.misconception(
    "A list of (pair, count), sorted perhaps, came back. Return the dict itself; whoever wants to sort "
    "it can do so."
)
def a_list(words):
    counts = {}
    for w in words:
        for p in zip("." + w, w + ".", strict=True):
            counts[p] = counts.get(p, 0) + 1
    return sorted(counts.items(), key=lambda item: -item[1])


counted.misconception(
    "The dict is a default argument or a global, so it still holds the counts of the last call. Make it "
    "inside the function.",
    name="shared",
    source="""
def count_bigrams(words, counts={}):
    for word in words:
        for pair in bigrams(word):
            counts[pair] = counts.get(pair, 0) + 1
    return dict(counts)
""",
)

counted.misconception(
    """The work grows with the square of the bigrams: all are gone through once more for each (to count how
    often it occurs, say). Go through them once, and let each add 1 to its own entry of the dict.""",
    name="each_counted_alone",
    source="""
def count_bigrams(words):
    pairs = [pair for word in words for pair in bigrams(word)]
    return {pair: sum(other == pair for other in pairs) for pair in pairs}
""",
)


@counted.variant("Counter")
def with_counter(words):
    import collections

    return collections.Counter(p for w in words for p in zip("." + w, w + ".", strict=True))


@counted.variant("defaultdict")
def with_defaultdict(words):
    import collections

    counts = collections.defaultdict(int)
    for w in words:
        for a, b in zip("." + w, w + ".", strict=True):
            counts[a, b] += 1
    return counts


@counted.variant("in the test, and one more")
def membership(words):
    counts = {}
    for w in words:
        for p in zip("." + w, w + ".", strict=True):
            if p in counts:
                counts[p] += 1
            else:
                counts[p] = 1
    return counts
