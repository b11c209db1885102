"""10.parse_reply: from ids back to a text."""

from graders.authoring import exercise

from .part import words

ex = exercise("parse_reply", title="reading a reply")


def b(text):
    return list(text.encode())


@ex.cases
def _(rng):
    yield dict(ids=[*b("Oh"), 260])
    yield dict(ids=b("no end"))
    yield dict(ids=[])
    yield dict(ids=[260])
    yield dict(ids=[259, 260])
    yield dict(ids=[*b("é日🙂"), 260, *b("more"), 260])
    yield dict(ids=[*b("a"), 258, *b("Why?"), 260])
    yield dict(ids=[*b(" two\n "), 261, 261, 260])
    yield dict(ids=[195, 169, 195, 260])  # ends in half a character
    yield dict(ids=[104, 255, 0, 128, 105, 260])
    yield dict(ids=[*b("日")[:2], 256, *b("日")[2:], 260])
    yield dict(ids=[*b("ok"), 300, *b("!"), 260])
    yield dict(ids=[*b("ok"), 100_000])
    yield dict(ids=[*b("ok"), 65_536 + 260, *b("!"), 260])
    yield dict(ids=[*b("long " * 70), 260, *b("!")])
    yield dict(ids=b("<|end|>") + b("x") + [260])
    yield dict(
        ids=[*b("x" + words(rng, 6)), rng.choice([256, 257, 259, 261, 262]), *b(words(rng)), 260]
    )
    yield dict(ids=[*b(words(rng, 6)), 260, *b(words(rng))])
    yield dict(ids=rng.integers(0, 256, 12).tolist() + [260])
    yield dict(ids=[256, *b("Oh"), 260])
    yield dict(ids=[259, *b("Oh"), 260])
    yield dict(ids=b("\ufeffe\u0301 \r\n") + [260])  # a byte order mark is a character, too
    yield dict(ids=b("ab\ufeff\x00c") + [257])


@ex.oracle
def _(ids):
    text = bytearray()
    for i in ids:
        if i >= 256:
            return bytes(text).decode("utf-8", "replace"), i == 260
        text.append(i)
    return bytes(text).decode("utf-8", "replace"), False


ex.hint("Where is the first id that is no byte? What stands before it is the reply.")
ex.hint("bytes(ids[:stop]).decode('utf-8', errors='replace') reads all of it together.")
ex.hint(
    "stop = next((t for t, i in enumerate(ids) if i > 255), len(ids)); finished is stop < len(ids) and "
    "ids[stop] == END."
)

ex.misconception(
    """What stands behind END is part of the text. The model had said that it is finished.""",
    name="end_skipped",
    source="""def parse_reply(ids):
    text = bytes(i for i in ids if i < 256).decode("utf-8", errors="replace")
    return text, END in ids
""",
)
ex.misconception(
    """Special tokens other than END are skipped, and the reply goes on behind them. A model that opens
    somebody else's turn
    has left its own: any special token ends the text.""",
    name="others_skipped",
    source="""def parse_reply(ids):
    stop = ids.index(END) if END in ids else len(ids)
    text = bytes(i for i in ids[:stop] if i < 256).decode("utf-8", errors="replace")
    return text, END in ids
""",
)
ex.misconception(
    """It is called finished whatever special token ended it. Only END says so: with another one, or none,
    the model was cut off or confused.""",
    name="any_special_finishes",
    replace="stop < len(ids) and ids[stop] == END",
    by="stop < len(ids)",
)
ex.misconception(
    """It is called finished if END stands anywhere, even behind another special token. The first special
    token decides.""",
    name="end_anywhere",
    replace="stop < len(ids) and ids[stop] == END",
    by="END in ids",
)
ex.misconception(
    """It is never called finished, or only where nothing was written. Look at the id that ended the
    text.""",
    name="never_finished",
    replace="stop < len(ids) and ids[stop] == END",
    by="False",
)
ex.misconception(
    """Without any special token this fails, or the last byte is lost: a reply that was cut off is its
    whole text, not finished.""",
    name="last_lost",
    replace=", len(ids))\n    text",
    by=", len(ids) - 1)\n    text",
)
ex.misconception(
    """Bytes were decoded one by one, and each part of "é" is a bad byte. Decode them together.""",
    name="one_by_one",
    replace='bytes(ids[:stop]).decode("utf-8", errors="replace")',
    by='"".join(bytes([i]).decode("utf-8", errors="replace") for i in ids[:stop])',
)
ex.misconception(
    """Each byte became the character of that number, so that "é" reads "Ã©". Bytes are UTF-8.""",
    name="latin",
    replace='bytes(ids[:stop]).decode("utf-8", errors="replace")',
    by='"".join(map(chr, ids[:stop]))',
)
ex.misconception(
    """Bytes that are not valid UTF-8 raise an exception. A model writes such things: errors="replace".""",
    name="strict",
    replace=', errors="replace"',
    by="",
)
ex.misconception(
    """Bytes that are not valid UTF-8 vanish. Asked is U+FFFD in their place, so that one sees that
    something was
    there: errors="replace".""",
    name="ignored",
    replace='decode("utf-8", errors="replace")',
    by='decode("utf-8", errors="ignore")',
)
ex.misconception(
    """Spaces or newlines at the ends are gone. Nothing is removed.""",
    name="stripped",
    replace='errors="replace")\n',
    by='errors="replace").strip()\n',
)
ex.misconception(
    """An id that is not in NAMES raises an exception. Vocabularies are often padded to a round number: it
    ends the text like any other special token.""",
    name="unknown_fails",
    replace="    text = ",
    by="    if stop < len(ids):\n        NAMES[ids[stop]]\n    text = ",
)
ex.misconception(
    """Only the text came back. Whether the model finished is asked, too: (text, finished).""",
    name="text_only",
    replace="return text, stop < len(ids) and ids[stop] == END",
    by="return text",
)
ex.misconception(
    """A special token at the beginning is skipped. It ends the text like any other: nothing was said
    before it.""",
    name="first_skipped",
    replace="    stop = ",
    by="    ids = ids[1:] if ids[:1] and ids[0] > 255 and ids[0] != END else ids\n    stop = ",
)
ex.misconception(
    """Only ids in NAMES end the text, and others above 255 are left out of it. Vocabularies are often
    padded to a round number: every id that is no byte ends the text.""",
    name="only_names",
    source="""def parse_reply(ids):
    stop = next((t for t, i in enumerate(ids) if i in NAMES), len(ids))
    text = bytes(i for i in ids[:stop] if i < 256).decode("utf-8", errors="replace")
    return text, ids[stop : stop + 1] == [END]
""",
)

ex.variant(
    "a loop",
    name="loop",
    source="""def parse_reply(ids):
    data = bytearray()
    for i in ids:
        if i > 255:
            return str(data, "utf-8", "replace"), i == END
        data.append(i)
    return str(data, "utf-8", "replace"), False
""",
)
ex.variant(
    "takewhile",
    name="takewhile",
    source="""def parse_reply(ids):
    from itertools import takewhile
    kept = list(takewhile(lambda i: i < 256, ids))
    return bytes(kept).decode(errors="replace"), ids[len(kept) : len(kept) + 1] == [END]
""",
)
