"""08.decode_fallback: bytes and characters back to text."""

from graders.authoring import Raises, exercise

from .part import TEXTS

ex = exercise("decode_fallback", title="byte fallback, back", stretch=True)


@ex.cases
def _(rng):
    yield dict(ids=[257, 256, 226, 130, 172, 99], characters=["b", "a"])
    yield dict(ids=[], characters=["a"])
    yield dict(ids=[255, 257, 97], characters=["b", "a"])  # a byte that no text has
    yield dict(ids=[226, 130, 256, 172, 195, 169, 195], characters=["\u65e5"])
    yield dict(ids=[240, 159, 152, 128, 258, 256, 13, 10], characters=["\U0001f600", "x", "\u00e9"])
    for wrong in ([97, 258], [256 + 5], [-1], [97, -2]):
        yield dict(ids=wrong, characters=["b", "a"])
    yield dict(ids=[97, 256], characters=[])
    # a mark of byte order and Windows line ends are text like any other
    yield dict(ids=[239, 187, 191, 256, 13, 10, 257, 13, 258], characters=["a", "\ufeff", "\n"])
    many = [chr(0x4E00 + i) for i in range(300)]
    yield dict(ids=[256 + 299, 456, 97, 256], characters=many)
    yield dict(ids=[256 + 300], characters=many)
    for text in TEXTS[6:]:
        kinds = rng.shuffled(dict.fromkeys(text))
        kept = kinds[: len(kinds) // 2]
        ids = [i for c in text for i in ([256 + kept.index(c)] if c in kept else c.encode())]
        yield dict(ids=ids, characters=kept)
        yield dict(ids=ids[1:], characters=kept)
    yield dict(
        ids=[rng.integer(0, 260) for _ in range(30)], characters=["\u65e5", "a", "\u00e9", "b"]
    )


@ex.oracle
def _(ids, characters):
    if any(not 0 <= i < 256 + len(characters) for i in ids):
        return Raises("KeyError")
    data = bytearray()
    for i in ids:
        data += characters[i - 256].encode() if i > 255 else bytes((i,))
    return data.decode("utf-8", "replace")


ex.hint(
    "One character may be spread over several ids: nothing can be decoded before all bytes are together."
)
ex.hint("A table {id: bytes}: the single bytes, and characters[k].encode('utf-8') for 256 + k.")
ex.hint("b''.join(vocab[i] for i in ids).decode('utf-8', errors='replace')")

ex.misconception(
    "Each id was decoded on its own: a character that fell back to three bytes becomes three �. Join all "
    "bytes first, then decode once.",
    name="one_by_one",
    replace='b"".join(vocab[i] for i in ids).decode("utf-8", errors="replace")',
    by='"".join(vocab[i].decode("utf-8", errors="replace") for i in ids)',
)
ex.misconception(
    "Bytes that are no UTF-8 raised an error. A model may write half a character: errors='replace'.",
    name="strict",
    replace='.decode("utf-8", errors="replace")',
    by='.decode("utf-8")',
)
ex.misconception(
    "Bytes that are no UTF-8 vanished. Show that something is broken: errors='replace'.",
    name="ignored",
    replace='.decode("utf-8", errors="replace")',
    by='.decode("utf-8", errors="ignore")',
)
ex.misconception(
    "A single byte was taken as the character with this code point: chr(195) is not the byte 195.",
    name="latin_1",
    replace="bytes([i]) for i in range(256)",
    by="chr(i).encode() for i in range(256)",
)
ex.misconception(
    "Unknown ids were skipped. They can only be a mistake: let the KeyError come.",
    name="skips",
    replace="vocab[i] for i in ids)",
    by="vocab.get(i, b'') for i in ids)",
)
ex.misconception(
    "A negative id counted from the end of the list. It means nothing: KeyError.",
    name="negative",
    source="""
def decode_fallback(ids, characters):
    data = b""
    for i in ids:
        if i >= 256 + len(characters):
            raise KeyError(i)
        data += bytes([i % 256]) if i < 256 else characters[i - 256].encode()
    return data.decode("utf-8", errors="replace")
""",
)
ex.misconception(
    "The characters are off by one: the first has the id 256.",
    name="from_257",
    replace="256 + k: c",
    by="257 + k: c",
)

ex.variant(
    "a bytearray",
    name="a_bytearray",
    source="""
def decode_fallback(ids, characters):
    out = bytearray()
    for i in ids:
        if not 0 <= i < 256 + len(characters):
            raise KeyError(i)
        if i < 256:
            out.append(i)
        else:
            out.extend(characters[i - 256].encode())
    return bytes(out).decode("utf-8", errors="replace")
""",
)
