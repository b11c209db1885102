"""08.bytes_per_token: what the merges have bought."""

from graders.authoring import exercise

ex = exercise("bytes_per_token", title="the compression ratio")


@ex.cases
def _(rng):
    yield dict(text="aaabdaaabac", ids=[258, 100, 258, 97, 99])
    yield dict(text="aaabd\u00e4aabac", ids=[258, 100, 258, 97, 99])
    yield dict(text="", ids=[50256])
    yield dict(text="a", ids=[97])
    yield dict(text="\u20ac\u00e9", ids=[300, 301])
    yield dict(text="\U0001f600" * 3, ids=[300, 300])
    yield dict(text="  a\n ", ids=[260, 1, 9])
    text = "".join(rng.choice("ab\u00e9\u20ac\U0001f600 ") for _ in range(31))
    yield dict(text=text, ids=[rng.integer(0, 999) for _ in range(rng.integer(5, 13))])


@ex.oracle
def _(text, ids):
    total = sum(1 + (c > "\x7f") + (c > "\u07ff") + (c > "\uffff") for c in text)
    return total / float(len(ids))


ex.hint("Two lengths, and a division.")
ex.hint("How long is the text in bytes? len(text) counts characters.")
ex.hint('return len(text.encode("utf-8")) / len(ids)')


@ex.misconception("These are characters per token. Count bytes: len(text.encode('utf-8')).")
def characters(text, ids):
    return len(text) / len(ids)


@ex.misconception("Upside down: tokens per byte. The bytes go on top, so that more is better.")
def upside_down(text, ids):
    return len(ids) / max(1, len(text.encode("utf-8")))


@ex.misconception("// cuts the decimals off. Divide with /.")
def whole(text, ids):
    return len(text.encode("utf-8")) // len(ids)


@ex.misconception(
    "Repeated tokens count each time: divide by len(ids), not by the number of different ones."
)
def different(text, ids):
    return len(text.encode("utf-8")) / len(set(ids))


@ex.misconception("Rounded. Return the ratio as it is.")
def rounded(text, ids):
    return float(round(len(text.encode("utf-8")) / len(ids)))


@ex.misconception("Spaces and line ends at the ends are bytes too: no strip().")
def stripped(text, ids):
    return len(text.strip().encode("utf-8")) / len(ids)


@ex.variant("a sum")
def summed(text, ids):
    return sum(len(c.encode()) for c in text) / len(ids)
