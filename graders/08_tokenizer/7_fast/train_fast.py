"""08.train_fast: only what changed."""

from graders.authoring import Raises, exercise
from graders.instead import instead

from .part import TEXTS, counted, counting, learned, random_text

ex = exercise("train_fast", title="training that looks at what changed", points=4, stretch=True)
ALLOWED = 40  # sums for each place of a pair at the beginning; the reference needs about 5


@ex.cases
def _(rng):
    yield dict(counts={b"hug": 5, b"pug": 2, b"hugs": 1}, vocab_size=259)
    yield dict(counts={b"hug": 1, b"pug": 9, b"hugs": 1}, vocab_size=259)  # the same chunks
    for size in (0, 255, 256):
        yield dict(counts={b"hug": 5}, vocab_size=size)
    for text in TEXTS:
        yield dict(counts=counted(text), vocab_size=300)
        yield dict(counts=counted(text, "(?s).+"), vocab_size=270)
    yield dict(
        counts={b"aaab": 3, b"ab": 10**12, b"": 5, b"b": 7, b"aaaa": 10**12 + 1}, vocab_size=262
    )
    yield dict(counts={b"cd": 2**53, b"ab": 2**53 + 1}, vocab_size=257)  # equal only as floats
    # ties within one chunk after something before them was merged; ties between chunks
    yield dict(counts={b"xyxyabcdcdab": 1}, vocab_size=270)
    yield dict(counts={b"zzq": 3, b"cdab": 2, b"abcd": 2, b"dc": 2}, vocab_size=270)
    # a place is counted in bytes: (x, y) was found behind five, and stands left of the second abcdez
    yield dict(counts={b"abcdexyabcdez": 1, b"xy": 1, b"abcdez": 1, b"bcde": 5}, vocab_size=262)
    # what is stale in a heap and what is wrong in the sums come apart
    for counts in ({b"babaa": 4, b"aab": 3}, {b"acacc": 4, b"cca": 3}, {b"aacaa": 2, b"cac": 2}):
        yield dict(counts=counts, vocab_size=262)
    for letters, pattern in (
        ("aab b", "(?s).+"),
        ("aab b", r"\S+|\s"),
        ("abcdefgh ", r" ?\S+"),
        ("ab", "(?s).+"),
    ):
        for length in (30, 90):
            text = random_text(rng, length, letters)
            yield dict(counts=counted(text, pattern), vocab_size=256 + 40)


@ex.scenario
def _(m, counts, vocab_size):
    kept = dict(counts)
    merges = m.train_fast(counts, vocab_size)
    if not isinstance(merges, dict):
        return instead(merges, "a dict")
    return {
        "merges": list(merges.items()),
        "counts unchanged": list(counts.items()) == list(kept.items()),
    }


@ex.oracle
def _(counts, vocab_size):
    if vocab_size < 256:
        return Raises("ValueError")
    return {"merges": list(learned(counts, vocab_size).items()), "counts unchanged": True}


def many(rng):
    """Many different chunks, each pair in few of them."""
    words = {}
    while len(words) < 250:
        word = bytes(rng.integer(60, 122) for _ in range(rng.integer(4, 9)))
        words[word] = rng.integer(1, 900)
    yield dict(counts=words, vocab_size=256 + 300)


def too_much(case, got, right):
    if not isinstance(got, dict) or got["merges"] != right["merges"]:
        return "on many chunks the merges are wrong"
    places = sum(len(word) - 1 for word in case["counts"])
    if got["sums"] > ALLOWED * places:
        return (
            f"the counts were added or subtracted {got['sums']:,} times for 300 merges of {places:,} "
            f"places: after a "
            "merge, all chunks are looked at again, not only those that hold its pair"
        )
    return None


@ex.check("the work", cases=many, judge=too_much)
def _(m, counts, vocab_size):
    work = {"sums": 0, "compared": 0}
    number = counting(work)
    merges = m.train_fast({word: number(n) for word, n in counts.items()}, vocab_size)
    if not isinstance(merges, dict):
        return instead(merges, "a dict")
    return {"merges": list(merges.items()), "sums": work["sums"]}


ex.hint(
    "First make it right, with all pairs counted in one dict at the beginning. Then, for each merge: "
    "which chunks hold "
    "the pair? Take off all pairs of such a chunk, merge, add all pairs of the new one."
)
ex.hint(
    "Keep {pair: chunks that hold it}, in the order of the chunks; chunks that lost the pair may stay "
    "in it if you check. A "
    "place in a chunk is counted in bytes, so that it does not move."
)
ex.hint(
    "The heap holds (-count, first chunk, place, pair). Look at the top, compute the same anew: if it "
    "differs, heapreplace; if "
    "the pair is gone, heappop; if it is equal, merge, and push all pairs that hold the new id."
)

ex.misconception(
    "Ties come out otherwise than in the plain loop: here the pair with the smallest ids won. It is the "
    "earliest chunk "
    "of the dict, and in it the leftmost place.",
    name="smallest_ids",
    replace="return -total[pair], c, place, pair",
    by="return -total[pair], 0, 0, pair",
)
ex.misconception(
    "Between two equally frequent pairs of the same chunk the leftmost wins; the place in the chunk was "
    "not looked at.",
    name="no_place",
    replace="return -total[pair], c, place, pair",
    by="return -total[pair], c, 0, pair",
)
ex.misconception(
    "Places were counted in tokens. They move to the left when something before them is merged, so what "
    "the heap says is "
    "out of date, and ties go wrong. Count in bytes.",
    name="places_in_tokens",
    replace="place += size[here[0]]",
    by="place += 1",
)
ex.misconception(
    "How often a chunk occurs was left out: a pair in a chunk that occurs n times counts n.",
    name="chunks_once",
    replace="list(counts.values())",
    by="[1] * len(counts)",
)
ex.misconception(
    "Pairs that vanished with a merge were not taken off: their counts stay too high for good.",
    name="never_taken_off",
    replace="total[gone] -= times[c]",
    by="pass",
)
ex.misconception(
    "Only the merged pair was taken off. Its neighbors vanish too: before h u g there was (u, g), after "
    "256 g there is "
    "none.",
    name="neighbors_stay",
    replace="                for gone in pairwise(old):\n                    total[gone] -= times[c]\n"
    "                for here in pairwise(new):\n                    total[here] = total.get(here, 0) + "
    "times[c]\n",
    by="                for here in pairwise(new):\n                    if idx in here:\n"
    "                        total[here] = total.get(here, 0) + times[c]\n",
)
ex.misconception(
    "What the top of the heap says was believed, though it may be out of date: pairs that lost places "
    "come too early.",
    name="heap_believed",
    replace="elif now != heap[0]:",
    by="elif False:",
)
ex.misconception(
    "A vocab_size below 256 has no place for all bytes: raise ValueError.",
    name="too_small",
    replace="if vocab_size < 256:",
    by="if False:",
)
ex.misconception(
    "vocab_size is not the number of merges: 256 of it are the bytes.",
    name="too_many",
    replace="256 + len(merges) < vocab_size:",
    by="len(merges) < vocab_size:",
)
ex.misconception(
    "The merges are right, but all pairs were counted again after each: that is the plain loop over "
    "different chunks. "
    "Take off and add only what the chunks with the merged pair lose and gain.",
    name="counted_again",
    source="""
def train_fast(counts, vocab_size):
    if vocab_size < 256:
        raise ValueError("too small")
    words, merges = [(list(chunk), n) for chunk, n in counts.items()], {}
    while 256 + len(merges) < vocab_size:
        total = {}
        for ids, n in words:
            for pair in pairwise(ids):
                total[pair] = total.get(pair, 0) + n
        if not total:
            break
        best = max(total, key=total.get)
        idx = merges[best] = 256 + len(merges)
        words = [(merge(ids, best, idx), n) for ids, n in words]
    return merges
""",
)

ex.variant(
    "a search through the counts instead of a heap",
    name="no_heap",
    source="""
def train_fast(counts, vocab_size):
    if vocab_size < 256:
        raise ValueError("too small")
    words = [[list(chunk), n] for chunk, n in counts.items()]
    total, where, merges = {}, {}, {}
    def change(c, sign):
        ids, n = words[c]
        for pair in pairwise(ids):
            total[pair] = total.get(pair, 0) + sign * n
            where.setdefault(pair, set()).add(c)
    for c in range(len(words)):
        change(c, 1)
    while 256 + len(merges) < vocab_size:
        best = max(total.values(), default=0)
        if best <= 0:
            break
        def first(pair):
            c = min(c for c in where[pair] if pair in list(pairwise(words[c][0])))
            return c, list(pairwise(words[c][0])).index(pair)
        pair = min((p for p, n in total.items() if n == best), key=first)
        idx = merges[pair] = 256 + len(merges)
        for c in sorted(where[pair]):
            if pair in list(pairwise(words[c][0])):
                change(c, -1)
                words[c][0] = merge(words[c][0], pair, idx)
                change(c, 1)
        del total[pair]
    return merges
""",
)

ex.equivalent("True  ->  False", "the dict serves as a set in order: only its keys count")

ex.equivalent("list(chunk)  ->  chunk", "bytes are a row of ints; a merge makes a list of them")

ex.equivalent("256  ->  257", "the size of id 256 is written anew when it is made")
ex.equivalent("256  ->  255", "byte 255 stands in no UTF-8")
ex.equivalent("1  ->  2", "all places are twice as far, in the same order")
ex.equivalent("0  ->  1", "all places are moved alike")
ex.equivalent("0  ->  -1", "all places are moved alike")
ex.equivalent(
    "if len(old) == len(new): ...  ->  (left out)", "what is taken off is what is put on again"
)
