"""08.encode_fallback: rare characters fall back to bytes."""

from graders.authoring import exercise

from .part import TEXTS, random_text

ex = exercise("encode_fallback", title="byte fallback", stretch=True)


@ex.cases
def _(rng):
    yield dict(text="ab\u20acc", characters=["b", "a"])
    yield dict(text="", characters=["a"])
    yield dict(text="a\u00e9\u65e5\U0001f600\x00", characters=[])
    yield dict(text="a\u00e9\u65e5\U0001f600\x00e", characters=["\U0001f600", "\u00e9", "\x00"])
    yield dict(text="e\u0301\u00e9\U0010ffffe", characters=["\u00e9", "\U0010ffff"])
    # a mark of byte order and Windows line ends are text like any other
    for characters in (["a", "\n"], ["\ufeff", "b", "\r"]):
        yield dict(text="\ufeffab\r\nab \ufeffab\r\n", characters=characters)
    many = [chr(0x4E00 + i) for i in range(300)]
    yield dict(text=many[299] + many[200] + "a" + many[0], characters=many)
    for text in TEXTS[5:]:
        kinds = rng.shuffled(dict.fromkeys(text))
        yield dict(text=text, characters=kinds[: len(kinds) // 2])
    yield dict(text=random_text(rng, 30, "ab\u00e9\u65e5"), characters=["\u65e5", "x", "a"])


@ex.oracle
def _(text, characters):
    ids = []
    for c in text:
        ids += [256 + characters.index(c)] if c in characters else [*c.encode("utf-8")]
    return ids


@ex.effort
def _(rng):
    for n in (12, 96):
        kinds = [chr(0x4E00 + i) for i in range(n)]
        yield dict(text="".join(rng.shuffled(kinds)), characters=rng.shuffled(kinds))


ex.hint("For each character: is it among those with an id? If not, which bytes is it?")
ex.hint("A bytes object is a row of numbers already: ids.extend(c.encode('utf-8')).")
ex.hint(
    "id_of = {c: 256 + k for k, c in enumerate(characters)}; then for each c: ids.extend([id_of[c]] if c in "
    "id_of else c.encode('utf-8'))"
)

ex.misconception(
    "Rare characters were left out. They fall back to their UTF-8 bytes, so that nothing is lost.",
    name="dropped",
    replace='else c.encode("utf-8"))',
    by="else [])",
)
ex.misconception(
    "A rare character became its code point. It is one id for each UTF-8 *byte*.",
    name="code_point",
    replace='else c.encode("utf-8"))',
    by="else [ord(c)])",
)
ex.misconception(
    "ASCII characters always became bytes. One that is among characters has an id of its own.",
    name="ascii_as_bytes",
    replace="if c in id_of else",
    by="if c in id_of and ord(c) > 127 else",
)
ex.misconception(
    "The ids of characters start at 0. 0 to 255 are the bytes; the first character has 256.",
    name="from_zero",
    replace="256 + k for",
    by="k for",
)
ex.misconception(
    "Everything is bytes. A character that is among characters is one id.",
    name="all_bytes",
    replace="if c in id_of else",
    by="if False else",
)
ex.misconception(
    "Only the first byte of a rare character is there: é has two, 日 three, 😀 four.",
    name="first_byte",
    replace='else c.encode("utf-8"))',
    by='else c.encode("utf-8")[:1])',
)
ex.misconception(
    "The ids of characters follow the sorted order. The place in the list says the id: 256 + place.",
    name="sorted",
    replace="enumerate(characters)",
    by="enumerate(sorted(characters))",
)

ex.misconception(
    "The work grows with the text times the characters: a loop over these stands inside the one over the "
    "text. Note once, in a dict, which id each has; it finds what belongs to a key at once.",
    name="numbered_for_each",
    source="""
def encode_fallback(text, characters):
    ids = []
    for c in text:
        id_of = {known: 256 + k for k, known in enumerate(characters)}
        ids.extend([id_of[c]] if c in id_of else c.encode("utf-8"))
    return ids
""",
)

ex.variant(
    "one table",
    name="one_table",
    source="""
def encode_fallback(text, characters):
    table = dict(zip(characters, ([256 + k] for k in range(len(characters)))))
    return [i for c in text for i in table.get(c, list(c.encode()))]
""",
)
