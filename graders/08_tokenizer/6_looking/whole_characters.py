"""08.whole_characters: tokens that only together are text."""

from graders.authoring import exercise

from .part import TEXTS, cut, random_text

ex = exercise("whole_characters", title="half a character", points=2)


@ex.cases
def _(rng):
    yield dict(tokens=[b"a", b"\xe6\x97", b"\xa5", b"!"])
    yield dict(tokens=[])
    yield dict(tokens=[b"ab", b" cd"])
    yield dict(tokens=[b"\xf0", b"\x9f", b"\x98", b"\x80", b"\xc3", b"\xa9"])
    yield dict(tokens=[b"a\xe6", b"\x97\xa5\xe6", b"\x97\xa5b", b"\x00"])
    yield dict(tokens=[b"\xe6\x97\xa5", b"\xef\xbf\xbd", b"\xe2\x80\x8d"])
    # the sign that broken bytes are read as stands in the text itself
    yield dict(tokens=[b"\xef\xbf\xbd\xe6", b"\x97\xa5", b"\xef\xbf", b"\xbd", b"\xef\xbf\xbda"])
    # a mark of byte order and Windows line ends are text like any other
    yield dict(tokens=[b"\xef\xbb\xbfa", b"\xef\xbb", b"\xbf", b"\xef\xbb\xbf", b"b\r", b"\n"])
    yield dict(tokens=[b"\xe6", *[b"\x97\xa5\xe6"] * 40, b"\x97\xa5", b"b"])
    for text in (*TEXTS, random_text(rng, 20), random_text(rng, 9)):
        yield dict(tokens=cut(rng, text.encode()))


@ex.scenario
def _(m, tokens):
    kept = list(tokens)
    groups = m.whole_characters(tokens)
    return {"groups": [tuple(g) for g in groups], "tokens unchanged": tokens == kept}


@ex.oracle
def _(tokens):
    groups, start = [], 0
    ends = [sum(map(len, tokens[:i])) for i in range(len(tokens) + 1)]
    data = b"".join(tokens)
    for i in range(1, len(ends)):
        at = ends[i]  # between two characters, unless a byte 10xxxxxx follows
        if at == len(data) or data[at] & 0xC0 != 0x80:
            groups.append((data[ends[start] : at].decode(), i - start))
            start = i
    return {"groups": groups, "tokens unchanged": True}


ex.legal("answer: list for tuple", "tuples or lists")
ex.legal("answer: list for tuple, inside", "tuples or lists")

ex.hint("Collect bytes until they can be decoded; then the group is complete, and the next begins.")
ex.hint("try: data.decode('utf-8'), except UnicodeDecodeError: take one more token.")
ex.hint("data, n = data + token, n + 1; if it decodes: groups.append((text, n)); data, n = b'', 0")

ex.misconception(
    "Each token was decoded alone: halves of a character become �. Join tokens until their bytes are "
    "valid UTF-8.",
    name="one_by_one",
    source="""
def whole_characters(tokens):
    return [(token.decode("utf-8", errors="replace"), 1) for token in tokens]
""",
)
ex.misconception(
    "Halves of a character vanished: they must be joined with the tokens that complete them.",
    name="ignored",
    source="""
def whole_characters(tokens):
    return [(t.decode("utf-8", errors="ignore"), 1) for t in tokens if t.decode("utf-8", errors="ignore")]
""",
)
ex.misconception(
    "The groups are characters. A token of several characters stays one group: only what a token breaks "
    "is joined.",
    name="characters",
    source="""
def whole_characters(tokens):
    return [(c, 1) for c in b"".join(tokens).decode("utf-8")]
""",
)
ex.misconception(
    "The bytes of the group before are still there. After each group begin anew.",
    name="not_emptied",
    replace='groups.append((text, n))\n        data, n = b"", 0',
    by="groups.append((text, n))\n        n = 0",
)
ex.misconception(
    "The number of tokens runs on from group to group. Each group counts its own.",
    name="number_runs_on",
    replace='groups.append((text, n))\n        data, n = b"", 0',
    by='groups.append((text, n))\n        data = b""',
)
ex.misconception(
    "The number is that of the bytes. Tokens are to be counted.",
    name="bytes_counted",
    replace="groups.append((text, n))",
    by="groups.append((text, len(data)))",
)
ex.misconception(
    "The number is that of the characters. Tokens are to be counted.",
    name="characters_counted",
    replace="groups.append((text, n))",
    by="groups.append((text, len(text)))",
)
ex.misconception(
    "The groups hold bytes. The text is asked for: decoded.",
    name="bytes_kept",
    replace="groups.append((text, n))",
    by="groups.append((data, n))",
)

ex.variant(
    "by looking at the next byte",
    name="next_byte",
    source="""
def whole_characters(tokens):
    groups, waiting = [], []
    for i, token in enumerate(tokens):
        waiting.append(token)
        if i + 1 == len(tokens) or not 0x80 <= tokens[i + 1][0] < 0xC0:
            groups.append((b"".join(waiting).decode(), len(waiting)))
            waiting = []
    return groups
""",
)
