"""08.utf8_bytes: the bytes that carry a text."""

from graders.authoring import exercise

from .part import TEXTS, random_text

ex = exercise("utf8_bytes", title="the bytes of a text")


@ex.cases
def _(rng):
    for text in TEXTS:
        yield dict(text=text)
    for length in (1, 2, 17, 300):
        yield dict(text=random_text(rng, length))


@ex.oracle
def _(text):
    out = []
    for n in map(ord, text):  # the bits, as RFC 3629 lays them out
        if n < 0x80:
            out += [n]
        elif n < 0x800:
            out += [0xC0 | n >> 6, 0x80 | n & 63]
        elif n < 0x10000:
            out += [0xE0 | n >> 12, 0x80 | n >> 6 & 63, 0x80 | n & 63]
        else:
            out += [0xF0 | n >> 18, 0x80 | n >> 12 & 63, 0x80 | n >> 6 & 63, 0x80 | n & 63]
    return out


ex.hint("A str has a method that turns it into bytes, given the name of an encoding.")
ex.hint("A bytes object is a row of numbers already: list(...) shows them.")
ex.hint('return list(text.encode("utf-8"))')


@ex.misconception(
    "These are code points, not bytes: beyond 127 they are other numbers, and may exceed 255. "
    'text.encode("utf-8") gives the bytes.'
)
def points(text):
    return [ord(c) for c in text]


@ex.misconception("A bytes object came back. Make a list of its numbers: list(...).")
def raw(text):
    return text.encode("utf-8")


@ex.misconception(
    "Another encoding: with UTF-16 even plain English takes two bytes a character, and half are zeros. "
    'Use "utf-8".'
)
def utf16(text):
    return list(text.encode("utf-16-le"))


@ex.misconception(
    "Another encoding: UTF-32 takes four bytes for every character. UTF-8 takes one to four, as needed."
)
def utf32(text):
    return list(text.encode("utf-32-le"))


@ex.misconception(
    "Latin-1 has one byte for 256 characters and none for the others, which became '?'. UTF-8 has bytes "
    "for every character."
)
def latin(text):
    return list(text.encode("latin-1", errors="replace"))


@ex.misconception(
    "What is not ASCII was dropped. UTF-8 needs no errors=...: it can write every character."
)
def dropped(text):
    return list(text.encode("ascii", errors="ignore"))


@ex.misconception(
    'A byte order mark (239 187 191) was put in front. That is "utf-8-sig"; plain "utf-8" has none.'
)
def with_mark(text):
    return list(text.encode("utf-8-sig"))


@ex.misconception("One list for each character. Put all bytes into one flat list.")
def nested(text):
    return [list(c.encode("utf-8")) for c in text]


@ex.misconception("The bytes of each character stand backwards: the leading byte comes first.")
def backwards(text):
    return [b for c in text for b in reversed(c.encode("utf-8"))]


@ex.variant("bytes(text, encoding)")
def constructor(text):
    return [*bytes(text, "utf-8")]


@ex.variant("character by character")
def by_character(text):
    out = []
    for c in text:
        out.extend(c.encode())
    return out
