"""08.code_points: the number that Unicode gives each character."""

import unicodedata

from graders.authoring import exercise

from .part import TEXTS, random_text

ex = exercise("code_points", title="the number of a character")


@ex.cases
def _(rng):
    for text in TEXTS:
        yield dict(text=text)
    for length in (1, 2, 17, 300):
        yield dict(text=random_text(rng, length))


@ex.oracle
def _(text):
    data = text.encode("utf-32-le")  # four bytes a code point
    return [int.from_bytes(data[i : i + 4], "little") for i in range(0, len(data), 4)]


ex.hint("Python has a function from a character to its number; `chr` is the way back.")
ex.hint("It takes one character: go through the text, one after the other.")
ex.hint("return [ord(c) for c in text]")


@ex.misconception(
    "These are bytes. They agree with code points up to 127; beyond, one code point takes two to four "
    "bytes. ord(c) is its number."
)
def as_bytes(text):
    return list(text.encode("utf-8"))


@ex.misconception(
    "These are UTF-16 units. Characters above 65,535, emoji among them, are two units there; a code "
    "point is one number for every character."
)
def utf16_units(text):
    data = text.encode("utf-16-le")
    return [int.from_bytes(data[i : i + 2], "little") for i in range(0, len(data), 2)]


@ex.misconception(
    "Each character was put into one byte and lost what is above it. Code points go up to 1,114,111: "
    "keep ord(c) whole."
)
def modulo_256(text):
    return [ord(c) % 256 for c in text]


@ex.misconception(
    "Characters that do not fit (into ASCII or one byte) are missing. Every character of the text has a "
    "code point: ord(c)."
)
def ascii_only(text):
    return [ord(c) for c in text if ord(c) < 128]


@ex.misconception("A repeated character is listed once. The list is as long as the text.")
def each_once(text):
    return [ord(c) for c in dict.fromkeys(text)]


@ex.misconception("Sorted, the text is lost. Keep the numbers in the order of the characters.")
def in_order(text):
    return sorted(ord(c) for c in text)


@ex.misconception(
    "The text was normalized first: letter and accent became one character. Take the text as it is."
)
def normalized(text):
    return [ord(c) for c in unicodedata.normalize("NFC", text)]


@ex.misconception(
    "Spaces at the ends belong to the text too (and tabs, and line ends): no strip()."
)
def stripped(text):
    return [ord(c) for c in text.strip()]


@ex.misconception("These are strings such as 'U+0068'. Numbers are wanted: ord(c) as it is.")
def as_hex(text):
    return [f"U+{ord(c):04X}" for c in text]


@ex.variant("map")
def mapped(text):
    return list(map(ord, text))


@ex.variant("by way of UTF-32")
def by_utf32(text):
    data = text.encode("utf-32-be")
    return [int.from_bytes(data[i : i + 4], "big") for i in range(0, len(data), 4)]
