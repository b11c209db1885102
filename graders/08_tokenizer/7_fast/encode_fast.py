"""08.encode_fast: one long chunk."""

from graders.authoring import exercise

from .part import TEXTS, counted, learned, random_text, watched

ex = exercise("encode_fast", title="encoding one long chunk", points=3, stretch=True)
LOOK_UPS, COMPARISONS = 15, 120  # for each byte; the reference needs about 3 and 35


@ex.cases
def _(rng):
    abc = {(98, 99): 256, (97, 98): 257, (257, 120): 258}
    runs = {(97, 97): 256, (256, 256): 257, (257, 97): 258}
    for data in (b"", b"a", b"abcx", b"abxabcx", b"bcbcab", b"xab"):
        yield dict(data=data, merges=abc)
    for n in (2, 3, 4, 5, 7, 11):
        yield dict(data=b"a" * n, merges=runs)
    yield dict(data=b"abcab", merges={(97, 98): 256, (256, 99): 257})
    # a first pair that has grown to the whole before its own merge has its turn
    yield dict(data=b"abc", merges={(98, 99): 256, (97, 256): 257, (97, 98): 258})
    yield dict(data=b"ab\x00\xff", merges={})
    yield dict(data=b"\x00\xff\x00\xff", merges={(0, 255): 256, (255, 0): 257})
    # ascending is all that is said of the ids; and more places than a small number holds
    far = {(97, 98): 300, (300, 99): 70_000, (32, 300): 10**7}
    yield dict(data=b"abcab abd", merges=far)
    yield dict(data=b"ab" * 700 + b"abc ab" * 9, merges=far)
    for text in TEXTS[4:]:
        merges = learned(counted(text, "(?s).+"), 290)
        yield dict(data=(text + text[::-1]).encode(), merges=merges)
    for letters in ("aab b", "abcd"):
        merges = learned(counted(random_text(rng, 90, letters), "(?s).+"), 290)
        for length in (9, 60):
            yield dict(data=random_text(rng, length, letters).encode(), merges=merges)


@ex.oracle
def _(data, merges):
    ids = list(data)
    for pair, idx in merges.items():  # replayed: ids ascend
        i = 0
        while i < len(ids) - 1:
            if (ids[i], ids[i + 1]) == pair:
                ids[i : i + 2] = [idx]
            i += 1
    return ids


def long_chunk(rng):
    merges = learned(counted(random_text(rng, 900, "abcdefgh"), "(?s).+"), 256 + 400)
    yield dict(data=random_text(rng, 700, "abcdefgh").encode(), merges=merges)


def too_much(case, got, right):
    if not isinstance(got, dict) or got["ids"] != right["ids"]:
        return "on a long chunk the ids are wrong"
    n = len(case["data"])
    if got["looked up"] > LOOK_UPS * n:
        return (
            f"for {n:,} bytes, {got['looked up']:,} pairs were looked up in merges: the whole chunk is gone "
            "through again for every merge"
        )
    if got["compared"] > COMPARISONS * n:
        return (
            f"for {n:,} bytes, ids of merges were compared {got['compared']:,} times: the next merge is "
            f"searched for "
            "along the whole chunk. A heap finds it in a few steps"
        )
    return None


@ex.check("the work", cases=long_chunk, judge=too_much)
def _(m, data, merges):
    work = {"sums": 0, "compared": 0, "looked up": 0}
    ids = m.encode_fast(data, watched(merges, work))
    return {"ids": ids, "looked up": work["looked up"], "compared": work["compared"]}


ex.hint(
    "Who stands left and right of a place? Two lists say it, and a merge changes a few numbers in them "
    "instead of moving "
    "everything that follows."
)
ex.hint(
    "A heap of (new id, place, pair). What you pop may be out of date: go on only if the two that stand "
    "there now are still "
    "that pair."
)
ex.hint(
    "Place i becomes idx, its right neighbor j becomes None; right[i] = right[j], left[right[j]] = i. "
    "Then push the pairs "
    "(left[i], i) and (i, right[i]) if they are among the merges. At the end keep what is not None."
)

ex.misconception(
    "The ids are right, but the whole chunk was gone through for every merge: on a long chunk the time "
    "grows with the "
    "square. Keep the candidates in a heap, and the neighbors in a linked list.",
    name="quadratic",
    source="""
def encode_fast(data, merges):
    ids = list(data)
    while len(ids) > 1:
        ready = [(merges[p], i) for i, p in enumerate(pairwise(ids)) if p in merges]
        if not ready:
            break
        idx, i = min(ready)
        ids[i : i + 2] = [idx]
    return ids
""",
)
ex.misconception(
    "The ids are right, but all pairs of the chunk were looked up again for each kind of merge: with "
    "thousands of merges that "
    "is thousands of walks. Look up a pair once, when it comes into being.",
    name="every_kind",
    source="""
def encode_fast(data, merges):
    ids = list(data)
    while len(ids) > 1:
        pair = min(pairwise(ids), key=lambda p: merges.get(p, float("inf")))
        if pair not in merges:
            break
        ids = merge(ids, pair, merges[pair])
    return ids
""",
)
ex.misconception(
    "What was popped from the heap was believed. One of the two may have been merged with another "
    "since: check that the pair "
    "still stands there.",
    name="heap_believed",
    replace="if ids[i] is None or j >= n or (ids[i], ids[j]) != pair:",
    by="if ids[i] is None or j >= n:",
)
ex.misconception(
    "After a merge no new pairs were pushed. The new id may be half of a later merge, on its left and "
    "on its right.",
    name="nothing_pushed",
    replace="for a, b in ((left[i], i), (i, right[i])):",
    by="for a, b in ():",
)
ex.misconception(
    "After a merge only the pair to the right was pushed. The new id may also be the right half of one.",
    name="right_only",
    replace="((left[i], i), (i, right[i]))",
    by="((i, right[i]),)",
)
ex.misconception(
    "After a merge only the pair to the left was pushed. The new id may also be the left half of one.",
    name="left_only",
    replace="((left[i], i), (i, right[i]))",
    by="((left[i], i),)",
)
ex.misconception(
    "The left neighbor of what follows still points to the place that is gone: both directions of the "
    "list must be kept.",
    name="left_not_linked",
    replace="left[right[j]] = i",
    by="pass",
)
ex.misconception(
    "Of equal pairs the rightmost came first. In aaa the left two are joined: sort by (new id, place).",
    name="rightmost",
    edits=[
        ("[(merges[p], i, p) for", "[(merges[p], -i, p) for"),
        (
            "idx, i, pair = heapq.heappop(heap)",
            "idx, i, pair = heapq.heappop(heap)\n        i = -i",
        ),
        ("ids[b]], a, (ids[a], ids[b])))", "ids[b]], -a, (ids[a], ids[b])))"),
    ],
)
ex.misconception(
    "The pairs were merged in the order of their places, whatever their new ids. The lowest new id "
    "comes first.",
    name="by_place",
    edits=[
        ("[(merges[p], i, p) for", "[(i, merges[p], p) for"),
        ("idx, i, pair = heapq.heappop(heap)", "i, idx, pair = heapq.heappop(heap)"),
        (
            "(merges[ids[a], ids[b]], a, (ids[a], ids[b]))",
            "(a, merges[ids[a], ids[b]], (ids[a], ids[b]))",
        ),
    ],
)

ex.variant(
    "a list of places for each rank",
    name="by_rank",
    source="""
def encode_fast(data, merges):
    ids = list(data)
    nxt, prv = list(range(1, len(ids) + 1)), list(range(-1, len(ids) - 1))
    queue = []
    def offer(a, b):
        if a >= 0 and b < len(ids):
            idx = merges.get((ids[a], ids[b]))
            if idx is not None:
                heapq.heappush(queue, (int(idx), a, ids[a], ids[b]))
    for i in range(len(ids) - 1):
        offer(i, i + 1)
    while queue:
        idx, i, x, y = heapq.heappop(queue)
        j = nxt[i]
        if j >= len(ids) or ids[i] != x or ids[j] != y:
            continue
        ids[i], ids[j] = idx, -1
        nxt[i] = nxt[j]
        if nxt[j] < len(ids):
            prv[nxt[j]] = i
        offer(prv[i], i)
        offer(i, nxt[i])
    return [x for x in ids if x >= 0]
""",
)

ex.equivalent(
    "range(-1, n - 1)  ->  range(-1, n - 1 + 1)",
    "a link from beyond the last byte is never followed",
)
ex.equivalent(
    "range(1, n + 1)  ->  range(1, n + 1 + 1)", "a link from beyond the last byte is never followed"
)
ex.equivalent("n - 1  ->  n + 1", "a link from beyond the last byte is never followed")
ex.equivalent("n - 1  ->  n", "a link from beyond the last byte is never followed")
ex.equivalent("1  ->  0", "a link from beyond the last byte is never followed")
ex.equivalent("1  ->  2", "a link from beyond the last byte is never followed")
ex.equivalent(
    "0  ->  -1", "what is pushed for place -1 is passed over: to the right of it is the end"
)
