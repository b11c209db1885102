"""08.split_token: the pair that a token was merged from."""

from graders.authoring import Raises, exercise

from .part import PROSE, halves, learned, mixed, random_text, real_ranks, table

ex = exercise("split_token", title="which two made it?", points=2)


@ex.cases
def _(rng):
    own = {bytes([b]): b for b in range(256)}
    example = own | {b"bc": 300, b"ab": 301, b"abc": 302, b"abcd": 303}
    other = own | {b"ab": 300, b"bc": 301, b"abc": 302, b"bcd": 310, b"abcd": 400}
    for ranks in (example, other):
        for token in (b"ab", b"bc", b"abc", b"abcd"):
            yield dict(token=token, ranks=ranks)
    runs = own | {b"a" * n: 500 - 20 // n for n in (2, 4, 8)} | {b"aaa": 510}
    for n in (2, 3, 4, 8):
        yield dict(token=b"a" * n, ranks=runs)
    # younger tokens inside the older one must not be used
    yield dict(
        token=b"abab", ranks=own | {b"ab": 256, b"abab": 257, b"ba": 258, b"aba": 259, b"bab": 260}
    )
    yield dict(token=b"abc", ranks=own | {b"ab": 260, b"abc": 256})  # three pieces
    yield dict(token=b"abcd", ranks=own | {b"bc": 256, b"abcd": 300})
    yield dict(token=b"abcd", ranks=own | {b"abcd": 300})  # four
    # the first ab is joined, and then aba comes before the second
    yield dict(token=b"abab", ranks=own | {b"ab": 300, b"aba": 290, b"abab": 400})
    higher = {token: rank + 90 for token, rank in own.items()}
    yield dict(token=b"abc", ranks=higher | {b"bc": 0, b"ab": 1, b"abc": 400})
    yield dict(token=b"abcd", ranks=own | {b"bc": 10**12, b"abc": 10**12 + 1, b"abcd": 10**12 + 2})
    # history: e|fabcd; from left to right: ef|abcd; the longest left half: efabc|d
    tale = {b"cd": 257, b"bcd": 258, b"efabc": 259, b"fa": 280, b"ef": 290, b"fabcd": 292}
    yield dict(token=b"efabcd", ranks=own | tale | {b"abcd": 293, b"efabcd": 400})
    yield dict(token=b"\xe6\x97\xa5", ranks=own | {b"\x97\xa5": 256, b"\xe6\x97\xa5": 257})
    for text, count, gaps in ((PROSE, 60, True), (random_text(rng, 90, "abc"), 30, False)):
        ranks = mixed(rng, table(rng, learned(text, count), gaps))
        longest = sorted(ranks, key=len)[-4:]
        for token in [*longest, rng.choice([t for t in ranks if len(t) == 2])]:
            yield dict(token=token, ranks=ranks)
    real = real_ranks(1000)
    if real:
        for token in sorted(real, key=len)[-3:] + [
            b" the",
            rng.choice([t for t in real if len(t) > 3]),
        ]:
            yield dict(token=token, ranks=real)


@ex.oracle
def _(token, ranks):
    pieces = halves(token, ranks)
    return tuple(pieces) if len(pieces) == 2 else Raises("ValueError")


ex.hint(
    "Start from the single bytes of the token and merge. Which merges are allowed, and which comes first?"
)
ex.hint(
    "Only tokens with a lower rank than this one existed when it was made. Of those that two neighbors "
    "join to, "
    "the lowest rank first; then look again."
)
ex.hint(
    "pieces = [bytes([b]) for b in token]; find the i with the lowest ranks.get(pieces[i] + pieces[i + "
    "1], inf); stop "
    "if that is not below ranks[token]; else pieces[i : i + 2] = [the two joined]. Two must be left."
)

ex.misconception(
    "The first cut at which both halves are tokens was taken. Several cuts may fit; which one history "
    "took, only "
    "replaying the older merges tells.",
    name="first_cut",
    source="""
def split_token(token, ranks):
    for i in range(1, len(token)):
        if max(ranks.get(token[:i], 1e9), ranks.get(token[i:], 1e9)) < ranks[token]:
            return token[:i], token[i:]
    raise ValueError("none fits")
""",
)
ex.misconception(
    "The cut with the longest left half was taken. Several cuts may fit; which one history took, only "
    "replaying the older merges tells.",
    name="last_cut",
    source="""
def split_token(token, ranks):
    for i in range(len(token) - 1, 0, -1):
        if max(ranks.get(token[:i], 1e9), ranks.get(token[i:], 1e9)) < ranks[token]:
            return token[:i], token[i:]
    raise ValueError("none fits")
""",
)
ex.misconception(
    "The cut whose halves have the lowest ranks was taken. Several cuts may fit; which one history "
    "took, only "
    "replaying the older merges tells.",
    name="oldest_halves",
    source="""
def split_token(token, ranks):
    cuts = [(token[:i], token[i:]) for i in range(1, len(token))]
    cuts = [c for c in cuts if all(ranks.get(h, 1e9) < ranks[token] for h in c)]
    if not cuts:
        raise ValueError("none fits")
    return min(cuts, key=lambda c: max(ranks[h] for h in c))
""",
)
ex.misconception(
    "Merging went on to the token itself, so one piece was left: its own rank was still allowed. Only tokens "
    "with a lower rank existed when it was made: stop before its own.",
    name="no_limit",
    replace="joined[at] >= ranks[token]",
    by='joined[at] == float("inf")',
)
ex.misconception(
    "The leftmost neighbors that may be joined came first. The lowest rank comes first, wherever it stands.",
    name="leftmost",
    replace="key=joined.__getitem__",
    by="key=lambda i: joined[i] >= ranks[token]",
)
ex.misconception(
    "The youngest of the allowed merges came first. Merges are replayed as they were learned: lowest "
    "rank first.",
    name="youngest_first",
    replace="key=joined.__getitem__",
    by="key=lambda i: -joined[i] if joined[i] < ranks[token] else 0",
)
ex.misconception(
    "Of equal neighbors the rightmost were joined first. In a row such as aaa it is the leftmost.",
    name="rightmost",
    replace="min(range(len(joined)),",
    by="min(reversed(range(len(joined))),",
)
ex.misconception(
    "Merging stopped as soon as two pieces were left or none fits, but then whatever is there came "
    "back. Unless "
    "exactly two are left, raise ValueError.",
    name="any_number",
    replace="if len(pieces) != 2:",
    by="if False:",
)
ex.misconception(
    "Ranks came back. The two tokens themselves are asked for, as bytes.",
    name="ranks_instead",
    replace="return pieces[0], pieces[1]",
    by="return ranks[pieces[0]], ranks[pieces[1]]",
)

ex.variant(
    "with a table of the older tokens",
    name="older",
    source="""
def split_token(token, ranks):
    older = {t: r for t, r in ranks.items() if r < ranks[token]}
    parts = [token[i : i + 1] for i in range(len(token))]
    while len(parts) > 1:
        fits = [(older[a + b], i) for i, (a, b) in enumerate(zip(parts, parts[1:])) if a + b in older]
        if not fits:
            break
        _, i = min(fits)
        parts = parts[:i] + [parts[i] + parts[i + 1]] + parts[i + 2 :]
    if len(parts) == 2:
        return tuple(parts)
    raise ValueError("not two")
""",
)

ex.equivalent(
    "min(range(len(joined)), key=joined.__getitem__, default=None)  ->  "
    "min(range(len(joined)), key=joined.__getitem__)",
    "a token has two bytes or more, and its own rank stops the loop before one piece is left",
)
ex.equivalent(
    "at is None or joined[at] >= ranks[token]  ->  joined[at] >= ranks[token]",
    "a token has two bytes or more, and its own rank stops the loop before one piece is left",
)
