"""10.encode_text: a text is bytes, whatever it looks like."""

from graders.authoring import exercise

from .part import PIECES, words

ex = exercise("encode_text", title="text as bytes")


@ex.cases
def _(rng):
    for text in (
        "",
        "né",
        "a",
        " two  spaces \n",
        "<|end|>",
        "x<|bos|><|pad|>y",
        "日本🙂",
        "\x00",
        "<|System|>",
        # a byte order mark, an accent of its own, and what else a "normal form" would change
        "\ufeffe\u0301 \ufb01\u2460\u212b",
        "a\r\nb\rc\td\u2028\u00a0",
    ):
        yield dict(text=text)
    yield dict(text="".join(rng.shuffled(PIECES)))
    yield dict(text=words(rng, 9))


@ex.oracle
def _(text):
    out = []
    for c in map(ord, text):  # UTF-8, spelled out
        if c < 0x80:
            out.append(c)
            continue
        n = 2 if c < 0x800 else 3 if c < 0x10000 else 4
        out.append((0xFF00 >> n & 0xFF) | c >> 6 * (n - 1))
        out += [0x80 | c >> 6 * k & 0x3F for k in reversed(range(n - 1))]
    return out


def kinds(rng):
    yield dict(text="hé" + words(rng))


@ex.check("a list of ints", cases=kinds)
def _(m, text):
    found = m.encode_text(text)
    return {"it is a": type(found).__name__, "of": sorted({type(i).__name__ for i in found})}


@ex.oracle("a list of ints")
def _(text):
    return {"it is a": "list", "of": ["int"]}


ex.hint("A str has a method that gives its bytes in a given encoding; lesson 08 used it.")
ex.hint("A list of a bytes object is a list of ints.")
ex.hint("list(text.encode('utf-8'))")

ex.misconception(
    """Something in the text became a special token. What a user types are bytes: otherwise whoever types
    <|end|> closes their own turn and may write the system's (prompt injection).""",
    name="injection",
    source="""def encode_text(text):
    ids = []
    while text:
        name = next((n for n in NAMES.values() if text.startswith(n)), None)
        if name:
            ids.append(list(NAMES.values()).index(name) + 256)
            text = text[len(name):]
        else:
            ids += text[0].encode("utf-8")
            text = text[1:]
    return ids
""",
)
ex.misconception(
    """What looks like a special token was cut out of the text. It is what the user wrote, and harmless as
    bytes: nothing is removed.""",
    name="removed",
    source="""def encode_text(text):
    for name in NAMES.values():
        text = text.replace(name, "")
    return list(text.encode("utf-8"))
""",
)
ex.misconception(
    """Those are code points: ord("日") is 26085, far outside the vocabulary. Take the bytes in
    UTF-8, each below 256.""",
    name="code_points",
)(lambda text: [ord(c) for c in text])
ex.misconception(
    """The text begins with BOS. The template writes it, once for a whole conversation, and not for each
    text.""",
    name="bos",
    replace="list(text",
    by="[BOS] + list(text",
)
ex.misconception(
    """END stands behind the text. It closes a turn, and the template writes it; a text alone is its
    bytes.""",
    name="end",
    replace='list(text.encode("utf-8"))',
    by='[*text.encode("utf-8"), END]',
)
ex.misconception(
    """Spaces or newlines at the ends are gone. Nothing is removed: they may be what was asked about.""",
    name="stripped",
    replace="text.encode",
    by="text.strip().encode",
)
ex.misconception(
    """Characters beyond ASCII are lost. UTF-8 can write them all, in two to four bytes.""",
    name="ascii",
    replace='"utf-8"',
    by='"ascii", errors="ignore"',
)
ex.misconception(
    """A bytes object came back, which cannot hold 256 and above: list() of it is a list of ints.""",
    name="bytes",
    replace='list(text.encode("utf-8"))',
    by='text.encode("utf-8")',
)
ex.misconception(
    """The text was brought into a normal form first: an "e" with an accent of its own became the one
    character "é". Nothing is changed, or what comes back is not what was written.""",
    name="normalized",
    replace="list(text",
    by='list(__import__("unicodedata").normalize("NFC", text)',
)
ex.misconception(
    """Line ends were changed. A carriage return is a byte like any other (13), and stays.""",
    name="line_ends",
    replace="text.encode",
    by='text.replace("\\r\\n", "\\n").replace("\\r", "\\n").encode',
)

ex.variant("a comprehension over characters", name="by_character")(
    lambda text: [b for c in text for b in c.encode()]
)
ex.variant("bytearray", name="bytearray")(lambda text: [*bytearray(text, "utf-8")])
