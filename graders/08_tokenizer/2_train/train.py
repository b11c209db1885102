"""08.train: count, merge, repeat."""

from graders.authoring import Raises, exercise

from .part import TEXTS, random_text, trained

ex = exercise("train", title="learning the merges", points=2)


@ex.cases
def _(rng):
    for text in TEXTS:
        yield dict(text=text, vocab_size=256 + 4, before="bbbb aabb")
    yield dict(text="aaabdaaabac", vocab_size=259, before="")
    yield dict(text="aaabdaaabac", vocab_size=256, before="ab")
    yield dict(text="aaabdaaabac", vocab_size=300, before="ab")  # more than there are pairs
    yield dict(text="aaabdbd", vocab_size=257, before="ab")  # aa twice, overlapping; bd twice
    yield dict(text=" ab\nab ", vocab_size=260, before="ab")
    # a mark of byte order and Windows line ends are text like any other
    yield dict(text="\ufeffab\r\nab \ufeffab\r\n", vocab_size=262, before="ab")
    yield dict(text="abc", vocab_size=255, before="ab")
    yield dict(text="", vocab_size=0, before="ab")
    for length, merges in ((50, 9), (90, 25)):
        text = random_text(rng, length)
        yield dict(text=text, vocab_size=256 + merges, before=random_text(rng, 12))


@ex.scenario
def _(m, text, vocab_size, before):
    m.train(before, 258)  # nothing of it may be left
    return m.train(text, vocab_size)


@ex.oracle
def _(text, vocab_size, before):
    return Raises("ValueError") if vocab_size < 256 else trained(text, vocab_size)


@ex.effort
def _(rng):
    text = random_text(rng, 28, "abcdef")
    for merges in (2, 12):
        yield dict(text=text, vocab_size=256 + merges, before="")


ex.hint("Everything you need is there: get_stats, best_pair, merge. Which ids do you start from?")
ex.hint(
    "for idx in range(256, vocab_size): count the current ids, choose, merge, note the pair. What if "
    "there is no pair any more?"
)
ex.hint(
    "ids = list(text.encode('utf-8')); in the loop: counts = get_stats(ids), break if it is empty, "
    "pair = best_pair(counts), ids = merge(ids, pair, idx), merges[pair] = idx"
)

ex.misconception(
    "The ids are never replaced by the merged ones, so the same pair is the most frequent again and again. "
    "merge returns a new list: ids = merge(...).",
    name="not_kept",
    replace="ids = merge(ids, pair, idx)",
    by="merge(ids, pair, idx)",
)
ex.misconception(
    "vocab_size is not the number of merges: 256 of it are the bytes. vocab_size - 256 are merged.",
    name="too_many",
    replace="range(256, vocab_size)",
    by="range(256, 256 + vocab_size)",
)
ex.misconception(
    "One merge too many: with vocab_size 259 the ids end at 258. range leaves its end out already.",
    name="one_more",
    replace="range(256, vocab_size)",
    by="range(256, vocab_size + 1)",
)
ex.misconception(
    "One merge too few: the new ids run from 256 up to and including vocab_size - 1.",
    name="one_less",
    replace="range(256, vocab_size)",
    by="range(256, vocab_size - 1)",
)
ex.misconception(
    "The new ids do not start at 256. 0 to 255 are the bytes, so 256 is the first free one.",
    name="from_257",
    replace="merges[pair] = idx",
    by="merges[pair] = idx + 1",
)
ex.misconception(
    "These are code points. Merges are learned on the UTF-8 bytes: é is two of them, € three.",
    name="code_points",
    replace='list(text.encode("utf-8"))',
    by="[ord(c) for c in text]",
)
ex.misconception(
    "The pairs were counted once, before the first merge. Each merge makes new pairs and removes others: "
    "count again in each round.",
    name="counted_once",
    edits=[
        ("for idx in", "first = get_stats(ids)\n    for idx in"),
        ("counts = get_stats(ids)", "counts = {p: n for p, n in first.items() if p not in merges}"),
    ],
)
ex.misconception(
    "Overlapping pairs were counted as few times as they can be merged. Training counts every place: in aaa "
    "the pair (a, a) stands twice, as get_stats has it.",
    name="no_overlap",
    replace="counts = get_stats(ids)",
    by="counts = {p: len(ids) - len(merge(ids, p, -1)) for p in get_stats(ids)}",
)
ex.misconception(
    "Among equally frequent pairs the largest ids won. The rule is: the pair seen first. best_pair, or "
    "max(counts, key=counts.get), decides so.",
    name="largest_of_equals",
    replace="best_pair(counts)",
    by="max(counts, key=lambda p: (counts[p], p))",
)
ex.misconception(
    "Among equally frequent pairs the last one won. The rule is: the pair seen first.",
    name="last_of_equals",
    replace="best_pair(counts)",
    by="sorted(counts, key=counts.get)[-1]",
)
ex.misconception(
    "Among equally frequent pairs the smallest ids won. The rule is: the pair seen first.",
    name="smallest_of_equals",
    replace="best_pair(counts)",
    by="min(counts, key=lambda p: (-counts[p], p))",
)
ex.misconception(
    "Training stopped when the best pair occurred only once. The docstring merges such a pair "
    "like any other, until fewer than two ids are left or the vocabulary is full.",
    name="stops_at_one",
    replace="if not counts:",
    by="if not counts or max(counts.values()) < 2:",
)
ex.misconception(
    "With fewer than two ids there is no pair left, and choosing the best of none fails. Stop there.",
    name="no_stop",
    replace="if not counts:\n            break",
    by="pass",
)
ex.misconception(
    "A vocab_size below 256 has no place for all bytes: raise ValueError.",
    name="too_small",
    replace="if vocab_size < 256:",
    by="if False:",
)
ex.misconception(
    "The merges came back the wrong way round: {pair: new id} is asked for, because encoding looks up pairs.",
    name="turned",
    replace="return merges",
    by="return {idx: pair for pair, idx in merges.items()}",
)
ex.misconception(
    "Something of an earlier training is left: a dict at module level, or as a default argument, is shared "
    "by all calls. Make a new one in each call.",
    name="leaks",
    edits=[
        ("ids, merges =", "merges = train.__dict__.setdefault('merges', {})\n    ids, _ ="),
        ("merges[pair] = idx", "merges[pair] = idx"),
    ],
)

ex.misconception(
    """256 was refused. It is a vocabulary of bytes with no merge: nothing is to be learned, and {}
    comes back.""",
    name="needs_more",
    replace="if vocab_size < 256",
    by="if vocab_size <= 256",
)

ex.misconception(
    "The work grows with the square of the merges: for each new one, those before are made in the text "
    "again. Keep the ids that the last merge left, and go on from them.",
    name="from_the_bytes_each_time",
    source="""
def train(text, vocab_size):
    if vocab_size < 256:
        raise ValueError(vocab_size)
    merges = {}
    for idx in range(256, vocab_size):
        ids = list(text.encode("utf-8"))
        for pair, known in merges.items():
            ids = merge(ids, pair, known)
        counts = get_stats(ids)
        if not counts:
            break
        merges[best_pair(counts)] = idx
    return merges
""",
)

ex.variant(
    "a while loop, and all in one place",
    name="one_place",
    source="""
def train(text, vocab_size):
    if vocab_size < 256:
        raise ValueError("too small")
    merges, ids = {}, [*text.encode()]
    while len(ids) > 1 and 256 + len(merges) < vocab_size:
        counts = {}
        for i in range(len(ids) - 1):
            counts[ids[i], ids[i + 1]] = counts.get((ids[i], ids[i + 1]), 0) + 1
        pair = max(counts, key=lambda p: counts[p])
        new = 256 + len(merges)
        merges[pair] = new
        out = []
        for x in ids:
            if out and out[-1] == pair[0] and x == pair[1]:
                out[-1] = new
            else:
                out.append(x)
        ids = out
    return merges
""",
)

ex.equivalent(
    "list(text.encode('utf-8'))  ->  text.encode('utf-8')",
    "bytes are a row of ints; the first merge makes a list of it",
)
