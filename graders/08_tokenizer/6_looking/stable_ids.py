"""08.stable_ids: the end of a prompt is not firm."""

from graders.authoring import exercise

from .part import encoder, random_text

ex = exercise("stable_ids", title="the unstable end of a prompt", points=2)


@ex.cases
def _(rng):
    yield dict(prompt="hello", endings=["", "!"], kind="pairs")
    yield dict(prompt="hell", endings=["o"], kind="pairs")
    for kind in ("pairs", "words", "last two", "runs", "bytes"):
        yield dict(prompt="ab cdd", endings=["d", "e", ""], kind=kind)
        yield dict(prompt="ab cdd", endings=["x", "dd d"], kind=kind)
        yield dict(prompt="ab cdd", endings=[], kind=kind)
        yield dict(prompt="", endings=["a", ""], kind=kind)
        yield dict(prompt="a", endings=["a", "b"], kind=kind)
    yield dict(prompt="xyzw", endings=["q", "qr", "qrs"], kind="last two")
    # the first ending changes more than the last, and the other way round
    yield dict(prompt="a b b", endings=["b", " b"], kind="words")
    yield dict(prompt="a b b", endings=[" b", "b"], kind="words")
    # longer texts may have fewer ids
    yield dict(prompt="abc", endings=["d", "de"], kind="shrinks")
    # a change in the middle, equal again after it
    yield dict(prompt="aa bb aa", endings=["b"], kind="swap")
    for kind in ("pairs", "runs", "last two"):
        prompt = random_text(rng, rng.integer(5, 12), "ab")
        yield dict(prompt=prompt, endings=[random_text(rng, n, "ab") for n in (1, 3)], kind=kind)


@ex.scenario
def _(m, prompt, endings, kind):
    if kind == "swap":  # an odd length changes the second id only
        encode = lambda text: [len(text) % 2 * 99 if i == 1 else ord(c) for i, c in enumerate(text)]
    else:
        encode = encoder(kind)
    return m.stable_ids(encode, prompt, endings)


@ex.oracle
def _(prompt, endings, kind):
    if kind == "swap":
        return 1
    ids = encoder(kind)(prompt)
    longer = [encoder(kind)(prompt + ending) for ending in endings]
    return max(n for n in range(len(ids) + 1) if all(other[:n] == ids[:n] for other in longer))


ex.hint(
    "For one ending: encode prompt + ending, and compare id by id from the left. How far are they equal?"
)
ex.hint("Several endings: the smallest of these numbers. Without any, all ids of the prompt.")
ex.hint(
    "n = 0; while n < min(stable, len(longer)) and longer[n] == ids[n]: n += 1; then stable = n"
)

ex.misconception(
    "All equal places were counted. After the first difference nothing is firm: stop there.",
    name="all_equal_places",
    source="""
def stable_ids(encode, prompt, endings):
    ids = encode(prompt)
    counts = [sum(a == b for a, b in zip(ids, encode(prompt + e))) for e in endings]
    return min([len(ids), *counts])
""",
)
ex.misconception(
    "The ending was encoded alone and put behind. Its letters change the tokens before them: encode "
    "prompt + ending as one "
    "text.",
    name="encoded_alone",
    replace="encode(prompt + ending)",
    by="encode(prompt) + encode(ending)",
)
ex.misconception(
    "Only the last ending counts here. Whichever comes, the ids must stay: take the smallest number.",
    name="last_only",
    replace="n < min(stable, len(longer))",
    by="n < min(len(ids), len(longer))",
)
ex.misconception(
    "The ending that changes least decides. Whichever comes, the ids must stay: take the smallest number.",
    name="largest",
    source="""
def stable_ids(encode, prompt, endings):
    ids, best = encode(prompt), None
    for ending in endings:
        longer, n = encode(prompt + ending), 0
        while n < min(len(ids), len(longer)) and longer[n] == ids[n]:
            n += 1
        best = n if best is None else max(best, n)
    return len(ids) if best is None else best
""",
)
ex.misconception(
    "The longer text may have fewer ids than the prompt; then the walk runs off its end.",
    name="off_the_end",
    replace="n < min(stable, len(longer)) and",
    by="n < stable and",
)
ex.misconception(
    "Without endings nothing changes: all ids of the prompt are firm, not none.",
    name="no_endings",
    replace="stable = len(ids)",
    by="stable = len(ids) if endings else 0",
)
ex.misconception(
    "The number is that of the ids that change. Those that stay are asked for.",
    name="changing",
    replace="return stable",
    by="return len(ids) - stable",
)
ex.misconception(
    "One too many: the first id that differs is not firm.",
    name="one_more",
    replace="        stable = n\n",
    by="        stable = min(n + 1, len(ids))\n",
)

ex.variant(
    "takewhile",
    name="takewhile",
    source="""
def stable_ids(encode, prompt, endings):
    from itertools import takewhile

    ids = list(encode(prompt))
    firm = [len(ids)]
    for e in endings:
        pairs = zip(ids, encode(prompt + e))
        firm.append(len(list(takewhile(lambda p: p[0] == p[1], pairs))))
    return min(firm)
""",
)
