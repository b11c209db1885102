"""08.merge: one pair becomes one id, from left to right."""

import re

from graders.authoring import exercise

from .part import few_ids

ex = exercise("merge", title="a pair becomes one id")


@ex.cases
def _(rng):
    for ids, pair in [
        ([], (1, 2)),
        ([1], (1, 1)),
        ([1, 2], (1, 2)),
        ([2, 1], (1, 2)),
        ([5, 6, 6, 7, 9, 1], (6, 7)),
        ([6, 7, 6, 7, 8, 6, 7], (6, 7)),
        ([1, 1, 1, 2], (1, 1)),
        ([1, 1, 1, 1], (1, 1)),
        ([3, 1, 1, 1, 1, 1], (1, 1)),
        ([1, 1, 1, 2, 1, 1], (1, 2)),
        ([4, 5, 6], (5, 4)),
        ([1, 12, 1, 1, 21, 1], (1, 1)),  # the same digits, other ids
        ([1, 2, 3, 2], (256, 2)),
        ([0, 0, 0, 7, 0, 0], (0, 0)),
        ([97, 98, 97, 98], (98, 97)),
    ]:
        yield dict(ids=ids, pair=pair, idx=rng.integer(1000, 9000))
    yield dict(ids=[5, 6, 7, 6, 6, 7], pair=(6, 7), idx=6)  # the new id may stand there already
    yield dict(ids=[1, 1, 1, 1, 1, 3, 1], pair=(1, 1), idx=1)
    big = rng.integer(10**6, 10**7)  # no code point, and more than two bytes hold
    yield dict(ids=[big, -1, big + 1, -1, big, big + 65536], pair=(big, -1), idx=big + 2)
    yield dict(ids=[-1, big, -1, -1, big + 65536], pair=(-1, int(str(big))), idx=-2)
    for length, kinds in ((40, 2), (50, 3)):
        ids = few_ids(rng, length, kinds)
        at = rng.integer(0, length - 1)
        yield dict(ids=ids, pair=(ids[at], ids[at + 1]), idx=rng.integer(9000, 9999))


@ex.oracle
def _(ids, pair, idx):
    # a character for each id: re.sub, too, goes from left to right and never overlaps
    kinds = [*dict.fromkeys([*ids, *pair, idx])]
    text, two = ("".join(chr(kinds.index(i)) for i in some) for some in (ids, pair))
    new = chr(kinds.index(idx))
    return [kinds[ord(c)] for c in re.sub(re.escape(two), lambda _: new, text)]


@ex.check(
    "a new list", cases=lambda rng: iter([dict(ids=[], pair=(1, 2)), dict(ids=[7, 8], pair=(1, 2))])
)
def _(m, ids, pair):
    """Where nothing is merged, too."""
    merged = m.merge(ids, pair, 300)
    merged.append(301)
    return {"merged, and one behind": merged, "ids": ids}


@ex.oracle("a new list")
def _(ids, pair):
    return {"merged, and one behind": [*ids, 301], "ids": ids}


ex.hint("A while loop with an index: a for loop cannot skip the second half of a pair.")
ex.hint("At the last id there is no next one: look whether i + 1 < len(ids) before you compare.")
ex.hint(
    "while i < len(ids): on the pair append idx and do i += 2, else append ids[i] and do i += 1; "
    "return the new list"
)


@ex.misconception(
    "All places where the pair stands were marked at once, and overlapping ones merged too: in 1 1 1 "
    "the middle id was used twice. Go from left to right; after a merge, go on two places."
)
def marked_at_once(ids, pair, idx):
    starts = [i for i in range(len(ids) - 1) if (ids[i], ids[i + 1]) == tuple(pair)]
    gone = {i + 1 for i in starts}
    return [idx if i in starts else x for i, x in enumerate(ids) if i not in gone]


@ex.misconception(
    "After a merge you went on one place instead of two: the pair's second id is there as well."
)
def steps_of_one(ids, pair, idx):
    return [idx if tuple(ids[i : i + 2]) == tuple(pair) else ids[i] for i in range(len(ids))]


@ex.misconception("Only the first occurrence was merged. Go on to the end of the list.")
def first_only(ids, pair, idx):
    for i in range(len(ids) - 1):
        if (ids[i], ids[i + 1]) == tuple(pair):
            return [*ids[:i], idx, *ids[i + 2 :]]
    return list(ids)


@ex.misconception(
    "The last id got lost: when it is no second half of a pair, it must be copied too. Loop while "
    "i < len(ids)."
)
def last_lost(ids, pair, idx):
    out, i = [], 0
    while i < len(ids) - 1:
        if (ids[i], ids[i + 1]) == tuple(pair):
            out.append(idx)
            i += 2
        else:
            out.append(ids[i])
            i += 1
    return out


@ex.misconception(
    "Merged from the right: 1 1 1 must become (new) 1, not 1 (new). Start at the left."
)
def from_the_right(ids, pair, idx):
    out, i = [], len(ids) - 1
    while i >= 0:
        if i > 0 and (ids[i - 1], ids[i]) == tuple(pair):
            out.append(idx)
            i -= 2
        else:
            out.append(ids[i])
            i -= 1
    return out[::-1]


@ex.misconception("The pair reversed was merged too: (6, 7) is not (7, 6).")
def either_order(ids, pair, idx):
    out, i = [], 0
    while i < len(ids):
        if i + 1 < len(ids) and sorted(ids[i : i + 2]) == sorted(pair):
            out.append(idx)
            i += 2
        else:
            out.append(ids[i])
            i += 1
    return out


@ex.misconception(
    "Ids that are no part of a pair were dropped. Everything else is copied as it is."
)
def others_dropped(ids, pair, idx):
    out, i = [], 0
    while i < len(ids):
        if tuple(ids[i : i + 2]) == tuple(pair):
            out.append(idx)
            i += 1
        i += 1
    return out


@ex.misconception(
    "Strings of digits were replaced: '1 12' holds '1 1' as text, but not as ids. Compare numbers, "
    "one place at a time."
)
def as_text(ids, pair, idx):
    text = " ".join(map(str, ids)).replace(f"{pair[0]} {pair[1]}", str(idx))
    return [int(word) for word in text.split()]


ex.misconception(
    "Where there was nothing to merge, ids itself came back. A new list is asked for: who changes one "
    "must not change the other.",
    name="the_same_list",
    replace="    return merged",
    by="    return ids if len(merged) == len(ids) else merged",
)


@ex.misconception("Nothing was merged: the list came back as it was.")
def unchanged(ids, pair, idx):
    return list(ids)


@ex.misconception(
    "The list that was passed in is changed. The caller still needs it: build a new list and return that."
)
def in_place(ids, pair, idx):
    i = 0
    while i < len(ids) - 1:
        if (ids[i], ids[i + 1]) == tuple(pair):
            ids[i : i + 2] = [idx]
        i += 1
    return ids


@ex.misconception(
    "What was just written was merged again with its right neighbor. A merge looks at the old list only: "
    "go on behind the pair."
)
def again(ids, pair, idx):
    out, i = list(ids), 0
    while i < len(out) - 1:
        if (out[i], out[i + 1]) == tuple(pair):
            out[i : i + 2] = [idx]
        else:
            i += 1
    return out


@ex.variant("a stack")
def stack(ids, pair, idx):
    out, free = [], False
    for i in ids:
        if free and out[-1] == pair[0] and i == pair[1]:
            out[-1], free = idx, False
        else:
            out.append(i)
            free = True
    return out


@ex.variant("an iterator that looks ahead")
def slices(ids, pair, idx):
    a, b = pair
    out, skip = [], False
    for left, right in zip(ids, [*ids, None][1:], strict=True):
        if skip:
            skip = False
        elif left == a and right == b:
            out.append(idx)
            skip = True
        else:
            out.append(left)
    return out


ex.equivalent("tuple(pair)  ->  pair", "the pair is a tuple")
